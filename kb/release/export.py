"""The journal for other programs: newline-delimited JSON, or CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

import msgspec

from kb.base.hashing import canonical
from kb.base.journal import Line, read_lines
from kb.base.work import Sessions

COLUMNS = tuple(Line.__struct_fields__)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet calculate (OWASP, "CSV Injection")."""
RUN = 500
FORMATS = ("ndjson", "csv")


async def exported(sessions: Sessions, format_: str, after: int = 0) -> AsyncIterator[bytes]:
    """The lines behind a position, up to the end as it is then, a run at a time; `format_` is one of `FORMATS`."""
    if format_ == "csv":
        yield _csv([COLUMNS])
    while True:
        async with sessions.reading() as connection:
            lines = await read_lines(connection, after, RUN)
        if not lines:
            return
        yield _csv([msgspec.structs.astuple(line) for line in lines]) if format_ == "csv" else _ndjson(lines)
        after = lines[-1].position


def safe_cell(value: object) -> str:
    """A value as a cell that is only ever text: what a spreadsheet would calculate gets an apostrophe before it."""
    text = str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _ndjson(lines: Sequence[Line]) -> bytes:
    """A line of JSON each; `data` is an object, and its RFC 8785 text is what was hashed."""
    rows = [msgspec.structs.asdict(line) | {"data": msgspec.json.decode(line.data)} for line in lines]
    return b"".join(canonical(row) + b"\n" for row in rows)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    """RFC 4180: CRLF, cells with commas, quotes or line ends in quotes."""
    out = io.StringIO()
    csv.writer(out).writerows([[safe_cell(cell) for cell in row] for row in rows])
    return out.getvalue().encode()
