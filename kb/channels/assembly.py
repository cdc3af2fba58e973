"""What every written channel does the same way: the document it reads, and the payload around what it wrote."""

from typing import Any

from kb.channels import markup
from kb.channels.forms import expand, form_of
from kb.channels.telling import Telling
from kb.channels.tree import Document
from kb.channels.types import Markup, NextOut, Payload
from kb.channels.writing import line, links


def document_of(telling: Telling) -> Document:
    """The text this profile reads, its claims and disclosures in place."""
    text = form_of(telling.source.wording, telling.profile)[1]
    return expand(markup.parse(text), telling.inputs, telling.profile)


def assemble(
    telling: Telling,
    *,
    text: str,
    markup: Markup,
    parts: tuple[str, ...] = (),
    ask: str = "",
    ways: tuple[NextOut, ...] = (),
    **of_channel: Any,
) -> Payload:
    """The payload of a rendition, after everything in it was written: what was used is read off the telling last."""
    source, profile = telling.source, telling.profile
    title, under = line(source.title, telling), links(telling)
    return Payload(
        key=source.key,
        kind=source.kind,
        topic=source.topic,
        product=source.product,
        stage=source.stage,
        tone=source.tone,
        channel=profile.channel,
        profile=profile.name,
        locale=source.locale,
        title=title,
        text=text,
        markup=markup,
        parts=parts,
        ask=ask,
        next=ways,
        links=under,
        facts=telling.facts,
        claims=tuple(telling.claims.values()),
        disclosures=tuple(telling.disclosures.values()),
        slots=telling.slots,
        version=source.version,
        hash=source.hash,
        **of_channel,
    )
