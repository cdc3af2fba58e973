"""An integrator's program and the people it works with bring a text to life, change it and end it, over HTTP alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.doors.bank import Bank
from tests.doors.program import Server, serving
from tests.journeys.managing import Manager, first_admin, joined

FEE: dict[str, Any] = {
    "title": "Fee of an express card",
    "topic": "cards",
    "owner": "team-cards",
    "fact": {"type": "money", "amount": "8.00", "currency": "GBP"},
}
ANSWER: dict[str, Any] = {
    "title": "How much is an express card?",
    "topic": "cards",
    "owner": "team-cards",
    "phrasings": ["what does an express card cost"],
    "wording": {"text": "An express card costs {{fact:card.express-fee}}, and it arrives tomorrow."},
}
SPANISH: dict[str, Any] = {
    "title": "¿Cuánto cuesta una tarjeta urgente?",
    "phrasings": ["cuánto cuesta una tarjeta urgente"],
    "wording": {"text": "Una tarjeta urgente cuesta {{fact:card.express-fee}}."},
}
MENDED = {"text": "An express card costs {{fact:card.express-fee}}."}
PROGRAM = ("read", "drafts", "write", "comment")
CHANNELS = ("chat", "sms", "voice")
AT_EIGHT = ("An express card costs £8.", "An express card costs £8.", "An express card costs eight pounds.")
AT_NINE_FIFTY = (
    "An express card costs £9.50.",
    "An express card costs £9.50.",
    "An express card costs nine pounds fifty.",
)


class Crew:
    """Who works on the text: the integrator's program, its owner, and those who sign and release."""

    def __init__(self, admin: Manager) -> None:
        self.owner = joined(admin, "Ines Author", "author")
        self.program = self.owner.key(*PROGRAM)
        self.lawyer = joined(admin, "Lena Legal", "legal")
        self.product = joined(admin, "Paul Product", "product")
        self.publisher = joined(admin, "Pam Publisher", "publisher")


@pytest.fixture
def server(new_bank: Bank) -> Iterator[Server]:
    arguments = ("--home", new_bank.home, "--content", new_bank.content, "--no-open")
    with serving("up", *arguments, KB_TRUST_FILE=str(new_bank.trust), KB_RATE_LIMIT="0") as server:
        yield server


@pytest.fixture
def crew(server: Server) -> Crew:
    return Crew(first_admin(server))


def said(server: Server, channel: str, locale: str = "en-GB") -> str:
    """What a channel says of the express card now; empty where nothing is live."""
    answer = server.get(f"/v1/channels/{channel}/entries/express-card?locale={locale}")
    return str(answer.json()["text"]) if answer.status_code == 200 else ""


def everywhere(server: Server) -> tuple[str, ...]:
    """The same in each of the channels."""
    return tuple(said(server, channel) for channel in CHANNELS)


def written(crew: Crew) -> dict[str, str]:
    """A fact, an answer that uses it, and its translation, as the program writes them; their hashes."""
    new = {"key": "card.express-fee", "kind": "fact", "content": FEE}
    fee = crew.program.post("/v1/entries", new, 201)["hash"]
    check = {"key": "express-card", "kind": "answer", "content": ANSWER}
    assert crew.program.post("/v1/checks", check)["blocks"] is True
    assert crew.program.post("/v1/checks", check | {"together": [fee]}) == {"issues": [], "blocks": False}
    english = crew.program.post("/v1/entries", check, 201)["hash"]
    spanish = crew.program.put(
        "/v1/entries/express-card/es-ES", {"content": SPANISH, "source": english}, 201, if_none_match="*"
    )["hash"]
    return {"fee": fee, "english": english, "spanish": spanish}


def mended(crew: Crew, hashes: dict[str, str]) -> dict[str, str]:
    """The lawyer wants another sentence; the program rewrites the answer and pins the translation to it."""
    review = f"/v1/reviews/{hashes['english']}"
    crew.program.post(f"{review}/submit")
    remark = {"text": "It doesn't always arrive tomorrow.", "field": "text", "blocks": True}
    crew.lawyer.post(f"{review}/comments", remark, 201)
    assert crew.lawyer.post(f"{review}/request-changes", {"reason": ""})["state"] == "changes_requested"
    stale = crew.program.ask("PUT", "/v1/entries/express-card/en-GB", {"content": ANSWER}, if_match='"1-0"')
    assert stale.status_code == 412, stale.text
    english = crew.program.edited("express-card", "en-GB", wording=MENDED)
    spanish = crew.program.edited("express-card", "es-ES", source=english)
    (comment,) = crew.lawyer.get(f"{review}/comments")["items"]
    crew.lawyer.post(f"{review}/comments/{comment['id']}/resolve")
    return hashes | {"english": english, "spanish": spanish}


