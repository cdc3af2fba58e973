"""Waiving a finding in content files: a signed line beside the sign-offs, bound to the content as it is now."""

from datetime import datetime
from pathlib import Path

import msgspec

from kb.accounts.types import Role, Signer
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.hashing import instant
from kb.channels.parity import WAIVABLE
from kb.files.lint import lint
from kb.files.read import read
from kb.files.statements import append_statements
from kb.files.types import Finding, ReadDraft
from kb.review.signatures import sign_waiver
from kb.review.types import Waiver


class Waived(msgspec.Struct, frozen=True):
    """A finding to let pass: its code and field as `kb content lint` shows them, and why."""

    key: str
    locale: str
    code: str
    field: str
    reason: str


def waive(folder: Path, finding: Waived, role: Role, signer: Signer, now: datetime) -> Waiver:
    """Sign a waiver for a finding that the gate has at this moment.

    Invalid for a code that is never waived (figures, disclosures and prohibited phrases) or without a reason; NotFound
    when the files hold no such finding; Forbidden for who wrote or edited the text; Conflict when it stands already.
    """
    if finding.code not in WAIVABLE:
        raise Invalid(f"{finding.code} is never waived; these may be: {', '.join(sorted(WAIVABLE))}")
    if not finding.reason.strip():
        raise Invalid("a waiver says why: give a reason")
    reading = read(folder)
    draft = _draft(reading.drafts, finding)
    if signer.id in {draft.draft.author, *draft.draft.editors}:
        raise Forbidden(f"{signer.id} wrote or edited {finding.key}: someone else has to waive in it")
    if not any(_is(found, finding) for found in lint(folder) if found.file == draft.file):
        raise NotFound(f"{draft.file} has no finding {finding.code} in {finding.field}: see `kb content lint`")
    name = (draft.hash, finding.code, finding.field, signer.id)
    if name in {(one.value.hash, one.value.code, one.value.field, one.value.by) for one in reading.waivers}:
        raise Conflict(f"{signer.id} has waived this already")
    waiver = Waiver(
        key=finding.key,
        locale=finding.locale,
        hash=draft.hash,
        code=finding.code,
        field=finding.field,
        reason=finding.reason.strip(),
        role=role.value,
        by=signer.id,
        at=instant(now),
        signature="",
    )
    signed = sign_waiver(waiver, signer.private_key)
    append_statements(folder, [signed])
    return signed


def _draft(drafts: tuple[ReadDraft, ...], finding: Waived) -> ReadDraft:
    for one in drafts:
        if one.place == (finding.key, finding.locale):
            return one
    raise NotFound(f"no file holds {finding.key} in {finding.locale}")


def _is(found: Finding, finding: Waived) -> bool:
    return (found.code, found.field) == (finding.code, finding.field)
