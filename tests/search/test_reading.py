"""A question is read with its mistakes mended and its synonyms added."""

import pytest

from kb.entries.types import Synonyms, SynonymSet
from kb.search.reading import Reading, Thesaurus, read, thesaurus
from kb.search.vocabulary import Vocabulary
from kb.search.words import stem

KNOWN = Vocabulary(
    "en",
    {
        "card": 9,
        "cards": 3,
        "cord": 1,
        "arrival": 4,
        "withdrawal": 5,
        "top": 3,
        "up": 3,
        "topup": 1,
        "2024": 2,
        "cash": 4,
    }
    | {"machine": 2, "atm": 1, "the": 9, "pin": 6},
)
NONE = Thesaurus()
SYNONYMS = thesaurus(
    Synonyms(
        locales={
            "en-GB": (
                SynonymSet(words=("cash machine", "ATM")),
                SynonymSet(words=("card",), one_way=("plastic",)),
            )
        }
    ),
    "en",
)


def stems_of(reading: Reading) -> set[str]:
    return {part for group in reading.groups for part, _ in group.alternatives()}


@pytest.mark.parametrize("typed", ["crad", "carrd", "crd", "xard"])
def test_a_typing_mistake_is_mended_even_in_the_first_letter(typed: str) -> None:
    if len(typed) < 4:
        assert KNOWN.mend(typed) == ()
    else:
        assert KNOWN.mend(typed)[0] == "card"


def test_the_commoner_word_is_the_likelier_one() -> None:
    assert KNOWN.mend("caord") == ("card", "cord")


def test_a_long_word_may_hold_two_mistakes_and_a_short_one_only_one() -> None:
    assert KNOWN.mend("withdrwaall") == ("withdrawal",)
    assert KNOWN.mend("kaxd") == ()


@pytest.mark.parametrize("number", ["2025", "2O24", "20245", "p1n4"])
def test_a_word_with_a_digit_is_never_mended(number: str) -> None:
    assert KNOWN.mend(number) == ()
    assert read(number, KNOWN, NONE).groups[0].read == number.lower()


def test_a_known_form_of_a_word_is_no_mistake() -> None:
    assert read("withdrawals", KNOWN, NONE).groups[0].read == "withdrawals"


def test_words_run_together_are_taken_apart() -> None:
    assert [group.read for group in read("cashmachine", KNOWN, NONE).groups] == ["cash", "machine"]


def test_words_written_apart_stand_for_the_one_they_make() -> None:
    assert stem("topup", "en") in stems_of(read("top up", KNOWN, NONE))


def test_synonyms_work_both_ways() -> None:
    assert "atm" in stems_of(read("cash machine", KNOWN, SYNONYMS))
    assert {"cash", stem("machine", "en")} <= stems_of(read("ATM", KNOWN, SYNONYMS))


def test_a_one_way_synonym_works_one_way() -> None:
    assert "card" in stems_of(read("plastic", KNOWN, SYNONYMS))
    assert "plastic" not in stems_of(read("card", KNOWN, SYNONYMS))


def test_stop_words_do_not_find_unless_there_is_nothing_else() -> None:
    assert [group.read for group in read("the card", KNOWN, NONE).finding] == ["card"]
    assert [group.read for group in read("the", KNOWN, NONE).finding] == ["the"]


def test_the_last_word_may_be_unfinished_while_it_is_typed() -> None:
    assert "card" in stems_of(read("the ca", KNOWN, NONE, unfinished=True))
    assert "card" not in stems_of(read("the ca ", KNOWN, NONE, unfinished=True))


def test_a_quoted_phrase_is_kept_together() -> None:
    assert read('the "cash machine" card', KNOWN, NONE).phrases == (("cash", stem("machine", "en")),)


def test_an_endless_question_is_read_in_part() -> None:
    assert len(read("card machine " * 50_000, KNOWN, NONE).groups) == 2
    assert len(read(" ".join(f"w{number}" for number in range(90_000)), KNOWN, NONE).groups) <= 48


@pytest.mark.parametrize("text", ["", "   ", "?!", "\u202e\u200b", "💳"])
def test_a_question_without_words_reads_as_nothing(text: str) -> None:
    assert read(text, KNOWN, NONE).groups == ()
