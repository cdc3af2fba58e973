"""The history of what was live, walked release by release: every row of delivery opened and closed as its line says."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.journal import journal
from kb.delivery.tables import findable, rendition_places, renditions, replacements, rulings
from kb.entries.tables import revisions
from kb.release import merkle
from kb.release.finding import ByPosition, Finding, streamed, told
from kb.release.leaves import (
    FindableFacts,
    RowFacts,
    closed_digest,
    findable_hash,
    leaf_row,
    opened_digest,
    row_hash,
)
from kb.release.moving import ENDING
from kb.release.tables import leaves, live_revisions, redactions, release_items, releases
from kb.release.types import At
from kb.review.rules import MOVES
from kb.review.types import State

OPENING = frozenset(step.value for (_, step), state in MOVES.items() if state is State.LIVE)
"""Steps that make a revision live."""

TOLD_AS = {step.value: change.value for change, step in ENDING.items()}
"""What followers are told of each step that ends one."""

MADE = "release.made"
FACTS = tuple(renditions.c[name] for name in RowFacts.__struct_fields__)
FINDABLE = tuple(findable.c[name] for name in FindableFacts.__struct_fields__)


class Act(msgspec.Struct):
    """One release with its line, and the places it opens (with their hash) and ends (with what followers are told)."""

    row: Any
    line: Mapping[str, Any]
    items: list[Any]
    opens: dict[At, str]
    ends: dict[At, str]

    @property
    def position(self) -> int:
        return int(self.row.position)

    @property
    def made(self) -> bool:
        return bool(self.row.event == MADE)

    def finding(self, message: str) -> Finding:
        return Finding("releases", self.row.id, message)


class Walk:
    """A walk along the releases of one database; what it holds is what is live at the time, not what ever was."""

    def __init__(self, connection: AsyncConnection, kept: Mapping[str, str]) -> None:
        def ordered(column: sa.Column[int], *others: Any) -> ByPosition:
            statement = sa.select(column, *others).where(column.is_not(None))
            return ByPosition(connection, statement.order_by(column, column.table.c.id))

        of_release = sa.select(releases.c.position, release_items).join(
            releases, releases.c.id == release_items.c.release
        )
        of_leaf = sa.select(releases.c.position, leaves).join(releases, releases.c.id == leaves.c.release)
        same = (revisions.c.key == live_revisions.c.key) & (revisions.c.locale == live_revisions.c.locale)
        same &= (revisions.c.hash == live_revisions.c.hash) & (revisions.c.number == live_revisions.c.number)
        numbered = sa.select(live_revisions.c.opened_at, live_revisions, revisions.c.position.label("written"))
        numbered = numbered.join(revisions, same, isouter=True)
        self.items = ByPosition(connection, of_release.order_by(releases.c.position))
        self.leaves = ByPosition(connection, of_leaf.order_by(releases.c.position, leaves.c.number))
        self.opened = ordered(renditions.c.opened_at, renditions.c.id, renditions.c.rendition, *FACTS)
        self.closed = ordered(
            renditions.c.closed_at, renditions.c.id, renditions.c.key, renditions.c.locale, renditions.c.closed_as
        )
        self.told = ordered(findable.c.opened_at, findable.c.id, *FINDABLE)
        self.untold = ordered(findable.c.closed_at, findable.c.id, findable.c.key, findable.c.locale)
        self.ruled = ordered(rulings.c.opened_at, rulings.c.id, rulings.c.name, rulings.c.body)
        self.answering = ordered(
            replacements.c.opened_at, replacements.c.id, replacements.c.key, replacements.c.replacement
        )
        self.answered = ordered(replacements.c.closed_at, replacements.c.id, replacements.c.key)
        self.overruled = ordered(rulings.c.closed_at, rulings.c.id, rulings.c.name)
        self.went_live = ByPosition(connection, numbered.order_by(live_revisions.c.opened_at, live_revisions.c.id))
        self.went = ordered(live_revisions.c.closed_at, *live_revisions.c)
        self._kept = kept
        self._live: dict[At, str] = {}
        self._served: dict[At, set[int]] = {}
        self._told: dict[At, int] = {}
        self._ruling: dict[str, int] = {}
        self._fresh: set[str] = set()
        self._answering: dict[str, int] = {}

    async def findings(self, row: Any) -> list[Finding]:
        """What contradicts one release; called for each in order of position."""
        act = await self._act(row)
        return [
            *_line(act),
            *_items(act),
            *await self._renditions(act),
            *await self._findables(act),
            *await self._rulings(act),
            *await self._replacements(act),
            *await self._revisions(act),
        ]

    async def unexplained(self) -> list[Finding]:
        """Rows behind the last release."""
        return [
            *(Finding("renditions", _place(row), "no release opened it") for row in await self.opened.rest()),
            *(Finding("renditions", _place(row), "no release closed it") for row in await self.closed.rest()),
            *(Finding("findable", _place(row), "no release wrote it") for row in await self.told.rest()),
            *(Finding("findable", _place(row), "no release closed it") for row in await self.untold.rest()),
            *(Finding("rulings", row.name, "no release wrote it") for row in await self.ruled.rest()),
            *(Finding("rulings", row.name, "no release closed it") for row in await self.overruled.rest()),
            *(Finding("replacements", row.key, "no release wrote it") for row in await self.answering.rest()),
            *(Finding("replacements", row.key, "no release ended it") for row in await self.answered.rest()),
            *(Finding("live_revisions", _place(row), "no release made it so") for row in await self.went_live.rest()),
            *(Finding("live_revisions", _place(row), "no release ended it") for row in await self.went.rest()),
        ]

    async def _act(self, row: Any) -> Act:
        _, items = await self.items.upto(row.position)
        opens = {(item.key, item.locale): item.hash for item in items if item.step in OPENING}
        ends = {(item.key, item.locale): TOLD_AS[item.step] for item in items if item.step in TOLD_AS}
        return Act(row, told(row.data), sorted(items, key=lambda item: (item.key, item.locale, item.hash)), opens, ends)

    async def _renditions(self, act: Act) -> list[Finding]:
        found = []
        _, stored = await self.leaves.upto(act.position)
        made = [merkle.Leaf(one.rendition, one.inputs, one.profile, act.row.renderer, one.row) for one in stored]
        if not act.line.get("root", merkle.EMPTY_ROOT) == act.row.root == merkle.root([*map(merkle.leaf_hash, made)]):
            found.append(act.finding("its leaves don't give the root that the journal holds"))
        strays, opened = await self.opened.upto(act.position)
        found += [Finding("renditions", _place(row), "no release opened it") for row in strays]
        known = {(leaf.rendition, leaf.row) for leaf in made}
        rows = [(row.rendition, row_hash(_row_facts(row[3:]))) for row in opened]
        for row, (rendition, hash_) in zip(opened, rows, strict=True):
            if (rendition, hash_) not in known and (rendition, "") not in known:
                found.append(Finding("renditions", _place(row), "the release that opened it made no such row"))
        if act.line.get("opened", "") not in {"", opened_digest(leaf_row(*row) for row in rows)}:
            found.append(Finding("renditions", f"line {act.position}", "other rows were opened than the journal holds"))
        return found + await self._closings(act, opened)

    async def _closings(self, act: Act, opened: list[Any]) -> list[Finding]:
        """Rows that closed at an act: those its line commits to, or all of the places that it ended."""
        strays, closed = await self.closed.upto(act.position)
        found = [Finding("renditions", _place(row), "no release closed it") for row in strays]
        if act.made:
            committed = act.line.get("closed", "")
            if committed and committed != closed_digest((row.id, str(row.closed_as)) for row in closed):
                found.append(Finding("renditions", f"line {act.position}", "other rows ended than the journal holds"))
        else:
            due = {id_: change for at, change in act.ends.items() for id_ in self._served.get(at, ())}
            ended = {row.id: row.closed_as for row in closed}
            if ended != due:
                names = sorted({_place(row) for row in closed if due.get(row.id) != row.closed_as}) or ["a row"]
                message = f"the act at line {act.position} ended other rows, or told something else of them"
                found.append(Finding("renditions", ", ".join(names[:5]), message))
        self._fresh = {row.key for row in opened}
        for row in closed:
            self._served.get(_at(row), set()).discard(row.id)
        for row in opened:
            self._served.setdefault(_at(row), set()).add(row.id)
        return found

    async def _findables(self, act: Act) -> list[Finding]:
        strays, opened = await self.told.upto(act.position)
        more, closed = await self.untold.upto(act.position)
        found = [Finding("findable", _place(row), "no release wrote it") for row in strays]
        found += [Finding("findable", _place(row), "no release closed it") for row in more]
        hashes = [self._kept.get(str(row.id)) or findable_hash(_findable_facts(row[2:])) for row in opened]
        if act.line.get("findables", "") not in {"", opened_digest(hashes)}:
            found.append(
                Finding("findable", f"line {act.position}", "search was told something else than was released")
            )
        replaced = {_at(row) for row in opened}
        due = {id_ for at in (replaced | act.ends.keys()) if (id_ := self._told.pop(at, None)) is not None}
        if due != {row.id for row in closed}:
            message = "other entries were taken from search than the release ended or replaced"
            found.append(Finding("findable", f"line {act.position}", message))
        self._told.update({_at(row): row.id for row in opened})
        return found

    async def _rulings(self, act: Act) -> list[Finding]:
        strays, opened = await self.ruled.upto(act.position)
        more, closed = await self.overruled.upto(act.position)
        found = [Finding("rulings", row.name, "no release wrote it, or ended it") for row in (*strays, *more)]
        said = {row.name: digest(row.body.encode()) for row in opened}
        if act.line.get("rulings", said) != said:
            found.append(Finding("rulings", f"line {act.position}", "another document is in force than was released"))
        due = {name: id_ for name in said if (id_ := self._ruling.pop(name, None)) is not None}
        if due != {row.name: row.id for row in closed}:
            found.append(Finding("rulings", f"line {act.position}", "another document ended than was replaced"))
        self._ruling.update({row.name: row.id for row in opened})
        return found

    async def _replacements(self, act: Act) -> list[Finding]:
        """Which entry answers for a retired key: begun by retiring it, ended when it is live again."""
        strays, opened = await self.answering.upto(act.position)
        more, closed = await self.answered.upto(act.position)
        found = [Finding("replacements", row.key, "no release wrote it, or ended it") for row in (*strays, *more)]
        retired = [(act.line["key"], act.line["replacement"])] if "replacement" in act.line else []
        if [(row.key, row.replacement) for row in opened] != retired:
            found.append(Finding("replacements", f"line {act.position}", "another entry answers than the journal says"))
        ending = self._fresh | {key for key, _ in retired}
        due = {id_ for key in ending if (id_ := self._answering.pop(key, None)) is not None}
        if due != {row.id for row in closed}:
            found.append(Finding("replacements", f"line {act.position}", "another answer ended than its key came back"))
        self._answering.update({row.key: row.id for row in opened})
        return found

    async def _revisions(self, act: Act) -> list[Finding]:
        strays, opened = await self.went_live.upto(act.position)
        more, closed = await self.went.upto(act.position)
        found = [
            Finding("live_revisions", _place(row), "no release made it so, or ended it") for row in (*strays, *more)
        ]
        found += [
            Finding("live_revisions", _place(row), "there is no such revision") for row in opened if row.written is None
        ]
        if act.opens != {_at(row): row.hash for row in opened}:
            message = "other revisions went live than its items say"
            found.append(Finding("live_revisions", f"line {act.position}", message))
        due = {at: self._live.pop(at) for at in (act.opens.keys() | act.ends.keys()) if at in self._live}
        if due != {_at(row): row.hash for row in closed}:
            message = "other revisions ended than its items say"
            found.append(Finding("live_revisions", f"line {act.position}", message))
        self._live.update(act.opens)
        return found


async def released(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Every release whose rows aren't what its line commits to, and every row of delivery that no release explains."""
    walk = Walk(connection, await _kept(connection))
    columns = (journal.c.event, journal.c.actor.label("line_actor"), journal.c.at.label("line_at"), journal.c.data)
    statement = sa.select(releases, *columns).join(journal, journal.c.position == releases.c.position, isouter=True)
    async for row in streamed(connection, statement.order_by(releases.c.position)):
        for finding in await walk.findings(row):
            yield finding
    for finding in await walk.unexplained():
        yield finding
    async for finding in _places(connection):
        yield finding
    same = (live_revisions.c.key == renditions.c.key) & (live_revisions.c.locale == renditions.c.locale)
    same &= (live_revisions.c.hash == renditions.c.hash) & live_revisions.c.closed_at.is_(None)
    dead = sa.select(renditions.c.key, renditions.c.locale).join(live_revisions, same, isouter=True)
    async for row in streamed(connection, dead.where(renditions.c.closed_at.is_(None), live_revisions.c.id.is_(None))):
        yield Finding("renditions", _place(row), "served, and its revision isn't live")
    odd = (renditions.c.closed_at.is_(None), renditions.c.closed_as.is_not(None))
    async for row in streamed(connection, sa.select(renditions.c.key, renditions.c.locale).where(*odd)):
        yield Finding("renditions", _place(row), "it says how it ended, and has not")


