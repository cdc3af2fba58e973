"""`kb content`: the content files: load, dump, lint, sign, pin."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import rich_click as click

from kb.accounts.types import Role, RoleGrant
from kb.app import House, introduce
from kb.base.clock import SystemClock
from kb.base.errors import Invalid, Unavailable
from kb.base.work import OPERATOR
from kb.channels.types import Severity
from kb.cli.options import home_options, settings_of
from kb.cli.output import Meter, emit, json_option
from kb.cli.running import with_house
from kb.files.dump import DumpReport
from kb.files.dump import dump as dump_home
from kb.files.lint import lint as lint_folder
from kb.files.load import load as load_folder
from kb.files.sign import SignReport, new_signer, read_signer
from kb.files.sign import pin as pin_folder
from kb.files.sign import sign as sign_folder
from kb.files.trust import trust_file
from kb.files.types import EntryReport, Finding, LoadReport
from kb.files.waive import Waived
from kb.files.waive import waive as waive_finding

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
folder_option = click.option(
    "--content", "folder", type=FOLDER, default=Path("content"), show_default=True, help="The content folder."
)
signer_option = click.option(
    "--signer",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The signer's own file, with the private key.",
)
SHOWN = 40


@click.group()
def content() -> None:
    """Content files: load, dump, lint, sign, pin."""


@content.command()
@folder_option
@click.option("--dry-run", is_flag=True, help="Only say what would change, field by field.")
@home_options
@json_option
def load(folder: Path, *, dry_run: bool, as_json: bool, **flags: object) -> None:
    """Load the files, and release all of them that the right people have signed. Exit 3: some stay behind."""

    async def act(house: House) -> LoadReport:
        if house.settings.trust_file is not None and not dry_run:
            await trust_file(house.sessions, OPERATOR, house.settings.trust_file)
        if not dry_run:
            await introduce(house)
        with Meter(show=not as_json) as progress:
            report = await load_folder(house.sessions, OPERATOR, folder, dry_run=dry_run, progress=progress)
        if not dry_run:
            with contextlib.suppress(Unavailable):  # a running server holds the index, and follows by itself
                await house.follower.catch_up()
        return report

    report = with_house(settings_of(**flags), act)
    emit(report, report_lines(report), as_json=as_json)
    if report.faults or report.refusals or any(one.issues or one.conflicting for one in report.entries):
        sys.exit(3)


@content.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@home_options
@json_option
def dump(folder: Path, *, as_json: bool, **flags: object) -> None:
    """Write everything that is live, with its sign-offs, as content files into FOLDER."""

    async def act(house: House) -> DumpReport:
        return await dump_home(house.sessions, folder)

    done = with_house(settings_of(**flags), act)
    lines = [f"kept {file}: it holds what the database doesn't know; load it first" for file in done.kept]
    lines.append(f"wrote {len(done.written)} files and {done.signoffs} sign-offs into {folder}")
    emit(done, lines, as_json=as_json)


@content.command()
@folder_option
@click.option("--warnings/--no-warnings", default=True, help="Show what only warns, too.")
@json_option
def lint(folder: Path, *, warnings: bool, as_json: bool) -> None:
    """Check the files alone: form, references, what every channel would say. Exit 3 when something would block."""
    found = lint_folder(folder)
    emit(found, _lint_lines(found, warnings=warnings), as_json=as_json)
    if any(one.severity is Severity.BLOCKS for one in found):
        sys.exit(3)


@content.command()
@click.argument("keys", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every entry of the folder.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="In which role.")
@signer_option
@click.option("--locale", default="", help="Only this locale.")
@folder_option
@json_option
def sign(
    keys: tuple[str, ...], folder: Path, signer: Path, role: str, locale: str, *, everything: bool, as_json: bool
) -> None:
    """Sign what the files of KEYS say now: a line each in content/signoffs."""
    if bool(keys) == everything:
        raise Invalid("name the keys to sign, or --all of them")
    done = sign_folder(folder, keys, Role(role), signer, SystemClock().now(), locale=locale)
    emit(done, _sign_lines(done), as_json=as_json)
    if done.refused or done.unknown or done.faults:
        sys.exit(3)


@content.command()
@click.argument("key")
@click.option("--locale", required=True, help="The locale of the text.")
@click.option("--code", required=True, help="The finding's code, as lint shows it: negation-lost, modality-changed, ….")
@click.option("--field", required=True, help="The finding's field, as lint shows it: short, overrides.sms, ….")
@click.option("--reason", required=True, help="Why it may pass; kept beside the sign-offs and shown in receipts.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="In which role.")
@signer_option
@folder_option
@json_option
def waive(
    key: str, locale: str, code: str, field: str, reason: str, role: str, signer: Path, folder: Path, *, as_json: bool
) -> None:
    """Let one finding about negation, modality or a qualifier pass: a signed line, bound to the text as it is now."""
    finding = Waived(key, locale, code, field, reason)
    done = waive_finding(folder, finding, Role(role), read_signer(signer), SystemClock().now())
    emit(done, [f"waived: {code} in {field} of {key} ({locale})"], as_json=as_json)


@content.command()
@click.argument("keys", nargs=-1)
@folder_option
@json_option
def pin(keys: tuple[str, ...], folder: Path, *, as_json: bool) -> None:
    """Say in the translations of KEYS (none: all) that they were made from the source as it is now."""
    pinned = pin_folder(folder, keys)
    emit(pinned, [f"{one.file}: pinned to {one.source[:12]}…" for one in pinned] or ["all pins stand"], as_json=as_json)


@content.command()
@click.argument("identity")
@click.option("--role", "roles", multiple=True, required=True, help="A role, on some topics as ROLE:TOPIC,TOPIC.")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to keep it: private."
)
@json_option
def signer(identity: str, roles: tuple[str, ...], file: Path, *, as_json: bool) -> None:
    """Make a key pair for a person; prints the line for the trust file, keeps the private key in --file."""
    if file.exists():
        raise Invalid(f"{file} exists: a key is never overwritten")
    made = new_signer(identity, [_grant(text) for text in roles])
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    public = msgspec.to_builtins(msgspec.structs.replace(made, private_key=""))
    del public["private_key"]
    emit(public, [msgspec.json.encode(public).decode()], as_json=as_json)


def report_lines(report: LoadReport) -> list[str]:
    """A load as people read it: what happened, then what needs mending."""
    counts = report.counts
    verb = "would change" if report.dry_run else "read"
    new, changed = counts["new"], counts["changed"]
    lines = [f"{counts['files']} files {verb}: {new} new, {changed} changed, {counts['unchanged']} unchanged"]
    if report.position:
        told = f"{counts['released']} revisions, {counts['renditions']} renditions"
        lines.append(f"released at position {report.position}: {told}")
    lines += [f"{one.file}:{one.line}: {one.message} {one.action}" for one in report.faults]
    lines += [f"sign-off of {one.key} ({one.locale}) by {one.by}: {one.message}" for one in report.refusals[:SHOWN]]
    for one in report.entries:
        lines += _entry_lines(one)
    return lines


def _entry_lines(one: EntryReport) -> list[str]:
    name = f"{one.file}:{one.line}: {one.key} ({one.locale})"
    lines = [f"{name}: {one.message}"] if one.message else []
    if one.missing:
        lacking = ", ".join(f"{count} × {role}" for role, count in one.missing.items())
        lines.append(f"{name}: waits for sign-offs: {lacking}")
    lines += [f"{name}: {issue.field}: {issue.message} {issue.action}" for issue in one.issues]
    for change in one.changes:
        lines += [f"{name}: {change.field}", *(f"  - {line}" for line in change.before.splitlines())]
        lines += [f"  + {line}" for line in change.after.splitlines()]
    return lines


def _lint_lines(found: Sequence[Finding], *, warnings: bool) -> list[str]:
    shown = [one for one in found if warnings or one.severity is Severity.BLOCKS]
    lines = [
        f"{one.file}:{one.line}: {one.severity}: {one.code}: {one.field}{': ' if one.field else ''}{one.message} {one.action}"
        for one in shown
    ]
    blocking = sum(one.severity is Severity.BLOCKS for one in found)
    return [*lines, f"{blocking} block, {len(found) - blocking} warn"]


def _sign_lines(done: SignReport) -> list[str]:
    lines = [f"signed: {one.key} ({one.locale}) {one.hash[:12]}…" for one in done.signed]
    lines += [f"refused: {one.key} ({one.locale}): {one.message}" for one in done.refused]
    lines += [f"unknown: {key}" for key in done.unknown]
    lines += [f"{one.file}:{one.line}: {one.message} {one.action}" for one in done.faults]
    return [*lines, f"{len(done.signed)} signed, {done.standing} stood already"]


def _grant(text: str) -> RoleGrant:
    role, _, topics = text.partition(":")
    try:
        return RoleGrant(Role(role), tuple(topics.split(",")) if topics else ("*",))
    except ValueError as error:
        raise Invalid(f"{role!r} is no role; use one of: {', '.join(Role)}") from error
