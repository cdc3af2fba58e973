"""Finding references in source texts."""

from kb.channels.references import Reference, of_wording, references, token
from kb.channels.types import Wording


def test_references_are_found_with_their_places() -> None:
    text = "In {{fact:card.delivery}} [x]({{fact:url}}) {{slot:customer.first_name}}"
    assert references(text) == (
        Reference("fact", "card.delivery", 3, 25),
        Reference("fact", "url", 30, 42),
        Reference("slot", "customer.first_name", 44, 72),
    )


def test_malformed_ones_are_no_references() -> None:
    assert references("{{fact: x}} {{Fact:x}} {{fact:x.}} {fact:x} {{other:x}}") == ()


def test_a_wording_refers_to_what_any_of_its_forms_refers_to() -> None:
    wording = Wording("{{fact:a}}", short="{{fact:a}} {{claim:b}}", overrides={"sms": "{{disclosure:c}}"})
    assert of_wording(wording) == {("fact", "a"), ("claim", "b"), ("disclosure", "c")}


def test_a_token_is_the_reference_as_written() -> None:
    assert references(token("fact", "a.b")) == (Reference("fact", "a.b", 0, 12),)
