"""Law 4: every form of a wording says what its canonical text says, shown by explained findings, never by a score."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from kb.channels.agreement import NAMES, disagreements
from kb.channels.comparing import Disagreement
from kb.channels.figures import against, compared, literals
from kb.channels.lexicons import Lexicon, lexicon
from kb.channels.meaning import Meaning, meaning
from kb.channels.quantities import quantities
from kb.channels.references import references, token
from kb.channels.sentences import Pair, Sentence, align, sentences
from kb.channels.types import Inputs, Issue, Source, Wording, blocks
from kb.channels.values import Duration

FIGURES = frozenset(
    {
        "fact-missing",
        "claim-missing",
        "slot-missing",
        "reference-extra",
        "literal-not-a-fact",
        "literal-extra",
        "literal-contradicts",
        "figure-missing",
    }
)
DISCLOSURES = frozenset({"disclosure-missing"})
PROHIBITED = frozenset({"term-prohibited"})
MEANING = frozenset({"negation-lost", "negation-added", "modality-changed", "qualifier-lost", "qualifier-added"})
"""The four classes of finding: only the last may be waived (law 4)."""

WAIVABLE = MEANING | {"sms-part-more"}
"""What may be waived: findings about meaning, and that a text message grows by a part (which `release` finds)."""

DETAIL = re.compile(r"(?ms)^:::[ \t]*detail[ \t]*$.*?^:::[ \t]*$")
SHOWN_BY = {"short": ("social", "sms"), "spoken": ("voice",)}
"""The channels that say a form; an override is said by the channel it names."""


class Referred(msgspec.Struct, frozen=True):
    """The keys a text refers to, by kind; `through` are those that its claims and disclosures bring along."""

    fact: frozenset[str]
    claim: frozenset[str]
    disclosure: frozenset[str]
    slot: frozenset[str]
    through: frozenset[str]


def issues(source: Source, inputs: Inputs, channels: Sequence[str], at: str = "") -> tuple[Issue, ...]:
    """What the other forms of one wording lose, add or contradict, and literals in its canonical text.

    `channels` are the channels that are served; `at` is put before each field (`variants[0].`).
    """
    wording = source.wording
    found = list(literals(wording.text, source.locale, f"{at}text"))
    forms = [(name, text) for name, text in _forms(wording) if text.strip()]
    if forms:
        canonical = _Canonical(wording.text, inputs, source.locale)
        for name, text in forms:
            shown = SHOWN_BY.get(name) or (name.removeprefix("overrides.").partition("/")[0],)
            found.extend(_form_issues(canonical, text, f"{at}{name}", [each for each in shown if each in channels]))
    return tuple(found)


def compare(
    source: Source, alternate: Wording, inputs: Inputs, channels: Sequence[str], at: str = ""
) -> tuple[Issue, ...]:
    """Where the text of an alternate says something else than the wording it may stand in for, details apart.

    Its other forms are held against its own text by `issues`; `at` is put before the field (`alternates[0].`).
    """
    canonical = _Canonical(source.wording.text, inputs, source.locale)
    said = DETAIL.sub(_blank, alternate.text)
    field = f"{at}text"
    here = _referred(said, inputs)
    return (
        *_missing(canonical, here, field),
        *_undisclosed(canonical, _referred(alternate.text, inputs), field, channels),
        *_extra(canonical, alternate.text, field),
        *against(alternate.text, canonical.text, canonical.facts, canonical.locale, field),
        *_meaning_issues(canonical, said, field),
    )


def sentence_check(canonical: str, other: str, locale: str, field: str = "text") -> tuple[Issue, ...]:
    """Where one text says something else than another, both with their figures written out."""
    findings = [*compared(other, canonical, locale, field)]
    findings.extend(_meaning_issues(_Canonical(canonical, Inputs(), locale), other, field))
    return tuple(findings)


def _forms(wording: Wording) -> Iterator[tuple[str, str]]:
    yield "short", wording.short
    yield "spoken", wording.spoken
    yield from ((f"overrides.{name}", text) for name, text in wording.overrides.items())


class _Canonical:
    """A canonical text as every other form is held against it: whole, without its details, and what both refer to."""

    def __init__(self, text: str, inputs: Inputs, locale: str) -> None:
        self.inputs = inputs
        self.locale = locale
        self.text = text
        self.core = without_detail(text)
        self.referred = _referred(text, inputs)
        self.core_referred = _referred(self.core, inputs) if self.core is not text else self.referred
        named = self.referred.fact | self.referred.through
        self.facts = {key: inputs.facts[key] for key in sorted(named) if key in inputs.facts}


def without_detail(text: str) -> str:
    """A canonical text without the passages that shorter forms may leave out."""
    return DETAIL.sub("", text) if ":::" in text else text


def _blank(passage: re.Match[str]) -> str:
    """White space in the place of a passage, so that every other place stays the same."""
    return re.sub(r"\S", " ", passage[0])


def _referred(text: str, inputs: Inputs) -> Referred:
    by_kind: dict[str, set[str]] = {"fact": set(), "claim": set(), "disclosure": set(), "slot": set()}
    for reference in references(text):
        by_kind[reference.kind].add(reference.key)
    through: set[str] = set()
    waiting = [*by_kind["claim"], *by_kind["disclosure"]]
    while waiting:
        key = waiting.pop()
        named = inputs.claims.get(key) or inputs.disclosures.get(key)
        found = {reference.key for reference in references(named.wording.text)} if named else set()
        waiting.extend(found - through)
        through |= found
    return Referred(**{kind: frozenset(keys) for kind, keys in by_kind.items()}, through=frozenset(through))


# ---- one form --------------------------------------------------------------------------------------------------------


def _form_issues(canonical: _Canonical, text: str, field: str, channels: Sequence[str]) -> Iterator[Issue]:
    here = _referred(text, canonical.inputs)
    yield from _missing(canonical, here, field)
    yield from _undisclosed(canonical, here, field, channels)
    yield from _extra(canonical, text, field)
    yield from against(text, canonical.text, canonical.facts, canonical.locale, field)
    yield from _meaning_issues(canonical, text, field)


def _missing(canonical: _Canonical, here: Referred, field: str) -> Iterator[Issue]:
    """Facts, claims and slots of the canonical text that a form leaves out; a claim brings its facts along."""
    wanted = canonical.core_referred
    missing = {
        "fact": wanted.fact - here.fact - here.through,
        "claim": wanted.claim - here.claim - here.through,
        "slot": wanted.slot - here.slot,
    }
    for kind, keys in missing.items():
        for key in sorted(keys):
            reference = token(kind, key)
            yield blocks(
                f"{kind}-missing",
                field,
                f"{_name(field)} leaves out {reference}{_meant(kind, key, canonical.inputs)} of the canonical text.",
                f"Put {reference} into it, or move it into a `::: detail` passage of the canonical text.",
                found=reference,
                locale=canonical.locale,
            )


def _undisclosed(canonical: _Canonical, here: Referred, field: str, channels: Sequence[str]) -> Iterator[Issue]:
    """Disclosures, in details too, that a channel which says this form must show."""
    for key in sorted(canonical.referred.disclosure - here.disclosure - here.through):
        disclosure = canonical.inputs.disclosures.get(key)
        named = disclosure.placement.channels if disclosure else ()
        due = [channel for channel in channels if not named or channel in named]
        if due:
            reference = token("disclosure", key)
            yield blocks(
                "disclosure-missing",
                field,
                f"{_name(field)} leaves out {reference}, which must be shown in {', '.join(due)}.",
                f"Put {reference} on a line of its own.",
                found=reference,
                locale=canonical.locale,
            )


def _extra(canonical: _Canonical, text: str, field: str) -> Iterator[Issue]:
    """References of a form that the canonical text doesn't make anywhere."""
    known = canonical.referred
    for reference in references(text):
        if reference.key not in getattr(known, reference.kind) | known.through:
            written = token(reference.kind, reference.key)
            yield blocks(
                "reference-extra",
                field,
                f"{_name(field)} says {written}, which the canonical text doesn't.",
                "Say it in the canonical text too (a `::: detail` passage will do), or take it out here.",
                found=written,
                start=reference.start,
                end=reference.end,
                locale=canonical.locale,
            )


