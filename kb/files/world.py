"""The content of a folder as if it were all live together: what the gate says of files before anyone loads them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from kb.base.hashing import instant
from kb.channels.profiles import problems
from kb.channels.types import Issue
from kb.entries.types import NO_LOCALE, Policy, Revision
from kb.files.plan import At
from kb.files.types import ReadDraft, Reading
from kb.release.gate import Rulings, judge
from kb.release.prepare import rulings_of
from kb.release.types import World
from kb.review.standing import POLICY_KEY, PolicyInForce

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When the files are taken to have been written and verified: the gate's findings don't depend on it."""


class Files(msgspec.Struct, frozen=True):
    """A reading with the world it makes, the rulings of its house documents, and what is wrong with those."""

    reading: Reading
    world: World
    rulings: Rulings
    policy: Policy | None
    house_issues: tuple[tuple[ReadDraft, Issue], ...]


def files_of(reading: Reading) -> Files:
    """The world of a reading. Channel profiles that can't be resolved are left out of it and said in `house_issues`."""
    by_place = {one.place: one for one in reading.drafts}
    issues: list[tuple[ReadDraft, Issue]] = []
    channels = by_place.get(("channels", NO_LOCALE))
    if channels is not None and channels.draft.content.house and channels.draft.content.house.channels:
        issues = [(channels, issue) for issue in problems(channels.draft.content.house.channels)]
    candidates = {
        place: Revision(one.draft, 1, one.hash, 0, LONG_AGO)
        for place, one in by_place.items()
        if not (issues and one is channels)
    }
    waived: dict[str, set[tuple[str, str]]] = {}
    for waiver in reading.waivers:
        waived.setdefault(waiver.value.hash, set()).add((waiver.value.code, waiver.value.field))
    frozen = {hash_: frozenset(found) for hash_, found in waived.items()}
    world = World({}, candidates, {}, frozenset(candidates), frozen)
    house = by_place[POLICY_KEY, NO_LOCALE].draft.content.house if (POLICY_KEY, NO_LOCALE) in by_place else None
    policy = house.policy if house else None
    return Files(reading, world, rulings_of(world, PolicyInForce(policy, "")), policy, tuple(issues))


def content_issues(files: Files, places: Iterable[At]) -> Iterator[tuple[At, Issue]]:
    """What the gate has against the drafts at these places."""
    for place in places:
        revision = files.world.get(*place)
        if revision is not None:
            found = judge(files.world, files.rulings, place, instant(LONG_AGO)).issues
            yield from ((place, issue) for issue in found)
