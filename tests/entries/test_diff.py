"""Differences: fields as issues name them, words as runs, what was added and taken away, and two changes of one base."""

from hypothesis import given
from hypothesis import strategies as st

from kb.channels.types import Next, Variant, When, Wording
from kb.entries.diff import FieldChange, Figure, MergeOutcome, Op, difference, flat, segments, three_way
from kb.entries.texts import fields_of
from tests.builders import ENGLISH, a_fact, an_answer, changed

BASE = an_answer(text="Your card costs £5 and comes in {{fact:card.delivery}}.", phrasings=("where", "when"))
WORDS = st.lists(st.sampled_from(["card", "£5", " ", ".", "{{fact:a.b}}", "\n", "ñ"]), max_size=30).map("".join)


def test_a_changed_text_is_told_word_by_word_with_its_references_and_figures() -> None:
    other = changed(BASE, text="Your card costs £6 and comes in {{fact:card.post}}.")
    found = difference(BASE.content, other.content, ENGLISH)
    (field,) = found.fields
    assert (field.field, field.change) == ("text", FieldChange.CHANGED)
    told = [(one.op, one.text) for one in field.segments]
    assert (Op.DELETE, "5") in told
    assert (Op.INSERT, "{{fact:card.post}}") in told
    assert (found.references_added, found.references_removed) == (("fact:card.post",), ("fact:card.delivery",))
    assert (found.figures_added, found.figures_removed) == ((Figure("money", "6"),), (Figure("money", "5"),))


def test_nothing_differs_from_itself() -> None:
    found = difference(BASE.content, BASE.content, ENGLISH)
    assert not any((found.fields, found.references_added, found.references_removed, found.figures_added))


def test_what_appears_and_what_goes_is_told_as_such() -> None:
    other = changed(BASE, ask="Anything else?", owner="")
    found = difference(BASE.content, other.content, ENGLISH)
    assert {one.field: one.change for one in found.fields} == {
        "ask": FieldChange.ADDED,
        "owner": FieldChange.REMOVED,
    }


def test_a_way_on_that_moves_is_no_changed_one() -> None:
    track, stop = Next("track", "Track", to="entry:a"), Next("stop", "Stop", to="end")
    one = changed(BASE, next=(track, stop))
    assert not difference(one.content, changed(BASE, next=(stop, track)).content, ENGLISH).fields
    renamed = changed(BASE, next=(Next("track", "Follow", to="entry:a"), stop))
    assert [field.field for field in difference(one.content, renamed.content, ENGLISH).fields] == ["next.track.label"]


def test_a_fact_is_told_by_the_parts_of_its_value() -> None:
    old, new = a_fact(), a_fact(topic="post")
    assert [field.field for field in difference(old.content, new.content, "und").fields] == ["topic"]


def test_fields_have_the_names_that_issues_use() -> None:
    rich = changed(
        BASE,
        wording=Wording("A", short="B", spoken="C", overrides={"sms": "D"}),
        alternates=(Wording("E"),),
        variants=(Variant(When(product=("gold",)), Wording("F")),),
        next=(Next("track", "Track", to="end"),),
    )
    assert {name for name, text in fields_of(rich.content) if text} <= flat(rich.content).keys()


@given(WORDS, WORDS)
def test_segments_give_both_texts_back(before: str, after: str) -> None:
    found = segments(before, after)
    assert "".join(one.text for one in found if one.op is not Op.INSERT) == before
    assert "".join(one.text for one in found if one.op is not Op.DELETE) == after


def test_a_very_long_text_is_told_as_replaced() -> None:
    long = "word " * 5_000
    assert [one.op for one in segments(long, long + "more")] == [Op.DELETE, Op.INSERT]
    assert [one.op for one in segments(long, long)] == [Op.EQUAL]


def test_changes_of_different_fields_go_together() -> None:
    theirs, mine = changed(BASE, ask="Anything else?"), changed(BASE, text="It is free.")
    found = three_way(BASE.content, theirs.content, mine.content)
    assert found.clean
    assert {one.field: (one.outcome, one.merged) for one in found.fields} == {
        "ask": (MergeOutcome.THEIRS, "Anything else?"),
        "text": (MergeOutcome.MINE, "It is free."),
    }


def test_two_changes_of_one_field_are_a_conflict_unless_they_are_the_same() -> None:
    theirs, mine = changed(BASE, text="It is £6.", title="T"), changed(BASE, text="It is £7.", title="T")
    found = three_way(BASE.content, theirs.content, mine.content)
    assert not found.clean
    assert {one.field: one.outcome for one in found.fields} == {
        "title": MergeOutcome.BOTH,
        "text": MergeOutcome.CONFLICT,
    }


def test_phrasings_of_both_are_kept_without_those_either_took_out() -> None:
    theirs, mine = changed(BASE, phrasings=("where", "when", "how")), changed(BASE, phrasings=("when", "why"))
    found = three_way(BASE.content, theirs.content, mine.content)
    (field,) = found.fields
    assert (found.clean, field.field, field.merged) == (True, "phrasings", "when\nhow\nwhy")
