"""Search yields keys; every word that leaves comes from delivery, and only what is live leaves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kb.base.clock import RandomIds, SystemClock
from kb.base.db import connect
from kb.base.errors import Unavailable
from kb.base.work import Sessions
from kb.channels.types import NextOut
from kb.delivery.node import Node
from kb.delivery.reader import open_reader
from kb.delivery.types import Asked
from kb.entries.types import Synonyms, SynonymSet
from kb.search.confidence import Outcome
from kb.search.embedded import EmbeddedIndex
from kb.search.find import Finder, Narrow, search, suggest
from kb.search.follow import Follower
from kb.search.match import chosen, match
from kb.search.types import Found, Miss, Query
from tests.databases import Templates
from tests.search import shelf
from tests.search.conftest import BANK
from tests.search.samples import PUBLIC, entry

ENGLISH = Asked("chat", "core", ("en-GB",), PUBLIC)
SPANISH = Asked("chat", "core", ("es-ES", "en-GB"), PUBLIC)
SAYS = (
    entry("say-unsure", "Which of these do you mean?", text="Which of these do you mean?"),
    entry("say-no-answer", "No answer", text="We have no answer to that yet."),
)


class Broken(EmbeddedIndex):
    """An engine that answers nothing."""

    async def find(self, query: Query) -> Found:
        raise Unavailable("the engine is down")


class Heard:
    """A Misses that remembers."""

    def __init__(self) -> None:
        self.misses: list[Miss] = []

    def note(self, miss: Miss) -> None:
        self.misses.append(miss)


class Bank:
    """A delivery with an index following it."""

    def __init__(self, url: str, root: Path) -> None:
        self.sessions = Sessions(connect(url), SystemClock(), RandomIds())
        self.node = Node(open_reader(url), max_stale=1.0)
        self.index = EmbeddedIndex(root)
        self.follower = Follower(self.node, self.index)
        self.heard = Heard()
        self.finder = Finder(self.index, self.node, SystemClock(), self.heard)

    async def close(self) -> None:
        await self.index.close()
        await self.node.reader.close()
        await self.sessions.engine.dispose()


@pytest.fixture
async def bank(databases: Templates, tmp_path: Path) -> AsyncIterator[Bank]:
    bank = Bank(databases.migrated(), tmp_path / "search")
    await shelf.release(bank.sessions, *BANK, *SAYS)
    await bank.follower.catch_up()
    yield bank
    await bank.close()


class TestSearch:
    async def test_a_hit_carries_delivery_s_words_with_what_was_looked_for_marked(self, bank: Bank) -> None:
        results = await search(bank.finder, "when does my card arrive", ENGLISH)
        best = results.hits[0]
        assert (best.key, best.kind, best.locale, best.title) == (
            "card-arrival",
            "answer",
            "en-GB",
            "My card hasn't arrived yet",
        )
        marked = {field.field: [piece.text for piece in field.pieces if piece.hit] for field in best.highlights}
        assert marked == {"title": ["card", "arrived"], "text": ["card", "arrives"]}
        assert "".join(piece.text for piece in best.highlights[1].pieces) == best.text

    async def test_the_position_and_counts_are_told(self, bank: Bank) -> None:
        results = await search(bank.finder, "withdrawal", ENGLISH)
        assert results.position == (await bank.node.view()).position
        assert (results.total, results.facets["kind"], results.degraded) == (2, {"answer": 1, "claim": 1}, False)

    async def test_what_is_withdrawn_is_neither_found_nor_counted_before_the_index_knows(self, bank: Bank) -> None:
        await shelf.withdraw(bank.sessions, BANK[6])
        results = await search(bank.finder, "withdrawal", ENGLISH)
        assert [hit.key for hit in results.hits] == ["cash-withdrawal"]
        assert (results.total, results.facets["kind"]) == (1, {"answer": 1})

    async def test_what_has_lapsed_is_dropped(self, bank: Bank) -> None:
        lapsed = entry("old-offer", "An old offer on withdrawals", valid_until="2020-01-01T00:00:00.000Z")
        await shelf.release(bank.sessions, lapsed, valid_until=lapsed.valid_until)
        await bank.follower.catch_up()
        results = await search(bank.finder, "old offer", ENGLISH)
        assert ([hit.key for hit in results.hits], results.total) == ([], 0)

    async def test_changed_words_leave_even_while_the_index_is_behind(self, bank: Bank) -> None:
        await shelf.release(bank.sessions, entry("pin-blocked", "My PIN is blocked", text="New words."))
        results = await search(bank.finder, "pin blocked", ENGLISH)
        assert results.hits[0].text == "New words."

    async def test_the_asked_locale_comes_first_then_its_chain_each_told(self, bank: Bank) -> None:
        results = await search(bank.finder, "tarjeta cash", SPANISH)
        assert [(hit.key, hit.locale) for hit in results.hits] == [
            ("card-arrival", "es-ES"),
            ("cash-withdrawal", "en-GB"),
            ("free-atm", "en-GB"),
        ]
        assert results.locale == "es-ES"
        assert results.total == 3

    async def test_what_is_for_staff_is_not_found_nor_counted_by_others(self, bank: Bank) -> None:
        agent = Asked("agent", "core", ("en-GB",), PUBLIC)
        assert (await search(bank.finder, "raise limits", agent)).total == 0
        staff = Asked("agent", "core", ("en-GB",), frozenset({"public", "customer", "staff"}))
        assert [hit.key for hit in (await search(bank.finder, "raise limits", staff)).hits] == ["staff-limits"]

    @pytest.mark.parametrize("text", ["which of these do you mean", "we have no answer to that"])
    async def test_what_a_door_says_on_its_own_account_is_never_a_hit(self, bank: Bank, text: str) -> None:
        results = await search(bank.finder, text, ENGLISH)
        assert not [hit for hit in results.hits if hit.key.startswith("say-")]

    async def test_disclosures_are_never_hits(self, bank: Bank) -> None:
        await shelf.release(bank.sessions, entry("apr", "Representative example", kind="disclosure"))
        await bank.follower.catch_up()
        assert (await search(bank.finder, "representative example", ENGLISH, Narrow(kind="disclosure"))).total == 0
        assert (await search(bank.finder, "representative example", ENGLISH)).total == 0

    async def test_pages_go_on_where_the_last_one_ended(self, bank: Bank) -> None:
        first = await search(bank.finder, "tarjeta cash", SPANISH, Narrow(limit=2))
        second = await search(bank.finder, "tarjeta cash", SPANISH, Narrow(limit=2, offset=2))
        assert [hit.key for hit in (*first.hits, *second.hits)] == ["card-arrival", "cash-withdrawal", "free-atm"]

    async def test_without_an_engine_the_database_answers_and_says_so(self, bank: Bank, tmp_path: Path) -> None:
        finder = Finder(Broken(tmp_path / "broken"), bank.node, SystemClock())
        results = await search(finder, "blocked pin", ENGLISH)
        assert results.degraded
        assert results.hits[0].key == "pin-blocked"
        assert (await search(finder, "raise limits", Asked("agent", "core", ("en-GB",), PUBLIC))).total == 0
        narrowed = await search(finder, "withdrawals", ENGLISH, Narrow(kind="claim"))
        assert ([hit.key for hit in narrowed.hits], narrowed.total) == (["free-atm"], 1)


class TestSuggest:
    async def test_the_text_suggested_goes_on_as_typed(self, bank: Bank) -> None:
        suggestions = await suggest(bank.finder, "where is my n", ENGLISH)
        assert [(one.text, one.key) for one in suggestions.items] == [("where is my new card", "card-arrival")]

    async def test_what_is_withdrawn_is_not_suggested_before_the_index_knows(self, bank: Bank) -> None:
        await shelf.withdraw(bank.sessions, BANK[0])
        assert (await suggest(bank.finder, "where is my n", ENGLISH)).items == ()

    async def test_each_channel_is_suggested_only_what_it_has(self, bank: Bank) -> None:
        assert (await suggest(bank.finder, "raise li", ENGLISH)).items == ()


class TestMatch:
    async def test_a_clear_question_is_answered_with_the_payload_and_the_reason(self, bank: Bank) -> None:
        result = await match(bank.finder, "how do I unblock my pin?", ENGLISH)
        assert result.outcome is Outcome.ANSWERED
        assert result.answer is not None
        assert b'"key":"pin-blocked"' in bytes(result.answer)
        assert result.confidence > 0.5
        assert result.why is not None
        assert result.why.phrasing == "how do I unblock my pin"
        assert bank.heard.misses == []

    async def test_a_question_between_two_entries_is_unsure_and_offers_both(self, bank: Bank) -> None:
        result = await match(bank.finder, "savings plan", ENGLISH)
        assert result.outcome is Outcome.UNSURE
        assert {option.key for option in result.options} == {"plan-2024", "plan-2025"}
        assert result.say is not None
        assert b"Which of these do you mean?" in bytes(result.say)
        assert bank.heard.misses[0].nearest == tuple(option.key for option in result.options)

    async def test_a_question_about_something_else_has_no_answer(self, bank: Bank) -> None:
        result = await match(bank.finder, "what is the weather in Lisbon tomorrow", ENGLISH)
        assert (result.outcome, result.answer, result.options) == (Outcome.NO_ANSWER, None, ())
        assert result.say is not None
        assert b"We have no answer" in bytes(result.say)
        assert bank.heard.misses[0].outcome == "no_answer"

    async def test_what_was_offered_narrows_the_next_question(self, bank: Bank) -> None:
        result = await match(bank.finder, "the one of 2025", ENGLISH, among=["plan-2024", "plan-2025"])
        assert result.answer is not None
        assert b'"key":"plan-2025"' in bytes(result.answer)

    @pytest.mark.parametrize("said", ["2", "Cash machines", "money from a machine", "cash"])
    async def test_the_ways_on_of_the_last_answer_are_chosen_by_key_label_phrase_or_id(
        self, bank: Bank, said: str
    ) -> None:
        ways = (
            NextOut("pin", "My PIN", "entry:pin-blocked", key="1"),
            NextOut("cash", "Cash machines", "entry:cash-withdrawal", key="2", phrases=("money from a machine",)),
        )
        await shelf.release(bank.sessions, entry("menu", "A menu"), ways=ways)
        result = await match(bank.finder, said, ENGLISH, after="menu")
        assert result.answer is not None
        assert b'"key":"cash-withdrawal"' in bytes(result.answer)
        assert result.why is not None
        assert result.why.chosen == "cash"

    async def test_a_new_question_after_an_answer_is_still_answered(self, bank: Bank) -> None:
        result = await match(bank.finder, "how do I unblock my pin", ENGLISH, after="card-arrival")
        assert result.answer is not None

    async def test_without_an_engine_no_answer_is_claimed(self, bank: Bank, tmp_path: Path) -> None:
        finder = Finder(Broken(tmp_path / "broken"), bank.node, SystemClock())
        result = await match(finder, "unblock pin", ENGLISH)
        assert (result.outcome, result.degraded) == (Outcome.UNSURE, True)
        assert result.options[0].key == "pin-blocked"

    async def test_a_question_in_another_language_of_the_chain_is_answered(self, bank: Bank) -> None:
        result = await match(bank.finder, "how do I unblock my pin", SPANISH)
        assert (result.outcome, result.locale) == (Outcome.ANSWERED, "en-GB")

    def test_no_way_on_is_chosen_by_an_empty_question(self) -> None:
        assert chosen("?", [NextOut("a", "", "end")], "en") is None


class TestFollowing:
    async def test_the_index_stands_where_the_journal_stands(self, bank: Bank) -> None:
        assert await bank.index.bookmark() == (await bank.node.view()).position
        assert await bank.follower.catch_up() == 0

    async def test_changes_and_withdrawals_reach_the_index(self, bank: Bank) -> None:
        await shelf.release(bank.sessions, entry("new-card", "A card made of wood"))
        await shelf.withdraw(bank.sessions, BANK[1])
        assert await bank.follower.catch_up() == 2
        assert [hit.key for hit in (await search(bank.finder, "wood", ENGLISH)).hits] == ["new-card"]
        assert (await search(bank.finder, "unblock", ENGLISH)).total == 0

    async def test_following_in_small_runs_ends_at_the_same_place(
        self, bank: Bank, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kb.search.follow.RUN", 2)
        await bank.index.drop()
        await bank.follower.catch_up()
        assert await bank.index.bookmark() == (await bank.node.view()).position
        assert (await search(bank.finder, "withdrawal", ENGLISH)).total == 2

    async def test_an_index_rebuilt_beside_finds_the_same(self, bank: Bank) -> None:
        before = await search(bank.finder, "card withdrawal", ENGLISH)
        told: list[int] = []
        await bank.follower.rebuild(told.append)
        assert await search(bank.finder, "card withdrawal", ENGLISH) == before
        assert told == [len(BANK) + len(SAYS)]

    async def test_the_live_synonyms_are_learned(self, bank: Bank) -> None:
        assert (await search(bank.finder, "cashpoint", ENGLISH)).total == 0
        await shelf.rule(bank.sessions, Synonyms(locales={"en-GB": (SynonymSet(("cash machine", "cashpoint")),)}))
        await bank.follower.catch_up()
        assert (await search(bank.finder, "cashpoint", ENGLISH)).hits[0].key == "cash-withdrawal"

    async def test_a_second_process_sees_what_the_first_has_indexed(self, bank: Bank, tmp_path: Path) -> None:
        other = EmbeddedIndex(tmp_path / "search")
        await shelf.release(bank.sessions, entry("new-card", "A card made of wood"))
        await bank.follower.catch_up()
        follower = Follower(bank.node, other)
        with pytest.raises(Unavailable):
            await follower.catch_up()
        assert await follower.see_others()
        assert await follower.catch_up() == 0
