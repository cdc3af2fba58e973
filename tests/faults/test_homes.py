"""Homes that can't be used, or only half: one sentence that says so, and nothing half done."""

import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.doors.answers import assert_problem
from tests.doors.bank import Bank
from tests.doors.program import Ran, command, environment, kb, serving
from tests.faults.homes import releases, served
from tests.journeys.watching import everything, indexed, position


def one_sentence(ran: Ran) -> str:
    assert ran.code == 7, ran.said
    assert ran.err.startswith("kb: "), ran.err
    assert "Traceback" not in ran.err
    return ran.err


# ---- places that can't be used ---------------------------------------------------------------------------------------


def test_a_file_where_the_home_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("I was here first.")
    assert "taken" in one_sentence(kb("doctor", KB_HOME=str(tmp_path / "taken")))
    assert "taken" in one_sentence(kb("doctor", "--home", tmp_path / "taken/inside"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_may_not_be_written_is_told(bank: Bank) -> None:
    bank.home.chmod(0o500)
    try:
        assert str(bank.home) in one_sentence(bank.load())
    finally:
        bank.home.chmod(0o700)


def test_a_database_that_is_none_is_told(bank: Bank) -> None:
    (bank.home / "kb.db").write_bytes(b"This is no database, whatever its name says. " * 200)
    assert "not a database" in one_sentence(kb("doctor", "--home", bank.home))
    (bank.home / "kb.db").unlink()
    (bank.home / "kb.db").mkdir()
    one_sentence(kb("doctor", "--home", bank.home))


def test_a_full_disk_is_told_and_the_load_is_done_once_there_is_room(new_bank: Bank, loaded_bank: Bank) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    arguments = command("content", "load", "--home", new_bank.home, "--content", new_bank.content)
    settings = environment(KB_TRUST_FILE=str(new_bank.trust))
    ended = subprocess.run(
        arguments, env=settings, capture_output=True, text=True, timeout=60, check=False, preexec_fn=no_room
    )
    one_sentence(Ran(ended.returncode, ended.stdout, ended.stderr))
    assert served(new_bank) == set()
    new_bank.loaded()
    assert served(new_bank) == served(loaded_bank)
    assert kb("audit", "verify", "--home", new_bank.home).code == 0


def test_a_node_that_can_not_read_its_journal_answers_nothing_rather_than_an_old_text(bank: Bank) -> None:
    paths = ("/v1/channels/chat/entries/refund", "/v1/channels/chat/entries", "/v1/changes", "/readyz")
    with serving("serve", "--home", bank.home, KB_MAX_STALE="0.2") as server:
        assert [server.get(path).status_code for path in paths] == [200] * 4
        os.truncate(bank.home / "kb.db", 0)
        time.sleep(0.3)
        for path in paths:
            answer = server.get(path)
            assert_problem(answer, 503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert server.get("/livez").status_code == 200


# ---- several at once -------------------------------------------------------------------------------------------------


def together(*acts: Callable[[], object]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("home", ["new_bank", "bank"], ids=["a new home", "a home with a past"])
def test_two_loads_at_once_make_one_release(request: pytest.FixtureRequest, home: str) -> None:
    chosen: Bank = request.getfixturevalue(home)
    seen = 1 if home == "bank" else 0
    chosen.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    chosen.sign("card.fee")
    ran: list[Ran] = []
    together(*[lambda: ran.append(chosen.load("--json"))] * 2)
    assert [one.code for one in ran] == [0, 0], [one.said for one in ran]
    assert sum(one.json["counts"]["released"] > 0 for one in ran) == 1
    assert releases(chosen) == seen + 1
    assert kb("audit", "verify", "--home", chosen.home).code == 0
    with serving("serve", "--home", chosen.home) as server:
        assert "£6" in server.payload("/v1/channels/sms/entries/card-fee")["text"]


def test_a_load_waits_while_someone_else_writes_and_readers_do_not(bank: Bank) -> None:
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    with (
        serving("serve", "--home", bank.home) as server,
        closing(sqlite3.connect(bank.home / "kb.db", isolation_level=None, check_same_thread=False)) as other,
    ):
        before = everything(server)
        other.execute("BEGIN IMMEDIATE")
        ran: list[Ran] = []
        loading = threading.Thread(target=lambda: ran.append(bank.load("--json")))
        loading.start()
        time.sleep(1.5)
        assert ran == []
        began = time.perf_counter()
        assert everything(server) == before
        assert time.perf_counter() - began < 1
        other.execute("ROLLBACK")
        loading.join()
        assert ran[0].code == 0, ran[0].said
        assert ran[0].json["counts"]["released"] == 1
        assert everything(server) != before


def test_two_servers_over_one_home_both_answer_and_both_find(bank: Bank) -> None:
    with serving("serve", "--home", bank.home) as one, serving("serve", "--home", bank.home) as other:
        assert everything(one) == everything(other)
        bank.edit("answers/card-fee.en-GB.md", "phrasings:\n", "phrasings:\n  - how dear is plastic\n")
        bank.sign("card-fee")
        bank.loaded()
        assert everything(one) == everything(other)
        for server in (one, other):
            assert indexed(server, position(server))
            found = server.payload("/v1/channels/chat/match?q=how+dear+is+plastic")
            assert (found["outcome"], found["answer"]["key"]) == ("answered", "card-fee")


# ---- a search index that was spoilt ----------------------------------------------------------------------------------


def live_of(search: Path) -> Path:
    return search / (search / "live").read_text().strip()


def each(folder: Path, spoil: Callable[[Path], object]) -> None:
    for path in folder.iterdir():
        if path.suffix not in {".json", ".lock"}:
            spoil(path)


SPOILT: dict[str, Callable[[Path], object]] = {
    "gone": shutil.rmtree,
    "a pointer of garbage": lambda search: (search / "live").write_bytes(bytes(range(128, 192))),
    "a pointer to nowhere": lambda search: (search / "live").write_text("../../elsewhere"),
    "no list of segments": lambda search: (live_of(search) / "meta.json").unlink(),
    "half a list of segments": lambda search: (live_of(search) / "meta.json").write_text('{"segments": ['),
    "segments gone": lambda search: each(live_of(search), Path.unlink),
    "segments cut short": lambda search: each(live_of(search), lambda path: path.write_bytes(path.read_bytes()[:40])),
    "segments of garbage": lambda search: each(
        live_of(search), lambda path: path.write_bytes(bytes(255 - byte for byte in path.read_bytes()))
    ),
}


@pytest.fixture(scope="module")
def indexed_bank(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """The bank with an index that is in step. Read only."""
    bank = loaded_bank.copy(tmp_path_factory.mktemp("indexed") / "bank")
    with serving("serve", "--home", bank.home) as server:
        assert indexed(server, position(server))
    return bank


@pytest.mark.parametrize("how", SPOILT)
def test_an_index_that_was_spoilt_is_built_anew_from_the_journal(indexed_bank: Bank, tmp_path: Path, how: str) -> None:
    bank = indexed_bank.copy(tmp_path / "bank")
    SPOILT[how](bank.home / "search")
    with serving("serve", "--home", bank.home) as server:
        assert server.payload("/v1/channels/chat/entries/refund")["key"] == "refund"
        until = time.monotonic() + 10
        found = server.payload("/v1/channels/chat/search?q=missing+refund")
        while (found["degraded"] or not found["hits"]) and time.monotonic() < until:
            time.sleep(0.05)
            found = server.payload("/v1/channels/chat/search?q=missing+refund")
        assert found["hits"][0]["key"] == "refund"
        assert not found["degraded"]
        assert server.payload("/v1/channels/chat/match?q=my+refund+is+missing")["answer"]["key"] == "refund"
