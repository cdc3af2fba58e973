"""`kb people`: people and how they sign in."""

import rich_click as click


@click.group()
def people() -> None:
    """People and how they sign in."""
