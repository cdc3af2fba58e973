"""kb: one approved answer in every channel."""

__version__ = "0.1.0"
