"""Fields as issues name them lead to their place in the plain JSON of a content."""

import pytest

from kb.channels.types import Next, Slot, SlotType, Staff, Variant, When, Wording
from kb.entries.paths import pointer
from kb.entries.texts import fields_of
from kb.entries.types import Content

CONTENT = Content(
    title="T",
    wording=Wording("A.", short="B.", overrides={"social/x": "C."}),
    alternates=(Wording("D."),),
    variants=(Variant(When(tone=("calm",)), Wording("E.", spoken="F."), (Wording("G."),)),),
    slots={"customer.first_name": Slot(SlotType.NAME, 20), "customer": Slot(SlotType.NAME, 20)},
    next=(Next("more", "More", "end"), Next("more.still", "Still more", "end", say="Say still")),
    staff=Staff(steps=("One", "Two")),
)


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("title", "/title"),
        ("text", "/wording/text"),
        ("overrides.social/x", "/wording/overrides/social~1x"),
        ("alternates[0].text", "/alternates/0/text"),
        ("variants[0].spoken", "/variants/0/wording/spoken"),
        ("variants[0].alternates[0].text", "/variants/0/alternates/0/text"),
        ("variants[0].when", "/variants/0/when"),
        ("slots.customer.first_name", "/slots/customer.first_name"),
        ("slots.customer.max", "/slots/customer/max"),
        ("next.more.label", "/next/0/label"),
        ("next.more.still.say", "/next/1/say"),
        ("staff.steps[1]", "/staff/steps/1"),
        ("staff.steps[7]", "/staff/steps"),
        ("nothing.like.it", ""),
    ],
)
def test_a_field_has_its_pointer_or_that_of_what_is_nearest(field: str, found: str) -> None:
    assert pointer(CONTENT, field) == found


def test_every_text_has_a_pointer_of_its_own() -> None:
    pointers = [pointer(CONTENT, field) for field, text in fields_of(CONTENT) if text]
    assert len(set(pointers)) == len(pointers) > 10