# ---- what the sentences say ------------------------------------------------------------------------------------------


def _meaning_issues(canonical: _Canonical, text: str, field: str) -> Iterator[Issue]:
    """Negation, modality and qualifiers, sentence for sentence."""
    locale = canonical.locale
    words = lexicon(locale)
    if words is None:
        return
    for pair in align(sentences(canonical.core, locale), sentences(text, locale), locale):
        ours = " ".join(_joined(pair.canonical).split())
        for found in _pair(pair, canonical, words):
            message, action = SAID[found.code]
            start, end = _place(pair.other, found)
            yield blocks(
                found.code,
                field,
                message.format(form=_name(field), about=NAMES.get(found.about, found.about), canonical=ours),
                action,
                found="" if start is None else text[start:end],
                start=start,
                end=end,
                locale=locale,
            )


def _pair(pair: Pair, canonical: _Canonical, words: Lexicon) -> Iterable[Disagreement]:
    """How the two sides of a pair disagree; a side that is empty is held against the whole canonical text."""
    locale = canonical.locale
    if not pair.other:
        return _unsaid(meaning(_joined(pair.canonical), locale))
    theirs = meaning(_joined(pair.other), locale)
    if not pair.canonical:
        every = meaning(_joined(sentences(canonical.text, locale)), locale)
        return [found for found in disagreements(every, theirs, words) if found.code == "negation-added"]
    ours = _joined(pair.canonical)
    return disagreements(meaning(ours, locale), theirs, words, ranged=_ranged(ours, canonical))


