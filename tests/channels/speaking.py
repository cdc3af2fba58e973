"""Builders for what voice tests need: facts, signed say-entries, answers, and what an engine says of markup."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from kb.channels import voice
from kb.channels.profiles import Profile, resolve
from kb.channels.types import (
    ClaimInput,
    DisclosureInput,
    FactInput,
    Inputs,
    Next,
    Payload,
    Placement,
    SayInput,
    Source,
    VoiceOut,
    Wording,
)
from kb.channels.values import Duration, FactValue, Integer, Money, Phone, Said, Term, Unit, Url

PAUSE = '<break time="500ms"/>'
CORE = resolve(None).get("voice/core")
VOICES = [profile for name, profile in resolve(None).known.items() if name.startswith("voice/")]

FACTS: dict[str, FactValue] = {
    "card.delivery": Duration(5, Unit.WORKING_DAYS, 7),
    "card.fee": Money("5.50", "GBP"),
    "countries": Integer(31),
    "phone.lost": Phone("+448081570124"),
    "url.track": Url("https://larkfield.example/track"),
    "screen": Term({"en-GB": Said("Freeze & go"), "es-ES": Said("Congelar")}),
}
REPEAT = {"en-GB": "We didn't catch that.", "es-ES": "No te hemos entendido."}
HANDOVER = {"en-GB": "Talk to a person", "es-ES": "Hablar con una persona"}
TRACK = Next(
    id="track", label="Track my card", to="entry:track", say="To track your card", phrases=("track it", "where is it")
)
PERSON = Next(id="person", label="Talk to us", to="handover:cards", say="To talk to one of us", phrases=("a person",))


def inputs_of(
    locale: str = "en-GB",
    *,
    facts: Mapping[str, FactValue] = FACTS,
    claims: Mapping[str, str] = {},
    disclosures: Mapping[str, tuple[str, Placement]] = {},
    says: tuple[str, ...] = ("say-repeat", "say-handover"),
) -> Inputs:
    spoken = {
        "say-repeat": SayInput("say-repeat", "Not understood", Wording(REPEAT[locale]), (), 1, "r"),
        "say-handover": SayInput(
            "say-handover", HANDOVER[locale], Wording("One moment."), ("a", "b", "c", "d", "e", "f"), 1, "h"
        ),
    }
    return Inputs(
        facts={key: FactInput(key, value, 3, f"hash-{key}") for key, value in facts.items()},
        claims={key: ClaimInput(key, key, Wording(text), 1, "c") for key, text in claims.items()},
        disclosures={
            key: DisclosureInput(key, key, Wording(text), placement, 1, "d")
            for key, (text, placement) in disclosures.items()
        },
        says={key: spoken[key] for key in says},
    )


def source_of(text: str, locale: str = "en-GB", **rest: Any) -> Source:
    return Source(
        key="card-arrival",
        kind="answer",
        locale=locale,
        title="Where is my card?",
        wording=Wording(text),
        version=7,
        hash="s",
        topic="cards",
        **rest,
    )


def spoken(source: Source, inputs: Inputs | None = None, profile: Profile = CORE) -> tuple[Payload, VoiceOut]:
    payload = voice.render(source, inputs or inputs_of(source.locale), profile)
    assert payload.voice is not None
    for segment in payload.voice.segments:
        ElementTree.fromstring(segment.ssml)
    return payload, payload.voice


def heard(markup: str) -> str:
    """What an engine says of a document: its text, of a `sub` the alias."""
    root = ElementTree.fromstring(markup)
    for node in root.iter("sub"):
        node.text = node.get("alias")
    for node in root.iter("s"):
        node.tail = f" {node.tail or ''}"
    return " ".join("".join(root.itertext()).split())
