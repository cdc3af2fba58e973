"""What the pages load beside the public API: what can be asked here, and lengths as networks count."""

import msgspec
from babel import Locale

from kb.base.errors import NotFound
from kb.channels.counting import measure
from kb.channels.gsm import segment
from kb.channels.parts import longest
from kb.channels.profiles import CHANNELS, Profile
from kb.channels.types import Payload
from kb.delivery import queries
from kb.web.answers import REVALIDATE, Answer, json_answer
from kb.web.asking import asked_of, channels_of
from kb.web.door import Call


class Tongue(msgspec.Struct, frozen=True):
    """A served locale, with its name in itself."""

    code: str
    name: str


class Channel(msgspec.Struct, frozen=True):
    """A channel and its served profiles, the default first."""

    name: str
    profiles: tuple[str, ...]


class House(msgspec.Struct, frozen=True):
    """What can be asked here: the served locales, the default first, and the channels that have a served profile."""

    version: str
    locales: tuple[Tongue, ...]
    channels: tuple[Channel, ...]


class Length(msgspec.Struct, frozen=True):
    """The length of a part in one unit, and the most that its network takes."""

    unit: str
    length: int
    limit: int


class Lengths(msgspec.Struct, frozen=True):
    """The lengths of each part of one rendition, slots at their longest; `encoding` only where the phone network has one."""

    rendition: str
    encoding: str
    parts: tuple[tuple[Length, ...], ...]


async def house(call: Call) -> Answer:
    """What can be asked here."""
    profiles = call.view.profiles
    channels = []
    for name in channels_of(call):
        default = CHANNELS[name]
        served = [profile.name for profile in profiles.served if profile.channel == name]
        if served:
            channels.append(Channel(name, tuple(sorted(served, key=default.__ne__))))
    limits = call.actor.locales
    locales = tuple(Tongue(code, _name(code)) for code in profiles.locales if not limits or code in limits)
    return json_answer(House(call.services.version, locales, tuple(channels)), cache=REVALIDATE, tag=True)


async def lengths(call: Call) -> Answer:
    """How long the parts of a live text are, as its own network counts them."""
    asked = asked_of(call)
    found = await queries.get(call.services.node.reader, call.path["key"], asked, call.services.now())
    if found is None:
        raise NotFound(call.path["key"])
    payload = msgspec.json.decode(found.body, type=_Live)
    profile = call.view.profiles.get(f"{asked.channel}/{asked.profile}")
    measured = _of_message(payload) if asked.channel == "sms" else _of_parts(payload, profile)
    return json_answer(measured, cache=REVALIDATE, tag=True)


class _Live(Payload, frozen=True, kw_only=True):
    rendition: str


def _of_message(payload: _Live) -> Lengths:
    """A text message: its encoding decides the unit, and parts that are joined have less room (3GPP TS 23.040 §9.2.3.24)."""
    message = segment(payload.text, {name: slot.max for name, slot in payload.slots.items()})
    alone, joined, unit, count = (
        (160, 153, "septets", "gsm") if message.encoding == "gsm-7" else (70, 67, "units", "utf16")
    )
    limit = alone if len(message.parts) == 1 else joined
    parts = tuple((Length(unit, measure(longest(part, payload.slots), count), limit),) for part in message.parts)
    return Lengths(payload.rendition, message.encoding, parts)


def _of_parts(payload: _Live, profile: Profile) -> Lengths:
    texts = [longest(part, payload.slots) for part in payload.parts]
    parts = tuple(
        tuple(Length(one.unit, measure(text, one.unit, profile.url_length), one.size) for one in profile.limits)
        for text in texts
    )
    return Lengths(payload.rendition, "", parts)


def _name(code: str) -> str:
    return Locale.parse(code, sep="-").get_display_name() or code
