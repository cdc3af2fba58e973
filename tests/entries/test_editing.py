"""Writing one entry as a person does: first revisions, next ones, translations, and what it said before."""

import asyncio
from typing import Any

import msgspec
import pytest

from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.journal import read_lines
from kb.base.work import Actor
from kb.channels.types import Link, Next, Slot, SlotType, Variant, When, Wording
from kb.channels.values import Integer, Said, Term
from kb.entries import queries
from kb.entries.editing import Edit, create, restore, revise
from kb.entries.rules import content_hash
from kb.entries.types import NO_LOCALE, Audience, Content, Draft, House, Kind, Revision
from tests.builders import (
    ENGLISH,
    POLICY,
    SPANISH,
    Home,
    a_fact,
    a_house_document,
    an_answer,
    changed,
    live,
    read,
)
from tests.entries.people import a_reader, a_writer

pytestmark = pytest.mark.both_databases

ANA = a_writer("ana")
BEN = a_writer("ben")


async def made(home: Home, draft: Draft, actor: Actor = ANA, **rest: Any) -> Revision:
    async with home.work(actor) as work:
        return await create(work, draft.kind, Edit(draft.key, draft.locale, draft.content, **rest), ENGLISH)


async def written(home: Home, draft: Draft, actor: Actor = ANA, **rest: Any) -> Revision:
    async with home.work(actor) as work:
        return await revise(work, Edit(draft.key, draft.locale, draft.content, draft.source, **rest), ENGLISH)


async def restored(home: Home, number: int, actor: Actor = ANA, locale: str = ENGLISH) -> Revision:
    async with home.work(actor) as work:
        return await restore(work, "card-arrival", locale, number, 0, ENGLISH)


async def events(home: Home) -> list[str]:
    return [line.event for line in await read(home, read_lines, 0)]


def spanish(source: Revision, **content: Any) -> Draft:
    content = {"title": "¿Dónde está mi tarjeta?", "wording": Wording("Está en camino."), **content}
    return Draft("card-arrival", Kind.ANSWER, SPANISH, "", Content(**content), source=source.hash)


async def codes(home: Home, draft: Draft) -> list[tuple[str, str]]:
    """Where and why a content can't be stored."""
    with pytest.raises(Invalid) as refused:
        await made(home, draft)
    return list(dict.fromkeys((error.pointer, error.code) for error in refused.value.errors))


# ---- first revisions -------------------------------------------------------------------------------------------------


async def test_whoever_writes_is_the_author_whatever_was_sent(home: Home) -> None:
    revision = await made(home, an_answer(author="lea"), BEN)
    assert (revision.draft.author, revision.draft.editors, revision.number) == ("ben", (), 1)


async def test_a_key_is_made_once_by_whatever_kind(home: Home) -> None:
    await made(home, an_answer("fees"))
    lines = await events(home)
    for draft in (an_answer("fees", "Other."), a_fact("fees")):
        with pytest.raises(Conflict, match="fees already"):
            await made(home, draft)
    assert await events(home) == lines


async def test_an_entry_begins_in_the_locale_of_its_kind(home: Home) -> None:
    with pytest.raises(Invalid, match="a answer begins in en-GB"):
        await made(home, an_answer(locale=SPANISH))
    with pytest.raises(Invalid, match="a fact begins in und"):
        await made(home, a_fact(locale=ENGLISH))
    assert (await made(home, a_fact())).draft.locale == NO_LOCALE


async def test_of_many_who_make_one_key_at_once_one_does(home: Home) -> None:
    drafts = [an_answer(text=f"Text {number}.") for number in range(50)]
    outcomes = await asyncio.gather(*(made(home, draft) for draft in drafts), return_exceptions=True)
    assert sum(isinstance(one, Revision) for one in outcomes) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 49
    assert await events(home) == ["entry.created", "entry.written"]


async def test_house_documents_are_written_like_everything_else(home: Home) -> None:
    revision = await made(home, a_house_document("policy", House(policy=POLICY)))
    assert revision.draft.kind is Kind.HOUSE
    assert await codes(home, a_house_document("rules", House(policy=POLICY))) == [("/content/house", "house-key")]
    assert await codes(home, a_house_document("glossary", House(policy=POLICY))) == [("/content/house", "house-key")]


# ---- next revisions --------------------------------------------------------------------------------------------------


async def test_an_edit_is_the_next_revision_with_those_who_wrote_before_as_editors(home: Home) -> None:
    await made(home, an_answer())
    second = await written(home, an_answer(text="B."), BEN)
    third = await written(home, an_answer(text="C."), a_writer("lea"), editors=("leo", "lea"))
    assert (second.number, second.draft.author, second.draft.editors) == (2, "ben", ("ana",))
    assert (third.number, third.draft.author, third.draft.editors) == (3, "lea", ("ana", "ben", "leo"))


async def test_editors_are_counted_from_the_last_live_revision(house: Home) -> None:
    await live(house, an_answer())
    second = await written(house, an_answer(text="B."), BEN, last_live=1)
    assert second.draft.editors == ()


