"""Matching a question to one answer, or saying honestly that there are several or none (law 8)."""

from collections.abc import Sequence

import msgspec

from kb.channels.types import NextOut
from kb.delivery import feed, queries
from kb.delivery.types import Asked, Delivered
from kb.search.answers import Choice, Match, Reason, Shown
from kb.search.confidence import OPTIONS, Judgement, Outcome, judge
from kb.search.find import EVERYTHING, Candidates, Finder, Narrow, Question, candidates_for
from kb.search.types import Hit, Miss
from kb.search.words import language, stems, words

SAY = {Outcome.UNSURE: "say-unsure", Outcome.NO_ANSWER: "say-no-answer"}
ENTRY = "entry:"


async def match(
    finder: Finder, text: str, asked: Asked, narrow: Narrow = EVERYTHING, *, after: str = "", among: Sequence[str] = ()
) -> Match:
    """One answer for a question, or a choice, or the signed text for having none.

    `after` is the key answered last: its ways on are tried first, by their keys, labels and phrases and then by their
    entries' words. `among` are the keys offered last: nothing else is looked at.
    """
    view = await finder.node.view()
    question = Question(text, asked, msgspec.structs.replace(narrow, limit=OPTIONS + 2, offset=0), asked.locales, view)
    if after and (followed := await _followed(finder, question, after)):
        return followed
    result = await _matched(finder, _within(question, among) if among else question, narrowed=bool(among))
    if result.outcome is not Outcome.ANSWERED:
        nearest = tuple(option.key for option in result.options)
        finder.misses.note(Miss(text, asked.channel, asked.locales[0], result.outcome, result.confidence, nearest))
    return result


def chosen(text: str, ways: Sequence[NextOut], tongue: str) -> NextOut | None:
    """The way on that was named: by its key (`2`), its id, its label or one of its phrases."""
    said = words(text, tongue)
    for way in ways:
        if said and said in [words(name, tongue) for name in (way.key, way.id, way.label, *way.phrases)]:
            return way
    return None


async def _followed(finder: Finder, question: Question, after: str) -> Match | None:
    """The entry that one of the last answer's ways on leads to, where the question names or clearly means one."""
    payload = await queries.get(finder.node.reader, after, question.asked, finder.now())
    ways = msgspec.json.decode(payload.body, type=Shown).next if payload else ()
    taken = chosen(question.text, ways, language(question.locales[0]))
    if taken and taken.to.startswith(ENTRY):
        return await _went(finder, taken, question)
    among = [way.to.removeprefix(ENTRY) for way in ways if way.to.startswith(ENTRY)]
    nearby = await _matched(finder, _within(question, among), narrowed=False) if among else None
    return nearby if nearby and nearby.outcome is Outcome.ANSWERED else None


async def _went(finder: Finder, way: NextOut, question: Question) -> Match | None:
    payload = await queries.get(finder.node.reader, way.to.removeprefix(ENTRY), question.asked, finder.now())
    if payload is None:
        return None
    return Match(
        outcome=Outcome.ANSWERED,
        confidence=1.0,
        position=question.view.position,
        locale=payload.locale,
        degraded=False,
        answer=msgspec.Raw(payload.body),
        options=(),
        why=Reason(chosen=way.id),
    )


def _within(question: Question, keys: Sequence[str]) -> Question:
    return msgspec.structs.replace(question, narrow=msgspec.structs.replace(question.narrow, among=frozenset(keys)))


async def _matched(finder: Finder, question: Question, *, narrowed: bool) -> Match:
    """The verdict over the asked locale, then over each of its chain, until one has something to say."""
    candidates, judgement = Candidates(), Judgement(Outcome.NO_ANSWER, 0.0)
    for locale in question.locales:
        candidates = await candidates_for(finder, msgspec.structs.replace(question, locales=(locale,)))
        judgement = judge([hit for hit, _ in candidates.hits], narrowed=narrowed, degraded=candidates.degraded)
        if judgement.outcome is not Outcome.NO_ANSWER:
            break
    return await _told(finder, question, candidates, judgement)


async def _told(finder: Finder, question: Question, candidates: Candidates, judgement: Judgement) -> Match:
    offered = candidates.hits[: judgement.offered]
    sure = judgement.outcome is Outcome.ANSWERED
    say = None if sure else await queries.get(finder.node.reader, SAY[judgement.outcome], question.asked, finder.now())
    return Match(
        outcome=judgement.outcome,
        confidence=judgement.confidence,
        position=question.view.position,
        locale=offered[0][1].locale if offered else question.locales[0],
        degraded=candidates.degraded,
        answer=msgspec.Raw(offered[0][1].body) if sure else None,
        options=() if sure else tuple(_option(payload) for _, payload in offered),
        say=msgspec.Raw(say.body) if say else None,
        why=await _reason(finder, question.text, *offered[0]) if offered else None,
    )


def _option(payload: Delivered) -> Choice:
    shown = msgspec.json.decode(payload.body, type=Shown)
    return Choice(shown.key, shown.kind, shown.title, shown.text)


async def _reason(finder: Finder, text: str, hit: Hit, payload: Delivered) -> Reason:
    """The words found, and the phrasing (as delivery keeps it) that has most stems in common with the question."""
    tongue = language(hit.locale)
    asked = set(stems(text, tongue))
    rows = [row for row in await feed.findables(finder.node.reader, [payload.key]) if row.locale == hit.locale]
    phrasings = [phrasing for row in rows for phrasing in (row.title, *row.phrasings)]
    likeness = {one: len(asked & (own := set(stems(one, tongue)))) / max(len(asked | own), 1) for one in phrasings}
    best = max(phrasings, key=likeness.__getitem__, default="")
    return Reason(best, hit.why.words, hit.why.read_as)
