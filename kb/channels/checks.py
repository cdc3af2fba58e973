"""What an editor should mend in a rendition: references that lead nowhere, parts and labels that don't fit."""

from collections.abc import Iterator

import msgspec

from kb.channels import markup
from kb.channels.facts import Style, say
from kb.channels.forms import form_of
from kb.channels.parts import Ruler
from kb.channels.profiles import Profile
from kb.channels.readability import LONG, hard, reading
from kb.channels.references import Reference, references
from kb.channels.telling import address
from kb.channels.types import Inputs, Issue, Payload, Source, blocks, warns

READ = {"faq", "sms"}
"""The channels whose reading level is looked at: the whole canonical text, and the shortest that is read. Figures said
in words would make a voice's sentences look longer than they are."""


def checks(source: Source, inputs: Inputs, profile: Profile, payload: Payload) -> Iterator[Issue]:
    """Everything wrong with what was written and what came of it, on one profile."""
    fields = tuple(_fields(source, profile))
    for field, text in fields:
        if "{{" in text:
            place = Place(field, profile, source, inputs)
            yield from _references(text, place)
    yield from _markup(source, profile)
    yield from _addresses(source, inputs, profile)
    yield from _slots(source, payload)
    written, _ = form_of(source.wording, profile)
    yield from _parts(payload, profile, written)
    yield from _labels(payload, profile)
    yield from _reading(payload, profile, written)


def _fields(source: Source, profile: Profile) -> Iterator[tuple[str, str]]:
    """Every text that this profile shows, by its field."""
    yield "title", source.title
    yield form_of(source.wording, profile)
    yield "ask", source.ask
    for index, step in enumerate(source.next):
        yield f"next[{index}].label", step.label
        yield f"next[{index}].say", step.say
        yield f"next[{index}].to", step.to
    for index, link in enumerate(source.links):
        yield f"links[{index}].label", link.label
        yield f"links[{index}].url", link.url
    if profile.channel == "email":
        yield "email.subject", source.email.subject
        yield "email.preheader", source.email.preheader
    if profile.channel == "voice":
        yield from ((f"voice.no_input[{index}]", text) for index, text in enumerate(source.voice.no_input))
        yield from ((f"voice.no_match[{index}]", text) for index, text in enumerate(source.voice.no_match))
    if source.staff is not None and profile.channel == "agent":
        yield from ((f"staff.steps[{index}]", text) for index, text in enumerate(source.staff.steps))
        yield from ((f"staff.do_not_say[{index}]", text) for index, text in enumerate(source.staff.do_not_say))
        yield "staff.notes", source.staff.notes
        yield "staff.identity_check", source.staff.identity_check


# ---- references ------------------------------------------------------------------------------------------------------


class Place(msgspec.Struct, frozen=True):
    """Where references are being looked at; `within` are the claims that led there."""

    field: str
    profile: Profile
    source: Source
    inputs: Inputs
    within: tuple[str, ...] = ()


def _references(text: str, place: Place) -> Iterator[Issue]:
    """Unknown, circular, undeclared and unsayable references, those inside claims and disclosures too."""
    for found in references(text):
        if found.kind == "fact":
            yield from _fact(found, place)
        elif found.kind == "slot":
            if found.key not in place.source.slots:
                message = f"the slot {found.key} isn't declared"
                yield _at(found, place, "slot-undeclared", message, "declare it under slots")
        elif found.key in place.within:
            message = f"the {found.kind} {found.key} refers to itself"
            yield _at(found, place, "reference-circular", message, "take one of the references out")
        else:
            yield from _inner(found, place)


def _inner(found: Reference, place: Place) -> Iterator[Issue]:
    """What is wrong inside a claim or disclosure, placed where it is referred to."""
    inputs = place.inputs
    known = inputs.claims.get(found.key) if found.kind == "claim" else inputs.disclosures.get(found.key)
    if known is None:
        yield _unknown(found, place)
        return
    text = form_of(known.wording, place.profile)[1] if found.kind == "claim" else known.wording.text
    inside = msgspec.structs.replace(place, within=(*place.within, found.key))
    for issue in _references(text, inside):
        message = f"in the {found.kind} {found.key}: {issue.message}"
        yield msgspec.structs.replace(issue, message=message, start=found.start, end=found.end)


def _fact(found: Reference, place: Place) -> Iterator[Issue]:
    fact = place.inputs.facts.get(found.key)
    if fact is None:
        yield _unknown(found, place)
        return
    locale = place.source.locale
    try:
        say(fact.value, locale, Style.PAGE)
    except LookupError as unsaid:
        message = f"the fact {found.key} can't be said in {locale}: {unsaid.args[0]}"
        yield _at(found, place, "fact-unsaid", message, f"give it words in {locale}")


def _unknown(found: Reference, place: Place) -> Issue:
    message = f"there is no live {found.kind} {found.key}"
    return _at(found, place, "reference-unknown", message, "mend its key, or release it first or together with this")


