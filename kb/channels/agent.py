"""The agent desktop: the canonical text with its details, and for staff the steps, notes and checks beside it."""

from kb.channels import markup
from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import MARKDOWN, PLAIN
from kb.channels.facts import Style
from kb.channels.forms import expand
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import Inputs, Markup, Payload, Source, Staff
from kb.channels.writing import line, way, write


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The text an agent reads or sends on; the staff part only where the source brings it, as Markdown."""
    telling = Telling(source, inputs, profile, Style.PAGE)
    document = document_of(telling)
    text = PLAIN.gap.join(write(document.blocks, PLAIN, telling))
    body = MARKDOWN.gap.join(write(document.blocks, MARKDOWN, telling))
    return assemble(
        telling,
        text=text,
        markup=Markup(type=MARKDOWN.type, body=body),
        ask=line(source.ask, telling),
        ways=tuple(way(step, telling) for step in source.next),
        staff=_staff(source.staff, telling) if source.staff is not None else None,
    )


def _staff(staff: Staff, telling: Telling) -> Staff:
    return Staff(
        steps=tuple(_filled(step, telling) for step in staff.steps),
        notes=_filled(staff.notes, telling),
        do_not_say=tuple(_filled(phrase, telling) for phrase in staff.do_not_say),
        identity_check=_filled(staff.identity_check, telling),
    )


def _filled(text: str, telling: Telling) -> str:
    """A staff text with its references filled."""
    document = expand(markup.parse(text), telling.inputs, telling.profile)
    write(document.blocks, PLAIN, telling)
    return MARKDOWN.gap.join(write(document.blocks, MARKDOWN, telling))
