"""Signing files: who may, what a signature holds for, and pins."""

import json
from pathlib import Path

import pytest

from kb.accounts.types import Role, RoleGrant
from kb.base.errors import Invalid
from kb.files.read import read
from kb.files.sign import Order, new_signer, pin, read_signer, sign, sign_all
from kb.files.statements import path_of
from kb.review.signatures import verifies
from tests.files.folders import ANSWER, NOW, SIGNERS, SMALL, a_folder, edit, signed_by_all

SPANISH = ANSWER.replace("topic: cards\nowner: team-cards\nauthor: p-ana\n", "author: p-dan\n").replace("Your", "Tu")
FILE = "answers/card-arrival.es-ES.md"
KEYS = ("card-arrival",)


def test_a_sign_off_names_the_hash_of_the_file_as_it_is_and_verifies(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    report = sign_all(folder, [Order(SIGNERS["p-bea"], Role.BRAND, KEYS)], NOW)
    reading = read(folder)
    assert [one.value for one in reading.signoffs] == list(report.signed)
    assert report.signed[0].hash == next(one.hash for one in reading.drafts if one.draft.key == "card-arrival")
    assert verifies(report.signed[0], SIGNERS["p-bea"].public_key)
    assert not verifies(report.signed[0], SIGNERS["p-pia"].public_key)


def test_signing_twice_adds_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    first = signed_by_all(folder)
    files = {file: file.read_bytes() for file in (folder / "signoffs").iterdir()}
    second = signed_by_all(folder)
    assert (second.signed, second.standing) == ((), len(first.signed))
    assert files == {file: file.read_bytes() for file in (folder / "signoffs").iterdir()}


def test_a_sign_off_of_an_edited_file_stands_behind_the_old_one(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    signed_by_all(folder)
    file = folder / path_of("card-arrival", "en-GB")
    before = file.read_bytes()
    file.write_bytes(before.rstrip(b"\n"))
    edit(folder, "answers/card-arrival.en-GB.md", "arrives", "comes")
    signed_by_all(folder)
    assert file.read_bytes().startswith(before)
    assert read(folder).faults == ()


@pytest.mark.parametrize(
    ("signer", "role", "code"),
    [
        (new_signer("p-ana", [RoleGrant(Role.BRAND)]), Role.BRAND, "signer-contributed"),
        (new_signer("p-eve", [RoleGrant(Role.BRAND)]), Role.BRAND, "signer-contributed"),
        (SIGNERS["p-bea"], Role.AUTHOR, "signer-not-author"),
        (SIGNERS["p-bea"], Role.LEGAL, "role-not-held"),
        (new_signer("p-zoe", [RoleGrant(Role.BRAND, ("cash",))]), Role.BRAND, "role-not-held"),
    ],
)
def test_who_may_not_sign_is_refused_with_the_reason(tmp_path: Path, signer: object, role: Role, code: str) -> None:
    folder = a_folder(tmp_path)
    edit(folder, "answers/card-arrival.en-GB.md", "author: p-ana\n", "author: p-ana\neditors: [p-eve]\n")
    report = sign_all(folder, [Order(signer, role, KEYS)], NOW)  # type: ignore[arg-type]
    assert [one.code for one in report.refused] == [code]
    assert not (folder / "signoffs").exists()


def test_a_translation_is_pinned_before_it_is_signed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, {**SMALL, FILE: SPANISH})
    order = Order(SIGNERS["p-bea"], Role.BRAND, KEYS, "es-ES")
    assert [one.code for one in sign_all(folder, [order], NOW).refused] == ["translation-unpinned"]
    pinned = pin(folder, KEYS)
    source = next(one.hash for one in read(folder).drafts if one.draft.locale == "en-GB")
    assert [(one.locale, one.source) for one in pinned] == [("es-ES", source)]
    assert len(sign_all(folder, [order], NOW).signed) == 1


def test_pinning_changes_one_line_only(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, {**SMALL, FILE: SPANISH.replace("\n", "\r\n")})
    source = pin(folder)[0].source
    expected = SPANISH.replace("kind: answer\n", f"kind: answer\nsource: {source}\n").replace("\n", "\r\n")
    assert (folder / FILE).read_bytes() == expected.encode()
    assert pin(folder) == ()
    edit(folder, "answers/card-arrival.en-GB.md", "arrives", "comes")
    newer = pin(folder)[0].source
    assert (folder / FILE).read_bytes() == expected.replace(source, newer).encode()


def test_a_key_that_no_file_has_is_named(tmp_path: Path) -> None:
    report = sign_all(a_folder(tmp_path), [Order(SIGNERS["p-bea"], Role.BRAND, ("card-arival",))], NOW)
    assert report.unknown == ("card-arival",)


def test_one_signer_signs_from_a_file(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    key_file = tmp_path / "p-bea.json"
    signer = SIGNERS["p-bea"]
    fields = {"id": signer.id, "roles": [{"role": "brand", "topics": ["*"]}], "public_key": signer.public_key}
    key_file.write_text(json.dumps({**fields, "private_key": signer.private_key}))
    assert len(sign(folder, KEYS, Role.BRAND, key_file, NOW).signed) == 1
    key_file.write_text(json.dumps(fields))
    with pytest.raises(Invalid, match="no private key"):
        read_signer(key_file)
