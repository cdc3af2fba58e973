"""A card answer, what it refers to, and small ways to render it."""

from typing import Any

import msgspec

from kb.channels.profiles import Profile, resolve
from kb.channels.render import render
from kb.channels.types import (
    ClaimInput,
    DisclosureInput,
    FactInput,
    Inputs,
    Next,
    Payload,
    Place,
    Placement,
    Source,
    Wording,
)
from kb.channels.values import Duration, EmailAddress, FactValue, Money, Phone, Said, Term, Unit, Url

PROFILES = resolve(None)
HOSTILE = (
    """<script>alert(1)</script> & "x" 'y' *b* _i_ `c` ~s~ [l](javascript:1) ]]> \\ <!channel> {{slot:name}} # h"""
)


def fact(key: str, value: FactValue) -> FactInput:
    return FactInput(key=key, value=value, version=4, hash=f"hash of {key}")


def term(text: str, spoken: str = "") -> Term:
    return Term({"en-GB": Said(text, spoken), "es-ES": Said(text, spoken)})


FACTS = {
    "card.delivery": fact("card.delivery", Duration(low=5, high=7, unit=Unit.WORKING_DAYS)),
    "card.fee": fact("card.fee", Money("5.00", "GBP")),
    "url.track": fact("url.track", Url("https://larkfield.example/track")),
    "phone.lost": fact("phone.lost", Phone("+448081570123")),
    "mail.help": fact("mail.help", EmailAddress("help@larkfield.example")),
    "name.tab": fact("name.tab", term("Card")),
    "name.hostile": fact("name.hostile", term(HOSTILE)),
}


def claim(key: str, text: str, **forms: Any) -> ClaimInput:
    return ClaimInput(key=key, title=key, wording=Wording(text, **forms), version=2, hash=f"hash of {key}")


def disclosure(key: str, text: str, place: Place = Place.AFTER, **more: Any) -> DisclosureInput:
    spoken = more.pop("spoken", "")
    wording, placement = Wording(text, spoken=spoken), Placement(place=place, **more)
    return DisclosureInput(key, key, wording, placement, version=3, hash=f"hash of {key}")


def inputs(*claims: ClaimInput, disclosures: tuple[DisclosureInput, ...] = (), facts: Any = None) -> Inputs:
    return Inputs(
        facts=FACTS if facts is None else facts,
        claims={one.key: one for one in claims},
        disclosures={one.key: one for one in disclosures},
    )


def source(text: str, **more: Any) -> Source:
    forms = {name: more.pop(name) for name in ("short", "spoken", "overrides") if name in more}
    fields = {"key": "card-arrival", "kind": "answer", "locale": "en-GB", "title": "Where is my card?"} | more
    return Source(wording=Wording(text, **forms), version=7, hash="content hash", **fields)


def profile(name: str, **changes: Any) -> Profile:
    return msgspec.structs.replace(PROFILES.get(name), **changes)


def rendered(text: str, name: str, given: Inputs | None = None, **more: Any) -> Payload:
    return render(source(text, **more), inputs() if given is None else given, profile(name))


WAYS = (
    Next("track", "Track my card", "entry:card-delivery-estimate"),
    Next("site", "Open the site", "link:{{fact:url.track}}"),
    Next("person", "Talk to us", "handover"),
)
