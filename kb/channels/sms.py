"""Text messages: plain text in the phone network's alphabet, with numbers to reply, cut where the network cuts."""

from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import PLAIN
from kb.channels.facts import Style
from kb.channels.gsm import downgrade, segment
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import Inputs, Markup, NextOut, Payload, Source
from kb.channels.writing import line, way, write

REPLY = {"en": "Reply", "es": "Responde"}
"""The word before the numbers, by language; a language without one shows the numbers alone."""


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The message; `parts` are its segments as the network joins them, slots counted at their longest.

    Its last lines are the ways on: numbers to reply, and links as they are. A question stands in the text only where
    no ways follow it.
    """
    telling = Telling(source, inputs, profile, Style.PLAIN, adapt=downgrade)
    written = write(document_of(telling).blocks, PLAIN, telling)
    ask, ways = downgrade(line(source.ask, telling)), _ways(telling)
    closing = _closing(ways, source.locale) if ways else ask
    text = downgrade("\n".join([*written, closing] if closing else written))
    parts = segment(text, {name: slot.max for name, slot in telling.slots.items()}).parts
    return assemble(telling, text=text, markup=Markup(type=PLAIN.type, body=text), parts=parts, ask=ask, ways=ways)


def _ways(telling: Telling) -> tuple[NextOut, ...]:
    """Ways on with the number to reply; a link needs none, and to end there is nothing to send."""
    ways: list[NextOut] = []
    number = 1
    for step in telling.source.next:
        if step.to == "end":
            continue
        numbered = not step.to.startswith("link:")
        ways.append(way(step, telling, str(number) if numbered else ""))
        number += numbered
    return tuple(ways)


def _closing(ways: tuple[NextOut, ...], locale: str) -> str:
    """`Reply 1: Track my card, 2: Talk to us`, then each link on a line."""
    replies = ", ".join(f"{one.key}: {one.label}" for one in ways if one.key)
    word = REPLY.get(locale.partition("-")[0], "")
    lines = [f"{word} {replies}".strip()] if replies else []
    lines.extend(f"{one.label}: {one.to.removeprefix('link:')}" for one in ways if not one.key)
    return "\n".join(lines)
