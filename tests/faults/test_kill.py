"""kill -9 at any point of a load leaves all or nothing of each release, and the next start carries on."""

import random
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from tests.doors.bank import Bank
from tests.doors.program import command, environment, kb, serving
from tests.faults.homes import releases, served
from tests.journeys.watching import everything, indexed, position

KILLS = 4
"""Kills of each kind of load: enough that over the runs every stage is met, few enough to stay quick."""


class Course(msgspec.Struct, frozen=True):
    """A load that nobody disturbed: what it leaves to be served, and how long it takes."""

    before: set[tuple[object, ...]]
    after: set[tuple[object, ...]]
    seconds: float


def undisturbed(bank: Bank) -> Course:
    before = served(bank)
    began = time.perf_counter()
    subprocess.run(load(bank), env=environment(KB_TRUST_FILE=str(bank.trust)), check=True, capture_output=True)
    return Course(before, served(bank), time.perf_counter() - began)


def load(bank: Bank) -> list[str]:
    return command("content", "load", "--home", bank.home, "--content", bank.content)


def killed(arguments: list[str], bank: Bank, after: float) -> bool:
    """Start, kill -9 after so many seconds; whether it was still at work."""
    process = subprocess.Popen(
        arguments,
        env=environment(KB_TRUST_FILE=str(bank.trust)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def whole(bank: Bank) -> None:
    """The journal's chain stands, and every row is what its line says."""
    ran = kb("audit", "verify", "--home", bank.home, "--json")
    assert (ran.code, ran.json["fault"], ran.json["findings"]) == (0, None, []), ran.said


def disturbed(start: Bank, place: Path, course: Course, most: int) -> int:
    """Kill one load after the other, each somewhere else, until one has come through; how many were killed."""
    bank = start.copy(place)
    count = 0
    while count < most and served(bank) == course.before:
        count += killed(load(bank), bank, random.uniform(0.35, 1.0) * course.seconds)
        assert served(bank) in (course.before, course.after)
    whole(bank)
    subprocess.run(load(bank), env=environment(KB_TRUST_FILE=str(bank.trust)), check=True, capture_output=True)
    assert served(bank) == course.after
    assert releases(bank) == (1 if not course.before else 2)
    whole(bank)
    return count


@pytest.mark.parametrize("kind", ["the first load", "a load of changes"])
def test_a_load_that_is_killed_leaves_all_or_nothing_and_the_next_one_carries_on(
    signed_bank: Bank, loaded_bank: Bank, tmp_path: Path, kind: str
) -> None:
    if kind == "the first load":
        start = signed_bank
    else:
        start = loaded_bank.copy(tmp_path / "changed")
        start.edit("facts/cards.yaml", '"5.00"', '"6.00"')
        start.edit("facts/cards.yaml", "low: 14, unit: days", "low: 10, unit: days")
        start.edit("facts/cards.yaml", "low: 5, high: 7", "low: 4, high: 6")
        start.sign()
    course = undisturbed(start.copy(tmp_path / "undisturbed"))
    assert course.after > set() != course.before ^ course.after
    kills = 0
    for number in range(KILLS):
        kills += disturbed(start, tmp_path / f"killed-{number}", course, KILLS - kills)
        if kills >= KILLS:
            break


def test_a_first_start_that_is_killed_is_carried_on_by_the_next(new_bank: Bank, loaded_bank: Bank) -> None:
    expected = served(loaded_bank)
    arguments = ("up", "--home", new_bank.home, "--content", new_bank.content, "--no-open")
    for after in (random.uniform(0.5, 1.0), random.uniform(1.0, 2.0)):
        killed(command(*arguments, "--port", "0"), new_bank, after)
        assert served(new_bank) in (set(), expected)
    with serving(*arguments, KB_TRUST_FILE=str(new_bank.trust)) as server:
        assert {place[:3] for place in everything(server)} <= {
            (key, channel, profile) for key, _, channel, profile, *_ in expected
        }
        assert indexed(server, position(server))
        assert server.payload("/v1/channels/chat/match?q=my+refund+is+missing")["answer"]["key"] == "refund"
    assert served(new_bank) == expected
    whole(new_bank)


def test_a_server_that_is_killed_leaves_a_home_that_serves_again(bank: Bank) -> None:
    for _ in range(2):
        with serving("serve", "--home", bank.home) as server:
            before = everything(server)
            assert server.payload("/v1/channels/chat/search?q=refund")["hits"]
            server.process.kill()
            server.process.wait()
    with serving("serve", "--home", bank.home) as server:
        assert everything(server) == before
        assert indexed(server, position(server))
        assert server.payload("/v1/channels/chat/search?q=refund")["hits"]
