"""Every surface on which a text might be seen, as requests: some are asked of each state, some once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.governance.visibility_table import KEYS, SPOKEN, WORDS
from tests.governance.visible_house import Visible

CHAT, SMS = "/v1/channels/chat", "/v1/channels/sms"
SPANISH = "locale=es-ES"
NO_HASH = "0" * 64
NO_RELEASE = "none"
CONTENT = {"title": "New", "topic": "cards", "owner": "team-cards", "wording": {"text": "New words."}}


@dataclass(frozen=True)
class Ask:
    """A request on a surface."""

    surface: str
    method: str
    path: str
    body: Any = None


Way = tuple[str, str, Any]
"""Method, path and body; braces hold what names a state's entry: key, hash, number, position, release, rendition, word."""


def get(path: str) -> Way:
    return "GET", path, None


OF_EACH: dict[str, tuple[Way, ...]] = {
    "now, in chat": (
        get(f"{CHAT}/entries/{{key}}"),
        ("HEAD", f"{CHAT}/entries/{{key}}", None),
        get(f"{CHAT}/entries/{{key}}?{SPANISH}"),
        get(f"{CHAT}/entries/{{key}}?product=any&tone=warm&pick=1"),
        get(f"{CHAT}/entries/k-nobody?or={{key}}"),
        get(f"{CHAT}/entries/{{key}}/explain"),
        ("POST", f"{CHAT}/entries/{{key}}/fill", {"slots": {}}),
        ("POST", f"{CHAT}/entries/{{key}}/fill", {"slots": {"nothing": "x"}}),
        get("/site/lengths/chat/{key}"),
    ),
    "now, in sms": (
        get(f"{SMS}/entries/{{key}}"),
        get(f"{SMS}/entries/{{key}}/explain"),
        get("/site/lengths/sms/{key}"),
    ),
    "as it was": (
        get(f"{CHAT}/entries/{{key}}?as_of={{position}}&locale={{locale}}"),
        ("HEAD", f"{CHAT}/entries/{{key}}?as_of={{position}}", None),
        get(f"{CHAT}/entries/{{key}}?as_of={{position}}&{SPANISH}&or=k-nobody"),
        get(f"{CHAT}/entries/k-nobody?or={{key}}&as_of={{position}}"),
    ),
    "drafts": (
        get("/v1/entries/{key}/en-GB/revisions/{number}"),
        get("/v1/entries/{key}"),
        get("/v1/entries/{key}/en-GB"),
        get("/v1/entries/{key}/en-GB?gate=true"),
        get("/v1/entries/{key}/es-ES"),
        get("/v1/entries/{key}/en-GB/revisions"),
        get("/v1/entries/{key}/es-ES/revisions/1"),
        get("/v1/entries/{key}/uses"),
    ),
    "reviews": (
        get("/v1/reviews/{hash}"),
        get("/v1/reviews/{hash}/comments"),
    ),
    "history": (
        get("/v1/entries/{key}/{locale}/diff?from=1&to={number}&base=1&channel=chat"),
        get("/v1/entries/{key}/{locale}/diff?from={number}&to={number}"),
        get("/v1/entries/{key}/timeline?limit=100"),
        get("/v1/entries/{key}/intervals"),
    ),
    "effects": (
        get("/v1/effects?revision={hash}"),
        get("/v1/effects?revision={hash}&channel=sms&broken=true"),
    ),
    "previews": (
        get("/v1/previews/channels/chat/entries/{key}?revision={hash}&locale={locale}"),
        get("/v1/previews/channels/chat/entries/{key}?revision={hash}"),
        get("/v1/previews/channels/sms/entries/{key}?revision={hash}"),
    ),
    "releases": (
        get("/v1/releases/{release}"),
        ("POST", "/v1/releases/prepare", {"hashes": ["{hash}"]}),
        ("POST", "/v1/releases/prepare", {"hashes": ["{hash}"], "emergency": True}),
        get("/v1/withdrawals/foresee?key={key}"),
        get("/v1/withdrawals/foresee?key=answer:{key}"),
        get(f"/v1/retirements/foresee?key={{key}}&replacement={KEYS['live']}"),
        get(f"/v1/retirements/foresee?key={KEYS['live']}&replacement={{key}}"),
    ),
    "bundles": (get("/v1/releases/{release}/bundle"),),
    "receipts": (
        get("/v1/receipts?key={key}&channel=chat&as_of={position}&locale={locale}"),
        get("/v1/receipts?key={key}&channel=chat"),
        get("/v1/receipts/{rendition}"),
        get("/v1/receipts/{rendition}?format=html"),
    ),
}
"""What names one entry: asked of the entry of each state, and of one that never was."""

