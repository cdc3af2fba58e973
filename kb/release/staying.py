"""What has to stay behind, and what has to end: read from what the gate says of each entry in one world. Pure."""

from collections.abc import Collection, Mapping

from kb.channels.types import Issue
from kb.delivery.types import Change
from kb.entries.texts import uses_of
from kb.entries.types import NO_LOCALE, Content
from kb.release.candidates import blocked
from kb.release.gate import BEHIND, blocking
from kb.release.types import At, Blocked, Closing, Judged, World

RULING = frozenset({"channels", "glossary", "policy"})
"""House documents that everything may lean on unnamed."""

DEAD_WAY = "next-dead"
"""A way on that led to something which ended is no news of this release: it is mended where it stands."""


def left_behind(judged: Mapping[At, Judged], world: World, dropped: Mapping[At, Blocked]) -> dict[At, Blocked]:
    """Candidates to drop now: those that block, and those that make something live block which leans on them."""
    fresh: dict[At, Blocked] = {}
    for at, one in judged.items():
        found = blocking(one.issues)
        if not found or (at in dropped and at not in world.live):
            continue
        if at not in dropped and (at in world.candidates or at in world.reopening):
            fresh[at] = blocked(at, one.revision.hash, found)
            continue
        broken = [issue for issue in found if issue.code != DEAD_WAY]
        if any(issue.code == BEHIND for issue in broken):
            continue  # it ends, and so can't break
        for culprit in sorted(_culprits(one, world)) if broken else ():
            if culprit not in dropped:
                because = f"{at[0]} ({at[1]})"
                fresh.setdefault(culprit, blocked(culprit, world.candidates[culprit].hash, broken, because))
    return fresh


def ending(
    judged: Mapping[At, Judged], world: World, dropped: Mapping[At, Blocked], closed: Mapping[At, Closing]
) -> dict[At, Closing]:
    """Live entries that end with this release: translations behind what changed in their source, and what leans on any.

    `world` is the one with all candidates; a place whose candidate goes live doesn't end.
    """
    standing = {
        at: one
        for at, one in judged.items()
        if at in world.live and at not in closed and (at not in world.candidates or at in dropped)
    }
    found: dict[At, Closing] = {}
    fresh = {at: _behind(one) for at, one in standing.items() if _behind(one)}
    while fresh:
        found |= {at: Closing(*at, world.live[at].hash, Change.SUSPENDED, issues) for at, issues in fresh.items()}
        ended = {*closed, *found}
        fresh = {
            at: ()
            for at, one in standing.items()
            if at not in found and leans_on(world.live[at].draft.content, at[1], ended)
        }
    return found


def _behind(one: Judged) -> tuple[Issue, ...]:
    return tuple(issue for issue in one.issues if issue.code == BEHIND)


def leans_on(content: Content, locale: str, places: Collection[At]) -> bool:
    """Whether a text holds the words of one of these places."""
    return any(
        kind != "entry" and ((target, locale) in places or (target, NO_LOCALE) in places)
        for kind, target in uses_of(content)
    )


def touched_by(dropped: Collection[At], judged: Mapping[At, Judged], world: World) -> set[At]:
    """What has to be judged again now that these stay behind or end: they, what leans on them, what leads to them."""
    if not dropped:
        return set()
    if any(key in RULING for key, _ in dropped):
        return set(world.affected)
    keys = {key for key, _ in dropped}
    touched = {at for at in dropped if at in world.live}
    leading = _leading_to(keys, world)
    for at, one in judged.items():
        if not one.leans_on.isdisjoint(dropped) or at[0] in leading or (at[0] in keys and at not in dropped):
            touched.add(at)
    return touched & set(world.affected)


def _culprits(one: Judged, world: World) -> set[At]:
    """The candidates that a live entry leans on, the house documents among them."""
    found = {culprit for culprit in one.leans_on if culprit in world.candidates}
    return found | {(key, NO_LOCALE) for key in ("channels", "glossary") if (key, NO_LOCALE) in world.candidates}


def _leading_to(keys: Collection[str], world: World) -> set[str]:
    """Keys with a way on to one of these; by key, since a translation's ways lead where its source's do."""
    return {
        key
        for revisions in (world.live, world.candidates, world.reopening)
        for (key, _), revision in revisions.items()
        if any(option.to.removeprefix("entry:") in keys for option in revision.draft.content.next)
    }
