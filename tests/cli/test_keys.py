"""`kb keys`: the operator makes keys for people, and ends them; a secret is printed once."""

from pathlib import Path

import pytest

from kb.accounts.key_format import looks_like_a_key
from tests.doors.bank import Bank
from tests.doors.program import done, kb, serving

ENTRY = "/v1/channels/chat/entries/card-arrival"


def test_a_key_is_made_listed_rotated_and_revoked(bank: Bank) -> None:
    home = bank.home
    made = done("keys", "make", "the chat bot", "--owner", "p-lea", "--channel", "chat", "--home", home, "--json").json
    key, token = made["key"]["id"], made["token"]
    assert looks_like_a_key(token)
    listed = done("keys", "list", "--home", home)
    assert key in listed.out
    assert token not in listed.said
    turned = done("keys", "rotate", key, "--overlap", "1", "--home", home).out.splitlines()[-1]
    assert looks_like_a_key(turned)
    with serving("serve", "--home", home) as server:
        for shown in (token, turned):
            assert server.get(ENTRY, Authorization=f"Bearer {shown}").status_code == 200
        done("keys", "revoke", key, "--home", home)
        for shown in (token, turned):
            assert server.get(ENTRY, Authorization=f"Bearer {shown}").status_code == 401
    assert done("keys", "list", "--owner", "p-lea", "--home", home, "--json").json[0]["revoked_at"]


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (4, ["make", "a bot", "--owner", "nobody"]),
        (6, ["make", "a bot", "--owner", "p-lea", "--may", "sign"]),
        (2, ["make", "a page", "--owner", "p-lea", "--kind", "publishable"]),
        (4, ["revoke", "aaaaaaaaaaaa"]),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_its_exit_code(
    loaded_bank: Bank, tmp_path: Path, code: int, arguments: list[str]
) -> None:
    ran = kb("keys", *arguments, "--home", loaded_bank.copy(tmp_path / "bank").home)
    assert ran.code == code, ran.said
    assert ran.err.startswith("kb: ")
    assert "Traceback" not in ran.said
