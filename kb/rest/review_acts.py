"""REST of acts on reviews: moves, signing with a kept key or handing in what was signed elsewhere, comments, invitations."""

from collections.abc import Awaitable, Callable

import msgspec

from kb.accounts.experts import Invited
from kb.accounts.types import Role
from kb.base.errors import Code, Detail, Invalid
from kb.base.work import Work
from kb.review import actions as review
from kb.review.cases import case_of
from kb.review.comments import Remark, comments_of
from kb.review.experts import Invitation
from kb.review.telling import told
from kb.review.types import SignOff, Verification, Waiver
from kb.web.acting import Done, act
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.door import Call

Handle = Callable[[Call], Awaitable[Answer]]


class InRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The role in which something is done."""

    role: Role


class ChangesWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What has to change; without a reason there must be open blocking comments."""

    reason: str = ""


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Either the `role` to sign in with the key the server keeps, or a `statement` signed with a key of one's own."""

    role: Role | None = None
    statement: SignOff | None = None


class Verifying(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Either the `role` to verify in with the key the server keeps, or a `statement` signed with a key of one's own."""

    role: Role | None = None
    statement: Verification | None = None


class Waiving(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Either `role`, the finding's `code` and `field` and a `reason`, or a `statement` signed with a key of one's own."""

    role: Role | None = None
    code: str = ""
    field: str = ""
    reason: str = ""
    statement: Waiver | None = None


async def submitted(call: Call) -> Answer:
    """Put a draft into review."""
    return await _done(call, lambda work: review.submit_draft(work, call.path["hash"]))


async def taken_back(call: Call) -> Answer:
    """Take a revision out of review."""
    return await _done(call, lambda work: review.take_back(work, call.path["hash"]))


async def changes_requested(call: Call) -> Answer:
    """Give a revision back to its author."""
    request = await read_body(call, ChangesWanted)
    return await _done(call, lambda work: review.request_changes(work, call.path["hash"], request.reason))


async def taken(call: Call) -> Answer:
    """Take a review on."""
    request = await read_body(call, InRole)
    return await _done(call, lambda work: review.take(work, call.path["hash"], request.role))


async def handed_back(call: Call) -> Answer:
    """Hand a review back."""
    request = await read_body(call, InRole)
    return await _done(call, lambda work: review.hand_back(work, call.path["hash"], request.role))


async def signed(call: Call) -> Answer:
    """Sign a revision."""
    request = await read_body(call, Signing)
    hash_, sealer = call.path["hash"], call.services.sealer
    if (statement := request.statement) is not None and request.role is None:
        return await _done(call, lambda work: review.sign_brought(work, hash_, statement))
    if statement is not None or (role := request.role) is None:
        raise _one_of_two()
    return await _done(call, lambda work: review.sign_here(work, sealer, hash_, role))


async def verified(call: Call) -> Answer:
    """Confirm that a live text is still right."""
    request = await read_body(call, Verifying)
    hash_, sealer = call.path["hash"], call.services.sealer
    if (statement := request.statement) is not None and request.role is None:
        _must_speak_of(hash_, statement)
        return await _done(call, lambda work: review.verify(work, statement))
    if statement is not None or (role := request.role) is None:
        raise _one_of_two()
    return await _done(call, lambda work: review.verify_here(work, sealer, hash_, role))


async def waived(call: Call) -> Answer:
    """Let a finding pass."""
    request = await read_body(call, Waiving)
    hash_, sealer = call.path["hash"], call.services.sealer
    if (statement := request.statement) is not None and request.role is None:
        _must_speak_of(hash_, statement)
        return await _done(call, lambda work: review.waive(work, statement))
    if statement is not None or (role := request.role) is None:
        raise _one_of_two()
    finding = (request.code, request.field, request.reason)
    return await _done(call, lambda work: review.waive_here(work, sealer, hash_, role, *finding))


async def commented(call: Call) -> Answer:
    """Comment on a revision."""
    remark = await read_body(call, Remark)
    return await comment_as(call, call.path["hash"], remark)


async def comment_as(call: Call, hash_: str, remark: Remark) -> Answer:
    """Write a comment as the caller, and answer with it."""

    async def do(work: Work) -> Done:
        comment = await review.comment(work, hash_, remark)
        return Done(msgspec.structs.replace(await _comment(work, hash_, comment), status=201))

    return await act(call, do)


async def resolved(call: Call) -> Answer:
    """Resolve a comment."""
    hash_, comment = call.path["hash"], call.path["comment"]

    async def do(work: Work) -> Done:
        await review.resolve(work, hash_, comment)
        return Done(await _comment(work, hash_, comment))

    return await act(call, do)


async def invited(call: Call) -> Answer:
    """Invite an outside expert; a repeated request is answered without the link's token."""
    asked = await read_body(call, Invitation)
    if asked.expires_at.tzinfo is None:
        message = "give the time with its zone, such as 2026-11-22T10:00:00Z"
        raise Invalid(message, errors=(Detail("/expires_at", Code.INVALID.value, message),))

    async def do(work: Work) -> Done:
        made = await review.invite(work, call.services.sealer, call.path["hash"], asked)
        return Done(_invitation(made), replay=_invitation(msgspec.structs.replace(made, token="")))

    return await act(call, do)


def _invitation(made: Invited) -> Answer:
    return msgspec.structs.replace(json_answer(made), status=201)


async def _done(call: Call, do: Callable[[Work], Awaitable[object]]) -> Answer:
    """Act in one transaction, and answer with the dossier as it stands then."""

    async def doing(work: Work) -> Done:
        await do(work)
        return Done(json_answer(await told(work.connection, work.actor, call.path["hash"], work.now)))

    return await act(call, doing)


async def _comment(work: Work, hash_: str, comment: str) -> Answer:
    """A comment as it stands, open or resolved."""
    dossier, _ = await case_of(work, hash_)
    found = await comments_of(work.connection, dossier, also=(comment,))
    return json_answer(found[comment])


def _must_speak_of(hash_: str, statement: Verification | Waiver) -> None:
    if statement.hash != hash_:
        message = "the statement speaks of another revision than the address"
        raise Invalid(message, errors=(Detail("/statement/hash", Code.INVALID.value, message),))


def _one_of_two() -> Invalid:
    message = "give either the role to sign in with the key kept for you, or a statement you signed yourself"
    return Invalid(message, errors=(Detail("/role", Code.INVALID.value, message),))
