"""REST of the outside expert: the one revision they were invited to, to read, comment on and sign; who was invited to one."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.types import Role
from kb.base.errors import NotFound
from kb.base.work import Actor, Right, Work
from kb.channels.types import Issue
from kb.entries.types import Content
from kb.release.checks import stored_issues
from kb.rest.review_acts import comment_as
from kb.review import actions as review
from kb.review.cases import case
from kb.review.comments import Comment, Remark, comments_of
from kb.review.experts import invitation_of, revoke
from kb.review.invitations import InvitationList, invitations_of
from kb.review.rules import may_not_invite, refuse, why_not
from kb.review.types import Act, ChangeClass, Obstacle, State
from kb.web.acting import Done, act
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.door import Call


class InvitedRevision(msgspec.Struct, frozen=True):
    """What an expert sees: the text, what the gate has against it, the open comments on it, and what they are asked for.

    `sign` and `comment` hold the reasons why that can't be done now; `signed` says that it was.
    """

    key: str
    locale: str
    kind: str
    hash: str
    state: State
    change: ChangeClass
    content: Content
    issues: tuple[Issue, ...]
    comments: tuple[Comment, ...]
    role: str
    expires_at: str
    signed: bool
    sign: tuple[Obstacle, ...]
    comment: tuple[Obstacle, ...]


async def shown(call: Call) -> Answer:
    """The revision."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await _revision(call, connection, call.actor))


async def commented(call: Call) -> Answer:
    """Comment on it."""
    remark = await read_body(call, Remark)
    return await comment_as(call, _hash(call.actor), remark)


async def listed(call: Call) -> Answer:
    """Who was invited to a revision, for those who may invite."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await _invitations(call, connection, call.actor))


async def revoked(call: Call) -> Answer:
    """End an invitation before its time: its link opens nothing more, and what was signed by it stands."""

    async def do(work: Work) -> Done:
        await revoke(work, call.path["hash"], call.path["link"])
        return Done(json_answer(await _invitations(call, work.connection, work.actor)))

    return await act(call, do)


async def signed(call: Call) -> Answer:
    """Sign it in the role they were invited in, with the key that was made for them."""

    async def do(work: Work) -> Done:
        invitation = await invitation_of(work.connection, work.actor.id)
        await review.sign_here(work, call.services.sealer, _hash(work.actor), Role(invitation.role))
        return Done(json_answer(await _revision(call, work.connection, work.actor)))

    return await act(call, do)


async def _invitations(call: Call, connection: AsyncConnection, actor: Actor) -> InvitationList:
    """The invitations to a revision; Forbidden for who may invite nobody there."""
    hash_, now = call.path["hash"], call.services.clock.now()
    dossier, someone = await case(connection, actor, hash_, now)
    refuse(may_not_invite(dossier, someone))
    return InvitationList(await invitations_of(connection, hash_, now))


async def _revision(call: Call, connection: AsyncConnection, actor: Actor) -> InvitedRevision:
    now = call.services.clock.now()
    invitation = await invitation_of(connection, actor.id)
    dossier, someone = await case(connection, actor, _hash(actor), now)
    said = (await comments_of(connection, dossier)).values()
    draft = dossier.revision.draft
    return InvitedRevision(
        key=draft.key,
        locale=draft.locale,
        kind=draft.kind.value,
        hash=dossier.revision.hash,
        state=dossier.review.state,
        change=dossier.standing.change,
        content=draft.content,
        issues=await stored_issues(connection, dossier.revision, now),
        comments=tuple(one for one in said if one.hash == dossier.revision.hash and not one.resolved_by),
        role=invitation.role,
        expires_at=invitation.expires_at,
        signed=any(one.by == actor.id for one in dossier.standing.signed),
        sign=why_not(dossier, someone, Act.SIGN, now, invitation.role),
        comment=why_not(dossier, someone, Act.COMMENT, now),
    )


def _hash(actor: Actor) -> str:
    """The one revision an expert's link is for."""
    for topic in sorted(actor.limits.get(Right.INVITED, ())):
        return topic.removeprefix("#")
    raise NotFound("no invitation")
