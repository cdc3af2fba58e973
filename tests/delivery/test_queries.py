"""Reading delivery: locales, audiences, variants, validity, lists, and the past byte for byte."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from kb.base.hashing import digest, instant
from kb.channels.profiles import CHANNELS
from kb.channels.types import Staff, Variant, When, Wording
from kb.channels.values import Duration, Unit
from kb.delivery import queries
from kb.delivery.types import Asked, Filters, Page
from kb.entries.types import Audience, Stage
from tests.builders import (
    ENGLISH,
    EVERY_AUDIENCE,
    PUBLIC,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_live_answer,
    a_translation,
    an_answer,
    asked,
    body,
    changed,
    head,
    lapsed,
    live,
    payload,
    text,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

CUSTOMERS = frozenset({"public", "customer"})
COLUMNS = ("rendition", "position", "valid_until", "verified_at", "trust")


async def then(home: Home, at: int | str, key: str = "card-arrival", question: Asked | None = None) -> bytes | None:
    find = queries.instant_of(home.reader, at) if isinstance(at, int) else queries.instant_at(home.reader, at)
    found_instant = await find
    if found_instant is None:
        return None
    found = await queries.get_then(home.reader, key, question or asked(), found_instant)
    return found.body if found else None


# ---- one payload -----------------------------------------------------------------------------------------------------


async def test_a_payload_ends_with_the_columns_of_its_row(house: Home) -> None:
    outcome = await live(house, an_answer())
    told = await payload(house)
    assert told is not None
    assert tuple(told)[-5:] == COLUMNS
    assert told["position"] == outcome.position
    assert told["valid_until"] is None
    assert told["verified_at"] == house.now
    assert told["trust"] == "verified"


async def test_the_spliced_bytes_are_what_an_encoder_would_write(house: Home) -> None:
    await live(house, a_fact(), an_answer(text='It takes {{fact:card.delivery}}: “ñ”, "q", \\.'))
    for channel in CHANNELS:
        found = await body(house, "card-arrival", asked(channel))
        assert found is not None
        assert msgspec.json.encode(msgspec.json.decode(found)) == found


async def test_the_rendition_is_the_hash_of_the_payload_without_its_columns(house: Home) -> None:
    await a_live_answer(house)
    for channel in CHANNELS:
        told = await payload(house, "card-arrival", asked(channel))
        assert told is not None
        bare = {name: value for name, value in told.items() if name not in COLUMNS}
        assert told["rendition"] == digest(msgspec.json.encode(bare))


async def test_what_is_unknown_unreleased_or_withdrawn_is_nothing(house: Home) -> None:
    await written(house, an_answer("draft"))
    await a_live_answer(house, "gone")
    await withdrawn(house, "gone")
    assert [await body(house, key) for key in ("unknown", "draft", "gone")] == [None, None, None]


async def test_facts_and_house_documents_are_never_delivered(house: Home) -> None:
    await live(house, a_fact())
    for channel in CHANNELS:
        question = asked(channel, "und", ENGLISH, audiences=EVERY_AUDIENCE)
        assert [await body(house, key, question) for key in ("card.delivery", "policy", "channels")] == [None] * 3


async def test_trust_falls_as_time_passes_and_a_release_does_not_raise_it_by_itself(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="It takes {{fact:card.delivery}}.", cadence_days=30))
    signed_at = house.now
    house.clock.move(days=31)
    await live(house, changed(a_fact(), fact=Duration(3, Unit.DAYS)))
    told = await payload(house)
    assert told is not None
    assert (told["verified_at"], told["trust"]) == (signed_at, "due")
    house.clock.move(days=14)
    told = await payload(house)
    assert told is not None
    assert told["trust"] == "overdue"


# ---- locales ---------------------------------------------------------------------------------------------------------


async def test_the_first_locale_of_the_chain_that_is_live_answers(house: Home) -> None:
    source = an_answer()
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."), an_answer("b", "Call us."))
    chain = asked("chat", "es-MX", SPANISH, ENGLISH)
    assert await text(house, "card-arrival", chain) == "Tu tarjeta está en camino."
    assert await text(house, "b", chain) == "Call us."
    assert await text(house, "b", asked("chat", SPANISH)) is None


async def test_many_keys_are_each_answered_in_the_first_locale_they_have(house: Home) -> None:
    source = an_answer("a")
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."), an_answer("b"), a_claim("c"))
    chain = asked("chat", SPANISH, ENGLISH)
    found = await queries.many(house.reader, ["b", "a", "b", "nothing"], chain, house.now)
    assert {key: one.locale for key, one in found.items()} == {"a": SPANISH, "b": ENGLISH}
    for key, one in found.items():
        assert one.body == await body(house, key, chain)


# ---- audiences -------------------------------------------------------------------------------------------------------


async def test_each_audience_sees_itself_and_what_is_wider(house: Home) -> None:
    await live(
        house,
        an_answer("for-all"),
        an_answer("for-customers", audience=Audience.CUSTOMER),
        an_answer("for-staff", audience=Audience.STAFF),
    )
    for audiences, seen in ((PUBLIC, 1), (CUSTOMERS, 2), (EVERY_AUDIENCE, 3)):
        question = asked("chat", audiences=audiences)
        keys = ("for-all", "for-customers", "for-staff")
        assert [await body(house, key, question) is not None for key in keys] == [index < seen for index in range(3)]
        found = await queries.many(house.reader, keys, question, house.now)
        assert set(found) == set(keys[:seen])


async def test_the_staff_part_is_for_staff_on_the_agent_desk_alone(house: Home) -> None:
    await live(house, an_answer(staff=Staff(steps=("Ask for the postcode.",), notes="Be kind.")))
    for channel in CHANNELS:
        for audiences in (PUBLIC, CUSTOMERS, EVERY_AUDIENCE):
            found = await body(house, "card-arrival", asked(channel, audiences=audiences))
            assert found is not None
            assert (b"postcode" in found) == (channel == "agent" and "staff" in audiences)


async def test_an_answer_made_for_staff_is_gone_for_the_public_at_once(house: Home) -> None:
    await a_live_answer(house)
    await live(house, an_answer(audience=Audience.STAFF))
    assert await body(house) is None
    assert await body(house, "card-arrival", asked(audiences=EVERY_AUDIENCE)) is not None


# ---- variants and alternates -----------------------------------------------------------------------------------------

ALTERNATES = (Wording("It is coming."), Wording("It will be with you."))
VARIANTS = (
    Variant(When(tone=("warm",)), Wording("Good news: it is coming."), (Wording("Hooray: it is coming."),)),
    Variant(When(tone=("warm",), product=("gold",)), Wording("Your gold card is coming.")),
)
CHOSEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "Your card is on its way."),
    ({"pick": 1}, "It is coming."),
    ({"pick": 2}, "It will be with you."),
    ({"pick": 3}, "Your card is on its way."),
    ({"tone": "warm"}, "Good news: it is coming."),
    ({"tone": "warm", "pick": 1}, "Hooray: it is coming."),
    ({"tone": "warm", "product": "gold"}, "Your gold card is coming."),
    ({"tone": "brisk", "product": "gold"}, "Your card is on its way."),
)


async def test_circumstances_choose_the_variant_and_pick_the_alternate(house: Home) -> None:
    await live(house, an_answer(alternates=ALTERNATES, variants=VARIANTS))
    for when, expected in CHOSEN:
        assert await text(house, "card-arrival", asked("chat", **when)) == expected


async def test_a_payload_says_which_product_stage_and_tone_its_variant_is_for(house: Home) -> None:
    await live(house, an_answer(stage=Stage.AFTER, variants=VARIANTS))
    told = await payload(house, "card-arrival", asked("chat", tone="warm", product="gold"))
    assert told is not None
    assert (told["tone"], told["product"], told["stage"]) == ("warm", "gold", "after")


async def test_every_row_that_could_be_chosen_can_be_explained(house: Home) -> None:
    await live(house, an_answer(alternates=ALTERNATES, staff=Staff(notes="Be kind.")))
    found = await queries.candidates(house.reader, "card-arrival", asked("agent"), ENGLISH)
    assert sorted((one.audience, one.pick) for one in found) == [("public", 0), ("public", 1), ("public", 2)]


# ---- lists -----------------------------------------------------------------------------------------------------------


ALL = Filters()


async def pages(home: Home, limit: int, question: Asked, filters: Filters = ALL) -> list[str]:
    """All keys of a list, read page by page."""
    keys: list[str] = []
    after: str | None = ""
    while after is not None:
        found: Page = await queries.page(home.reader, question, filters, after, limit, home.now)
        assert len(found.items) <= limit
        keys += [one.key for one in found.items]
        after = found.next
    return keys


async def test_pages_together_are_the_whole_list_in_order(house: Home) -> None:
    await live(house, *(an_answer(key) for key in ("d", "b", "a", "c", "e.1")))
    await live(house, an_answer("b2", audience=Audience.STAFF), an_answer("b3", valid_until=house.clock.now()))
    for limit in (1, 2, 3, 4, 5, 100):
        assert await pages(house, limit, asked()) == ["a", "b", "c", "d", "e.1", "say-handover", "say-repeat"]


async def test_a_page_skips_what_has_lapsed_and_still_goes_on(house: Home) -> None:
    soon = house.clock.now() + timedelta(days=1)
    await live(house, *(an_answer(f"a{number}", valid_until=soon if number < 8 else None) for number in range(10)))
    house.clock.move(days=2)
    assert (await pages(house, 1, asked()))[:2] == ["a8", "a9"]
    assert (await pages(house, 2, asked()))[:2] == ["a8", "a9"]


FILTERED: tuple[tuple[Filters, list[str]], ...] = (
    (Filters(kind="claim"), ["c"]),
    (Filters(topic="loans"), ["b"]),
    (Filters(product="gold"), ["a"]),
    (Filters(stage="before"), ["b"]),
    (Filters(topic="cards", kind="answer"), ["a"]),
    (Filters(topic="none"), []),
)


async def test_a_list_is_filtered(house: Home) -> None:
    drafts = (an_answer("a", product="gold"), an_answer("b", topic="loans", stage=Stage.BEFORE), a_claim("c"))
    await live(house, *drafts)
    for filters, keys in FILTERED:
        assert await pages(house, 2, asked(), filters) == keys


async def test_a_list_falls_back_by_locale_entry_by_entry(house: Home) -> None:
    source = an_answer("a")
    await live(house, source, a_translation(source, "En camino."), an_answer("b"))
    found = await queries.page(house.reader, asked("chat", SPANISH, ENGLISH), Filters(topic="cards"), "", 10, house.now)
    assert [(one.key, one.locale) for one in found.items][:1] == [("a", SPANISH)]
    assert ("b", ENGLISH) in [(one.key, one.locale) for one in found.items]


# ---- the past --------------------------------------------------------------------------------------------------------


async def test_a_former_text_is_found_byte_for_byte(house: Home) -> None:
    first = await live(house, a_fact(), an_answer(text="It takes {{fact:card.delivery}}."))
    before = {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS}
    at_first = house.now
    house.clock.move(days=1)
    second = await live(house, changed(a_fact(), fact=Duration(3, Unit.DAYS)))
    after = {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS}
    at_second = house.now
    house.clock.move(days=1)
    third = await withdrawn(house, "card.delivery")
    for channel in CHANNELS:
        question = asked(channel)
        assert before[channel] != after[channel]
        assert await then(house, first.position, "card-arrival", question) == before[channel]
        assert await then(house, second.position - 1, "card-arrival", question) == before[channel]
        assert await then(house, second.position, "card-arrival", question) == after[channel]
        assert await then(house, third.position, "card-arrival", question) is None
        assert await then(house, at_first, "card-arrival", question) == before[channel]
        assert await then(house, at_second, "card-arrival", question) == after[channel]
        assert await then(house, house.now, "card-arrival", question) is None
    assert await then(house, first.position - 1) is None


async def test_before_the_first_line_and_behind_the_last_there_is_nothing(house: Home) -> None:
    outcome = await live(house, an_answer())
    assert await then(house, outcome.position + 1) is None
    assert await then(house, "2020-01-01T00:00:00.000Z") is None


async def test_the_past_is_judged_at_its_own_time(house: Home) -> None:
    soon = house.clock.now() + timedelta(days=10)
    outcome = await live(house, an_answer(valid_until=soon))
    before = await body(house)
    house.clock.move(days=20)
    await lapsed(house)
    assert await body(house) is None
    assert await then(house, outcome.position) == before
    assert await then(house, instant(soon - timedelta(days=1))) == before
    assert await then(house, instant(soon)) is None


async def test_an_etag_is_strong_and_of_the_bytes_sent(house: Home) -> None:
    await a_live_answer(house)
    first = await body(house)
    assert first is not None
    house.clock.move(days=400)
    later = await body(house)
    assert later is not None
    assert queries.etag(first).startswith('"')
    assert queries.etag(first) != queries.etag(later)
    assert queries.etag(first) == queries.etag(bytes(first))


# ---- the past is one seek --------------------------------------------------------------------------------------------


async def test_a_wording_that_did_not_change_is_found_behind_one_that_did(house: Home) -> None:
    """Rows of one entry follow each other at their own pace: each place is looked at by itself."""
    gold = Variant(When(product=("gold",)), Wording("Gold takes {{fact:card.delivery}}."))
    await live(house, a_fact(), an_answer(text="It is on its way.", variants=(gold,)))
    first = await head(house)
    for days in range(3, 6):
        house.clock.move(days=7)
        await live(house, changed(a_fact(), fact=Duration(days, Unit.WORKING_DAYS, 9)))
    plain, special = await then(house, first), await then(house, first, question=asked(product="gold"))
    assert plain is not None
    assert special is not None
    assert "on its way" in msgspec.json.decode(plain)["text"]
    assert "5–7" in msgspec.json.decode(special)["text"]
