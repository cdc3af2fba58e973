"""A bank in which something of everything was managed, over HTTP: who may do what in it, and the names of what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from kb.base.work import Right
from tests.doors.bank import Bank
from tests.doors.program import Server, serving
from tests.journeys.managing import Manager, first_admin, joined

ROLES = ("author", "editor", "legal", "brand", "product", "publisher", "auditor", "admin")
NEVER_A_KEYS = {Right.INVITED, Right.LOAD}
RIGHTS = tuple(right for right in Right if right not in NEVER_A_KEYS)
ORIGIN = "https://www.example.com"
FEE = {
    "title": "Fee of an express card",
    "topic": "cards",
    "owner": "team-cards",
    "fact": {"type": "money", "amount": "8.00", "currency": "GBP"},
}
ANSWER = {
    "title": "How much is an express card?",
    "topic": "cards",
    "owner": "team-cards",
    "phrasings": ["what does an express card cost"],
    "wording": {"text": "An express card costs {{fact:card.express-fee}}."},
}


class Managed(msgspec.Struct, frozen=True):
    """A server over such a bank; `program` is the key of `owner`, who holds every role, and may do whatever a key may.

    `page` and `expert` are the headers of a publishable key and of an outside expert's link. `names` are of what is there,
    by the part of a path that they stand in; none of them is of the owner or the key.
    """

    server: Server
    owner: Manager
    program: Manager
    page: dict[str, str]
    expert: dict[str, str]
    names: dict[str, tuple[str, ...]]


@contextmanager
def managing(bank: Bank) -> Iterator[Managed]:
    """A server over a bank, managed; nobody's requests are counted there."""
    arguments = ("up", "--home", bank.home, "--content", bank.content, "--no-open")
    with serving(*arguments, KB_TRUST_FILE=str(bank.trust), KB_RATE_LIMIT="0", KB_SIGN_IN_LIMIT="0") as server:
        yield managed(first_admin(server))


def managed(admin: Manager) -> Managed:
    """Do a little of everything, as whoever the bank's first admin invites."""
    owner = joined(admin, "Olga Everything", *ROLES)
    lawyer, product = joined(admin, "Lena Legal", "legal"), joined(admin, "Paul Product", "product")
    program = _program(owner)
    fee, answer, translation = _written(program)
    _approved(owner, product, fee)
    schedule = program.post("/v1/schedules", {"hashes": [fee], "at": "2199-01-01T09:00", "zone": "Europe/London"}, 201)
    program.post(f"/v1/reviews/{answer}/submit")
    comment = lawyer.post(f"/v1/reviews/{answer}/comments", {"text": "Since when?", "field": "text"}, 201)
    invited, uninvited = _invited(lawyer, answer), _invited(lawyer, answer)
    keys = [_key(owner, kind, name) for kind, name in KEYS]
    names = {
        "key": ("card-arrival", "express-card", "card.express-fee", "card.fee", "nothing"),
        "channel": ("chat", "voice", "sms"),
        "locale": ("en-GB", "es-ES", "und"),
        "number": ("1", "2"),
        "hash": (answer, fee, translation, _hash_of(program, "card-arrival")),
        "person": (lawyer.id, product.id, admin.id),
        "id": tuple(one["key"]["id"] for one in keys),
        "release": (_loaded(program), _withdrawn(program, "quick-calls")),
        "schedule": (schedule["schedule"]["id"],),
        "redaction": (_redaction(program),),
        "rendition": (program.get("/v1/channels/chat/entries/card-arrival")["rendition"],),
        "comment": (comment["id"],),
        "link": (uninvited["link"],),
    }
    page = {"Authorization": f"Bearer {keys[0]['token']}", "Origin": ORIGIN}
    return Managed(admin.server, owner, program, page, {"Authorization": f"Bearer {invited['token']}"}, names)


KEYS = (("publishable", "our help page"), ("preview", "our reviewers"), ("secret", "our old pipeline"))


def _program(owner: Manager) -> Manager:
    """A key that may do and see all that its owner may."""
    scope = {"actions": RIGHTS, "audiences": ("public", "customer", "staff")}
    made = owner.post("/v1/keys", {"kind": "secret", "name": "our content pipeline", "scope": scope}, 201)
    return Manager(owner.server, owner.id, {"Authorization": f"Bearer {made['token']}"})


def _written(program: Manager) -> tuple[str, str, str]:
    """A fact, an answer that says it, and its translation; their hashes."""
    fee = program.post("/v1/entries", {"key": "card.express-fee", "kind": "fact", "content": FEE}, 201)
    answer = program.post("/v1/entries", {"key": "express-card", "kind": "answer", "content": ANSWER}, 201)
    words = {"title": "¿Cuánto cuesta?", "wording": {"text": "Cuesta {{fact:card.express-fee}}."}}
    body = {"content": words, "source": answer["hash"]}
    translation = program.put("/v1/entries/express-card/es-ES", body, 201, if_none_match="*")
    return fee["hash"], answer["hash"], translation["hash"]


def _approved(owner: Manager, product: Manager, hash_: str) -> None:
    owner.post(f"/v1/reviews/{hash_}/submit")
    owner.signed(hash_, "author")
    assert product.signed(hash_, "product") == "approved"


def _invited(lawyer: Manager, hash_: str) -> Any:
    expires_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    asked = {"role": "legal", "expires_at": expires_at, "signs": True, "name": "Dr Roe"}
    return lawyer.post(f"/v1/reviews/{hash_}/invitations", asked, 201)


def _key(owner: Manager, kind: str, name: str) -> Any:
    actions = ["read", "preview"] if kind == "preview" else ["read"]
    origins = [ORIGIN] if kind == "publishable" else []
    body = {"kind": kind, "name": name, "scope": {"actions": actions}, "origins": origins}
    return owner.post("/v1/keys", body, 201)


def _hash_of(program: Manager, key: str) -> str:
    return str(program.get(f"/v1/entries/{key}/en-GB")["hash"])


def _loaded(program: Manager) -> str:
    """The release by which the bank's files went live."""
    (made,) = program.get("/v1/releases?act=release")["items"]
    return str(made["id"])


def _withdrawn(program: Manager, key: str) -> str:
    """The release that withdrew it."""
    expected = program.get(f"/v1/withdrawals/foresee?key={key}")["digest"]
    body = {"keys": [key], "reason": "it is over", "expected": expected}
    return str(program.post("/v1/withdrawals", body, 201)["id"])


def _redaction(program: Manager) -> str:
    body = {"hash": _hash_of(program, "coming-soon"), "reason": "it names a customer"}
    return str(program.post("/v1/redactions", body, 201)["id"])
