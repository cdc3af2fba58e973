"""`kb audit`: prove that nothing was changed behind the journal's back."""

import sys

import msgspec
import rich_click as click

from kb.app import House
from kb.base.journal import Fault, read_head
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.release.audit import Finding, verify_all


class Verified(msgspec.Struct, frozen=True):
    """The result of `kb audit verify`: the first bad line of the journal, and rows that contradict what they name."""

    position: int
    hash: str
    fault: Fault | None
    findings: tuple[Finding, ...]


@click.group()
def audit() -> None:
    """Prove that nothing was changed behind the journal's back."""


@audit.command()
@home_options
@json_option
def verify(*, as_json: bool, **flags: object) -> None:
    """Walk the journal's hash chain, and recompute the hashes of revisions and renditions. Exit 3 names what is wrong."""

    async def run(house: House) -> Verified:
        async with house.sessions.reading() as connection:
            head = await read_head(connection)
            fault, findings = await verify_all(connection)
            return Verified(head.position, head.hash, fault, findings)

    found = with_house(settings_of(**flags), run)
    emit(found, _lines(found), as_json=as_json)
    if found.fault or found.findings:
        sys.exit(3)


def _lines(found: Verified) -> list[str]:
    lines = [f"first bad line: {found.fault.position}: {found.fault.message}"] if found.fault else []
    lines += [f"{finding.table}: {finding.name}: {finding.message}" for finding in found.findings]
    return lines or [f"all {found.position} lines of the journal follow from each other; head {found.hash}"]
