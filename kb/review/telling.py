"""A dossier as people read it: the text, who has signed what, what is said about it, and what the reader may do."""

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.work import Actor
from kb.entries.types import Content
from kb.review import queries
from kb.review.cases import case
from kb.review.comments import Comment, comments_of
from kb.review.rules import open_roles, why_not
from kb.review.takes import Take, takes_of
from kb.review.types import Act, Carried, ChangeClass, Obstacle, SignOff, State, Step, Verification, Waiver


class ReviewDossier(msgspec.Struct, frozen=True):
    """Everything about one revision in review.

    `asked` is what the policy asks of a change of this class, `missing` what it lacks still, `missing_in_emergency` what an
    emergency release would lack (null: not possible). `why_not` tells for each step and act why the reader can't take it
    now: an empty list is leave to. `sign_as` are the roles in which the reader's sign-off is asked and can be made.
    """

    key: str
    locale: str
    kind: str
    hash: str
    number: int
    state: State
    change: ChangeClass
    topic: str
    topics: tuple[str, ...]
    source: str
    author: str
    contributors: tuple[str, ...]
    content: Content
    due_at: str | None
    escalated: bool
    emergency: bool
    asked: dict[str, int]
    missing: dict[str, int]
    missing_in_emergency: dict[str, int] | None
    signed: tuple[SignOff, ...]
    carried: tuple[Carried, ...]
    waived: tuple[Waiver, ...]
    verified: tuple[Verification, ...]
    verified_at: str | None
    blocking: tuple[str, ...]
    comments: tuple[Comment, ...]
    takes: tuple[Take, ...]
    sign_as: tuple[str, ...]
    why_not: dict[str, tuple[Obstacle, ...]]


async def told(connection: AsyncConnection, actor: Actor, hash_: str, now: datetime) -> ReviewDossier:
    """The dossier for an actor; NotFound for a revision that isn't there or not for them."""
    dossier, someone = await case(connection, actor, hash_, now)
    draft, review, standing = dossier.revision.draft, dossier.review, dossier.standing
    steps: tuple[Step | Act, ...] = (*Step, *Act)
    return ReviewDossier(
        key=draft.key,
        locale=draft.locale,
        kind=draft.kind.value,
        hash=hash_,
        number=dossier.revision.number,
        state=review.state,
        change=standing.change,
        topic=dossier.topic,
        topics=tuple(sorted(dossier.topics)),
        source=draft.source,
        author=draft.author,
        contributors=tuple(sorted(dossier.contributors)),
        content=draft.content,
        due_at=review.due_at,
        escalated=review.escalated is not None,
        emergency=dossier.emergency,
        asked=dossier.asked,
        missing=standing.missing,
        missing_in_emergency=standing.emergency_missing,
        signed=standing.signed,
        carried=dossier.carried,
        waived=tuple((await queries.waivers_of(connection, [hash_])).get(hash_, ())),
        verified=tuple((await queries.verifications_of(connection, [hash_])).get(hash_, ())),
        verified_at=(await queries.verified_at(connection, [hash_])).get(hash_),
        blocking=dossier.blocking,
        comments=tuple((await comments_of(connection, dossier)).values()),
        takes=tuple((await takes_of(connection, [hash_])).get(hash_, ())),
        sign_as=open_roles(dossier, someone, now),
        why_not={step.value: why_not(dossier, someone, step, now) for step in steps},
    )
