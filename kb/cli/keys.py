"""`kb keys`: API keys."""

import rich_click as click


@click.group()
def keys() -> None:
    """API keys."""