FOUND: dict[str, tuple[Way, ...]] = {
    "now, in chat": (
        get(f"{CHAT}/lookup?key={{key}}"),
        get(f"{CHAT}/search?q={{word}}&limit=50"),
        get(f"{CHAT}/suggest?q=what+is+{{word}}"),
        get(f"{CHAT}/match?q=what+is+{{word}}&{SPANISH}"),
        get(f"{CHAT}/match?q=more&after={{key}}&among={{key}}"),
    ),
    "now, in sms": (get(f"{SMS}/match?q=what+is+{{word}}"),),
    "drafts": (get("/v1/entries?q={word}"),),
    "history": (
        get("/v1/coverage?key={key}&limit=100"),
        get("/v1/coverage?key={key}&judge=true"),
        get("/v1/translations?key={key}"),
    ),
}
"""What is looked for by words or in lists: an answer may repeat what was asked, and so isn't compared byte for byte."""

ONCE: dict[str, tuple[Way, ...]] = {
    "now, in chat": (
        get(f"{CHAT}/entries?limit=100"),
        get(f"{CHAT}/entries?limit=100&{SPANISH}"),
        get(f"{CHAT}/entries?topic=cards&limit=2"),
        get(f"{CHAT}/search?q=on+its+way&limit=50"),
        get(f"{CHAT}/search?q=way&topic=cards&kind=answer&limit=50&{SPANISH}"),
        get(f"{CHAT}/suggest?q=what&limit=20"),
        get(f"{CHAT}/match?q=is+it+on+its+way"),
        get("/v1/snapshot?channel=chat"),
        get(f"{CHAT}/lookup?{'&'.join(f'key={key}' for key in sorted(set(KEYS.values())))}"),
    ),
    "now, in sms": (
        get(f"{SMS}/entries?limit=100"),
        get(f"{SMS}/entries?limit=100&{SPANISH}"),
        get(f"{SMS}/search?q=way"),
        get("/v1/snapshot?channel=sms"),
    ),
    "changes": (
        get("/v1/changes?limit=1000"),
        get("/v1/changes?limit=1000&channel=chat"),
        get("/v1/changes?limit=1000&locale=es-ES"),
    ),
    "drafts": (
        get("/v1/entries?limit=100"),
        get("/v1/entries?limit=100&sort=-updated&live=false"),
        get("/v1/entries?limit=100&audience=staff"),
        get("/v1/entries?limit=100&locale=es-ES"),
        get("/v1/entries/k-claim/uses?transitive=true"),
    ),
    "reviews": tuple(
        get(f"/v1/reviews?limit=100&state={state}")
        for state in ("waiting", "in_review", "changes_requested", "approved", "scheduled", "live")
    ),
    "history": (
        get(f"/v1/entries/{KEYS['withdrawn']}/timeline?limit=100"),
        get("/v1/coverage?limit=100"),
        get("/v1/coverage?limit=100&judge=true&state=blocked"),
        get("/v1/translations?limit=100"),
    ),
    "previews": (
        get(f"/v1/previews/channels/chat/entries/{KEYS['scheduled']}?schedule={{schedule}}"),
        *(get(f"/v1/previews/channels/chat/entries/{KEYS[one]}?revision={{approved}}") for one in ("live", "staff")),
    ),
    "releases": (
        get("/v1/releases?limit=100"),
        get("/v1/releases?limit=100&act=withdraw"),
        get("/v1/schedules?limit=100"),
        get("/v1/schedules/{schedule}"),
        get("/v1/withdrawals/foresee?topic=cards"),
        get("/v1/withdrawals/foresee?key=k-claim"),
    ),
    "journal": (get("/v1/journal"), get("/v1/journal?format=csv"), get("/v1/checkpoints/latest")),
    "redactions": (get("/v1/redactions"), get("/v1/redactions/{redaction}")),
    "invited": (get("/v1/invited"),),
    "pages and contract": (
        *map(get, ("/v1/openapi.json", "/", "/ask", "/docs", "/problems/not-found", "/site/house", "/sign-in")),
        *map(get, ("/v1/me", "/v1/people", "/v1/keys", "/v1/me/signing-keys", "/healthz", "/readyz")),
    ),
}

REFUSED: tuple[Way, ...] = (
    get(f"{CHAT}/entries/{{key}}?profile=nobody"),
    get(f"{CHAT}/entries/{{key}}?locale=nowhere"),
    get(f"{CHAT}/entries/{{key}}?unknown=1"),
    get(f"{CHAT}/entries/{{key}}?as_of=yesterday"),
    get(f"{CHAT}/search?q="),
    ("POST", f"{CHAT}/entries/{{key}}/fill", {"slots": 1}),
    ("DELETE", f"{CHAT}/entries/{{key}}", None),
    ("PATCH", "/v1/entries/{key}/en-GB", None),
    ("PUT", "/v1/entries/{key}/en-GB", {"content": {"title": 1}}),
    ("PUT", "/v1/entries/{key}/en-GB", {"content": CONTENT}),
    ("PUT", "/v1/entries/{key}/fr-FR", {"content": CONTENT}),
    ("POST", "/v1/entries", {"key": "{key}", "kind": "answer", "content": CONTENT}),
    ("POST", "/v1/entries/{key}/en-GB/restore", {"number": 77}),
    ("POST", "/v1/reviews/{hash}/comments", {"text": ""}),
    ("POST", "/v1/reviews/{hash}/comments/none/resolve", {}),
    ("POST", "/v1/withdrawals", {"keys": ["{key}"], "reason": "a test", "expected": "none"}),
    ("POST", "/v1/retirements", {"key": "{key}", "replacement": "{key}", "reason": "a test"}),
)
"""What nobody can do: each is refused, with a problem text."""

