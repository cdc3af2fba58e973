"""REST of proof: receipts, checkpoints and the journal are for those who may audit, and check out offline."""

import csv
import io

import pytest

from kb.release.export import safe_cell
from kb.release.receipt_checks import check
from tests.doors.bank import Bank
from tests.doors.program import done, kb, lines_of, serving


def a_key(bank: Bank, *rights: str) -> str:
    flags = [word for right in rights for word in ("--may", right)]
    made = bank.run("keys", "make", "auditor", "--owner", "p-ada", *flags, "--audience", "public", "--json")
    return f"Bearer {made.json['token']}"


def test_a_receipt_from_the_door_is_checked_by_the_command_line_alone(bank: Bank) -> None:
    credential = a_key(bank, "read", "audit", "history")
    with serving("serve", "--home", bank.home) as server:
        served = server.payload("/v1/channels/chat/entries/card-fee")
        path = f"/v1/receipts/{served['rendition']}"
        assert server.get(path).status_code == 401
        answer = server.get(path, authorization=credential)
        assert answer.status_code == 200, answer.text
        named = server.get("/v1/receipts?key=card-fee&channel=chat", authorization=credential)
        assert named.json()["rendition"] == served["rendition"]
        shown = server.get(f"{path}?format=html", authorization=credential)
        assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert served["rendition"] in shown.text
        latest = server.get("/v1/checkpoints/latest", authorization=credential).json()
        journal = lines_of(server.get("/v1/journal?after=2", authorization=credential).text)
        table = server.get("/v1/journal?format=csv", authorization=credential)
    key = latest["introductions"][-1]["key"]
    assert check(answer.content, key).wrong == ""
    assert [line["position"] for line in journal] == list(range(3, latest["checkpoint"]["position"] + 1))
    rows = list(csv.reader(io.StringIO(table.text)))
    assert len(rows) == latest["checkpoint"]["position"] + 1
    file = bank.place / "receipt.json"
    file.write_bytes(answer.content)
    assert "signed by the installation" in done("audit", "receipt", file, "--key", key).out
    file.write_bytes(answer.content.replace(b"p-ana", b"p-eve", 1))
    ran = kb("audit", "receipt", file, "--key", key)
    assert ran.code == 3
    assert "WRONG" in ran.out


@pytest.mark.parametrize("dangerous", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(dangerous: str) -> None:
    assert safe_cell(dangerous) == f"'{dangerous}"
    assert safe_cell("plain") == "plain"
