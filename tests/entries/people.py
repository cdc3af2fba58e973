"""Actors who write: as accounts make them from a person's roles."""

from kb.base.work import EVERY_AUDIENCE, Actor, Right

WRITES = frozenset({Right.READ, Right.DRAFTS, Right.WRITE, Right.COMMENT, Right.SIGN, Right.PREVIEW})


def a_writer(
    person: str = "ana", *topics: str, locales: tuple[str, ...] = (), audiences: frozenset[str] | None = None
) -> Actor:
    """Someone who writes on these topics, or on every one, in these locales, or in every one."""
    limits: dict[str, frozenset[str]] = {right: frozenset(topics) for right in WRITES} if topics else {}
    seen = EVERY_AUDIENCE if audiences is None else audiences
    return Actor(person, seen, WRITES, limits, locales=frozenset(locales))


def a_reader(person: str = "lea") -> Actor:
    """Someone who may see drafts and write none."""
    return Actor(person, EVERY_AUDIENCE, frozenset({Right.READ, Right.DRAFTS}))
