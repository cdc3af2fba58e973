"""Chat: one or a few messages in the widget's own markup, the plain twin beside them, ways on as quick replies."""

from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import MARKDOWN, MRKDWN, PLAIN, WHATSAPP, Dialect
from kb.channels.facts import Style
from kb.channels.parts import Ruler, pack
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import Inputs, Markup, NextOut, Payload, Source
from kb.channels.writing import line, paragraphs, way, write

DIALECTS: dict[str, Dialect] = {one.type: one for one in (MARKDOWN, WHATSAPP, MRKDWN, PLAIN)}


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The chat rendition; `parts` are the messages in native markup, cut between paragraphs where one grows too long.

    More ways on than the widget has buttons become a numbered list, as the last lines of the text.
    """
    telling = Telling(source, inputs, profile, Style.PAGE)
    dialect = DIALECTS[profile.markup]
    runs = paragraphs(document_of(telling))
    plain = [PLAIN.gap.join(write(run, PLAIN, telling)) for run in runs]
    native = plain if dialect is PLAIN else [dialect.gap.join(write(run, dialect, telling)) for run in runs]
    ask, ways = line(source.ask, telling), _ways(telling)
    if ways and ways[0].key:
        plain = [*plain, _listed(ways, PLAIN)]
        native = [*native, _listed(ways, dialect)]
    parts = pack([(text, dialect.gap) for text in native], Ruler(profile, telling.slots).fits)
    return assemble(
        telling,
        text=PLAIN.gap.join(plain),
        markup=Markup(type=dialect.type, body=dialect.gap.join(native)),
        parts=tuple(parts),
        ask=ask,
        ways=ways,
    )


def _ways(telling: Telling) -> tuple[NextOut, ...]:
    """Quick replies; with a number to send where there are more than the widget has buttons."""
    steps, buttons = telling.source.next, telling.profile.max_buttons
    numbered = buttons is not None and len(steps) > buttons
    return tuple(way(step, telling, str(number) if numbered else "") for number, step in enumerate(steps, start=1))


def _listed(ways: tuple[NextOut, ...], dialect: Dialect) -> str:
    return "\n".join(f"{one.key}. {dialect.text(one.label)}" for one in ways)