def _at(found: Reference, place: Place, code: str, message: str, action: str) -> Issue:
    where = place.profile.id
    return blocks(code, place.field, message, action, found=found.key, start=found.start, end=found.end, where=where)


def _markup(source: Source, profile: Profile) -> Iterator[Issue]:
    field, text = form_of(source.wording, profile)
    for problem in markup.problems(text):
        yield blocks(
            "markup",
            field,
            f"line {problem.line}: {problem.message}",
            "write it as the message says",
            found=problem.found,
            start=problem.start,
            end=problem.end,
            where=profile.id,
        )


def _addresses(source: Source, inputs: Inputs, profile: Profile) -> Iterator[Issue]:
    """Links that lead nowhere a reader may go: not https, tel or mailto, nor a fact that is an address."""
    places = [(f"links[{index}].url", link.url) for index, link in enumerate(source.links)]
    places.extend(
        (f"next[{index}].to", step.to.removeprefix("link:"))
        for index, step in enumerate(source.next)
        if step.to.startswith("link:")
    )
    for field, url in places:
        found = next(iter(references(url)), None)
        fact = inputs.facts.get(found.key) if found is not None and found.kind == "fact" else None
        good = bool(address(fact.value)) if fact is not None else url.startswith(("https://", "tel:", "mailto:"))
        if not good and (found is None or fact is not None or found.kind != "fact"):
            action = "give it an https, tel or mailto address, or one {{fact:…}} whose value is one"
            yield blocks("link-address", field, f"{url} is no address", action, found=url, where=profile.id)


def _slots(source: Source, payload: Payload) -> Iterator[Issue]:
    for name in payload.slots:
        slot = source.slots[name]
        field = f"slots.{name}"
        if not slot.required and not slot.fallback:
            message = f"the slot {name} may be missing and has no fallback"
            yield blocks("slot-fallback", field, message, "give it a fallback, or require it", found=name)
        elif len(slot.fallback) > slot.max:
            message = f"the fallback of {name} is longer than the {slot.max} characters it declares"
            yield blocks("slot-fallback", field, message, "shorten the fallback, or raise max", found=slot.fallback)


# ---- limits ----------------------------------------------------------------------------------------------------------


def _parts(payload: Payload, profile: Profile, field: str) -> Iterator[Issue]:
    """Each part against each limit with slots at their longest, and the number of parts; `field` is what was written."""
    ruler = Ruler(profile, payload.slots)
    for number, part in enumerate(payload.parts, start=1):
        excess = ruler.excess(part)
        if excess is not None:
            limit, length = excess
            message = f"part {number} has {length} {limit.unit}; {profile.id} takes {limit.size}"
            yield _too_long("part-too-long", field, message, part, profile)
    if profile.max_parts is not None and len(payload.parts) > profile.max_parts:
        message = f"it takes {len(payload.parts)} parts; {profile.id} takes {profile.max_parts}"
        yield _too_long("too-many-parts", field, message, payload.text, profile)


def _too_long(code: str, field: str, message: str, found: str, profile: Profile) -> Issue:
    own = "sms" if profile.channel == "sms" else profile.id
    action = f"shorten the text, or write `short` or a `{own}` form of it"
    return blocks(code, field, message, action, found=found[:80], where=profile.id)


def _labels(payload: Payload, profile: Profile) -> Iterator[Issue]:
    if profile.channel != "voice" and profile.max_next is not None and len(payload.next) > profile.max_next:
        message = f"there are {len(payload.next)} ways on; {profile.id} shows {profile.max_next}"
        yield blocks("too-many-next", "next", message, "leave the least likely ones out", where=profile.id)
    for index, way in enumerate(payload.next if profile.label_size is not None else ()):
        if len(way.label) > (profile.label_size or 0):
            message = f"the label has {len(way.label)} characters; {profile.id} takes {profile.label_size}"
            yield blocks(
                "label-too-long", f"next[{index}].label", message, "shorten it", found=way.label, where=profile.id
            )
    title = payload.email.subject if payload.email is not None else payload.title
    if profile.title_size is not None and len(title) > profile.title_size:
        field = "email.subject" if payload.email is not None else "title"
        message = f"it has {len(title)} characters; {profile.id} shows {profile.title_size}"
        yield warns("title-too-long", field, message, "shorten it", found=title, where=profile.id)


def _reading(payload: Payload, profile: Profile, field: str) -> Iterator[Issue]:
    if profile.channel not in READ:
        return
    figures = reading(payload.text, payload.locale)
    if figures.long:
        words = f"{figures.words_a_sentence:.0f}"
        message = f"its sentences have {words} words on average; readers lose the thread over {LONG:.0f}"
        yield warns("long-sentences", field, message, "split the longest ones", where=profile.id)
    if hard(payload.text, payload.locale):
        message = "it reads as fairly difficult"
        yield warns("hard-to-read", field, message, "use shorter words and sentences", where=profile.id)
