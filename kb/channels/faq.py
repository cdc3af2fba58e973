"""The FAQ page: sanitised HTML and the question as schema.org reads it."""

from typing import Any

from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import HTML, PLAIN
from kb.channels.facts import Style
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import FaqOut, Inputs, Markup, Payload, Source
from kb.channels.writing import line, way, write


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The answer's HTML, without its question, and its FAQPage."""
    telling = Telling(source, inputs, profile, Style.PAGE)
    document = document_of(telling)
    text = PLAIN.gap.join(write(document.blocks, PLAIN, telling))
    body = HTML.gap.join(write(document.blocks, HTML, telling))
    return assemble(
        telling,
        text=text,
        markup=Markup(type=HTML.type, body=body),
        ask=line(source.ask, telling),
        ways=tuple(way(step, telling) for step in source.next),
        faq=FaqOut(json_ld=faq_page(source.key, source.locale, line(source.title, telling), body)),
    )


def faq_page(key: str, locale: str, question: str, answer: str) -> dict[str, Any]:
    """The FAQPage of one question (schema.org FAQPage, Question, Answer).

    `@id`s are relative to the page and stay the same for ever. A page that embeds it in a script escapes `<`.
    """
    return {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "@id": f"#{key}-page",
        "inLanguage": locale,
        "mainEntity": [
            {
                "@type": "Question",
                "@id": f"#{key}",
                "inLanguage": locale,
                "name": question,
                "acceptedAnswer": {
                    "@type": "Answer",
                    "@id": f"#{key}-answer",
                    "inLanguage": locale,
                    "text": answer,
                },
            }
        ],
    }