def _unsaid(lost: Meaning) -> Iterator[Disagreement]:
    """What goes with a sentence that has no counterpart: one finding, the weightiest."""
    if lost.has("not", "without", "free", "requires", "unneeded"):
        yield Disagreement("negation-lost", "not")
    elif modal := lost.named("may", "must", "should", "can"):
        yield Disagreement("modality-changed", modal[0].name)


def _joined(group: Sequence[Sentence]) -> str:
    return group[0].text if len(group) == 1 else "\n".join(sentence.text for sentence in group)


def _ranged(text: str, canonical: _Canonical) -> bool:
    """Whether a sentence's figure is a range."""
    if any(".." in figure.value for figure in quantities(text, canonical.locale)):
        return True
    facts = canonical.facts
    values = (facts[each.key].value for each in references(text) if each.kind == "fact" and each.key in facts)
    return any(isinstance(value, Duration) and value.high is not None for value in values)


def _place(group: Sequence[Sentence], found: Disagreement) -> tuple[int | None, int | None]:
    """The place of a finding in the form's source: its words, or the sentences they are missing from."""
    if not group:
        return None, None
    offset = 0
    for sentence in group if found.start is not None and found.end is not None else ():
        end = offset + len(sentence.text) + 1
        if found.start is not None and found.end is not None and found.start < end:
            return sentence.start + found.start - offset, sentence.start + found.end - offset
        offset = end
    return group[0].start, group[-1].end


SAID = {
    "negation-lost": (
        "{form} loses a negation ({about}) of the canonical “{canonical}”.",
        "Say it in the negative too.",
    ),
    "negation-added": (
        "{form} negates or reverses ({about}) what the canonical text says: “{canonical}”.",
        "Say it as the canonical text does.",
    ),
    "modality-changed": (
        "{form} changes how sure or how binding this is ({about}): the canonical text says “{canonical}”.",
        "Use the same modal verb (may, can, should, must, will).",
    ),
    "qualifier-lost": (
        "{form} leaves out “{about}”: the canonical text says “{canonical}”.",
        "Put the limit or condition back.",
    ),
    "qualifier-added": (
        "{form} limits with “{about}” what the canonical text doesn't: “{canonical}”.",
        "Take it out, or say it in the canonical text.",
    ),
    "literal-contradicts": (
        "{form} names another period or day ({about}) than the canonical “{canonical}”.",
        "Say the same period.",
    ),
    "figure-missing": (
        "{form} leaves out the period ({about}) of the canonical “{canonical}”.",
        "Say the same period.",
    ),
}


@lru_cache(maxsize=256)
def _name(field: str) -> str:
    """A form as a message names it."""
    last = field.rpartition("overrides.")[2] if "overrides." in field else field.rpartition(".")[2]
    return {"short": "The short form", "spoken": "The spoken form", "text": "The text"}.get(
        last, f"The text for {last}"
    )


def _meant(kind: str, key: str, inputs: Inputs) -> str:
    """A claim's title in brackets, so that an editor needn't look the key up."""
    claim = inputs.claims.get(key) if kind == "claim" else None
    return f" (“{claim.title}”)" if claim else ""
