"""A content folder into drafts and statements: every file stands for itself, and a bad one stops nothing else."""

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kb.channels.limits import ProfilesDocument
from kb.entries.faults import UNSEEN
from kb.entries.types import KEY, Kind
from kb.files.entry_files import EntryFile, Parsed, read_entry
from kb.files.places import Places
from kb.files.statements import SIGNOFFS, read_statements
from kb.files.types import Fault, Located, ReadDraft, ReadError, ReadFile, Reading
from kb.files.yaml_files import HOUSE, read_facts, read_house
from kb.review.types import SignOff, Waiver

FOLDERS = {
    "claims": Kind.CLAIM,
    "disclosures": Kind.DISCLOSURE,
    "answers": Kind.ANSWER,
    "promises": Kind.PROMISE,
    "notices": Kind.NOTICE,
}
FACTS = "facts"
NOT_OURS = frozenset({"demo-keys"})
"""Folders in a content folder that hold no content."""
MOST_BYTES = 1_000_000

_NAME = re.compile(r"(?P<key>.+)\.(?P<locale>[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?)\.md\Z")
_KEY = re.compile(KEY)
_LINE_ENDS = re.compile(r"[^\S\n]+$", re.MULTILINE)


def read(folder: Path) -> Reading:
    """Everything in a content folder, with what is wrong in it; FileNotFoundError when there is no such folder."""
    return _Folder(folder).read()


def read_with_places(folder: Path) -> tuple[Reading, dict[tuple[str, str], Places]]:
    """The same with the lines of every draft's fields by (key, locale): what lint points at."""
    places: dict[tuple[str, str], Places] = {}
    reading = _Folder(folder, places).read()
    return reading, places