async def test_saying_the_same_again_writes_nothing_whoever_says_it(home: Home) -> None:
    first = await made(home, an_answer())
    lines = await events(home)
    assert await written(home, an_answer(), BEN) == first
    assert await written(home, an_answer(text="Your card is on its way. \r\n"), BEN) == first
    assert await events(home) == lines


async def test_going_back_to_former_words_is_a_revision_of_its_own_each_time(home: Home) -> None:
    first = await made(home, an_answer())
    texts = ["B.", "Your card is on its way."] * 3
    revisions = [await written(home, an_answer(text=text)) for text in texts]
    assert [one.number for one in revisions] == [2, 3, 4, 5, 6, 7]
    assert len({first.hash, *(one.hash for one in revisions)}) == 7
    assert [one.draft.again for one in revisions] == [0, 1, 1, 2, 2, 3]
    assert await read(home, queries.latest, "card-arrival", ENGLISH) == revisions[-1]
    assert (await read(home, queries.by_hashes, [revisions[-1].hash]))[revisions[-1].hash].draft.again == 3
    assert content_hash(revisions[-1].draft) == revisions[-1].hash


async def test_texts_are_stored_as_files_store_them(home: Home) -> None:
    slots = {"name": Slot(SlotType.NAME, 20, required=True)}
    revision = await made(home, an_answer(text="\r\nUn cafe\u0301  \r\npara {{slot:name}}.\n\n", slots=slots))
    assert revision.draft.content.wording == Wording("Un café\npara {{slot:name}}.")


async def test_an_unknown_entry_can_t_be_changed(home: Home) -> None:
    with pytest.raises(NotFound):
        await written(home, an_answer())


# ---- what can't be stored --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"wording": Wording("<b>Now</b>")}, ("/content/wording/text", "text-refused")),
        ({"wording": Wording("A.", short="![x](https://a.example)")}, ("/content/wording/short", "text-refused")),
        ({"wording": Wording("A.", overrides={"social/x": "`code`\n\n```\nx\n```"})},
         ("/content/wording/overrides/social~1x", "text-refused")),
        ({"wording": Wording("[a](http://a.example)")}, ("/content/wording/text", "text-refused")),
        ({"wording": Wording("{{ fact:card.fee }}")}, ("/content/wording/text", "text-refused")),
        ({"wording": Wording("## Two")}, ("/content/wording/text", "heading-level")),
        ({"wording": Wording("")}, ("/content/wording/text", "text-missing")),
        ({"wording": Wording("A.", overrides={"fax": "B."})}, ("/content/wording/overrides", "override-refused")),
        ({"alternates": (Wording("<i>x</i>"),)}, ("/content/alternates/0/text", "text-refused")),
        ({"variants": (Variant(When(tone=("calm",)), Wording("A.", spoken="<i>x</i>")),)},
         ("/content/variants/0/wording/spoken", "text-refused")),
        ({"variants": (Variant(When(tone=("Very calm",)), Wording("A.")),)},
         ("/content/variants/0/when", "condition-unknown")),
        ({"variants": (Variant(When(), Wording("A.")),)}, ("/content/variants/0/when", "variant-without-when")),
        ({"links": (Link("Fees", "javascript:alert(1)"),)}, ("/content/links/0/url", "link-refused")),
        ({"next": (Next("more", "More", "nowhere"),)}, ("/content/next/0/to", "way-on-refused")),
        ({"title": "A\u2028B"}, ("/content/title", "control-character")),
        ({"phrasings": ("a\x00b",)}, ("/content/phrasings/0", "control-character")),
        ({"topic": "t" * 61}, ("/content/topic", "too-long")),
        ({"cadence_days": 0}, ("/content/cadence_days", "out-of-range")),
        ({"slots": {"a.b": Slot(SlotType.TEXT, 10**12, required=True)}}, ("/content/slots/a.b/max", "out-of-range")),
    ],
)  # fmt: skip
async def test_what_files_refuse_is_refused_with_its_place(
    home: Home, content: dict[str, Any], found: tuple[str, str]
) -> None:
    assert await codes(home, changed(an_answer(), **content)) == [found]
    assert await events(home) == []


async def test_a_tie_of_two_variants_is_refused_when_it_is_saved(home: Home) -> None:
    calm = Variant(When(tone=("calm",)), Wording("A."))
    direct = Variant(When(visibility=("direct",)), Wording("B."))
    assert await codes(home, an_answer(variants=(calm, direct))) == [("/content/variants/1/when", "variant-tie")]


async def test_a_fact_holds_no_reference(home: Home) -> None:
    term = Term({ENGLISH: Said("the {{fact:a}} card")})
    assert await codes(home, a_fact(value=term)) == [("/content/fact", "fact-refers")]


# ---- translations ----------------------------------------------------------------------------------------------------


