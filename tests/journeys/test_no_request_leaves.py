"""No request of the default install leaves the machine: not at start, not while it loads, not while it answers (law 12)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.doors.bank import Bank
from tests.doors.program import Server, command, environment, serving

WATCH = '''"""Read by every Python process that has this folder on its path: writes down whom it tries to reach."""

import os
import sys

NAMES = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
         "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}
NOTES = os.environ["WATCH_NOTES"]


def watch(event, arguments):
    if event in NAMES:
        told = [repr(one) for one in arguments if not hasattr(one, "family")]
        note = os.open(NOTES, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(note, (repr((event, told)) + "\\n").encode())
        os.close(note)


sys.addaudithook(watch)
'''


def watched(folder: Path) -> dict[str, str]:
    """Settings under which a process writes down whom it tries to reach."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCH)
    return {"PYTHONPATH": str(folder), "WATCH_NOTES": str(folder / "notes")}


def notes(settings: dict[str, str]) -> list[str]:
    path = Path(settings["WATCH_NOTES"])
    return path.read_text().splitlines() if path.exists() else []


def test_the_watch_sees_a_process_that_reaches_out(tmp_path: Path) -> None:
    settings = watched(tmp_path / "watch")
    script = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", script], env=environment(**settings), check=True)
    assert any("192.0.2.1" in note for note in notes(settings))


def test_seeding_serving_and_answering_reach_nobody(new_bank: Bank, tmp_path: Path) -> None:
    settings = watched(tmp_path / "watch")
    settings["KB_TRUST_FILE"] = str(new_bank.trust)
    arguments = ("up", "--home", new_bank.home, "--content", new_bank.content, "--no-open")
    with serving(*arguments, cwd=None, **settings) as server:
        for path in paths(server):
            assert server.get(path).status_code == 200, path
        sent = {"slots": {"amount": "12.50 GBP", "due": "2026-11-22"}}
        assert server.client.post("/v1/channels/email/entries/reminder/fill", json=sent).status_code == 200
    assert notes(settings) == []


def paths(server: Server) -> list[str]:
    """Everything there is to ask for."""
    contract: Any = server.payload("/v1/openapi.json")
    examples = {"search": "?q=card", "suggest": "?q=card", "match": "?q=my+card", "lookup": "?key=refund"}
    listed = ["/", "/docs", "/docs/swagger-ui-bundle.js", "/livez", "/readyz", "/problems/invalid"]
    for path, operations in contract["paths"].items():
        if "get" in operations:
            address = path.format(channel="voice", key="refund")
            listed.append(address + examples.get(address.rsplit("/", 1)[-1], ""))
    return listed


def test_no_command_reaches_anybody(bank: Bank, tmp_path: Path) -> None:
    settings = watched(tmp_path / "watch")
    for arguments in (
        ("content", "load", "--content", bank.content, "--home", bank.home),
        ("content", "dump", tmp_path / "dumped", "--home", bank.home),
        ("release", "rerender", "--home", bank.home),
    ):
        subprocess.run(command(*arguments), env=environment(**settings), check=True, capture_output=True)
    assert notes(settings) == []
