"""Times as people give them: a local time in a zone, or an instant; the hours that clocks skip or repeat are refused. Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from kb.base.errors import Code, Detail, Invalid
from kb.base.hashing import instant

FORM = "2026-11-29T09:00"


class Moment(msgspec.Struct, frozen=True):
    """An instant (UTC) with the zone it was given in and the local time there."""

    at: str
    zone: str
    local: str


def moment(written: str, zone: str, now: datetime) -> Moment:
    """The moment that `written` names: a local time in an IANA `zone`, or an instant (`…Z`, `…+02:00`).

    Invalid for what is no time, for an unknown zone, for what is past, and for a local time that a change of the clocks skips
    or repeats: then both readings are named.
    """
    place = _zone(zone or "UTC")
    try:
        given = datetime.fromisoformat(written)
    except ValueError as error:
        raise _wrong(
            "at", f"{written!r} is no time: write {FORM} with a zone, or an instant like {FORM}:00Z"
        ) from error
    if given.tzinfo is None and not zone:
        raise _wrong("zone", "name the IANA zone of this local time, like Europe/London, or end it with Z")
    at = given if given.tzinfo is not None else _local(given, place)
    if at <= now:
        raise _wrong("at", f"{instant(at)} is past: give a time to come, or release it now")
    local = at.astimezone(place).replace(tzinfo=None)
    return Moment(instant(at), place.key, local.isoformat(timespec="auto"))


def _local(given: datetime, place: ZoneInfo) -> datetime:
    """A local time as an instant; Invalid where the clocks there skip it or show it twice."""
    first, second = (given.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    skipped = first.astimezone(place).replace(tzinfo=None) != given
    how = "doesn't exist" if skipped else "comes twice"
    readings = " or ".join(
        f"{instant(one)} ({one.astimezone(place).replace(tzinfo=None).isoformat()} there)"
        for one in sorted((first, second))
    )
    message = f"{given.isoformat()} {how} in {place.key}, where the clocks change: say which you mean, {readings}"
    raise _wrong("at", message)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (
        OSError,
        ValueError,
        KeyError,
    ) as error:  # not found is a KeyError; a name that is a folder or a path the others
        raise _wrong("zone", f"{name!r} is no IANA zone: write one like Europe/London or America/New_York") from error


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=(Detail(f"/{field}", Code.INVALID.value, message),))
