"""`kb history`: what was said when, what changed, and what is missing where."""

import rich_click as click


@click.group()
def history() -> None:
    """What was said when, what changed, and what is missing where."""
