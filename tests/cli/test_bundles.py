"""`kb release export` and `import`: a release moves from one home to another, which believes its own people."""

import json
from pathlib import Path

from tests.doors.bank import Bank
from tests.doors.program import kb


def the_first_release(bank: Bank) -> str:
    lines = bank.run("audit", "export").out.splitlines()
    return str(next(line["data"]["release"] for line in map(json.loads, lines) if line["event"] == "release.made"))


def exported(bank: Bank) -> Path:
    file = bank.place / "release.json"
    bank.run("release", "export", the_first_release(bank), "-o", file)
    return file


def test_a_release_moves_to_a_home_that_trusts_the_same_people(bank: Bank, signed_bank: Bank, tmp_path: Path) -> None:
    file = exported(bank)
    other = signed_bank.copy(tmp_path / "other")
    house = [path.name for path in other.content.iterdir() if path.is_dir() and path.name not in {"signoffs"}]
    for name in house:
        (other.content / name).rename(other.place / name)
    other.load()
    moved = other.run("release", "import", file, "--json").json
    assert moved["refused"] == []
    assert moved["released"] is not None
    was, now = (
        home.run("history", "as-of", "card-fee", "--at", "9999-01-01T00:00:00Z", "--channel", "chat", "--json").json
        for home in (bank, other)
    )
    assert was["rendition"] == now["rendition"]
    again = other.run("release", "import", file)
    assert "0 revisions were news" in again.out
    assert "nothing went live" in again.out
    other.run("audit", "verify")


def test_an_empty_home_that_trusts_nobody_takes_texts_and_releases_none(bank: Bank, tmp_path: Path) -> None:
    file = exported(bank)
    ran = kb("release", "import", file, "--home", tmp_path / "empty", "--json")
    assert ran.code == 0, ran.said
    assert ran.json["released"] is None
    assert ran.json["refused"]
    assert ran.json["blocked"]


def test_a_file_that_was_changed_is_refused_whole(bank: Bank, tmp_path: Path) -> None:
    file = exported(bank)
    file.write_bytes(file.read_bytes().replace(b"5.00", b"6.00"))
    ran = kb("release", "import", file, "--home", tmp_path / "empty")
    assert ran.code == 2
    assert "nothing of it was taken" in ran.err
    assert kb("release", "export", "nothing", "--home", bank.home).code == 4
