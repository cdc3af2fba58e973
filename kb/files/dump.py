"""The database into content files: the latest revision of each entry, with its sign-offs, as `load` takes them back."""

import asyncio
from pathlib import Path

import msgspec

from kb.base.work import Sessions
from kb.entries.queries import by_hashes
from kb.entries.types import Kind
from kb.files import queries
from kb.files.plan import Stored
from kb.files.read import read
from kb.files.statements import append_statements, line_of
from kb.files.types import ReadDraft
from kb.files.write import Dumped, entry_path, text_of, write
from kb.review.queries import signoffs_of, waivers_of
from kb.review.types import SignOff, Waiver


class DumpReport(msgspec.Struct, frozen=True):
    """Files written, files kept since they hold what the database doesn't know, and how many sign-offs were added."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    signoffs: int


async def dump(sessions: Sessions, folder: Path, keys: tuple[str, ...] = ()) -> DumpReport:
    """Write the latest revision of these entries (none: all) in every locale; facts stay in the file they are in.

    A file that says the same already is left as it is, comments and all; one that holds work that was never loaded, or
    that can't be read, is kept: load it first. Invalid when a text can't be said in a file.
    """
    async with sessions.reading() as connection:
        known = await queries.stored(connection)
        latest = {at: hashes[-1] for at, hashes in known.hashes.items() if not keys or at[0] in keys}
        revisions = await by_hashes(connection, latest.values())
        signed = await signoffs_of(connection, latest.values())
        waived = await waivers_of(connection, latest.values())
    drafts = [Dumped(revisions[latest[at]].draft, latest[at]) for at in sorted(latest)]
    statements: list[SignOff | Waiver] = [one for group in signed.values() for one in group]
    statements += [one for group in waived.values() for one in group]
    return await asyncio.to_thread(_write, folder, drafts, statements, known)


def _write(folder: Path, dumped: list[Dumped], statements: list[SignOff | Waiver], known: Stored) -> DumpReport:
    folder.mkdir(parents=True, exist_ok=True)
    reading = read(folder)
    there: dict[str, list[ReadDraft]] = {file.path: list(file.drafts) for file in reading.files}
    facts = {one.draft.key: one.file for one in reading.drafts if one.draft.kind is Kind.FACT}
    unreadable = {fault.file for fault in reading.faults}
    written: list[str] = []
    kept: list[str] = []
    for path, group in _by_path(dumped, facts).items():
        standing = there.get(path, [])
        if _says(standing, group):
            continue
        if path in unreadable or any(one.hash not in known.hashes.get(one.place, ()) for one in standing):
            kept.append(path)
            continue
        named = {one.draft.key for one in group}
        others = [Dumped(one.draft, one.base) for one in standing if one.draft.key not in named]
        written += write(folder, {path: text_of([*group, *others])})
    present = {line_of(one.value) for one in reading.signoffs} | {line_of(one.value) for one in reading.waivers}
    fresh = [one for one in statements if line_of(one) not in present]
    append_statements(folder, fresh)
    return DumpReport(tuple(sorted(written)), tuple(sorted(kept)), len(fresh))


def _by_path(dumped: list[Dumped], facts: dict[str, str]) -> dict[str, list[Dumped]]:
    found: dict[str, list[Dumped]] = {}
    for one in dumped:
        found.setdefault(facts.get(one.draft.key) or entry_path(one.draft), []).append(one)
    return found


def _says(standing: list[ReadDraft], group: list[Dumped]) -> bool:
    """Whether a file holds these very revisions already."""
    return {one.base for one in group} <= {one.hash for one in standing}