FORBIDDEN: tuple[Way, ...] = (
    ("PUT", "/v1/entries/{key}/en-GB", {"content": CONTENT}),
    ("POST", "/v1/entries/{key}/en-GB/restore", {"number": 1}),
    *(
        ("POST", f"/v1/reviews/{{hash}}/{act}", body)
        for act, body in (
            ("submit", {}),
            ("take-back", {}),
            ("request-changes", {"reason": "a test"}),
            ("take", {"role": "legal"}),
            ("hand-back", {"role": "legal"}),
            ("sign", {"role": "legal"}),
            ("waive", {"role": "legal", "code": "negation", "field": "text", "reason": "a test"}),
            ("verify", {"role": "legal"}),
            ("comments", {"text": "a test"}),
            ("comments/none/resolve", {}),
            ("invitations", {"role": "legal", "expires_at": "2999-01-01T00:00:00Z"}),
        )
    ),
    ("POST", "/v1/releases", {"hashes": ["{hash}"]}),
    ("POST", "/v1/schedules", {"hashes": ["{hash}"], "at": "2999-01-01T00:00:00Z"}),
    ("POST", "/v1/releases/{release}/rollback", {}),
    ("POST", "/v1/withdrawals", {"keys": ["{key}"], "reason": "a test", "expected": "none"}),
    ("POST", "/v1/retirements", {"key": "{key}", "replacement": "{key}", "reason": "a test"}),
)
"""What only somebody who sees the entry may try: to others it never was."""

SURFACES = tuple(dict.fromkeys([*OF_EACH, *FOUND, *ONCE]))
TEXTS = tuple(state for state in WORDS if state not in SPOKEN)
SOME = ("live", "in_review", "withdrawn", "staff")
"""States enough where an answer can't depend on them, or only on whether something is there."""


def named(house: Visible, state: str) -> dict[str, str]:
    """What names the entry of a state."""
    return {
        "key": KEYS[state],
        "word": WORDS[state],
        "hash": house.hashes[state],
        "locale": "es-ES" if state == "translated" else "en-GB",
        "number": str(house.numbers.get(state, 1)),
        "position": str(house.positions.get(state, 1)),
        "release": house.releases.get(state, NO_RELEASE),
        "rendition": house.renditions.get(state, NO_HASH),
    }


def unknown(house: Visible, state: str) -> dict[str, str]:
    """Names as long as those of a state's entry, of which there is none."""
    names = named(house, state)
    word = "z" * len(names["word"])
    return names | {"key": f"k-{word}", "word": word, "hash": NO_HASH, "rendition": NO_HASH, "release": NO_RELEASE}


def ask(surface: str, way: Way, names: dict[str, str]) -> Ask:
    method, path, body = way
    return Ask(surface, method, path.format_map(names), _filled(body, names))


def deep(house: Visible, surface: str, turn: int | None = None) -> Iterator[Ask]:
    """Every request of a surface: each of every state, or with a turn the first of every and the others of a third of them.

    Who comes at another turn is asked of other states, so that all are asked for by somebody.
    """
    yield from shallow(house, surface)
    for number, way in enumerate((*OF_EACH.get(surface, ())[1:], *FOUND.get(surface, ()))):
        states = TEXTS if turn is None else TEXTS[(number + turn) % 3 :: 3]
        yield from (ask(surface, way, named(house, state)) for state in states)


def shallow(house: Visible, surface: str) -> Iterator[Ask]:
    """What shows most of a surface: its first request of each state, and all that lists."""
    for way in OF_EACH.get(surface, ())[:1]:
        yield from (ask(surface, way, named(house, state)) for state in TEXTS)
    yield from at_once(house, surface)


def sampled(house: Visible, surface: str) -> Iterator[Ask]:
    """Every request of a surface, of one state and once of another."""
    for number, way in enumerate((*OF_EACH.get(surface, ()), *FOUND.get(surface, ()))):
        yield ask(surface, way, named(house, SOME[number % len(SOME)]))
    yield from at_once(house, surface)


def refused(house: Visible) -> Iterator[Ask]:
    """Requests that are answered with a problem text, whoever sends them."""
    yield from (ask("refusals", way, named(house, state)) for way in REFUSED for state in SOME)


def at_once(house: Visible, surface: str) -> Iterator[Ask]:
    once = {"schedule": house.schedule, "redaction": house.redaction, "approved": house.hashes["approved"]}
    yield from (ask(surface, way, once) for way in ONCE.get(surface, ()))


def _filled(body: Any, names: dict[str, str]) -> Any:
    """A body with its braces filled in."""
    if isinstance(body, str):
        return body.format_map(names) if body.startswith("{") else body
    if isinstance(body, list):
        return [_filled(one, names) for one in body]
    return {name: _filled(value, names) for name, value in body.items()} if isinstance(body, dict) else body
