"""A content folder of any size, written as people write: answers of 120 words that lean on facts and claims, signed.

The same seed gives the same texts; only the keys and signatures are fresh.
"""

import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kb.accounts.types import Role, RoleGrant, Signer
from kb.files.sign import Order, new_signer, sign_all
from tests.bench.sentences import CLAIM, answer, fact

FACTS = 300
CLAIMS = 60
LOCALE = "en-GB"
AUTHOR = "p-ana"
SIGNERS = {
    AUTHOR: Role.AUTHOR,
    "p-brand": Role.BRAND,
    "p-legal": Role.LEGAL,
    "p-product": Role.PRODUCT,
    "p-first": Role.ADMIN,
    "p-second": Role.ADMIN,
}
HOUSE = ("policy", "glossary", "synonyms")
"""House documents taken from the demo: its rules and its terms make the gate's work what it is in life."""

CHANNELS = f"""\
key: channels
title: Channels
topic: house
owner: team
author: {AUTHOR}
channels:
  locales: [{LOCALE}]
"""
SAYS = {
    "say-repeat": "We didn't understand that. Please say it again in other words.",
    "say-handover": "One of us will take this from here.",
}


def signers() -> dict[str, Signer]:
    """People with fresh keys."""
    return {name: new_signer(name, [RoleGrant(role)]) for name, role in SIGNERS.items()}


def write(folder: Path, demo: Path, entries: int, people: dict[str, Signer]) -> list[str]:
    """Write and sign a folder with so many answers; returns their keys. The trust file lies beside it."""
    keys = [f"answer-{number:05d}" for number in range(entries)]
    _house(folder, demo)
    _facts(folder)
    _claims(folder)
    chance = random.Random(7)
    for number, key in enumerate(keys):
        _text(folder / "answers" / f"{key}.{LOCALE}.md", answer(chance, number, FACTS, CLAIMS))
    _sign(folder, people)
    return keys


def trust_file_of(folder: Path) -> Path:
    """The trust file of a generated folder."""
    return folder.with_suffix(".trust.jsonl")


def _house(folder: Path, demo: Path) -> None:
    _text(folder / "channels.yaml", CHANNELS)
    for name in HOUSE:
        _text(folder / f"{name}.yaml", (demo / f"{name}.yaml").read_text(encoding="utf-8"))
    for key, text in SAYS.items():
        front = f"kind: answer\ntitle: {key}\ntopic: house\nowner: team\nauthor: {AUTHOR}\n"
        _text(folder / "answers" / f"{key}.{LOCALE}.md", f"---\n{front}---\n\n{text}\n")


def _facts(folder: Path) -> None:
    lines = [f"defaults: {{topic: cards, owner: team, author: {AUTHOR}}}", "facts:"]
    lines += [line for number in range(FACTS) for line in fact(number)]
    _text(folder / "facts" / "all.yaml", "\n".join(lines) + "\n")


def _claims(folder: Path) -> None:
    for number in range(CLAIMS):
        _text(folder / "claims" / f"claim-{number:03d}.{LOCALE}.md", CLAIM.format(number=number, author=AUTHOR))


def _sign(folder: Path, people: dict[str, Signer]) -> None:
    public = [msgspec.structs.replace(one, private_key="") for one in people.values()]
    _text(trust_file_of(folder), "".join(f"{msgspec.json.encode(one).decode()}\n" for one in public))
    keys = [path.name.removesuffix(f".{LOCALE}.md") for path in sorted(folder.glob("*/*.md"))]
    facts = [f"fact.{number:03d}" for number in range(FACTS)]
    report = sign_all(folder, _orders(people, keys, facts), datetime.now(UTC))
    if report.faults or report.refused or report.unknown:
        raise ValueError(f"the generated folder can't be signed: {(*report.faults, *report.refused)[:3]}")


def _orders(people: dict[str, Signer], texts: list[str], facts: list[str]) -> list[Order]:
    house = ["channels", *HOUSE]
    signed = {
        AUTHOR: [*texts, *facts, *house],
        "p-brand": texts,
        "p-legal": [*texts, *facts],
        "p-product": facts,
        "p-first": house,
        "p-second": house,
    }
    return [Order(people[name], SIGNERS[name], tuple(keys)) for name, keys in signed.items()]


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