async def _places(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Places that had rows and aren't listed, so that nobody would look there for the past; and the other way about."""
    same = sa.and_(*(renditions.c[column.name] == column for column in rendition_places.c))
    for one, other in ((renditions, rendition_places), (rendition_places, renditions)):
        alone = sa.select(one.c.key, one.c.locale).join(other, same, isouter=True).where(other.c.key.is_(None))
        async for row in streamed(connection, alone):
            yield Finding("rendition_places", _place(row), "the list of places isn't that of the rows")


def _line(act: Act) -> list[Finding]:
    """A release's own row against its line."""
    row, line = act.row, act.line
    said = {"release": row.id, "act": row.act, "policy": row.policy, "renderer": row.renderer}
    said |= {"reason": digest(row.reason.encode())}
    same = all(line.get(name, value) == value for name, value in said.items())
    judged = act.made or row.policy == ""  # an ending is judged by no policy
    if not same or not judged or "release" not in line or (row.line_actor, row.line_at) != (row.actor, row.at):
        return [act.finding("its row says something else than its line")]
    return []


def _items(act: Act) -> list[Finding]:
    """A release's items against the hash of them in its line: by step, or by what followers are told."""
    steps = [item.step if act.made else TOLD_AS.get(item.step, item.step) for item in act.items]
    names = [f"{step} {one.key} {one.locale} {one.hash}" for step, one in zip(steps, act.items, strict=True)]
    if (act.line.get("items"), act.line.get("count")) != (merkle.inputs_hash(names), len(names)):
        return [Finding("release_items", act.row.id, "its line holds other items")]
    return []


async def _kept(connection: AsyncConnection) -> dict[str, str]:
    """The hashes of what search knew before it was redacted, by id of the row."""
    found: dict[str, str] = {}
    async for row in streamed(connection, sa.select(redactions.c.kept).where(redactions.c.confirmed_at.is_not(None))):
        found |= told(row.kept)
    return found


def _row_facts(columns: Sequence[Any]) -> RowFacts:
    return RowFacts(*columns)


def _findable_facts(columns: Sequence[Any]) -> FindableFacts:
    return FindableFacts(*columns)


def _at(row: Any) -> At:
    return (row.key, row.locale)


def _place(row: Any) -> str:
    return f"{row.key} {row.locale}"
