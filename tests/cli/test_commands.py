"""The command line as a whole: JSON on request, documented exit codes, one sentence for what goes wrong."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kb import __version__
from kb.cli.root import COMMANDS, root
from tests.doors.bank import Bank
from tests.doors.program import Ran, command, environment, kb

JSON = {
    "content lint": ("content", "lint", "--content", "{content}"),
    "content load": ("content", "load", "--content", "{content}", "--home", "{home}"),
    "content load --dry-run": ("content", "load", "--dry-run", "--content", "{content}", "--home", "{home}"),
    "content dump": ("content", "dump", "{place}/dumped", "--home", "{home}"),
    "content pin": ("content", "pin", "--content", "{content}"),
    "release withdraw --dry-run": ("release", "withdraw", "refund", "--dry-run", "--home", "{home}"),
    "release withdraw": ("release", "withdraw", "quick-calls", "--yes", "--home", "{home}"),
    "release rerender --dry-run": ("release", "rerender", "--dry-run", "--home", "{home}"),
    "release rerender": ("release", "rerender", "--home", "{home}"),
    "audit verify": ("audit", "verify", "--home", "{home}"),
    "schema write": ("schema", "write", "--folder", "{place}/schema"),
    "doctor": ("doctor", "--home", "{home}"),
}


def command_of(name: str) -> click.Command:
    found = root.get_command(click.Context(root), name)
    assert found is not None
    return found


def one_sentence(ran: Ran, code: int) -> str:
    """What a command says when it can't: one sentence on standard error, its exit code, and no traceback."""
    assert ran.code == code, ran.said
    assert ran.err.startswith("kb: "), ran.err
    assert "Traceback" not in ran.said
    return ran.err


@pytest.mark.parametrize("name", JSON)
def test_every_command_answers_with_one_json_document_when_asked(bank: Bank, name: str) -> None:
    places = {"content": bank.content, "home": bank.home, "place": bank.place}
    ran = kb(*(part.format(**places) for part in JSON[name]), "--json")
    assert ran.code == 0, ran.said
    assert json.loads(ran.out) is not None
    assert ran.err == ""
    plain = kb(*(part.format(**places) for part in JSON[name]), typed="y\n")
    assert not plain.out.startswith(("{", "["))


def test_the_program_says_its_version_its_commands_and_its_exit_codes() -> None:
    assert kb("--version").out.strip() == f"kb, version {__version__}"
    told = kb("--help")
    assert told.code == 0
    for name, (_, about) in COMMANDS.items():
        assert re.search(rf"\n  {name} +{re.escape(about)}\n", told.out)
        assert kb(name, "--help").code == 0
    for code in range(8):
        assert f"{code} " in told.out.partition("Exit codes:")[2]
    assert kb("nothing").code == 2


@pytest.mark.parametrize("name", [name for name in COMMANDS if isinstance(command_of(name), click.Group)])
def test_the_help_of_a_group_has_a_sentence_for_each_of_its_commands(name: str) -> None:
    group = command_of(name)
    assert isinstance(group, click.Group)
    assert group.commands
    told = " ".join(kb(name, "--help").out.replace("│", " ").split())
    for inner, command_in_it in group.commands.items():
        about = " ".join((command_in_it.help or "").split("\n\n")[0].split())
        assert about.endswith("."), f"{name} {inner}"
        assert f"{inner} {about}" in told


def test_help_and_version_read_no_database_and_no_web() -> None:
    """Which is most of what a command costs."""
    for asked in ("--help", "--version"):
        ran = subprocess.run([sys.executable, "-X", "importtime", "-m", "kb", asked], env=environment(), check=True,
                             capture_output=True, text=True)  # fmt: skip
        read = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
        assert "kb.cli.root" in read
        assert not {name.partition(".")[0] for name in read} & {
            "sqlalchemy",
            "litestar",
            "uvicorn",
            "tantivy",
            "cryptography",
        }


def test_exit_4_there_is_no_such_thing(bank: Bank) -> None:
    said = one_sentence(kb("release", "withdraw", "nothing", "--yes", "--home", bank.home), 4)
    assert "nothing" in said


def test_exit_1_when_the_person_says_no(bank: Bank) -> None:
    ran = kb("release", "withdraw", "refund-time", "--home", bank.home, typed="n\n")
    assert ran.code == 1
    assert "withdrawn: refund-time (en-GB)" in ran.out
    assert "suspended with it: refund (es-ES)" in ran.out
    assert kb("release", "withdraw", "refund-time", "--dry-run", "--home", bank.home).code == 0  # it is still live


WRONG_SETTINGS = {
    "KB_PORT": ("eighty", "65536", "-1"),
    "KB_MAX_STALE": ("soon", "-1"),
    "KB_SEARCH": ("elastic",),
    "KB_DATABASE_URL": ("kb.db", "mysql://localhost/kb", "sqlite:"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_SETTINGS.items() for value in values]
)
def test_exit_2_a_malformed_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    said = one_sentence(kb("doctor", "--home", tmp_path / "home", cwd=None, typed="", **{name: value}), 2)
    assert name in said


def test_exit_2_a_busy_port_is_told_before_anything_long_begins(tmp_path: Path, signed_bank: Bank) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in (("up", "--content", str(signed_bank.content), "--no-open"), ("serve",)):
            said = one_sentence(kb(*command, "--home", tmp_path / "home", "--port", port), 2)
            assert f"127.0.0.1:{port}" in said
            assert "--port" in said
    assert not (tmp_path / "home").exists()


def test_exit_2_a_trust_file_that_is_none_is_told(bank: Bank) -> None:
    def load(trust: Path) -> str:
        ran = kb("content", "load", "--home", bank.home, "--content", bank.content, KB_TRUST_FILE=str(trust))
        return one_sentence(ran, 2)

    assert "nowhere.jsonl" in load(bank.place / "nowhere.jsonl")
    bank.trust.write_text('{"id":"p-ana"}\n')
    assert "trust.jsonl:1" in load(bank.trust)
    bank.trust.write_bytes(bank.signer_file("p-ana").read_bytes() + b"\n")
    assert "private key" in load(bank.trust)


def test_a_flag_wins_over_the_environment(bank: Bank, tmp_path: Path) -> None:
    ran = kb("doctor", "--home", bank.home, "--json", KB_HOME=str(tmp_path / "other"))
    assert ran.code == 0
    assert not (tmp_path / "other").exists()
    assert kb("doctor", "--json", KB_HOME=str(bank.home)).json == ran.json


def test_the_doctor_names_what_is_wrong_with_a_home(bank: Bank, tmp_path: Path) -> None:
    well = kb("doctor", "--home", bank.home, "--json")
    assert {one["state"] for one in well.json} == {"ok"}
    empty = kb("doctor", "--home", tmp_path / "empty", "--json")
    assert empty.code == 3
    wrong = {one["name"]: one["advice"] for one in empty.json if one["state"] == "wrong"}
    assert set(wrong) == {"people", "policy", "live"}
    assert all(wrong.values())


def test_rendering_anew_with_the_same_program_finds_nothing_to_do(bank: Bank) -> None:
    assert kb("release", "rerender", "--dry-run", "--home", bank.home, "--json").json == {
        "differs": [],
        "released": None,
    }
    assert kb("release", "rerender", "--home", bank.home, "--json").json == {"differs": [], "released": None}


def test_output_that_nobody_reads_is_no_reason_for_a_traceback(signed_bank: Bank) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        arguments = command("content", "lint", "--content", signed_bank.content)
        ended = subprocess.run(
            arguments, env=environment(), stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert b"Traceback" not in ended.stderr
