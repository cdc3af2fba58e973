"""Voice: segments to speak, reprompts, a menu of keys and phrases, and always a way to a person."""

import re
from collections.abc import Iterator

import msgspec

from kb.channels.assembly import assemble, document_of
from kb.channels.counting import measure
from kb.channels.facts import Style, words
from kb.channels.forms import form_of
from kb.channels.locales import language
from kb.channels.parts import longest
from kb.channels.profiles import Profile
from kb.channels.speech import PARAGRAPH, Passage, passages, said
from kb.channels.ssml import fit, pauses, refusals, speak, without_tags
from kb.channels.telling import Telling
from kb.channels.types import (
    Inputs,
    Issue,
    Markup,
    Next,
    NextOut,
    Option,
    Payload,
    Segment,
    Slot,
    Source,
    VoiceOut,
    blocks,
    warns,
)
from kb.channels.writing import line, way

WORDS_A_MINUTE = 150
PHRASES = 5
"""How many phrasings of `say-handover` choose it when spoken."""


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The voice rendition. `text` is what a caller hears before the options, `markup` the same as one document."""
    telling = Telling(source, inputs, profile, Style.SPOKEN)
    heard = passages(document_of(telling), telling)
    ask = said(source.ask, telling)
    if ask.paragraphs:
        heard = [*heard, ask]
    ways = _ways(telling)
    body = _fitted(
        speak([one.ssml for one in paragraph] for passage in heard for paragraph in passage.paragraphs), profile
    )
    text = PARAGRAPH.join(passage.text for passage in heard)
    voice = VoiceOut(
        segments=tuple(_segment(passage, profile) for passage in heard),
        no_input=_prompts(source.voice.no_input, telling),
        no_match=_prompts(source.voice.no_match, telling),
        options=tuple(Option(key=one.key, phrases=one.phrases, say=one.say, next=one.to) for one in ways),
        handover=_handover(ways, source),
        seconds=round(seconds(text, body, telling.slots), 1),
    )
    return assemble(telling, text=text, markup=Markup(type="ssml", body=body), ask=ask.text, ways=ways, voice=voice)


def _segment(passage: Passage, profile: Profile) -> Segment:
    return Segment(text=passage.text, ssml=_fitted(passage.ssml, profile), barge_in=passage.barge_in)


def _fitted(ssml: str, profile: Profile) -> str:
    return fit(ssml, profile.ssml) if profile.ssml is not None else ssml


def _prompts(own: tuple[str, ...], telling: Telling) -> tuple[str, ...]:
    """What is said to silence or to what wasn't understood: the entry's own prompts, or the signed `say-repeat`."""
    if own:
        return tuple(said(prompt, telling).text for prompt in own)
    repeat = telling.inputs.says.get("say-repeat")
    if repeat is None:
        return ()
    return (said(form_of(repeat.wording, telling.profile)[1], telling).text,)


# ---- the menu --------------------------------------------------------------------------------------------------------


def _ways(telling: Telling) -> tuple[NextOut, ...]:
    """The ways on with their keys in order, and last, on 0, one to a person if none of them leads there."""
    source, handover = telling.source, telling.inputs.says.get("say-handover")
    ways = [_offered(step, str(number), telling) for number, step in enumerate(source.next, start=1)]
    if handover is not None and not any(_leads_to_a_person(one.to) for one in ways):
        step = Next(id="handover", label=handover.title, to="handover", phrases=handover.phrasings[:PHRASES])
        ways.append(_offered(step, "0", telling))
    return tuple(ways)


def _offered(step: Next, key: str, telling: Telling) -> NextOut:
    """The way on as it is announced: "To track your card, press one."."""
    locale = telling.source.locale
    tongue = language(locale)
    offer = words(line(step.say or step.label, telling), locale).rstrip(" .,;:!?…")
    announced = tongue.press.format(say=offer, key=words(key, locale))
    return msgspec.structs.replace(way(step, telling, key), say=announced)


def _leads_to_a_person(to: str) -> bool:
    return to.partition(":")[0] == "handover"


def _handover(ways: tuple[NextOut, ...], source: Source) -> dict[str, object] | None:
    """What a person is told who takes over; `queue` is empty where the content names none."""
    to = next((one.to for one in ways if _leads_to_a_person(one.to)), None)
    if to is None:
        return None
    return {
        "queue": to.partition(":")[2],
        "summary": {
            "key": source.key,
            "title": source.title,
            "topic": source.topic,
            "locale": source.locale,
            "version": source.version,
        },
    }


# ---- how long it takes -----------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def seconds(text: str, ssml: str, slots: dict[str, Slot]) -> float:
    """An estimate: words of a text whose figures are in words, at 150 a minute, a slot at its longest, and pauses."""
    count = len(_WORD.findall(_SLOT.sub(lambda slot: _placeholder(slot[1], slots), text)))
    return count * 60 / WORDS_A_MINUTE + pauses(ssml)


_SLOT = re.compile(r"\{\{slot:([^{}]*)\}\}")


def _placeholder(name: str, slots: dict[str, Slot]) -> str:
    """As many words as a slot may hold, six characters a word."""
    longest_value = slots[name].max if name in slots else 1
    return "word " * -(-longest_value // 6)


# ---- what an editor can mend -----------------------------------------------------------------------------------------


def issues(payload: Payload, source: Source, profile: Profile) -> list[Issue]:
    """What is wrong with a voice rendition: its menu, its length, and what the profile's engine would refuse."""
    where = f"{profile.channel}/{profile.name}"
    found = (
        *_of_menu(payload, source, profile),
        *_of_length(payload, source, profile),
        *_of_engine(payload, source, profile),
    )
    return [msgspec.structs.replace(issue, where=where, locale=source.locale) for issue in found]


