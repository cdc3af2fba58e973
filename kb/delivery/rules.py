"""How one row is chosen among those that are live, and what its state of trust is: pure and explained."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from kb.delivery.types import Circumstances

WIDTH = {"staff": 0, "customer": 1, "public": 2}
"""Audiences, the narrowest first: a reader gets the narrowest row they may see."""

CONDITIONS = ("product", "stage", "tone", "visibility")


class Candidate(msgspec.Struct, frozen=True):
    """What the choice needs of a row; `when` holds the conditions of its variant."""

    audience: str
    variant: str
    pick: int
    when: dict[str, tuple[str, ...]]


class Verdict(msgspec.Struct, frozen=True):
    """Why a candidate was taken or passed over."""

    variant: str
    pick: int
    audience: str
    chosen: bool
    why: str


@lru_cache(maxsize=4096)
def candidate(audience: str, variant: str, pick: int) -> Candidate:
    """A candidate from a row's columns."""
    when = msgspec.json.decode(variant, type=dict[str, tuple[str, ...]]) if variant else {}
    return Candidate(audience, variant, pick, when)


def choose(rows: Sequence[Candidate], audiences: frozenset[str], circumstances: Circumstances) -> int | None:
    """The index of the row to serve: narrowest audience, then most conditions met, then the alternate that `pick` names.

    `pick` counts round: with two alternates, 0 is the wording itself, 1 and 2 its alternates, 3 the wording again.
    """
    allowed = [index for index, row in enumerate(rows) if row.audience in audiences and holds(row, circumstances)]
    if not allowed:
        return None
    best = min(allowed, key=lambda index: (WIDTH[rows[index].audience], -len(rows[index].when), rows[index].variant))
    same = sorted(
        (
            index
            for index in allowed
            if rows[index].variant == rows[best].variant and rows[index].audience == rows[best].audience
        ),
        key=lambda index: rows[index].pick,
    )
    return same[circumstances.pick % len(same)]


def holds(row: Candidate, circumstances: Circumstances) -> bool:
    """Whether every condition of the row's variant is met; what is not known meets none."""
    return all(getattr(circumstances, name) in words for name, words in row.when.items())


def verdicts(rows: Sequence[Candidate], audiences: frozenset[str], circumstances: Circumstances) -> tuple[Verdict, ...]:
    """The choice with its reasons, for those rows whose audience may be named."""
    chosen = choose(rows, audiences, circumstances)
    return tuple(
        Verdict(row.variant, row.pick, row.audience, index == chosen, _why(row, index == chosen, circumstances))
        for index, row in enumerate(rows)
        if row.audience in audiences
    )


def _why(row: Candidate, chosen: bool, circumstances: Circumstances) -> str:
    unmet = [name for name, words in row.when.items() if getattr(circumstances, name) not in words]
    if unmet:
        return f"its condition on {', '.join(unmet)} doesn't hold"
    if chosen:
        return f"all {len(row.when)} conditions hold" if row.when else "the entry's own wording"
    return "another variant has more conditions, or another alternate was picked"


def trust(now: str, due_at: str, overdue_at: str) -> str:
    """`verified`, `due` (its review is), or `overdue`."""
    if now >= overdue_at:
        return "overdue"
    return "due" if now >= due_at else "verified"
