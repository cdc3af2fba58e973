"""No request of the default install leaves the machine: not at start, not while it loads, not while it answers (law 12)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.doors.bank import Bank
from tests.doors.program import Server, command, environment, serving
from tests.journeys.managed import Managed, managed
from tests.journeys.managing import first_admin

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


def test_seeding_serving_managing_and_answering_reach_nobody(new_bank: Bank, tmp_path: Path) -> None:
    settings = watched(tmp_path / "watch")
    settings |= {"KB_TRUST_FILE": str(new_bank.trust), "KB_RATE_LIMIT": "0"}
    arguments = ("up", "--home", new_bank.home, "--content", new_bank.content, "--no-open")
    with serving(*arguments, cwd=None, **settings) as server:
        bank = managed(first_admin(server))
        for path in PAGES:
            assert server.get(path).status_code == 200, path
        asked = {path: bank.program.ask("GET", filled(path, bank)).status_code for path in read_paths(server)}
        assert {path: status for path, status in asked.items() if status != 200} == NO_ANSWER
        sent = {"slots": {"amount": "12.50 GBP", "due": "2026-11-22"}}
        assert server.client.post("/v1/channels/email/entries/reminder/fill", json=sent).status_code == 200
    assert notes(settings) == []


PAGES = ("/", "/docs", "/docs/swagger-ui-bundle.js", "/sign-in", "/account", "/livez", "/readyz", "/problems/invalid")
NO_ANSWER = {
    "/v1/invited": 403,  # which is for an outside expert
    "/v1/sign-in/openid": 404,  # there is no provider
    "/v1/sign-in/openid/callback": 404,
}
"""What a person who may do everything is refused all the same, and how."""
QUERIES = {
    "search": "?q=card",
    "suggest": "?q=card",
    "match": "?q=my+card",
    "lookup": "?key=refund",
    "diff": "?from=1&to=1",
    "effects": "?revision={hash}",
    "withdrawals/foresee": "?key=refund",
    "retirements/foresee": "?key=delay&replacement=refund",
    "receipts": "?key={key}&channel={channel}",
    "previews/channels/{channel}/entries/{key}": "?schedule={schedule}",
}
"""What has to be asked with a path, by how it ends."""


def read_paths(server: Server) -> list[str]:
    """Every path of the contract that is there to be read."""
    contract: Any = server.payload("/v1/openapi.json")
    return [path for path, operations in contract["paths"].items() if "get" in operations]


def filled(path: str, bank: Managed) -> str:
    """A path with the names of things that are there, and with the query it has to have."""
    query = next((query for end, query in QUERIES.items() if path.endswith(end)), "")
    return (path + query).format(**{name: known[0] for name, known in bank.names.items()})


def test_no_command_reaches_anybody(bank: Bank, tmp_path: Path) -> None:
    settings = watched(tmp_path / "watch")
    for arguments in (
        ("content", "load", "--content", bank.content, "--home", bank.home),
        ("content", "dump", tmp_path / "dumped", "--home", bank.home),
        ("release", "rerender", "--home", bank.home),
    ):
        subprocess.run(command(*arguments), env=environment(**settings), check=True, capture_output=True)
    assert notes(settings) == []
