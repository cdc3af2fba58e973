"""Literal figures where facts should stand (law 3), and figures of one form held against the canonical ones."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from kb.channels.quantities import MATTERS, Quantity, measure, of_value, quantities, same
from kb.channels.references import token
from kb.channels.types import FactInput, Issue, Source, blocks, warns

PAIR_WORDS = {
    "en": ("both", "pair", "couple", "either", "twice"),
    "es": ("ambos", "ambas", "par", "pareja", "los dos", "las dos", "tanto"),
}
OPEN_WORDS = {
    "en": ("any time", "always open", "never close", "always here", "day and night"),
    "es": ("cualquier momento", "siempre abiert", "noche"),
}
SMALL = 10
"""Bare numbers up to ten belong to the sentence (`two cards`); larger ones are worth a look."""
KIND_NAMES = {
    "money": "an amount of money",
    "percentage": "a percentage",
    "date": "a date",
    "duration": "a length of time",
    "time": "a time of day",
    "hours": "opening hours",
    "phone": "a phone number",
    "url": "a link",
    "email": "an e-mail address",
    "number": "a number",
}


@lru_cache(maxsize=1_000)
def literals(text: str, locale: str, field: str) -> tuple[Issue, ...]:
    """Figures typed into a text where a fact should be referred to: what matters blocks, a large bare number warns."""
    return tuple(issue for quantity in quantities(text, locale) if (issue := _literal(quantity, locale, field)))


def _literal(quantity: Quantity, locale: str, field: str) -> Issue | None:
    place = {"found": quantity.text, "start": quantity.start, "end": quantity.end, "locale": locale}
    if quantity.kind in MATTERS:
        return blocks(
            "literal-not-a-fact",
            field,
            f"“{quantity.text}” is {KIND_NAMES[quantity.kind]} typed into the text.",
            "Make it a fact, or use the one there is, and refer to it with {{fact:…}}.",
            **place,
        )
    if any(float(end) > SMALL for end in quantity.value.split("..")):
        return warns(
            "literal-number",
            field,
            f"“{quantity.text}” is a number typed into the text.",
            "If it matters or may change, make it a fact and refer to it with {{fact:…}}.",
            **place,
        )
    return None


def literals_beside(source: Source) -> tuple[Issue, ...]:
    """Literal figures round a wording: title, ask, next, links' labels, e-mail parts, prompts, staff part."""
    return tuple(issue for field, text in _beside(source) if text for issue in literals(text, source.locale, field))


def _beside(source: Source) -> Iterator[tuple[str, str]]:
    yield "title", source.title
    yield "ask", source.ask
    for place, way in enumerate(source.next):
        yield f"next[{place}].label", way.label
        yield f"next[{place}].say", way.say
    for place, link in enumerate(source.links):
        yield f"links[{place}].label", link.label
    yield "email.subject", source.email.subject
    yield "email.preheader", source.email.preheader
    for name, prompts in (("no_input", source.voice.no_input), ("no_match", source.voice.no_match)):
        yield from ((f"voice.{name}[{place}]", text) for place, text in enumerate(prompts))
    if source.staff is not None:
        yield from ((f"staff.steps[{place}]", text) for place, text in enumerate(source.staff.steps))
        yield "staff.notes", source.staff.notes
        yield "staff.identity_check", source.staff.identity_check


# ---- one form against the canonical text -----------------------------------------------------------------------------


def against(form: str, canonical: str, facts: Mapping[str, FactInput], locale: str, field: str) -> Iterator[Issue]:
    """Figures of a form that the canonical text doesn't have, or has as the fact that should be referred to."""
    figures = quantities(form, locale)
    if not figures:
        return
    known = quantities(canonical, locale)
    valued = [(key, value) for key, fact in facts.items() for value in of_value(fact.value)]
    for figure in figures:
        key = next((key for key, value in valued if same(figure, value)), None)
        if key is not None and (figure.kind in MATTERS or not any(same(figure, each) for each in known)):
            yield _typed(figure, key, locale, field)
        elif key is None and not any(same(figure, each) for each in known):
            yield _foreign(figure, _rival(figure, valued, known), locale, field)


def compared(other: str, canonical: str, locale: str, field: str) -> Iterator[Issue]:
    """Figures of two texts without references: what the other text adds or says differently, and what it leaves out."""
    figures, known = quantities(other, locale), quantities(canonical, locale)
    foreign = [figure for figure in figures if not any(same(figure, each) for each in known)]
    missing = [each for each in known if not any(same(each, figure) for figure in figures)]
    for figure in foreign:
        if not _in_words(figure, canonical, locale):
            yield _foreign(figure, _rival(figure, (), known), locale, field)
    for each in missing if not foreign else ():
        if not _in_words(each, other, locale):
            message = f"“{each.text}” of the canonical text is missing."
            yield blocks("figure-missing", field, message, "Say it here too.", found=each.text, locale=locale)


def _rival(figure: Quantity, valued: Sequence[tuple[str, Quantity]], known: Sequence[Quantity]) -> str:
    """What the canonical text says instead: a figure of the same kind, facts first; nothing if it has none."""
    for key, value in valued:
        if value.kind == figure.kind:
            return f"{token('fact', key)} ({value.text})"
    same_unit = (each for each in known if measure(each)[::2] == measure(figure)[::2])
    same_kind = (each for each in known if each.kind == figure.kind)
    rival = next(same_unit, None) or next(same_kind, None)
    return f"“{rival.text}”" if rival else ""


def _foreign(figure: Quantity, rival: str, locale: str, field: str) -> Issue:
    place = {"found": figure.text, "start": figure.start, "end": figure.end, "locale": locale}
    if rival:
        message = f"“{figure.text}” contradicts the canonical text, which says {rival}."
        return blocks(
            "literal-contradicts", field, message, "Say what the canonical text says, by its reference.", **place
        )
    message = f"“{figure.text}” is {KIND_NAMES[figure.kind]} that the canonical text doesn't have."
    return blocks(
        "literal-extra", field, message, "Take it out, or say it in the canonical text first, as a fact.", **place
    )


def _typed(figure: Quantity, key: str, locale: str, field: str) -> Issue:
    reference = token("fact", key)
    message = f"“{figure.text}” is typed where the canonical text refers to {reference}."
    place = {"found": figure.text, "start": figure.start, "end": figure.end, "locale": locale}
    return blocks("literal-not-a-fact", field, message, f"Write {reference} instead.", **place)


def _in_words(figure: Quantity, text: str, locale: str) -> bool:
    """Whether a text says a figure without a number: two as `both`, round the clock as `any time`."""
    code, lowered = locale.partition("-")[0], text.lower()
    if figure.kind == "number" and figure.value == "2":
        return any(f" {word}" in f" {lowered}" for word in PAIR_WORDS.get(code, ()))
    return figure.kind == "hours" and any(word in lowered for word in OPEN_WORDS.get(code, ()))