async def test_a_translation_names_the_source_it_was_made_from(home: Home) -> None:
    english = await made(home, an_answer())
    with pytest.raises(Invalid, match="name the hash of the revision in en-GB"):
        await written(home, msgspec.structs.replace(spanish(english), source=""))
    with pytest.raises(Invalid, match="no revision of card-arrival in en-GB has this hash"):
        await written(home, msgspec.structs.replace(spanish(english), source="0" * 64))
    assert (await written(home, spanish(english), BEN)).draft.source == english.hash


async def test_an_edit_of_a_translation_keeps_its_source_until_another_is_named(home: Home) -> None:
    english = await made(home, an_answer())
    await written(home, spanish(english))
    newer = await written(home, an_answer(text="It is coming."))
    other = msgspec.structs.replace(spanish(english, wording=Wording("Ya llega.")), source="")
    assert (await written(home, other)).draft.source == english.hash
    pinned = await written(home, msgspec.structs.replace(other, source=newer.hash))
    assert (pinned.number, pinned.draft.source) == (3, newer.hash)


async def test_only_a_translation_names_a_source_and_facts_have_none(home: Home) -> None:
    english = await made(home, an_answer())
    with pytest.raises(Invalid, match="only a translation names a source"):
        await written(home, msgspec.structs.replace(an_answer(text="B."), source=english.hash))
    fact = await made(home, a_fact())
    with pytest.raises(Invalid, match="a fact is written in und"):
        await written(home, msgspec.structs.replace(fact.draft, locale=SPANISH))


async def test_a_translation_takes_its_targets_from_its_source(home: Home) -> None:
    english = await made(home, an_answer(next=(Next("end", "Bye", "end"),)))
    with pytest.raises(Invalid) as refused:
        await written(home, spanish(english, next=(Next("end", "Adiós", "end"),)))
    assert [error.pointer for error in refused.value.errors] == ["/content/next/0/to"]
    assert (await written(home, spanish(english, next=(Next("end", "Adiós", ""),)))).number == 1


# ---- restoring -------------------------------------------------------------------------------------------------------


async def test_restoring_is_a_new_draft_by_whoever_restores(home: Home) -> None:
    first = await made(home, an_answer())
    await written(home, an_answer(text="B."), BEN)
    again = await restored(home, 1, a_writer("lea"))
    assert (again.number, again.draft.author, again.draft.editors) == (3, "lea", ("ana", "ben"))
    assert again.draft.content == first.draft.content
    (*_, line) = await read(home, read_lines, 0)
    data = msgspec.json.decode(line.data)
    assert (line.event, data["number"], data["restored"]) == ("entry.written", 3, 1)


async def test_restoring_what_is_there_writes_nothing(home: Home) -> None:
    first = await made(home, an_answer())
    assert await restored(home, 1, BEN) == first
    with pytest.raises(NotFound):
        await restored(home, 2)
    with pytest.raises(NotFound):
        await restored(home, 1, locale=SPANISH)


async def test_the_author_can_restore_her_own_words(home: Home) -> None:
    await made(home, an_answer())
    await written(home, an_answer(text="B."))
    again = await restored(home, 1)
    assert (again.number, again.draft.again) == (3, 1)


# ---- who may ---------------------------------------------------------------------------------------------------------


async def test_writing_needs_the_right_on_the_topic_before_and_after(home: Home) -> None:
    cards, both = a_writer("ana", "cards"), a_writer("ben", "cards", "cash")
    await made(home, an_answer(), cards)
    for actor in (cards, a_writer("cas", "cash"), a_reader()):
        with pytest.raises(Forbidden):
            await written(home, an_answer(topic="cash"), actor)
    with pytest.raises(Forbidden):
        await made(home, an_answer("other", topic="cash"), cards)
    assert (await written(home, an_answer(topic="cash"), both)).number == 2
    with pytest.raises(Forbidden):
        await restored(home, 1, cards)


async def test_a_translation_has_the_topic_of_its_source(home: Home) -> None:
    english = await made(home, an_answer())
    with pytest.raises(Forbidden):
        await written(home, spanish(english), a_writer("cas", "cash"))
    assert (await written(home, spanish(english), a_writer("ana", "cards"))).number == 1


async def test_credentials_for_one_locale_or_audience_write_in_no_other(home: Home) -> None:
    english = await made(home, an_answer())
    narrow = a_writer("ana", locales=(SPANISH,))
    with pytest.raises(Forbidden, match="may not write in en-GB"):
        await written(home, an_answer(text="B."), narrow)
    assert (await written(home, spanish(english), narrow)).number == 1
    public = a_writer("ana", audiences=frozenset({"public"}))
    with pytest.raises(Forbidden, match="audience staff"):
        await written(home, an_answer(text="B.", audience=Audience.STAFF), public)


async def test_nobody_without_the_right_changes_anything(home: Home) -> None:
    with pytest.raises(Forbidden, match="lea may not write"):
        await made(home, a_fact(value=Integer(3)), a_reader("lea"))
    assert await events(home) == []
