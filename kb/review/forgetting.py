"""Erasing a person: what is personal about them, and the comments they wrote; what they signed still verifies."""

from kb.accounts import people
from kb.base.work import Work
from kb.review.comments import erase_those_of


async def forget(work: Work, person: str) -> None:
    """Erase someone for good, as `kb.accounts.people.erase` does, with the texts of all their comments."""
    await people.erase(work, person)
    await erase_those_of(work, person)
