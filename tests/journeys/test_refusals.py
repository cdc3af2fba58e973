"""What the gate refuses, each with its place named; all planted in one bank, signed by everyone who must, and loaded once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from kb.files.read import read
from kb.files.statements import append_statements
from kb.review.signatures import sign
from kb.review.types import SignOff
from tests.doors.bank import Bank, signer
from tests.doors.program import Server, kb, serving

FRONT = """---
kind: {kind}
title: Planted
topic: cards
owner: team-cards
author: p-ana
{more}---

"""
LONG = "This sentence has some more words than it needs, so that the message grows a good deal longer than it may be. "


class Planted(msgspec.Struct, frozen=True):
    """A text that may not go live: its body, and the code, field and line of what has to be said about it."""

    body: str
    code: str
    field: str
    line: int
    more: str = ""
    kind: str = "answer"


PLANTED = {
    "an-override-drops-a-fact": Planted(
        "Your card arrives within {{fact:card.delivery}}.\n\n## sms\n\nYour card arrives soon.\n",
        "fact-missing", "overrides.sms", 13,
    ),
    "a-short-form-drops-a-fact": Planted(
        "Your card arrives within {{fact:card.delivery}}.\n\n## short\n\nYour card arrives soon.\n",
        "fact-missing", "short", 13,
    ),
    "an-override-drops-a-disclosure": Planted(
        "You can invest in {{fact:name.app}}.\n\n{{disclosure:capital-risk}}\n\n"
        "## social/x\n\nYou can invest in {{fact:name.app}}.\n",
        "disclosure-missing", "overrides.social/x", 15,
    ),
    "thirty-days-for-fourteen": Planted(
        "You get your money back within {{fact:refund.window}}.\n\n"
        "## short\n\nYou get your money back within 30 days.\n",
        "fact-missing", "short", 13,
    ),
    "a-figure-in-the-text": Planted(
        "You get your money back within 30 days.\n", "literal-not-a-fact", "text", 9,
    ),
    "may-becomes-will": Planted(
        "The card may take longer abroad.\n\n## short\n\nThe card will take longer abroad.\n",
        "modality-changed", "short", 13,
    ),
    "a-not-is-lost": Planted(
        "You can not cancel the order.\n\n## spoken\n\nYou can cancel the order.\n",
        "negation-lost", "spoken", 13,
    ),
    "a-post-over-its-parts": Planted(
        "The card is on its way.\n\n## social/x\n\nThe card is on its way. " + LONG * 20 + "\n",
        "too-many-parts", "overrides.social/x", 13,
    ),
    "a-message-over-its-parts": Planted(
        "The card is on its way.\n\n## sms\n\nThe card is on its way. " + LONG * 12 + "\n",
        "too-many-parts", "overrides.sms", 13,
    ),
    "a-slot-without-fallback": Planted(
        "Hello {{slot:customer.first_name}}, the card is on its way.\n",
        "slot-without-fallback", "slots.customer.first_name", 8,
        more="slots:\n  customer.first_name: {type: name, max: 20}\n",
    ),
    "a-tie-between-variants": Planted(
        "The card is on its way.\n\n## variant visibility=public\n\nThe card is coming.\n\n"
        "## variant tone=formal\n\nThe card is underway.\n",
        "variant-tie", "variants[1].when", 17,
    ),
    "a-prohibited-phrase": Planted("The card is\nquite risk-free.\n", "term-prohibited", "text", 10),
    "a-fact-that-is-not-there": Planted("It costs {{fact:card.fees}}.\n", "reference-not-live", "text", 9),
    "a-way-on-to-nothing": Planted(
        "The card is on its way.\n", "next-dead", "next.more", 8,
        more="next:\n  - {id: more, label: More, say: To hear more, phrases: [more], to: \"entry:nothing\"}\n"
        "  - {id: person, label: Talk to us, say: To talk to us, phrases: [a person], to: handover}\n",
    ),
    "a-circular-claim": Planted(
        "Cards are green. {{claim:its-other-half}}\n", "reference-circular", "text", 11,
        kind="claim", more="evidence:\n  - {title: Green cards, document: cards/green}\n",
    ),
    "its-other-half": Planted(
        "Green is good. {{claim:a-circular-claim}}\n", "reference-circular", "text", 11,
        kind="claim", more="evidence:\n  - {title: Green cards, document: cards/green}\n",
    ),
}  # fmt: skip


class Refused(msgspec.Struct, frozen=True):
    """What came of it: the load's report, lint's findings, and the address of a server over the home."""

    report: Any
    findings: list[dict[str, Any]]
    server: Server


@pytest.fixture(scope="module")
def refused(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refused]:
    bank = loaded_bank.copy(tmp_path_factory.mktemp("refused") / "bank")
    for key, planted in PLANTED.items():
        text = FRONT.format(kind=planted.kind, more=planted.more) + planted.body
        bank.write(f"{planted.kind}s/{key}.en-GB.md", text)
    bank.edit("answers/card-fee.en-GB.md", "{{fact:card.fee}}", "£5")
    bank.sign()
    findings = kb("content", "lint", "--content", bank.content, "--json")
    loaded = bank.load("--json")
    assert (findings.code, loaded.code) == (3, 3)
    with serving("serve", "--home", bank.home) as server:
        yield Refused(loaded.json, findings.json, server)


@pytest.mark.parametrize("key", PLANTED)
def test_what_breaks_the_law_of_one_answer_is_refused_with_its_place_named(refused: Refused, key: str) -> None:
    planted = PLANTED[key]
    file = f"{planted.kind}s/{key}.en-GB.md"

    (entry,) = [one for one in refused.report["entries"] if one["key"] == key]
    assert entry["file"] == file
    assert "missing" not in entry  # everyone has signed it: this alone keeps it back
    told = {(issue["code"], issue["field"]): issue for issue in entry["issues"] if issue["severity"] == "blocks"}
    assert (planted.code, planted.field) in told, told
    assert told[planted.code, planted.field]["message"]
    assert told[planted.code, planted.field]["action"]

    found = {(one["line"], one["code"], one.get("field", "")) for one in refused.findings if one["file"] == file}
    assert (planted.line, planted.code, planted.field) in found, found

    assert refused.server.get(f"/v1/channels/chat/entries/{key}").status_code == 404


def test_one_refusal_keeps_nothing_else_back_and_the_live_text_stays_live(refused: Refused) -> None:
    blocked = {
        one["key"] for one in refused.report["entries"] if any(i["severity"] == "blocks" for i in one.get("issues", ()))
    }
    assert blocked == {*PLANTED, "card-fee"}
    fee = refused.server.payload("/v1/channels/chat/entries/card-fee")
    assert (fee["version"], list(fee["facts"])) == (1, ["card.fee", "name.app"])


BAD_VALUES = (
    '{type: phone, value: "12"}',
    '{type: phone, value: "+448081570123", region: ZZ}',
    '{type: money, amount: "a lot", currency: GBP}',
    '{type: money, amount: "5.00", currency: QQQ}',
    '{type: money, amount: "NaN", currency: GBP}',
    '{type: percentage, value: ""}',
    '{type: decimal, value: "1e400"}',
    "{type: duration, low: 9, high: 5, unit: days}",
    '{type: date, value: "2026-02-30"}',
    '{type: time, value: "25:00"}',
    "{type: hours, lines: []}",
    '{type: hours, lines: [{days: [mon], opens: late, closes: "09:00"}]}',
    '{type: url, value: "https://["}',
    "{type: email, value: nobody}",
    "{type: term, locales: {xx: {text: a}}}",
)


def test_a_value_that_is_none_of_its_type_keeps_back_its_fact_and_what_says_it_and_nothing_else(bank: Bank) -> None:
    facts = "defaults: {topic: cards, owner: team-cards, author: p-ana}\nfacts:\n"
    for number, value in enumerate(BAD_VALUES):
        facts += f"  bad.n{number}:\n    title: A bad value\n    value: {value}\n"
        text = FRONT.format(kind="answer", more="") + f"It is {{{{fact:bad.n{number}}}}}.\n"
        bank.write(f"answers/says-bad-{number}.en-GB.md", text)
    bank.write("facts/bad.yaml", facts)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign()
    ran = bank.load("--json")
    assert ran.code == 3, ran.said
    assert ran.json["counts"]["released"] == 1
    blocked = {
        one["key"] for one in ran.json["entries"] if "blocks" in {issue["severity"] for issue in one.get("issues", ())}
    }
    numbers = range(len(BAD_VALUES))
    assert blocked == {f"bad.n{number}" for number in numbers} | {f"says-bad-{number}" for number in numbers}
    findings = kb("content", "lint", "--content", bank.content, "--json").json
    lines = {one["line"] for one in findings if one["file"] == "facts/bad.yaml" and one["severity"] == "blocks"}
    assert lines == {5 + 3 * number for number in numbers}


# ---- sign-offs -------------------------------------------------------------------------------------------------------


def written_line(bank: Bank, key: str, name: str, role: str) -> None:
    """A sign-off line as its writer may make it with their own key, whatever our own command would say."""
    (one,) = [one for one in read(bank.content).drafts if one.draft.key == key]
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    statement = SignOff(key, one.draft.locale, one.hash, role, name, at, "")
    append_statements(bank.content, [sign(statement, signer(name).private_key)])


@pytest.mark.parametrize(
    ("about", "author"),
    [("author: p-leo", "p-leo"), ("author: p-ana\neditors: [p-leo]", "p-ana")],
    ids=["the author", "an editor"],
)
def test_a_sign_off_by_who_wrote_or_edited_the_text_counts_for_nothing(bank: Bank, about: str, author: str) -> None:
    bank.edit("answers/coming-soon.en-GB.md", "author: p-ana", about)
    written_line(bank, "coming-soon", author, "author")
    written_line(bank, "coming-soon", "p-leo", "legal")
    ran = bank.load("--json")
    assert ran.code == 3
    (refusal,) = ran.json["refusals"]
    assert (refusal["key"], refusal["by"], refusal["role"], refusal["code"]) == (
        "coming-soon", "p-leo", "legal", "signer-contributed",
    )  # fmt: skip
    (entry,) = [one for one in ran.json["entries"] if one["key"] == "coming-soon"]
    assert (entry["state"], entry["missing"]) == ("in_review", {"legal": 1})
    assert "sign-off of coming-soon (en-GB) by p-leo: " in bank.load().out

    written_line(bank, "coming-soon", "p-lea", "legal")
    assert bank.loaded()["counts"]["released"] == 1


@pytest.mark.parametrize("changed", ["role", "by", "hash", "at", "signature"])
def test_a_sign_off_line_that_was_changed_counts_for_nothing(bank: Bank, changed: str) -> None:
    written_line(bank, "coming-soon", "p-ana", "author")
    written_line(bank, "coming-soon", "p-lea", "legal")
    file = bank.content / "signoffs/coming-soon.en-GB.jsonl"
    mine, hers = file.read_text().splitlines()
    line = msgspec.json.decode(hers)
    line[changed] = {
        "role": "brand",
        "by": "p-leo",
        "hash": "0" * 64,
        "at": "2020-01-01T00:00:00.000Z",
        "signature": line["signature"][::-1],
    }[changed]
    file.write_text(f"{mine}\n{msgspec.json.encode(line).decode()}\n")
    ran = bank.load("--json")
    assert ran.json["counts"]["released"] == 0
    (entry,) = [one for one in ran.json["entries"] if one["key"] == "coming-soon"]
    assert entry["missing"] == {"legal": 1}


def test_whoever_can_write_the_files_still_can_not_sign(bank: Bank) -> None:
    """A signer's file in the content folder, or a people's list of one's own, makes nobody trusted (law 2)."""
    keys = bank.content / "demo-keys"
    keys.mkdir()
    intruder = signer("p-leo")
    (keys / "p-lea.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(intruder, id="p-lea")))
    written_line(bank, "coming-soon", "p-ana", "author")
    (one,) = [one for one in read(bank.content).drafts if one.draft.key == "coming-soon"]
    statement = SignOff("coming-soon", "en-GB", one.hash, "legal", "p-lea", "2026-01-01T00:00:00.000Z", "")
    append_statements(bank.content, [sign(statement, intruder.private_key)])
    arguments = ("up", "--home", bank.home, "--content", bank.content, "--no-open")
    with serving(*arguments) as server:
        assert server.get("/v1/channels/chat/entries/coming-soon").status_code == 404
        assert server.get("/v1/channels/chat/entries/refund").status_code == 200
