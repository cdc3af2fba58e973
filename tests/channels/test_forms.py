"""Which form a profile reads, and where claims and disclosures go."""

from kb.channels import markup
from kb.channels.forms import expand, form_of, texts
from kb.channels.tree import Block, Claim, Disclosure, Document, Fact, Paragraph, Text
from kb.channels.types import Inputs, Place, Wording
from tests.channels.samples import claim, disclosure, inputs, profile

WORDING = Wording(
    "long", short="brief", spoken="aloud", overrides={"sms": "text message", "social/bluesky": "blue", "chat": "talk"}
)


def expanded(text: str, given: Inputs, name: str = "chat/core") -> tuple[Block, ...]:
    return expand(markup.parse(text), given, profile(name)).blocks


def paragraph(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def test_each_profile_reads_the_form_closest_to_it() -> None:
    assert form_of(WORDING, profile("social/bluesky")) == ("overrides.social/bluesky", "blue")
    assert form_of(WORDING, profile("social/x")) == ("short", "brief")
    assert form_of(WORDING, profile("sms/core")) == ("overrides.sms", "text message")
    assert form_of(WORDING, profile("chat/slack")) == ("overrides.chat", "talk")
    assert form_of(WORDING, profile("voice/polly")) == ("spoken", "aloud")
    assert form_of(WORDING, profile("faq/core")) == ("text", "long")


def test_without_forms_everyone_reads_the_canonical_text() -> None:
    wording = Wording("long", short="brief")
    assert form_of(wording, profile("voice/core")) == ("text", "long")
    assert form_of(Wording("long"), profile("sms/core")) == ("text", "long")


def test_texts_lists_every_form_by_its_field() -> None:
    assert list(texts(WORDING)) == [
        "text",
        "short",
        "spoken",
        "overrides.sms",
        "overrides.social/bluesky",
        "overrides.chat",
    ]
    assert texts(Wording("only")) == {"text": "only"}


def test_details_are_kept_for_chat_and_dropped_for_social() -> None:
    text = "Core.\n\n::: detail\nMore.\n:::\n"
    assert expanded(text, inputs()) == (paragraph("Core."), paragraph("More."))
    assert expanded(text, inputs(), "social/x") == (paragraph("Core."),)


def test_a_claim_is_filled_with_its_own_words_in_the_same_form() -> None:
    given = inputs(claim("free", "It is free\n\nup to {{fact:card.fee}}.", short="Free."))
    assert expanded("Good: {{claim:free}}", given) == (
        Paragraph(
            (
                Text("Good: "),
                Claim("free", (Text("It is free"), Text(" "), Text("up to "), Fact("card.fee"), Text("."))),
            )
        ),
    )
    assert expanded("{{claim:free}}", given, "sms/core") == (Paragraph((Claim("free", (Text("Free."),)),)),)


def test_a_claim_within_a_claim_is_filled_and_a_circle_stays_a_token() -> None:
    given = inputs(claim("a", "A {{claim:b}}"), claim("b", "B {{claim:a}}"))
    assert expanded("{{claim:a}}", given) == (
        Paragraph(
            (
                Claim(
                    "a",
                    (Text("A "), Claim("b", (Text("B "), Text("{{claim:a}}")))),
                ),
            )
        ),
    )


def test_disclosures_stand_where_their_placement_says() -> None:
    given = inputs(
        disclosures=(
            disclosure("first", "First.", Place.BEFORE),
            disclosure("last", "Last."),
            disclosure("here", "Here.", Place.SAME_PART),
        )
    )
    text = "One.\n\n{{disclosure:last}}\n\nTwo.\n\n{{disclosure:here}}\n\nThree.\n\n{{disclosure:first}}"
    assert expanded(text, given) == (
        Disclosure("first", "before", (paragraph("First."),)),
        paragraph("One."),
        paragraph("Two."),
        Disclosure("here", "same-part", (paragraph("Here."),)),
        paragraph("Three."),
        Disclosure("last", "after", (paragraph("Last."),)),
    )


def test_a_disclosure_is_shown_once_and_only_where_it_is_due() -> None:
    given = inputs(disclosures=(disclosure("apr", "APR.", channels=("sms", "social/x")),))
    text = "One.\n\n{{disclosure:apr}}\n\n{{disclosure:apr}}"
    assert expanded(text, given) == (paragraph("One."),)
    due = (paragraph("One."), Disclosure("apr", "after", (paragraph("APR."),)))
    assert expanded(text, given, "sms/core") == due
    assert expanded(text, given, "social/x") == due
    assert expanded(text, given, "social/bluesky") == (paragraph("One."),)


def test_a_disclosure_in_a_dropped_detail_or_in_a_claim_is_still_due() -> None:
    given = inputs(claim("free", "Free.\n\n{{disclosure:apr}}"), disclosures=(disclosure("apr", "APR."),))
    shown = Disclosure("apr", "after", (paragraph("APR."),))
    assert expanded("One.\n\n::: detail\nMore.\n\n{{disclosure:apr}}\n:::", given, "sms/core") == (
        paragraph("One."),
        shown,
    )
    assert expanded("{{claim:free}}", given, "sms/core")[-1] == shown


def test_a_voice_says_the_spoken_form_of_a_disclosure() -> None:
    given = inputs(disclosures=(disclosure("apr", "APR 5%.", spoken="The rate is five."),))
    assert expanded("{{disclosure:apr}}", given, "voice/core") == (
        Disclosure("apr", "after", (paragraph("The rate is five."),)),
    )


def test_what_is_not_known_stays_as_its_token() -> None:
    assert expanded("{{claim:no}}\n\n{{disclosure:no}}", inputs()) == (
        paragraph("{{claim:no}}"),
        paragraph("{{disclosure:no}}"),
    )
    assert expand(Document(()), inputs(), profile("faq/core")) == Document(())
