"""Journeys through the doors: what the program is for, told from outside, with nothing patched."""
