"""A small content folder, people who sign it, and a home that trusts them: built through our own actions only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kb.accounts import actions as accounts
from kb.accounts.types import Role, RoleGrant, Signer
from kb.base.clock import RandomIds, SystemClock
from kb.base.db import connect
from kb.base.work import OPERATOR, Sessions, open_work
from kb.files.sign import Order, SignReport, new_signer, sign_all
from kb.migrations import upgrade

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

FACTS = """\
defaults: {topic: cards, owner: team-cards, author: p-ana, cadence_days: 180}
facts:
  card.delivery:
    title: Delivery time of a card
    value: {type: duration, low: 5, high: 7, unit: working-days}
"""
ANSWER = """\
---
kind: answer
title: My card hasn't arrived yet
topic: cards
owner: team-cards
author: p-ana
phrasings:
  - where is my card
---

Your card arrives within {{fact:card.delivery}} of your order.
"""
POLICY = """\
key: policy
title: Who signs what
owner: team-brand
author: p-ana
policy:
  rules:
    - {name: Brand reads what customers read, kinds: [answer], roles: {brand: 1}}
    - {name: Product signs facts, kinds: [fact], roles: {product: 1}}
    - {name: The house needs two admins, kinds: [house], roles: {admin: 2}}
"""
SMALL = {"policy.yaml": POLICY, "facts/cards.yaml": FACTS, "answers/card-arrival.en-GB.md": ANSWER}

ROLES = {
    "p-ana": Role.AUTHOR,
    "p-bea": Role.BRAND,
    "p-pia": Role.PRODUCT,
    "p-ada": Role.ADMIN,
    "p-abe": Role.ADMIN,
}
SIGNERS = {name: new_signer(name, [RoleGrant(role)]) for name, role in ROLES.items()}
ALL = [Order(SIGNERS[name], role) for name, role in ROLES.items()]


def a_folder(path: Path, files: dict[str, str] | None = None) -> Path:
    """A content folder with these files; the small one when none are given."""
    for name, text in (SMALL if files is None else files).items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return path


def signed_by_all(folder: Path, now: datetime = NOW) -> SignReport:
    return sign_all(folder, ALL, now)


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace a passage that must be there."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


@asynccontextmanager
async def a_home(path: Path, signers: dict[str, Signer] | None = None) -> AsyncIterator[Sessions]:
    """An empty home that trusts the signers."""
    url = f"sqlite+aiosqlite:///{path / 'kb.db'}"
    upgrade(url)
    engine = connect(url)
    sessions = Sessions(engine, SystemClock(), RandomIds())
    people = [msgspec.structs.replace(one, private_key="") for one in (signers or SIGNERS).values()]
    async with open_work(sessions, OPERATOR) as work:
        await accounts.trust(work, people, "trust-file")
    try:
        yield sessions
    finally:
        await engine.dispose()
