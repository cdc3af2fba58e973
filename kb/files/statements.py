"""Sign-offs and waivers as files: JSON Lines beside the content, one file per entry and locale, appended and merged."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kb.files.types import Fault, Located
from kb.review.types import SignOff, Waiver

SIGNOFFS = "signoffs"
ACTION = "restore the line from version control, or remove it and sign again"


class _Format(msgspec.Struct):
    format: str


_format = msgspec.json.Decoder(_Format).decode
_FORMATS: dict[str, Callable[[bytes], SignOff | Waiver]] = {
    "kb.signoff/1": msgspec.json.Decoder(SignOff).decode,
    "kb.waiver/1": msgspec.json.Decoder(Waiver).decode,
}


def path_of(key: str, locale: str) -> str:
    """The file of an entry's statements, relative to the content folder."""
    return f"{SIGNOFFS}/{key}.{locale}.jsonl"


def read_statements(path: str, data: bytes) -> tuple[list[Located[SignOff]], list[Located[Waiver]], list[Fault]]:
    """The statements of a file in order, each once (a merge by union may repeat lines), and the lines that are none."""
    signoffs: list[Located[SignOff]] = []
    waivers: list[Located[Waiver]] = []
    faults: list[Fault] = []
    seen: set[bytes] = set()
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.strip()
        if not line or line in seen:
            continue
        seen.add(line)
        try:
            statement = _FORMATS[_format(line).format](line)
        except KeyError as error:
            message = f"the format {error} is none we know"
            faults.append(Fault(path, number, "statement-unknown", message, ACTION))
            continue
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"this is no sign-off or waiver: {error}"
            faults.append(Fault(path, number, "statement-unreadable", message, ACTION))
            continue
        if path_of(statement.key, statement.locale) != path:
            message = f"this speaks of {statement.key} in {statement.locale}"
            action = f"move the line to {path_of(statement.key, statement.locale)}"
            faults.append(Fault(path, number, "statement-misplaced", message, action))
        elif isinstance(statement, SignOff):
            signoffs.append(Located(statement, path, number))
        else:
            waivers.append(Located(statement, path, number))
    return signoffs, waivers, faults


def append_statements(folder: Path, statements: Sequence[SignOff | Waiver]) -> None:
    """Add statements behind those of their entries' files, making files that aren't there; what stands there stays."""
    by_path: dict[str, list[bytes]] = {}
    for statement in statements:
        path = path_of(statement.key, statement.locale)
        by_path.setdefault(path, []).append(line_of(statement))
    for path, lines in by_path.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_bytes() if file.exists() else b""
        start = b"\n" if before and not before.endswith(b"\n") else b""
        with file.open("ab") as out:
            out.write(start + b"".join(line + b"\n" for line in lines))


def line_of(statement: SignOff | Waiver) -> bytes:
    """A statement as one line, its format first."""
    fields = msgspec.structs.asdict(statement)
    return msgspec.json.encode({"format": fields.pop("format"), **fields})