def read_text(data: bytes) -> str:
    """The text of a file with normal lines: UTF-8, NFC, LF, nothing behind the last word of a line; else ReadError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(line, "not-utf-8", "the file isn't UTF-8", "save it again in UTF-8") from error
    if text.startswith("\ufeff"):
        action = "save it in UTF-8 without a byte order mark"
        raise ReadError(1, "byte-order-mark", "the file begins with a byte order mark", action)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _LINE_ENDS.sub("", unicodedata.normalize("NFC", text))
    if match := UNSEEN.search(text):
        line = text.count("\n", 0, match.start()) + 1
        message = f"the character U+{ord(match[0]):04X} can't be seen"
        raise ReadError(line, "control-character", message, "remove it")
    return text


class _Folder:
    """One reading in progress."""

    def __init__(self, folder: Path, lines: dict[tuple[str, str], Places] | None = None) -> None:
        self.lines = lines
        self.root = folder.resolve(strict=True)
        self.faults: list[Fault] = []
        self.files: list[ReadFile] = []
        self.signoffs: list[Located[SignOff]] = []
        self.waivers: list[Located[Waiver]] = []
        self.kinds: dict[str, ReadDraft] = {}
        self.places: dict[tuple[str, str], ReadDraft] = {}

    def read(self) -> Reading:
        top = self.entries("")
        self.house([path for path, is_folder in top if not is_folder])
        source = self.source_locale()
        for path, is_folder in top:
            if is_folder:
                self.folder(path, source)
        faults = tuple(sorted(self.faults, key=lambda fault: (fault.file, fault.line)))
        files = tuple(sorted(self.files, key=lambda file: file.path))
        return Reading(source, files, faults, tuple(self.signoffs), tuple(self.waivers))

    def house(self, paths: Sequence[str]) -> None:
        for path in paths:
            name = path.removesuffix(".yaml")
            if path == f"{name}.yaml" and name in HOUSE:
                self.take(path, partial(_house, path, name))
            elif path != "README.md":
                files = ", ".join(f"{name}.yaml" for name in HOUSE)
                self.fault(path, "file-unexpected", "no content stands in this file", f"here stand {files} and folders")

    def source_locale(self) -> str:
        """The first served locale; a folder without channel profiles has the built-in one."""
        house = self.kinds["channels"].draft.content.house if "channels" in self.kinds else None
        document = house.channels if house and house.channels else ProfilesDocument()
        return document.locales[0] if document.locales else ProfilesDocument().locales[0]

    def folder(self, name: str, source: str) -> None:
        if name in NOT_OURS:
            return
        if name not in FOLDERS and name not in {FACTS, SIGNOFFS}:
            known = ", ".join((FACTS, *FOLDERS, SIGNOFFS))
            self.fault(name, "folder-unexpected", "no content stands in this folder", f"use one of {known}")
            return
        for path, is_folder in self.entries(name):
            if is_folder:
                self.fault(path, "folder-unexpected", "there are no folders in here", f"put its files into {name}/")
            elif name == SIGNOFFS:
                self.statements(path)
            elif name == FACTS:
                self.facts(path)
            else:
                self.entry(path, FOLDERS[name], source)

    def facts(self, path: str) -> None:
        if path.endswith(".yaml"):
            self.take(path, lambda text: read_facts(path, text))
        else:
            self.fault(path, "file-unexpected", "facts stand in YAML files", "name it NAME.yaml, or move it away")

    def entry(self, path: str, kind: Kind, source: str) -> None:
        match = _NAME.match(path.rpartition("/")[2])
        if match is None or not _KEY.match(match["key"]) or len(match["key"]) > 120:
            message = "the name has to be KEY.LOCALE.md"
            action = "use lower-case letters, digits, single dots or hyphens: card-arrival.en-GB.md"
            self.fault(path, "file-name", message, action)
            return
        file = EntryFile(path, kind, match["key"], match["locale"], match["locale"] != source)
        self.take(path, lambda text: _sorted_out(read_entry(file, text)))

    def statements(self, path: str) -> None:
        data = self.data(path) if path.endswith(".jsonl") else None
        if data is not None:
            signoffs, waivers, faults = read_statements(path, data)
            self.signoffs += signoffs
            self.waivers += waivers
            self.faults += faults
        elif not path.endswith(".jsonl"):
            self.fault(path, "file-unexpected", "sign-offs stand in KEY.LOCALE.jsonl", "move it away")

    def take(self, path: str, parse: Callable[[str], tuple[list[Parsed], list[Fault]]]) -> None:
        """Read a file, keep the drafts that are the first with their key and locale."""
        data = self.data(path)
        if data is None:
            return
        try:
            found, faults = parse(read_text(data))
        except ReadError as error:
            self.faults.append(error.fault(path))
            return
        self.faults += faults
        kept = tuple(one for one in found if self.is_first(one.read))
        if kept:
            self.files.append(ReadFile(path, tuple(one.read for one in kept)))
        if self.lines is not None:
            self.lines.update({one.read.place: one.places for one in kept})

    def is_first(self, read: ReadDraft) -> bool:
        other = self.places.setdefault(read.place, read)
        named = self.kinds.setdefault(read.draft.key, read)
        if other is read and named.draft.kind is read.draft.kind:
            return True
        other = named if other is read else other
        message = f"{read.draft.key} is a {other.draft.kind} in {other.file}, line {other.line}"
        self.fault(read.file, "key-twice", message, "keys are unique across kinds: rename one", read.line)
        return False

    def data(self, path: str) -> bytes | None:
        try:
            with (self.root / path).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            self.fault(path, "file-unreadable", f"the file can't be read: {error.strerror}", "check its permissions")
            return None
        if len(data) > MOST_BYTES:
            self.fault(path, "file-too-large", f"the file is over {MOST_BYTES:,} bytes", "split it")
            return None
        return data

    def entries(self, name: str) -> list[tuple[str, bool]]:
        """What lies in a folder, as (path, is it a folder), by name; what is hidden or leads elsewhere is left out."""
        found = []
        with os.scandir(self.root / name) as items:
            for item in sorted(items, key=lambda item: item.name):
                path = f"{name}/{item.name}".lstrip("/")
                if item.name.startswith("."):
                    continue
                if item.is_symlink() and not Path(item.path).resolve().is_relative_to(self.root):
                    self.fault(path, "link-outside", "this leads out of the content folder", "copy the file here")
                elif item.is_dir() or item.is_file():
                    found.append((path, item.is_dir()))
                else:
                    self.fault(path, "file-unexpected", "this is no ordinary file", "move it away")
        return found

    def fault(self, path: str, code: str, message: str, action: str, line: int = 1) -> None:
        self.faults.append(Fault(path, line, code, message, action))


def _house(path: str, name: str, text: str) -> tuple[list[Parsed], list[Fault]]:
    return _sorted_out(read_house(path, text, name))


def _sorted_out(outcome: Parsed | list[Fault]) -> tuple[list[Parsed], list[Fault]]:
    return ([outcome], []) if isinstance(outcome, Parsed) else ([], outcome)
