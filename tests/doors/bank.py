"""A little bank with everything the journeys need: its files, the people who sign them, and homes that hold it."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kb.accounts.types import Role, RoleGrant, Signer
from kb.files.sign import Order, SignReport, new_signer, pin, sign_all
from tests.doors.program import Ran, done, kb

FILES = Path(__file__).parent / "bank"
UNSIGNED = "coming-soon"
"""The one answer of the bank that nobody has signed."""

ROLES = {
    "p-ana": (Role.AUTHOR,),
    "p-lea": (Role.LEGAL,),
    "p-leo": (Role.LEGAL, Role.AUTHOR),
    "p-pia": (Role.PRODUCT,),
    "p-ada": (Role.ADMIN,),
    "p-abe": (Role.ADMIN,),
}
ASKED = (
    ("facts", "p-pia", Role.PRODUCT),
    ("disclosures", "p-pia", Role.PRODUCT),
    ("claims", "p-lea", Role.LEGAL),
    ("disclosures", "p-lea", Role.LEGAL),
    ("answers", "p-lea", Role.LEGAL),
    ("promises", "p-lea", Role.LEGAL),
    ("", "p-ada", Role.ADMIN),
    ("", "p-abe", Role.ADMIN),
)
"""Who signs the files of which folder in which role; the author signs everything."""


@cache
def signer(name: str) -> Signer:
    """A person of the bank, with a key pair of their own."""
    return new_signer(name, [RoleGrant(role) for role in ROLES[name]])


class Bank(msgspec.Struct, frozen=True):
    """An installation of the bank in a place of its own: `content` the files, `home` the database and the index."""

    place: Path

    @property
    def content(self) -> Path:
        return self.place / "content"

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def trust(self) -> Path:
        return self.place / "trust.jsonl"

    def copy(self, place: Path) -> "Bank":
        """The same bank, files and home, to do things to."""
        shutil.copytree(self.place, place)
        return Bank(place)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a passage of a file that must be there."""
        path = self.content / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        """Add a file, or replace one."""
        path = self.content / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def sign(self, *keys: str, leaving: Iterable[str] = (UNSIGNED,)) -> SignReport:
        """Have everything signed by all who must; with keys, these alone."""
        orders = [
            Order(signer(name), role, chosen)
            for folder, name, role in (*((folder, "p-ana", Role.AUTHOR) for folder in FOLDERS), *ASKED)
            if (chosen := tuple(sorted(self._keys(folder, keys) - set(leaving))))
        ]
        report = sign_all(self.content, orders, datetime.now(UTC))
        assert not report.refused, report.refused
        return report

    def pin(self) -> None:
        """Say in all translations that they were made from the sources as they are."""
        pin(self.content)

    def signer_file(self, name: str) -> Path:
        """The file a person signs with."""
        path = self.place / f"{name}.json"
        path.write_bytes(msgspec.json.encode(signer(name)))
        return path

    def load(self, *flags: str) -> Ran:
        """`kb content load`, whatever comes of it."""
        return kb(
            "content", "load", "--home", self.home, "--content", self.content, *flags, KB_TRUST_FILE=str(self.trust)
        )

    def loaded(self) -> Any:
        """`kb content load --json` of files that are signed but for the one answer; its report."""
        ran = self.load("--json")
        assert ran.code in {0, 3}, ran.said
        assert not ran.json.get("faults"), ran.json["faults"]
        return ran.json

    def run(self, *arguments: str | Path) -> Ran:
        """A command that must succeed in this home."""
        return done(*arguments, "--home", self.home)

    def _keys(self, folder: str, keys: tuple[str, ...]) -> set[str]:
        if folder == "facts":
            found = {key for path in (self.content / folder).glob("*.yaml") for key in _facts(path)}
        else:
            found = {path.name.split(".")[0] for path in (self.content / folder).glob("*.*") if path.is_file()}
        return found & set(keys) if keys else found


FOLDERS = ("facts", "claims", "disclosures", "answers", "promises", "")


def a_bank(place: Path) -> Bank:
    """The bank's files, signed, and the trust file that names its people; nothing is loaded yet."""
    shutil.copytree(FILES, place / "content")
    bank = Bank(place)
    people = [msgspec.structs.replace(signer(name), private_key="") for name in ROLES]
    bank.trust.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in people))
    bank.pin()
    bank.sign()
    return bank


def _facts(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.strip().rstrip(":") for line in lines if line.startswith("  ") and not line.startswith("   ")}
