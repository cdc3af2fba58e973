"""Fills the slots of a rendition when it is sent: checked against their declaration, escaped for the channel."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import escape
from typing import Any
from xml.sax.saxutils import escape as xml_escape

import msgspec

from kb.channels.dialects import MARKDOWN, MRKDWN, WHATSAPP
from kb.channels.facts import Style, say
from kb.channels.gsm import downgrade, segment
from kb.channels.parts import Ruler
from kb.channels.profiles import Profile
from kb.channels.references import REFERENCE
from kb.channels.telling import plain
from kb.channels.types import Issue, Payload, Slot, SlotType, blocks
from kb.channels.values import Date, FactValue, Integer, Money

Escape = Callable[[str], str]

ESCAPES: dict[str, Escape] = {
    "plain": str,
    "html": escape,
    "ssml": xml_escape,
    "markdown": lambda text: MARKDOWN.paragraph(MARKDOWN.text(text)),
    "whatsapp": WHATSAPP.text,
    "mrkdwn": MRKDWN.text,
}
"""How a value is escaped in each type of markup."""

MARKED = {"ssml": "ssml", "staff": "markdown", "acceptedAnswer": "html"}
"""Fields of a payload that hold markup of their own, whatever the channel's."""


def fill(payload: Payload, values: Mapping[str, str], profile: Profile) -> tuple[Payload, tuple[Issue, ...]]:
    """The payload with every slot's token replaced, and what is wrong with the values.

    A missing value takes its fallback. With any issue the payload comes back as it was. Typed values are given as
    `1200` (integer), `12.50 GBP` (money), `2026-11-22` (date), and said as the channel and locale say them.
    """
    issues = problems(payload.slots, values, payload.locale)
    if issues:
        return payload, issues
    style = {"voice": Style.SPOKEN, "sms": Style.PLAIN}.get(payload.channel, Style.PAGE)
    said = {
        name: _said(slot.type, values[name], payload.locale, style) if values.get(name) else slot.fallback
        for name, slot in payload.slots.items()
    }
    filled = _filled(payload, {name: plain(value) for name, value in said.items()})
    overflow = tuple(_overflow(filled, profile))
    return (payload, overflow) if overflow else (filled, ())


def problems(slots: Mapping[str, Slot], values: Mapping[str, str], locale: str) -> tuple[Issue, ...]:
    """What is wrong with the values of some slots: unknown, missing, too long, or not of their type."""
    found: list[Issue] = []
    for name in values:
        if name not in slots:
            action = f"leave it out; the slots here: {', '.join(slots) or 'none'}"
            found.append(blocks("slot-unknown", f"slots.{name}", f"there is no slot {name}", action, found=name))
    for name, slot in slots.items():
        if not values.get(name) and slot.fallback and not slot.required:
            continue
        found.extend(_problems_of(name, slot, values.get(name, ""), locale))
    return tuple(found)


def _problems_of(name: str, slot: Slot, value: str, locale: str) -> list[Issue]:
    field = f"slots.{name}"
    if not value:
        return [blocks("slot-missing", field, f"the slot {name} has no value", "give it a value", found=name)]
    try:
        shown = _said(slot.type, value, locale, Style.PAGE)
    except (ValueError, LookupError):
        message = f"{value!r} is no {slot.type.value} for the slot {name}"
        return [blocks("slot-type", field, message, f"write it like {_LIKE[slot.type]}", found=value)]
    if len(shown) > slot.max:
        message = f"the slot {name} takes {slot.max} characters; this value has {len(shown)}"
        return [blocks("slot-too-long", field, message, "shorten the value", found=value)]
    return []


def _said(kind: SlotType, value: str, locale: str, style: Style) -> str:
    """A value in words; ValueError if it isn't of its type."""
    if kind is SlotType.REFERENCE:
        if not _REFERENCE_VALUE.fullmatch(value):
            raise ValueError(value)
        return " ".join(character for character in value if character.isalnum()) if style is Style.SPOKEN else value
    typed = _typed(kind, value)
    return value if typed is None else say(typed, locale, style)


def _typed(kind: SlotType, value: str) -> FactValue | None:
    if kind is SlotType.INTEGER:
        if not _INTEGER.fullmatch(value):
            raise ValueError(value)
        return Integer(int(value))
    if kind is SlotType.MONEY:
        found = _MONEY.fullmatch(value)
        if found is None:
            raise ValueError(value)
        return Money(amount=found[1], currency=found[2])
    if kind is SlotType.DATE:
        return Date(date.fromisoformat(value).isoformat())
    return None


def _filled(payload: Payload, said: Mapping[str, str]) -> Payload:
    """Every text of the payload in one pass each, so that no value is read for tokens again."""
    plain_fields = msgspec.to_builtins(payload)
    native = payload.markup.type
    written = {
        name: value if name in _KEPT else _replaced(value, said, native if name in ("markup", "parts") else "plain")
        for name, value in plain_fields.items()
    }
    if payload.channel == "sms":
        text = downgrade(written["text"])
        written.update(text=text, markup={"type": native, "body": text}, parts=segment(text).parts)
    return msgspec.convert(written, Payload)


def _replaced(value: Any, said: Mapping[str, str], markup: str) -> Any:
    if isinstance(value, str):
        return _in_text(value, said, "ssml" if value.startswith("<speak") else markup)
    if isinstance(value, dict):
        return {name: _replaced(inner, said, MARKED.get(name, markup)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, said, markup) for inner in value]
    return value


def _in_text(text: str, said: Mapping[str, str], markup: str) -> str:
    if "{{slot:" not in text:
        return text
    safe = ESCAPES[markup]
    return REFERENCE.sub(
        lambda found: safe(said[found[2]]) if found[1] == "slot" and found[2] in said else found[0], text
    )


def _overflow(payload: Payload, profile: Profile) -> list[Issue]:
    """Parts that a value has made too long: an emoji counts more bytes, a letter outside GSM-7 makes shorter parts."""
    ruler = Ruler(profile, {})
    found = [excess for part in payload.parts if (excess := ruler.excess(part)) is not None]
    issues = [
        blocks(
            "part-too-long",
            "slots",
            f"with these values a part has {length} {limit.unit}; {profile.id} takes {limit.size}",
            "shorten the values",
            where=profile.id,
        )
        for limit, length in found
    ]
    if profile.max_parts is not None and len(payload.parts) > profile.max_parts:
        message = (
            f"with these values the message has {len(payload.parts)} parts; {profile.id} takes {profile.max_parts}"
        )
        issues.append(blocks("too-many-parts", "slots", message, "shorten the values", where=profile.id))
    return issues


_KEPT = frozenset({"facts", "slots", "claims"})
_INTEGER = re.compile(r"-?[0-9]+")
_MONEY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})")
_REFERENCE_VALUE = re.compile(r"[\w./-]+")
_LIKE = {
    SlotType.TEXT: "a text",
    SlotType.NAME: "a name",
    SlotType.INTEGER: "1200",
    SlotType.MONEY: "12.50 GBP",
    SlotType.DATE: "2026-11-22",
    SlotType.REFERENCE: "AB-1234",
}
