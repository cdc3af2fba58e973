"""What any search index must do; run here over the embedded engine."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from kb.delivery.types import Findable
from kb.entries.types import Synonyms, SynonymSet
from kb.search.types import Batch, Found, SearchIndex
from tests.search.conftest import BANK, batch
from tests.search.samples import entry, question


def keys(found: Found) -> list[str]:
    return [hit.key for hit in found.hits]


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("where is my card", "card-arrival"),
            ("unblock my pin please", "pin-blocked"),
            ("rates for foreign currency", "exchange-rate"),
            ("waiting for cards", "card-arrival"),
            ("plain envelope", "card-arrival"),
        ],
    )
    async def test_the_entry_whose_words_are_asked_for_comes_first(
        self, index: SearchIndex, text: str, key: str
    ) -> None:
        assert keys(await index.find(question(text)))[0] == key

    @pytest.mark.parametrize("text", ["unblok my pin", "xchange rate", "echxange rates", "my crad hasn't arived"])
    async def test_typing_mistakes_are_mended_the_first_letter_included(self, index: SearchIndex, text: str) -> None:
        found = await index.find(question(text))
        assert found.hits[0].key in {"pin-blocked", "exchange-rate", "card-arrival"}
        assert found.hits[0].why.read_as

    async def test_a_number_is_never_taken_for_another(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("2024"))) == ["plan-2024"]
        assert keys(await index.find(question("2025"))) == ["plan-2025"]
        assert keys(await index.find(question("2026"))) == []

    async def test_accents_and_case_make_no_difference(self, index: SearchIndex) -> None:
        spanish = [keys(await index.find(question(text, locale="es-ES"))) for text in ("ENVÍO", "envio", "Envió")]
        assert spanish == [["card-arrival"]] * 3

    async def test_the_n_with_tilde_is_found_with_and_without_it(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("años", locale="es-ES"))) == ["birthday"]
        assert keys(await index.find(question("cumpleanos", locale="es-ES"))) == ["birthday"]

    async def test_spanish_words_are_stemmed_as_spanish(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("devoluciones", locale="es-ES"))) == ["birthday"]

    async def test_stop_words_alone_find_only_what_holds_them(self, index: SearchIndex) -> None:
        assert "pin-blocked" in keys(await index.find(question("how do I")))
        assert keys(await index.find(question("the pin"))) == ["pin-blocked"]

    async def test_a_quoted_phrase_must_stand_together(self, index: SearchIndex) -> None:
        assert keys(await index.find(question('"cash machine"'))) == ["cash-withdrawal"]
        assert keys(await index.find(question('"machine cash"'))) == []

    async def test_an_answer_comes_before_a_claim_that_fits_as_well(self, empty: SearchIndex) -> None:
        twins = (entry("a-claim", "Opening hours", kind="claim"), entry("b-answer", "Opening hours"))
        await empty.apply(batch(twins, 1))
        assert keys(await empty.find(question("opening hours"))) == ["b-answer", "a-claim"]

    async def test_why_tells_the_words_and_how_sure_they_make_it(self, index: SearchIndex) -> None:
        best = (await index.find(question("blokced pin"))).hits[0]
        assert best.why.words == ("blokced", "pin")
        assert best.why.read_as == {"blokced": "blocked"}
        assert 0.5 < best.why.coverage <= 1.0

    async def test_nothing_is_found_in_an_empty_index(self, empty: SearchIndex) -> None:
        assert await empty.find(question("card")) == Found()

    @pytest.mark.parametrize(
        "text",
        [
            '"',
            '"" OR *',
            "key:card-arrival",
            "a" * 100_000,
            "\u202e\u200b",
            "💳💳",
            "card AND (",
            "\x00",
            "'; --",
            "~1",
        ],
    )
    async def test_no_question_can_break_the_engine(self, index: SearchIndex, text: str) -> None:
        assert (await index.find(question(text))).total <= len(BANK)


class TestSynonyms:
    async def test_synonyms_are_found_both_ways_once_learned(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("ATM"))) == []
        await index.learn(Synonyms(locales={"en-GB": (SynonymSet(words=("cash machine", "ATM")),)}))
        assert keys(await index.find(question("ATM")))[0] == "cash-withdrawal"

    async def test_what_was_learned_survives_the_next_commit(self, index: SearchIndex) -> None:
        await index.learn(Synonyms(locales={"en-GB": (SynonymSet(words=("cash machine",), one_way=("cashpoint",)),)}))
        await index.apply(batch([entry("other", "Something else")], 8))
        assert keys(await index.find(question("cashpoint")))[0] == "cash-withdrawal"


class TestFilters:
    async def test_each_audience_finds_only_what_it_may_see(self, index: SearchIndex) -> None:
        asked = question("withdrawal limit", channel="agent")
        assert keys(await index.find(asked)) == []
        staff = question("withdrawal limit", channel="agent", audiences=frozenset({"public", "staff"}))
        assert keys(await index.find(staff)) == ["staff-limits"]

    async def test_counts_and_facets_cover_only_what_may_be_seen(self, index: SearchIndex) -> None:
        found = await index.find(question("withdrawal", facets=True))
        assert found.total == 2
        assert found.facets == {"kind": {"answer": 1, "claim": 1}, "topic": {"cash": 2}, "product": {}, "stage": {}}

    async def test_kind_topic_and_stage_narrow(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("withdrawal", kinds=frozenset({"claim"})))) == ["free-atm"]
        assert keys(await index.find(question("card withdrawal", topic="cards"))) == ["card-arrival"]
        assert keys(await index.find(question("card withdrawal", stage="during"))) == ["card-arrival"]

    async def test_a_locale_finds_its_own_documents(self, index: SearchIndex) -> None:
        assert keys(await index.find(question("tarjeta"))) == []
        assert keys(await index.find(question("tarjeta", locale="es-ES"))) == ["card-arrival"]

    async def test_among_and_without_narrow_before_counting(self, index: SearchIndex) -> None:
        among = await index.find(question("withdrawal", among=frozenset({"free-atm"})))
        assert (keys(among), among.total) == (["free-atm"], 1)
        without = await index.find(question("withdrawal", without=frozenset({"free-atm"})))
        assert (keys(without), without.total) == (["cash-withdrawal"], 1)

    async def test_pages_follow_each_other_without_gap_or_overlap(self, empty: SearchIndex) -> None:
        many = [entry(f"card-{number:02}", f"Card number {number}") for number in range(60)]
        await empty.apply(batch(many, 1))
        pages = [await empty.find(question("card", limit=25, offset=start)) for start in (0, 25, 50)]
        found = [key for page in pages for key in keys(page)]
        assert sorted(found) == [one.key for one in many]
        assert {page.total for page in pages} == {60}


class TestSuggesting:
    @pytest.mark.parametrize("typed", ["where is my ca", "where is m", "wher", "My card has", "crad arr"])
    async def test_what_goes_on_as_typed_is_found_at_each_letter(self, index: SearchIndex, typed: str) -> None:
        assert keys(await index.suggest(question(typed)))[0] == "card-arrival"

    async def test_all_words_typed_must_be_there(self, index: SearchIndex) -> None:
        assert keys(await index.suggest(question("foreign cas"))) == []


class TestChanging:
    async def test_a_replaced_entry_is_found_by_its_new_words_only(self, index: SearchIndex) -> None:
        await index.apply(batch([entry("pin-blocked", "Passcode locked")], 8))
        assert keys(await index.find(question("pin attempts"))) == []
        assert keys(await index.find(question("passcode"))) == ["pin-blocked"]

    async def test_a_removed_key_is_gone_in_every_locale(self, index: SearchIndex) -> None:
        await index.apply(Batch(frozenset({"card-arrival"}), (), 8))
        assert "card-arrival" not in keys(await index.find(question("where is my card")))
        assert keys(await index.find(question("tarjeta", locale="es-ES"))) == []

    async def test_the_bookmark_moves_with_the_change(self, index: SearchIndex) -> None:
        assert await index.bookmark() == 7
        await index.apply(Batch(frozenset(), (), 9))
        assert await index.bookmark() == 9

    async def test_replaying_a_batch_changes_nothing(self, index: SearchIndex) -> None:
        before = await index.find(question("card withdrawal", facets=True))
        for _ in range(3):
            await index.apply(batch(BANK, 7))
        assert await index.find(question("card withdrawal", facets=True)) == before

    async def test_a_batch_that_comes_late_is_ignored(self, index: SearchIndex) -> None:
        await index.apply(batch([entry("pin-blocked", "Passcode locked")], 9))
        await index.apply(batch([entry("pin-blocked", "My PIN is blocked")], 8))
        assert keys(await index.find(question("passcode"))) == ["pin-blocked"]
        assert await index.bookmark() == 9

    async def test_batches_at_once_are_applied_one_after_the_other(self, index: SearchIndex) -> None:
        batches = [batch([entry(f"new-{number}", "Brand new")], 10) for number in range(5)]
        await asyncio.gather(*map(index.apply, batches))
        assert (await index.find(question("brand"))).total == 5

    async def test_dropping_forgets_everything(self, index: SearchIndex) -> None:
        await index.drop()
        assert await index.bookmark() == 0
        assert await index.find(question("card")) == Found()

    async def test_closing_twice_is_harmless_and_forgets_nothing(self, index: SearchIndex) -> None:
        bookmark = await index.bookmark()
        await index.close()
        await index.close()
        assert await index.bookmark() == bookmark


class TestRebuilding:
    async def test_a_rebuilt_index_holds_exactly_what_it_was_given(self, index: SearchIndex) -> None:
        await index.rebuild(runs([entry("only-one", "A single entry")]), 12)
        assert await index.bookmark() == 12
        assert keys(await index.find(question("single entry card"))) == ["only-one"]
        await index.apply(batch([entry("second", "Another entry")], 13))
        assert (await index.find(question("entry"))).total == 2

    async def test_the_live_index_answers_until_the_swap(self, index: SearchIndex) -> None:
        seen: list[list[str]] = []

        async def watched() -> AsyncIterator[Sequence[Findable]]:
            yield [entry("only-one", "A single entry")]
            seen.append(keys(await index.find(question("blocked pin"))))

        await index.rebuild(watched(), 12)
        assert seen == [["pin-blocked"]]

    async def test_a_rebuild_that_fails_leaves_the_live_index(self, index: SearchIndex) -> None:
        async def failing() -> AsyncIterator[Sequence[Findable]]:
            yield [entry("only-one", "A single entry")]
            raise LookupError("the source went away")

        with pytest.raises(LookupError):
            await index.rebuild(failing(), 12)
        assert await index.bookmark() == 7
        assert keys(await index.find(question("blocked pin"))) == ["pin-blocked"]
        await index.apply(batch([entry("later", "Later on")], 13))
        assert keys(await index.find(question("later"))) == ["later"]


async def runs(documents: list[Findable]) -> AsyncIterator[Sequence[Findable]]:
    yield documents
