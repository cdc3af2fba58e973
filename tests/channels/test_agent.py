"""The agent's text, and the staff part for those who may see it."""

from kb.channels.types import Staff
from tests.channels.samples import inputs, rendered

STAFF = Staff(
    steps=("Check **{{fact:card.fee}}** first.", "Send {{fact:url.track}}"),
    notes="Fee: {{fact:name.hostile}}",
    do_not_say=("It arrives tomorrow.",),
    identity_check="Ask two questions.",
)


def test_an_agent_reads_the_canonical_text_with_its_details() -> None:
    payload = rendered("Core.\n\n::: detail\nMore.\n:::", "agent/core", short="Brief.")
    assert (payload.text, payload.markup.body, payload.markup.type) == ("Core.\n\nMore.", "Core.\n\nMore.", "markdown")
    assert payload.staff is None


def test_the_staff_part_has_its_references_filled_and_noted() -> None:
    payload = rendered("Core.", "agent/core", staff=STAFF)
    assert payload.staff is not None
    assert payload.staff.steps == ("Check **£5** first.", "Send <https://larkfield.example/track>")
    assert payload.staff.notes.startswith("Fee: \\<script\\>")
    assert set(payload.facts) == {"card.fee", "url.track", "name.hostile"}
    assert (payload.text, payload.markup.body) == ("Core.", "Core.")


def test_no_other_channel_shows_the_staff_part() -> None:
    for name in ("chat/core", "faq/core", "email/core", "sms/core", "social/x", "voice/core"):
        payload = rendered("Core.", name, inputs(), staff=STAFF)
        assert payload.staff is None
        assert "card.fee" not in payload.facts
