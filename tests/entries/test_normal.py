"""A content has one form, whatever door it came through."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given

from kb.channels.types import Slot, SlotType, Wording
from kb.channels.values import Said, Term
from kb.entries.faults import sent_faults
from kb.entries.normal import normal_content
from kb.entries.types import Content, Draft
from tests.files import drafts


def test_texts_and_names_are_composed_and_trimmed_wherever_they_stand() -> None:
    odd = Content(
        title=" Cafe\u0301 ",
        wording=Wording("A \r\nb\r\n\r\n", overrides={"sms": "c\u0301 "}),
        slots={"n": Slot(SlotType.TEXT, 5, fallback="x ")},
        fact=Term({"en-GB": Said("Visa\r\n")}),
    )
    assert normal_content(odd) == Content(
        title=" Café",
        wording=Wording("A\nb", overrides={"sms": "ć"}),
        slots={"n": Slot(SlotType.TEXT, 5, fallback="x")},
        fact=Term({"en-GB": Said("Visa")}),
    )


def test_times_are_kept_as_they_are_signed() -> None:
    moment = datetime(2026, 1, 5, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert normal_content(Content(valid_from=moment)).valid_from == datetime(2026, 1, 5, 9, 0, 0, 123000, tzinfo=UTC)


@given(drafts.entries)
def test_what_files_hold_has_a_form_that_stays_and_is_refused_nowhere(draft: Draft) -> None:
    once = normal_content(draft.content)
    assert normal_content(once) == once
    assert list(sent_faults(draft.kind, draft.key, once, translation=draft.locale != "en-GB")) == []