def _of_menu(payload: Payload, source: Source, profile: Profile) -> Iterator[Issue]:
    voice = payload.voice
    if voice is None:
        return
    if profile.max_next is not None and len(voice.options) > profile.max_next:
        yield blocks(
            "voice-options",
            "next",
            f"The menu has {len(voice.options)} options, one to a person included; {profile.max_next} are the most.",
            f"Take away ways on until {profile.max_next} are left, or let one of them lead to handover.",
        )
    if voice.options and voice.handover is None:
        yield blocks(
            "voice-person",
            "next",
            "No way on leads to a person.",
            "Add one with `to: handover`, or release the entry say-handover in this locale.",
        )
    for index, step in enumerate(source.next):
        if not step.say:
            yield warns(
                "voice-say",
                f"next[{index}].say",
                f"The menu reads out the label “{step.label}”, which was written for a button.",
                "Write in `say` how a voice offers it, like “To track your card”.",
                found=step.label,
            )
    if source.key != "say-repeat" and not (voice.no_input and voice.no_match):
        yield warns(
            "voice-prompts",
            "voice",
            "There is nothing to say to silence or to words that aren't understood.",
            "Write `no_input` and `no_match`, or release the entry say-repeat in this locale.",
        )


def _of_length(payload: Payload, source: Source, profile: Profile) -> Iterator[Issue]:
    if payload.voice is None or profile.max_seconds is None or payload.voice.seconds <= profile.max_seconds:
        return
    yield blocks(
        "voice-seconds",
        form_of(source.wording, profile)[0],
        f"It takes about {payload.voice.seconds:.0f} seconds to say; {profile.max_seconds} are the most.",
        "Write a shorter spoken form, or put what callers can do without into a detail passage.",
    )


def _of_engine(payload: Payload, source: Source, profile: Profile) -> Iterator[Issue]:
    engine, field = profile.ssml, form_of(source.wording, profile)[0]
    if engine is None:
        return
    body = longest(payload.markup.body, payload.slots)
    for name, size, limit in (
        ("characters without tags", len(without_tags(body)), engine.billed),
        (f"{engine.total_unit} with tags", measure(body, engine.total_unit), engine.total),
    ):
        if limit is not None and size > limit:
            yield blocks(
                "voice-size",
                field,
                f"The speech has {size} {name}; the engine takes {limit}.",
                "Write a shorter spoken form.",
            )
    for refusal in refusals(payload.markup.body, engine):
        yield blocks("voice-ssml", field, f"The engine refuses {refusal}.", "Render the entry again with this profile.")
