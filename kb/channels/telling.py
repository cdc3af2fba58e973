"""What one rendition refers to: says its facts and remembers what was used, with versions and hashes."""

import re
from collections.abc import Callable

from kb.channels.facts import Style, say
from kb.channels.profiles import Profile
from kb.channels.references import REFERENCE
from kb.channels.types import (
    DisclosureOut,
    FactOut,
    Inputs,
    Slot,
    Source,
    UsedOut,
)
from kb.channels.values import EmailAddress, FactValue, Phone, Url

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class Telling:
    """One rendition while it is being made; `adapt` brings said text into the characters that the channel carries."""

    def __init__(
        self, source: Source, inputs: Inputs, profile: Profile, style: Style, adapt: Callable[[str], str] = str
    ) -> None:
        self.source = source
        self.inputs = inputs
        self.profile = profile
        self.style = style
        self.adapt = adapt
        self.facts: dict[str, FactOut] = {}
        self.claims: dict[str, UsedOut] = {}
        self.disclosures: dict[str, DisclosureOut] = {}
        self.slots: dict[str, Slot] = {}

    def fact(self, key: str) -> FactOut | None:
        """The fact as this channel says it; None when `inputs` doesn't hold it or it has no words in this locale."""
        known = self.facts.get(key)
        if known is not None:
            return known
        fact = self.inputs.facts.get(key)
        if fact is None:
            return None
        value = fact.value
        try:
            said = say(value, self.source.locale, self.style)
        except LookupError:
            return None
        text = self.adapt(plain(said))
        self.facts[key] = known = FactOut(value=value, text=text, version=fact.version, hash=fact.hash)
        return known

    def claim(self, key: str) -> None:
        claim = self.inputs.claims.get(key)
        if claim is not None:
            self.claims[key] = UsedOut(key=key, version=claim.version, hash=claim.hash)

    def disclosure(self, key: str, place: str, text: str) -> None:
        disclosure = self.inputs.disclosures[key]
        self.disclosures[key] = DisclosureOut(
            key=key, text=self.adapt(text), place=place, version=disclosure.version, hash=disclosure.hash
        )

    def slot(self, name: str) -> None:
        if name in self.source.slots:
            self.slots[name] = self.source.slots[name]

    def target(self, href: str) -> str:
        """Where a link leads: itself, or the fact it names (https, tel or mailto); nothing if that is no address."""
        found = REFERENCE.fullmatch(href)
        if found is None:
            return href
        fact = self.fact(found[2]) if found[1] == "fact" else None
        return address(fact.value) if fact is not None else ""


def plain(text: str) -> str:
    """A fact's words in one line, and never with what `fill` could take for a slot."""
    return _BREAKS.sub(" ", text).replace("{{", "{\u2060{")


def address(value: FactValue) -> str:
    """The address a value stands for (https, tel, mailto), or nothing."""
    if isinstance(value, Url):
        return value.value
    if isinstance(value, Phone):
        return f"tel:{value.value}"
    if isinstance(value, EmailAddress):
        return f"mailto:{value.value}"
    return ""
