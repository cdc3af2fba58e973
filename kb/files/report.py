"""What a load did or would do, draft by draft."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from kb.base.work import Sessions
from kb.channels.types import Issue
from kb.entries.queries import by_hashes
from kb.entries.types import Revision
from kb.files import queries
from kb.files.differences import differences
from kb.files.plan import At, Decision, Outcome
from kb.files.queries import Reviewed
from kb.files.types import EntryReport, LoadReport, Reading
from kb.files.world import content_issues, files_of
from kb.release.types import Prepared, Released
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import Refusal, State

JUDGED = 500
"""So many unsigned drafts are judged in a report at most; for more there is `kb content lint`."""


class Did(msgspec.Struct, frozen=True):
    """What a load did after it had stored its drafts."""

    refusals: tuple[Refusal, ...]
    prepared: Prepared | None
    released: Released | None


async def planned(sessions: Sessions, reading: Reading, decisions: Sequence[Decision]) -> LoadReport:
    """What a load would do, with a diff of every draft that differs."""
    async with sessions.reading() as connection:
        latest = await by_hashes(connection, {one.against for one in decisions if one.against})
    reports = []
    for one in decisions:
        if one.outcome is not Outcome.UNCHANGED:
            against = latest[one.against].draft if one.against else None
            reports.append(msgspec.structs.replace(_line(one), changes=differences(against, one.read.draft)))
    return LoadReport(True, _counts(reading, decisions), tuple(reports), (), reading.faults)


async def finished(sessions: Sessions, reading: Reading, decisions: Sequence[Decision], did: Did) -> LoadReport:
    """What a load did: every draft that isn't simply unchanged, with what keeps it from going live."""
    blocked = {(one.key, one.locale): one.issues for one in did.prepared.blocked} if did.prepared else {}
    stand = await _standing(sessions, decisions)
    waiting = [one.read.place for one in decisions if one.read.hash in stand.lacking]
    issues = await asyncio.to_thread(_issues, reading, waiting) | blocked
    reports = []
    for one in decisions:
        state, place = _state(one, stand.known), one.read.place
        if one.outcome is Outcome.UNCHANGED and state is not State.IN_REVIEW and place not in blocked:
            continue
        against = stand.conflicts.get(one.against)
        report = msgspec.structs.replace(
            _line(one),
            state=state.value if state else "",
            issues=issues.get(place, ()),
            missing=stand.lacking.get(one.read.hash, {}),
            changes=differences(against.draft, one.read.draft) if against else (),
        )
        reports.append(report)
    released = did.released
    counts = _counts(reading, decisions)
    counts |= {"refused": len(did.refusals), "unsigned": len(stand.lacking), "blocked": len(blocked)}
    counts |= {"released": len(released.items) if released else 0, "renditions": released.opened if released else 0}
    position = released.position if released else 0
    return LoadReport(False, counts, tuple(reports), did.refusals, reading.faults, position)


class _Standing(msgspec.Struct, frozen=True):
    """How the drafts stand after a load: what those in review lack, and the revisions that stand against files."""

    known: Reviewed
    lacking: dict[str, dict[str, int]]
    conflicts: dict[str, Revision]


async def _standing(sessions: Sessions, decisions: Sequence[Decision]) -> _Standing:
    async with sessions.reading() as connection:
        known = await queries.reviewed(connection)
        policy = (await policy_in_force(connection)).policy
        waiting = [one.read.hash for one in decisions if _state(one, known) is State.IN_REVIEW]
        found = await dossiers(connection, waiting, policy)
        conflicts = await by_hashes(connection, {one.against for one in decisions if one.outcome is Outcome.CONFLICT})
    return _Standing(known, {hash_: dossier.standing.missing for hash_, dossier in found.items()}, conflicts)


def _issues(reading: Reading, places: Sequence[At]) -> dict[At, tuple[Issue, ...]]:
    """What the gate has against drafts that wait for sign-offs: an author mends them before anyone reads them."""
    if not 0 < len(places) <= JUDGED:
        return {}
    found: dict[At, tuple[Issue, ...]] = {}
    for place, issue in content_issues(files_of(reading), places):
        found[place] = (*found.get(place, ()), issue)
    return found


def _state(decision: Decision, known: Reviewed) -> State | None:
    return known.states.get((*decision.read.place, decision.read.hash))


def _line(decision: Decision) -> EntryReport:
    read = decision.read
    return EntryReport(
        key=read.draft.key,
        locale=read.draft.locale,
        hash=read.hash,
        file=read.file,
        line=read.line,
        outcome=decision.outcome.value,
        message=decision.message,
        conflicting=decision.against if decision.outcome is Outcome.CONFLICT else "",
    )


def _counts(reading: Reading, decisions: Iterable[Decision]) -> dict[str, int]:
    outcomes = Counter(one.outcome.value for one in decisions)
    counts = {outcome.value: outcomes[outcome.value] for outcome in Outcome}
    return {"files": len(reading.files), **counts, "faults": len(reading.faults)}
