"""`kb release` from the command line: now, at a time, and back again; what failed shows in `kb doctor`."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from kb.base.clock import RandomIds, SystemClock
from kb.base.db import connect
from kb.base.hashing import instant
from kb.base.work import OPERATOR, Sessions
from kb.release.due import run_due
from tests.doors.bank import Bank
from tests.doors.program import kb

ANSWER = """---
kind: answer
title: The summer offer
topic: cards
owner: team-cards
author: p-ana
---

Good news. {{claim:summer}}
"""
CLAIM = """---
kind: claim
title: Summer
topic: cards
owner: team-cards
author: p-ana
evidence:
  - title: Tariff
    url: https://larkfield.example/tariff
---

Taking out cash is free.
"""


@pytest.fixture
def waiting(bank: Bank) -> Bank:
    """A bank with one answer that is approved and can't go live, for what it refers to isn't there."""
    bank.write("answers/summer-offer.en-GB.md", ANSWER)
    bank.sign("summer-offer")
    bank.loaded()
    (bank.content / "answers/summer-offer.en-GB.md").unlink()
    return bank


def hash_of(bank: Bank) -> str:
    """The hash of the answer that waits."""
    (one,) = bank.run("release", "make", "--approved", "--dry-run", "--json").json["blocked"]
    assert (one["key"], one["issues"][0]["code"]) == ("summer-offer", "reference-not-live")
    return str(one["hash"])


def released_claim(bank: Bank) -> None:
    bank.write("claims/summer.en-GB.md", CLAIM)
    bank.sign("summer")
    bank.loaded()


def work(bank: Bank) -> None:
    """Do what is due, as a server's worker does."""

    async def once() -> None:
        engine = connect(f"sqlite+aiosqlite:///{bank.home / 'kb.db'}")
        await run_due(Sessions(engine, SystemClock(), RandomIds()), OPERATOR)
        await engine.dispose()

    asyncio.run(once())


def test_a_revision_is_scheduled_listed_cancelled_released_and_rolled_back(waiting: Bank) -> None:
    hash_ = hash_of(waiting)
    refused = kb("release", "make", hash_, "--home", waiting.home)
    assert refused.code == 5, refused.said
    assert "none does" in refused.err
    released_claim(waiting)
    at = ("--at", "2038-07-01T09:00", "--zone", "Europe/London", "--hard", "--reason", "summer begins")
    made = waiting.run("release", "schedule", hash_, *at, "--json").json
    assert (made["at"], made["state"], made["hard"]) == ("2038-07-01T08:00:00.000Z", "pending", True)
    twice = kb("release", "schedule", hash_, *at, "--home", waiting.home)
    assert twice.code == 5, twice.said
    (line,) = waiting.run("release", "schedules", "--state", "pending").out.splitlines()
    assert "2038-07-01T09:00:00 Europe/London, hard  pending  summer-offer (en-GB)" in line
    assert waiting.run("release", "cancel", made["id"], "--json").json["state"] == "cancelled"
    assert waiting.run("release", "schedules", "--state", "pending").out == "nothing is scheduled\n"
    looked = waiting.run("release", "make", "--approved", "--dry-run").out
    assert "release: summer-offer (en-GB)" in looked
    done = waiting.run("release", "make", hash_, "--json").json
    assert [item["key"] for item in done["items"]] == ["summer-offer"]
    assert "comes back" not in waiting.run("release", "rollback", done["id"], "--dry-run").out
    assert "rolled back at position" in waiting.run("release", "rollback", done["id"]).out
    again = kb("release", "rollback", done["id"], "--home", waiting.home)
    assert again.code == 5, again.said


def test_a_time_that_is_none_is_refused_with_what_to_write(waiting: Bank) -> None:
    hash_ = hash_of(waiting)
    for at in (("--at", "soon"), ("--at", "2038-07-01T09:00"), ("--at", "2001-01-01T00:00Z")):
        ran = kb("release", "schedule", hash_, *at, "--home", waiting.home)
        assert ran.code == 2, ran.said
    assert kb("release", "cancel", "nothing", "--home", waiting.home).code == 4
    assert kb("release", "make", "--home", waiting.home).code == 2


def test_a_schedule_that_failed_is_told_by_the_doctor_until_it_was_seen_to(waiting: Bank) -> None:
    hash_, soon = hash_of(waiting), instant(datetime.now(UTC) + timedelta(seconds=3))
    made = waiting.run("release", "schedule", hash_, "--at", soon, "--json").json
    while instant(datetime.now(UTC)) < soon:
        time.sleep(0.05)
    work(waiting)
    ill = kb("doctor", "--home", waiting.home)
    assert ill.code == 3, ill.said
    assert f"wrong  schedules: 1 failed: {made['id']}" in ill.out
    listed = waiting.run("release", "schedules", "--state", "failed").out
    assert "summer-offer: {{claim:summer}} is neither live nor in this release." in listed
    released_claim(waiting)
    waiting.run("release", "make", hash_)
    assert "ok  schedules: " in waiting.run("doctor").out


def test_a_topic_is_withdrawn_whole_with_what_leans_on_it(bank: Bank) -> None:
    looked = bank.run("release", "withdraw", "--topic", "cards", "--dry-run", "--json").json
    assert looked["withdrawn"]
    done = bank.run("release", "withdraw", "--topic", "cards", "--yes", "--reason", "a recall", "--json").json
    assert done["closed"] > 0
    gone = {tuple(at) for at in (*looked["withdrawn"], *looked["suspended"])}
    assert {(item["key"], item["locale"]) for item in done["items"]} == gone
