"""Which wordings of an entry become renditions of their own: its own, its variants, and the alternates of each."""

import msgspec

from kb.base.hashing import canonical
from kb.channels.types import Wording
from kb.entries.rules import conditions
from kb.entries.types import Content


class Choice(msgspec.Struct, frozen=True):
    """One wording to render: `variant` is the canonical JSON of its conditions (empty: none), `at` its path in the content."""

    variant: str
    pick: int
    at: str
    wording: Wording
    product: str = ""
    stage: str = ""
    tone: str = ""


def choices(content: Content) -> tuple[Choice, ...]:
    """Every wording of a content with what chooses it; an alternate stands beside the wording it may replace."""
    if content.wording is None:
        return ()
    found = [Choice("", 0, "", content.wording)]
    found += [
        Choice("", index + 1, f"alternates[{index}].", alternate) for index, alternate in enumerate(content.alternates)
    ]
    for number, variant in enumerate(content.variants):
        when = conditions(variant)
        name = canonical({field: sorted(words) for field, words in when.items()}).decode()
        only = {field: next(iter(words)) for field, words in when.items() if len(words) == 1 and field != "visibility"}
        at = f"variants[{number}]."
        found.append(Choice(name, 0, at, variant.wording, **only))
        found += [
            Choice(name, index + 1, f"{at}alternates[{index}].", alternate, **only)
            for index, alternate in enumerate(variant.alternates)
        ]
    return tuple(found)