def approved(crew: Crew, fee: str, *answers: str) -> None:
    """Submitted by the program, signed by its owner as author and by those whom the policy asks."""
    for hash_, role, signer in ((fee, "product", crew.product), *((one, "legal", crew.lawyer) for one in answers)):
        crew.program.post(f"/v1/reviews/{hash_}/submit")
        assert crew.owner.signed(hash_, "author") == "in_review"
        assert signer.signed(hash_, role) == "approved"


def test_what_a_program_writes_is_approved_by_the_people_who_must_and_served_to_nobody(
    server: Server, crew: Crew
) -> None:
    hashes = mended(crew, written(crew))
    refused = crew.lawyer.ask("POST", f"/v1/reviews/{hashes['fee']}/sign", {"role": "product"})
    assert refused.status_code in {403, 409}, refused.text
    approved(crew, hashes["fee"], hashes["english"], hashes["spanish"])
    item = crew.program.get("/v1/entries/express-card")
    assert [(one["locale"], one["number"], one["state"]) for one in item["locales"]] == [
        ("en-GB", 2, "approved"),
        ("es-ES", 2, "approved"),
    ]
    diff = crew.program.get("/v1/entries/express-card/en-GB/diff?from=1&to=2")
    assert "tomorrow" in str(diff)
    assert everywhere(server) == ("", "", "")


def test_a_text_goes_live_changes_with_its_fact_goes_back_and_ends(server: Server, crew: Crew) -> None:
    hashes = mended(crew, written(crew))
    approved(crew, hashes["fee"], hashes["english"], hashes["spanish"])
    everything = {"hashes": list(hashes.values()), "reason": "express cards"}
    foreseen = crew.publisher.post("/v1/releases/prepare", everything)
    assert (foreseen["blocked"], len(foreseen["items"])) == ([], 3)
    crew.publisher.post("/v1/releases", everything, 201)
    assert everywhere(server) == AT_EIGHT
    assert said(server, "chat", "es-ES").startswith("Una tarjeta urgente cuesta 8")

    dearer = changed_fee(crew, "9.50")
    before, after = affected(crew, dearer, "express-card")
    assert ("£8" in before, "£9.50" in after) == (True, True)
    assert said(server, "chat") == "An express card costs £8."
    crew.program.post(f"/v1/reviews/{dearer}/submit")
    crew.owner.signed(dearer, "author")
    crew.product.signed(dearer, "product")
    raised = crew.publisher.post("/v1/releases", {"hashes": [dearer]}, 201)["id"]
    assert everywhere(server) == AT_NINE_FIFTY
    assert "9,50" in said(server, "sms", "es-ES")

    crew.publisher.post(f"/v1/releases/{raised}/rollback", {"reason": "too dear"}, 201)
    assert everywhere(server) == AT_EIGHT

    taken = crew.publisher.get("/v1/withdrawals/foresee?key=express-card")
    order = {"keys": ["express-card"], "reason": "no longer offered", "expected": taken["digest"]}
    crew.publisher.post("/v1/withdrawals", order, 201)
    assert everywhere(server) == ("", "", "")
    states = {one["locale"]: one["state"] for one in crew.program.get("/v1/entries/express-card")["locales"]}
    assert states == {"en-GB": "withdrawn", "es-ES": "withdrawn"}


def changed_fee(crew: Crew, amount: str) -> str:
    """The next revision of the fee, as the program writes it."""
    fact = FEE["fact"] | {"amount": amount}
    return crew.program.edited("card.express-fee", "und", fact=fact)


def affected(crew: Crew, hash_: str, key: str) -> tuple[str, str]:
    """What an answer says in chat before and after a change of a fact, as its reviewer is shown it."""
    shown = crew.product.get(f"/v1/effects?revision={hash_}&channel=chat&locale=en-GB")["items"]
    (effect, *_) = next(one for one in shown if one["key"] == key)["effects"]
    return str(effect["before"]["text"]), str(effect["after"]["text"])
