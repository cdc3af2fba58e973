"""`kb up` and `kb serve`: the first start, the second, and how they stop."""

import signal
import subprocess
import time
from pathlib import Path

from tests.doors.bank import Bank, signer
from tests.doors.program import Server, command, environment, kb, serving


def position(server: Server) -> int:
    return int(server.get("/v1/changes").headers["kb-position"])


def snapshot(server: Server) -> list[str]:
    return [
        server.get(f"/v1/snapshot?channel={channel}").text for channel in ("voice", "chat", "social", "sms", "agent")
    ]


def test_the_first_start_fills_a_home_and_the_second_changes_nothing_and_is_quick(new_bank: Bank) -> None:
    arguments = ("up", "--home", new_bank.home, "--content", new_bank.content, "--no-open")
    with serving(*arguments, KB_TRUST_FILE=str(new_bank.trust)) as server:
        first = position(server), snapshot(server)
        assert server.payload("/v1/channels/chat/entries/refund")["position"] == first[0]
        assert server.payload("/v1/channels/chat/search?q=refund")["hits"]
    began = time.perf_counter()
    with serving(*arguments, KB_TRUST_FILE=str(new_bank.trust)) as server:
        took = time.perf_counter() - began
        assert (position(server), snapshot(server)) == first
        assert server.payload("/v1/channels/chat/search?q=refund")["hits"]
    assert took < 5


def test_a_fresh_home_trusts_the_demos_keys_and_one_with_a_past_never_does(new_bank: Bank) -> None:
    keys = new_bank.content / "demo-keys"
    keys.mkdir()
    for name in ("p-ana", "p-lea", "p-pia", "p-ada", "p-abe"):
        new_bank.signer_file(name).rename(keys / f"{name}.json")
    arguments = ("up", "--home", new_bank.home, "--content", new_bank.content, "--no-open")
    with serving(*arguments) as server:
        assert any("demo" in line for line in server.told)
        assert server.get("/v1/channels/chat/entries/refund").status_code == 200
    people = {one["name"]: one["found"] for one in kb("doctor", "--home", new_bank.home, "--json").json}["people"]
    new_bank.signer_file("p-leo").rename(keys / "p-leo.json")
    assert signer("p-leo").private_key
    with serving(*arguments) as server:
        assert not any("demo" in line for line in server.told)
    assert {one["name"]: one["found"] for one in kb("doctor", "--home", new_bank.home, "--json").json}[
        "people"
    ] == people


def test_up_without_a_folder_serves_what_is_there(bank: Bank, tmp_path: Path) -> None:
    with serving("up", "--home", bank.home, "--no-open", cwd=tmp_path) as server:
        assert server.get("/v1/channels/chat/entries/refund").status_code == 200


def test_serve_serves_an_empty_home_and_takes_up_what_is_loaded_meanwhile(new_bank: Bank) -> None:
    with serving("serve", "--home", new_bank.home) as server:
        assert server.payload("/v1/changes") == {"items": [], "next": "1-0-0", "complete_through": 0}
        assert server.get("/v1/channels/chat/entries/refund").status_code == 404
        new_bank.loaded()
        assert server.get("/v1/channels/chat/entries/refund").status_code == 200
        found = server.payload("/v1/channels/chat/search?q=refund")
        for _ in range(50):
            if found["hits"]:
                break
            time.sleep(0.1)
            found = server.payload("/v1/channels/chat/search?q=refund")
        assert found["hits"]


def test_ctrl_c_stops_a_server_without_a_word_about_our_insides(bank: Bank) -> None:
    arguments = command("serve", "--home", bank.home, "--port", "0")
    with subprocess.Popen(
        arguments, env=environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("kb answers at ")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert process.returncode in {0, 130, -signal.SIGINT}, err


def test_only_the_hosts_that_are_ours_are_answered_where_they_are_named(bank: Bank) -> None:
    with serving("serve", "--home", bank.home, KB_ALLOWED_HOSTS="kb.example, localhost") as server:
        for host, status in (("kb.example", 200), ("KB.example:8080", 200), ("evil.example", 400), ("127.0.0.1", 400)):
            assert server.get("/v1/changes", Host=host).status_code == status, host
