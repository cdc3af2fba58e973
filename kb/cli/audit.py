"""`kb audit`: prove that nothing was changed behind the journal's back, to oneself and to others."""

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec
import rich_click as click

from kb.accounts.signing import Sealer
from kb.app import House
from kb.base.journal import Fault
from kb.base.work import OPERATOR, open_work
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.release import checkpoints, receipts, redact
from kb.release.audit import last_line, verify_all
from kb.release.checkpoints import Checkpoint
from kb.release.export import FORMATS, exported
from kb.release.finding import Finding
from kb.release.installation import Introduction, introductions, rotate, signing
from kb.release.receipt_checks import check, sentences
from kb.release.receipt_types import Receipt
from kb.release.redact import Redaction

KEY = click.option("--key", "pinned", default="", help="The installation's public key, as you were given it.")


class Verified(msgspec.Struct, frozen=True):
    """The result of `kb audit verify`: the first bad line of the journal, and rows that contradict what they name."""

    position: int
    hash: str
    fault: Fault | None
    findings: tuple[Finding, ...]


class Rotated(msgspec.Struct, frozen=True):
    """A key that was replaced: how the new one is introduced, and the first checkpoint it signed."""

    introduction: Introduction
    checkpoint: Checkpoint


@click.group()
def audit() -> None:
    """Prove that nothing was changed behind the journal's back."""


@audit.command()
@click.option("--checkpoint", "file", type=click.Path(path_type=Path), help="Checkpoints kept outside the database.")
@KEY
@home_options
@json_option
def verify(*, file: Path | None, pinned: str, as_json: bool, **flags: object) -> None:
    """Walk the journal's hash chain, and recompute every row that follows from it. Exit 3 names what is wrong.

    With the file that checkpoints are added to, lines that were cut off or written anew are found too.
    """

    async def run(house: House) -> Verified:
        async with house.sessions.reading() as connection:
            keys = [pinned] if pinned else [one.key for one in await introductions(connection)]
            known = checkpoints.read_checkpoints(file, keys) if file else checkpoints.Known({}, ())
            head = await last_line(connection)
            fault, findings = await verify_all(connection, known.hashes)
            return Verified(head.position, head.hash, fault, (*known.findings, *findings))

    found = with_house(settings_of(**flags), run)
    emit(found, _lines(found), as_json=as_json)
    if found.fault or found.findings:
        sys.exit(3)


@audit.command()
@home_options
@json_option
def checkpoint(*, as_json: bool, **flags: object) -> None:
    """Sign the journal's head, and add it to the file of checkpoints."""
    settings = settings_of(**flags)

    async def run(house: House) -> Checkpoint:
        return await checkpoints.checkpoint(house.sessions, Sealer(settings.secret), settings.checkpoints)

    made = with_house(settings, run)
    lines = [f"line {made.position} is signed by {made.key}", f"added to {settings.checkpoints}"]
    emit(made, lines, as_json=as_json)


@audit.command("rotate-key")
@home_options
@json_option
def rotate_key(*, as_json: bool, **flags: object) -> None:
    """Sign with a new key from now on. The old one introduces it, and all that it signed still verifies."""
    settings = settings_of(**flags)
    sealer = Sealer(settings.secret)

    async def run(house: House) -> Rotated:
        await signing(house.sessions, sealer)
        async with open_work(house.sessions, OPERATOR) as work:
            made = await rotate(work, sealer)
        return Rotated(made, await checkpoints.checkpoint(house.sessions, sealer, settings.checkpoints))

    done = with_house(settings, run)
    lines = [f"the new key is {done.introduction.key}", f"introduced by {done.introduction.previous}"]
    emit(done, lines, as_json=as_json)


@audit.command()
@click.argument("rendition")
@click.option("-o", "out", type=click.File("wb"), default="-", help="Where to write it; without, to the terminal.")
@home_options
def issue(*, rendition: str, out: BinaryIO, **flags: object) -> None:
    """Write the receipt of RENDITION, the hash in each payload: what it was made from, and who signed that."""
    settings = settings_of(**flags)

    async def run(house: House) -> Receipt:
        signer = await signing(house.sessions, Sealer(settings.secret))
        async with house.sessions.reading() as connection:
            return await receipts.receipt(connection, signer, house.services.now(), OPERATOR, rendition)

    out.write(with_house(settings, run).written() + b"\n")


@audit.command()
@click.argument("file", type=click.File("rb"))
@click.option("--key", "pinned", required=True, help="The installation's public key, as you were given it.")
@json_option
def receipt(file: BinaryIO, *, pinned: str, as_json: bool) -> None:
    """Check a receipt from FILE and the public key alone, without any database. Exit 3 names the first thing wrong."""
    found = check(file.read(), pinned)
    emit(found, sentences(found), as_json=as_json)
    if found.wrong:
        sys.exit(3)


@audit.command()
@click.option("--format", "format_", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--after", type=click.IntRange(0), default=0, help="Only lines behind this position.")
@click.option("-o", "out", type=click.File("wb"), default="-", help="Where to write it; without, to the terminal.")
@home_options
def export(*, format_: str, after: int, out: BinaryIO, **flags: object) -> None:
    """Write the journal as newline-delimited JSON, or as CSV that no spreadsheet takes for formulas."""

    async def run(house: House) -> None:
        async for run_of_lines in exported(house.sessions, format_, after):
            await asyncio.to_thread(out.write, run_of_lines)

    with_house(settings_of(**flags), run)


@audit.command()
@home_options
@json_option
def redactions(*, as_json: bool, **flags: object) -> None:
    """List the texts that admins asked to erase, and those that are gone. Only two of them together can do it."""

    async def run(house: House) -> list[Redaction]:
        async with house.sessions.reading() as connection:
            return await redact.listed(connection)

    found = with_house(settings_of(**flags), run)
    emit(found, [_redaction(one) for one in found] or ["no redactions"], as_json=as_json)


def _redaction(one: Redaction) -> str:
    state = f"gone since line {one.confirmed_at}" if one.confirmed_at else "waits for another admin"
    return f"{one.id}: {one.key} in {one.locale}, {one.hash[:12]}…, asked by {one.asked_by}: {state}"


def _lines(found: Verified) -> list[str]:
    lines = [f"first bad line: {found.fault.position}: {found.fault.message}"] if found.fault else []
    lines += [f"{finding.table}: {finding.name}: {finding.message}" for finding in found.findings]
    return lines or [f"all {found.position} lines of the journal follow from each other; head {found.hash}"]
