"""Posts within each network's count, and long ones in numbered parts."""

import pytest

from kb.channels.counting import weighted
from kb.channels.render import issues, render
from kb.channels.types import Place, Slot, SlotType
from tests.channels.samples import WAYS, disclosure, inputs, profile, rendered, source

SENTENCE = "Your new card arrives within {{fact:card.delivery}} of the day you order it in the app"
LONG = " ".join(f"{SENTENCE}, number {word}." for word in ("one", "two", "three", "four", "five"))


def test_a_short_answer_is_one_post_without_markup() -> None:
    payload = rendered("**Free** in [the app]({{fact:url.track}}).", "social/x", next=WAYS, ask="More?")
    assert payload.text == "Free in the app (https://larkfield.example/track)."
    assert payload.parts == (payload.text,)
    assert (payload.ask, payload.next) == ("", ())


def test_a_long_answer_is_split_at_sentence_ends_and_numbered() -> None:
    payload = rendered(LONG, "social/x")
    assert [part[:4] for part in payload.parts] == ["1/3 ", "2/3 ", "3/3 "]
    assert all(part.endswith(".") for part in payload.parts)
    assert all(weighted(part) <= 280 for part in payload.parts)
    assert " ".join(part[4:] for part in payload.parts) == payload.text


@pytest.mark.parametrize(("name", "parts"), [("social/x", 3), ("social/bluesky", 2), ("social/mastodon", 1)])
def test_each_network_has_its_own_room(name: str, parts: int) -> None:
    assert len(rendered(LONG, name).parts) == parts


def test_networks_with_room_take_it_whole() -> None:
    for name in ("social/facebook", "social/instagram", "social/linkedin"):
        assert rendered(LONG, name).parts == (rendered(LONG, name).text,)


def test_abbreviations_and_figures_end_no_sentence() -> None:
    text = "Fees apply, e.g. for cash at 5.30 p.m. on Sundays. " + "Word " * 50 + "end."
    assert rendered(text, "social/x").parts[0] == "1/2 Fees apply, e.g. for cash at 5.30 p.m. on Sundays."


def test_a_sentence_that_no_part_holds_is_cut_between_words() -> None:
    payload = rendered("word " * 80 + "end.", "social/x")
    assert [part.split()[1] for part in payload.parts] == ["word", "word"]
    assert " ".join(part[4:] for part in payload.parts) == payload.text


def test_paragraphs_keep_their_gap_within_a_part() -> None:
    payload = rendered("First one.\n\nSecond one.\n\n" + "Third " * 45 + "end.", "social/x")
    assert payload.parts[0] == "1/2 First one.\n\nSecond one."


def test_a_disclosure_is_never_split_from_the_paragraph_before_it() -> None:
    given = inputs(disclosures=(disclosure("apr", "Example: " + "y" * 100 + ".", Place.SAME_PART),))
    text = "First. " + "x" * 150 + ".\n\nOffer. " + "z" * 100 + ".\n\n{{disclosure:apr}}"
    payload = rendered(text, "social/x", given)
    assert payload.parts[-1] == "2/2 Offer. " + "z" * 100 + ".\n\nExample: " + "y" * 100 + "."


def test_what_can_not_be_split_is_an_issue() -> None:
    given = inputs(disclosures=(disclosure("apr", "y" * 250, Place.SAME_PART),))
    subject = source("x" * 100 + ".\n\n{{disclosure:apr}}")
    payload = render(subject, given, profile("social/x"))
    assert [issue.code for issue in issues(subject, given, profile("social/x"), payload)] == ["part-too-long"]


def test_a_slot_counts_at_its_longest() -> None:
    slots = {"name": Slot(SlotType.NAME, 30, fallback="there")}
    text = "{{slot:name}} " + "x" * 245 + ". End it here."
    assert len(rendered(text, "social/x", slots=slots).parts) == 2
    assert len(rendered(text, "social/x", slots={"name": Slot(SlotType.NAME, 5, fallback="there")}).parts) == 1


def test_emoji_fill_a_post_by_x_and_bluesky_counts() -> None:
    assert len(rendered("👍" * 140, "social/x").parts) == 1
    assert rendered("👨‍👩‍👧" * 150, "social/bluesky").parts == ("👨‍👩‍👧" * 150,)


def test_more_parts_than_the_profile_allows_block() -> None:
    subject = source(LONG + " " + LONG)
    payload = render(subject, inputs(), profile("social/x"))
    found = issues(subject, inputs(), profile("social/x"), payload)
    assert [(issue.code, issue.where) for issue in found] == [("too-many-parts", "social/x")]
    assert found[0].message == f"it takes {len(payload.parts)} parts; social/x takes 3"
