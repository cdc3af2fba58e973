"""Signing content files: sign-off lines for what the files say now, and pins of translations to their sources."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from kb.accounts.types import Role, RoleGrant, Signer
from kb.base.errors import Invalid
from kb.base.hashing import instant
from kb.entries.types import NO_LOCALE
from kb.files.read import read
from kb.files.statements import append_statements
from kb.files.types import Fault, ReadDraft, Reading
from kb.review import signatures
from kb.review.types import Refusal, SignOff


class Order(msgspec.Struct, frozen=True):
    """Who signs what in which role: the entries named by key (none: all), in one locale (none: all)."""

    signer: Signer
    role: Role
    keys: tuple[str, ...] = ()
    locale: str = ""


class SignReport(msgspec.Struct, frozen=True):
    """Sign-offs that were added, how many stood there already, what was refused and why, and keys that no file has.

    `faults` are those of the whole folder: a file with one can't be signed.
    """

    signed: tuple[SignOff, ...]
    standing: int
    refused: tuple[Refusal, ...]
    unknown: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


class Pinned(msgspec.Struct, frozen=True):
    """A translation whose pin was set to the hash of its source as it is now."""

    key: str
    locale: str
    file: str
    source: str


def new_signer(identity: str, roles: Sequence[RoleGrant]) -> Signer:
    """A signer with a fresh key pair; the file it is saved to stays outside the content folder."""
    public, private = signatures.new_keys()
    return Signer(id=identity, roles=tuple(roles), public_key=public, private_key=private)


def read_signer(file: Path) -> Signer:
    """The signer of a file; Invalid when it isn't one that can sign."""
    try:
        signer = msgspec.json.decode(file.read_bytes(), type=Signer)
    except msgspec.DecodeError as error:
        raise Invalid(f"{file} is no signer's file: {error}") from error
    if not signer.private_key:
        raise Invalid(f"{file} holds no private key, so it can't sign")
    return signer


def sign(
    folder: Path, keys: Sequence[str], role: Role, signer_file: Path, now: datetime, *, locale: str = ""
) -> SignReport:
    """Sign the present content of these entries (none: all) in one role; signing again adds nothing."""
    return sign_all(folder, [Order(read_signer(signer_file), role, tuple(keys), locale)], now)


def sign_all(folder: Path, orders: Sequence[Order], now: datetime) -> SignReport:
    """Carry out many orders with one reading of the folder."""
    reading = read(folder)
    topics = _topics(reading)
    standing = {(one.value.hash, one.value.role, one.value.by) for one in reading.signoffs}
    found: list[SignOff] = []
    refused: list[Refusal] = []
    unknown: list[str] = []
    stood = 0
    for order in orders:
        drafts = list(_chosen(reading, order))
        unknown += sorted(set(order.keys) - {read.draft.key for read in drafts})
        for read_draft in drafts:
            name = (read_draft.hash, order.role.value, order.signer.id)
            if refusal := _refusal(reading, read_draft, topics.get(read_draft.draft.key, ""), order):
                refused.append(refusal)
            elif name in standing:
                stood += 1
            else:
                standing.add(name)
                found.append(_signed(read_draft, order, now))
    append_statements(folder, found)
    return SignReport(tuple(found), stood, tuple(refused), tuple(dict.fromkeys(unknown)), reading.faults)


def pin(folder: Path, keys: Sequence[str] = (), *, locale: str = "") -> tuple[Pinned, ...]:
    """Pin the translations of these entries (none: all) to their sources as they are now, changing that one line only.

    Translations that are pinned so already are left alone, and so are those without a source.
    """
    reading = read(folder)
    sources = {read.draft.key: read.hash for read in reading.drafts if read.draft.locale == reading.source_locale}
    found = []
    for one in reading.drafts:
        draft, source = one.draft, sources.get(one.draft.key, "")
        chosen = (not keys or draft.key in keys) and locale in {"", draft.locale}
        if chosen and source and _is_translation(reading, one) and draft.source != source:
            _pin_file(folder / one.file, source)
            found.append(Pinned(draft.key, draft.locale, one.file, source))
    return tuple(found)


def _chosen(reading: Reading, order: Order) -> Iterator[ReadDraft]:
    keys = set(order.keys)
    for one in reading.drafts:
        if (not keys or one.draft.key in keys) and order.locale in {"", one.draft.locale}:
            yield one


def _refusal(reading: Reading, read_draft: ReadDraft, topic: str, order: Order) -> Refusal | None:
    draft, by = read_draft.draft, order.signer.id
    contributors = {draft.author, *draft.editors}
    if _is_translation(reading, read_draft) and not draft.source:
        code, message = "translation-unpinned", "it names no source: run `kb content pin` first"
    elif order.role is Role.AUTHOR and by not in contributors:
        code, message = "signer-not-author", f"{by} is not an author of it"
    elif order.role is not Role.AUTHOR and by in contributors:
        code, message = "signer-contributed", f"{by} wrote or edited it: someone else has to sign as {order.role}"
    elif order.role is not Role.AUTHOR and not _holds(order.signer, order.role, topic):
        code, message = "role-not-held", f"{by} doesn't hold the role {order.role} on the topic {topic or '—'}"
    else:
        return None
    return Refusal(draft.key, draft.locale, read_draft.hash, by, order.role, code, message)


def _holds(signer: Signer, role: Role, topic: str) -> bool:
    return any(grant.role is role and ("*" in grant.topics or topic in grant.topics) for grant in signer.roles)


def _topics(reading: Reading) -> dict[str, str]:
    """The topic of each key; a translation's is its source's."""
    return {one.draft.key: one.draft.content.topic for one in reading.drafts if not _is_translation(reading, one)}


def _signed(read_draft: ReadDraft, order: Order, now: datetime) -> SignOff:
    statement = SignOff(
        key=read_draft.draft.key,
        locale=read_draft.draft.locale,
        hash=read_draft.hash,
        role=order.role.value,
        by=order.signer.id,
        at=instant(now),
        signature="",
    )
    return signatures.sign(statement, order.signer.private_key)


def _is_translation(reading: Reading, read_draft: ReadDraft) -> bool:
    return read_draft.draft.locale not in {NO_LOCALE, reading.source_locale}


_PIN = re.compile(rb"^source:.*\n", re.MULTILINE)
_KIND = re.compile(rb"^kind:.*\n", re.MULTILINE)


def _pin_file(file: Path, source: str) -> None:
    """Replace the line of the pin, or add one under the kind; every other byte stays."""
    data = file.read_bytes()
    end = data.index(b"\n---", 3) + 1
    ending = b"\r\n" if data[:end].endswith(b"\r\n") else b"\n"
    line = b"source: " + source.encode() + ending
    pattern = _PIN if _PIN.search(data, 0, end) else _KIND
    match = pattern.search(data, 0, end)
    assert match is not None, "a file without a kind is not read"
    start = match.start() if pattern is _PIN else match.end()
    file.write_bytes(data[:start] + line + data[match.end() :])
