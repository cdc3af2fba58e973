"""Small builders of what search is given: entries as delivery tells of them, and questions."""

from typing import Any

from kb.delivery.types import Findable
from kb.search.types import Query

PUBLIC = frozenset({"public"})


def entry(key: str, title: str, *phrasings: str, **rest: Any) -> Findable:
    """A live public answer in English on every channel, unless said otherwise."""
    fields: dict[str, Any] = {
        "locale": "en-GB",
        "audience": "public",
        "kind": "answer",
        "topic": "cards",
        "product": "",
        "stage": "",
        "text": "",
        "channels": ("chat", "voice"),
        "valid_until": None,
    }
    return Findable(key=key, title=title, phrasings=phrasings, **{**fields, **rest})


def question(text: str, **rest: Any) -> Query:
    """A member of the public asks in English over chat, unless said otherwise."""
    return Query(**{"text": text, "locale": "en-GB", "channel": "chat", "audiences": PUBLIC, **rest})
