"""What a change would do: every entry that leans on it before and after, by channel and profile, for whoever reviews it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.channels.types import Issue
from kb.delivery.tables import payloads, renditions
from kb.delivery.types import Rendered, Slotted
from kb.entries.diff import WordRun, segments
from kb.release.gate import blocking
from kb.release.queries import by_keys
from kb.release.staying import DEAD_WAY
from kb.release.supposing import Supposed, suppose
from kb.release.types import At, Judged

MOST_JUDGED = 200
"""Places judged for one page: judging one takes some milliseconds."""

SLOTTED = tuple(renditions.c[name] for name in Slotted.__struct_fields__)


class Part(StrEnum):
    """Why an entry is among the effects."""

    CANDIDATE = "candidate"
    DEPENDENT = "dependent"
    REOPENED = "reopened"


class Fate(StrEnum):
    """What would become of an entry: `blocks` keeps the release from happening, `closes` ends what is live."""

    OPENS = "opens"
    CHANGES = "changes"
    SAME = "same"
    CLOSES = "closes"
    BLOCKS = "blocks"


class SaidText(msgspec.Struct, frozen=True):
    """What a person reads or hears, how many parts it takes as a text message, and how long it is spoken (0: it isn't)."""

    text: str
    parts: int
    seconds: float


class Effect(msgspec.Struct, frozen=True):
    """One rendition before and after; None where there is none. `segments` are the words of both texts."""

    channel: str
    profile: str
    audience: str
    variant: str
    pick: int
    before: SaidText | None
    after: SaidText | None
    segments: tuple[WordRun, ...]


class Affected(msgspec.Struct, frozen=True):
    """One entry in one locale: why it is affected, what becomes of it and why, and what each profile would say."""

    key: str
    locale: str
    kind: str
    number: int
    hash: str
    part: Part
    fate: Fate
    issues: tuple[Issue, ...]
    effects: tuple[Effect, ...]


class Effects(msgspec.Struct, frozen=True):
    """A run of what is affected, candidates first; `affected` counts all, `next` is the place to go on behind."""

    affected: int
    items: tuple[Affected, ...]
    next: At | None


class Shown(msgspec.Struct, frozen=True):
    """What of the effects is asked for; empty is all. `broken` are those that block or close alone."""

    channels: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset({"public", "customer", "staff"})
    broken: bool = False


EVERYTHING = Shown()


async def effects(
    connection: AsyncConnection,
    hashes: Collection[str],
    now: str,
    *,
    shown: Shown = EVERYTHING,
    after: At | None = None,
    limit: int = 100,
) -> Effects:
    """What would change if these revisions, signed or not, went live together; `now` as it is stored."""
    supposed = await suppose(connection, hashes)
    places = [
        at
        for at in supposed.places
        if (not shown.locales or at[1] in shown.locales | {"und"}) and supposed.audience(at) in shown.audiences
    ]
    behind = [at for at in places if after is None or supposed.order(at) > supposed.order(after)]
    todo = behind[:MOST_JUDGED]
    before = await _said_now(connection, {key for key, _ in todo}, now)
    found: list[Affected] = []
    last: At | None = None
    for at in todo:
        if len(found) == limit:
            break
        one = _affected(supposed, supposed.judged(at), before, shown)
        if not shown.broken or one.fate in {Fate.BLOCKS, Fate.CLOSES}:
            found.append(one)
        last = at
        await asyncio.sleep(0)  # judging keeps the loop: others are let in between
    more = last is not None and last != places[-1]
    return Effects(len(places), tuple(found), last if more else None)


def _affected(supposed: Supposed, judged: Judged, before: Mapping[Slotted, SaidText], shown: Shown) -> Affected:
    part = _part(supposed, judged.at)
    old = {at: said for at, said in before.items() if (at.key, at.locale) == judged.at and _wanted(at, shown)}
    new = {one.at: said_of(one) for one, _ in judged.rendered if _wanted(one.at, shown)}
    draft = judged.revision.draft
    found = [_effect(at, old.get(at), new.get(at)) for at in sorted({*old, *new}, key=_order)]
    return Affected(
        key=draft.key,
        locale=draft.locale,
        kind=draft.kind,
        number=judged.revision.number,
        hash=judged.revision.hash,
        part=part,
        fate=Fate.CLOSES if supposed.ends(judged) else _fate(part, judged.issues, found),
        issues=judged.issues,
        effects=tuple(found),
    )


def _part(supposed: Supposed, at: At) -> Part:
    if at in supposed.world.candidates:
        return Part.CANDIDATE
    return Part.REOPENED if at in supposed.world.reopening and at not in supposed.world.live else Part.DEPENDENT


def _fate(part: Part, issues: Sequence[Issue], found: Sequence[Effect]) -> Fate:
    """What blocks an entry blocks what it leans on, but for a way on that was dead before; what can't reopen stays as it is."""
    stopping = [issue for issue in blocking(issues) if part is Part.CANDIDATE or issue.code != DEAD_WAY]
    if stopping:
        return Fate.SAME if part is Part.REOPENED else Fate.BLOCKS
    if not any(one.before for one in found):
        return Fate.OPENS
    return Fate.SAME if all(one.before == one.after for one in found) else Fate.CHANGES


def _effect(at: Slotted, before: SaidText | None, after: SaidText | None) -> Effect:
    words = segments(before.text if before else "", after.text if after else "")
    return Effect(at.channel, at.profile, at.audience, at.variant, at.pick, before, after, words)


def said_of(rendered: Rendered) -> SaidText:
    """What one rendition says."""
    return _said(rendered.body)


class _Voice(msgspec.Struct):
    seconds: float = 0.0


class _Payload(msgspec.Struct):
    text: str
    parts: list[str] = []
    voice: _Voice | None = None
    channel: str = ""


_decode = msgspec.json.Decoder(_Payload).decode


def _said(body: bytes) -> SaidText:
    payload = _decode(bytes(body))
    parts = len(payload.parts) if payload.channel == "sms" else 0
    return SaidText(payload.text, parts, payload.voice.seconds if payload.voice else 0.0)


async def _said_now(connection: AsyncConnection, keys: Collection[str], now: str) -> dict[Slotted, SaidText]:
    """What the live renditions of these keys say; what has lapsed says nothing."""
    base = sa.select(*SLOTTED, payloads.c.body).join(payloads, payloads.c.hash == renditions.c.rendition)
    holds = renditions.c.valid_until.is_(None) | (renditions.c.valid_until > now)
    found: dict[Slotted, SaidText] = {}
    for statement in by_keys(base.where(renditions.c.closed_at.is_(None), holds), renditions.c.key, keys):
        found.update((Slotted(*place), _said(body)) for *place, body in await connection.execute(statement))
    return found


def _wanted(at: Slotted, shown: Shown) -> bool:
    return (not shown.channels or at.channel in shown.channels) and at.audience in shown.audiences


def _order(at: Slotted) -> tuple[str, str, str, str, int]:
    return at.channel, at.profile, at.audience, at.variant, at.pick
