"""REST of reviews, the table of contents: the inbox, dossiers, moves, signing, comments, and the outside expert's surface."""

from collections.abc import Sequence

import msgspec

from kb.accounts.experts import Invited
from kb.accounts.types import Role
from kb.base.paging import decode, encode
from kb.base.work import Right
from kb.rest import review_acts as acts
from kb.rest import review_guests as guests
from kb.review.cases import case
from kb.review.comments import Comment, Remark, comments_of
from kb.review.experts import Invitation
from kb.review.inbox import CURSORS, Inbox, Shown, Sort, Wanted, inbox
from kb.review.invitations import InvitationList
from kb.review.telling import ReviewDossier, told
from kb.web.answers import Answer, json_answer
from kb.web.door import Call, Parameter, Route, wrong

YES_NO = ("true", "false")


class CommentPage(msgspec.Struct, frozen=True):
    """A page of comments; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Comment, ...]
    next: str | None


async def listed(call: Call) -> Answer:
    """The reviews that wait, as far as the caller may see drafts on their topics."""
    query = call.query
    sort = Sort(_one_of(call, "sort", tuple(Sort)) or Sort.DUE)
    wanted = Wanted(
        shown=Shown(_one_of(call, "state", tuple(Shown)) or Shown.WAITING),
        role=_one_of(call, "role", tuple(Role)),
        topic=query.one("topic"),
        mine=_one_of(call, "mine", YES_NO) == "true",
        overdue=_one_of(call, "overdue", YES_NO) == "true",
        sort=sort,
    )
    after, limit = decode(query.one("cursor"), CURSORS[sort]), query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        return json_answer(await inbox(connection, call.actor, wanted, after, limit, call.services.clock.now()))


async def shown(call: Call) -> Answer:
    """One dossier."""
    async with call.services.sessions.reading() as connection:
        found = await told(connection, call.actor, call.path["hash"], call.services.clock.now())
    return json_answer(found, tag=True)


async def comments(call: Call) -> Answer:
    """The comments on a revision, and the open blocking ones on the candidates before it."""
    after, limit = decode(call.query.one("cursor"), (str,)), call.query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        dossier, _ = await case(connection, call.actor, call.path["hash"], call.services.clock.now())
        found = list((await comments_of(connection, dossier)).values())
    start = next((at + 1 for at, one in enumerate(found) if after and one.id == after[0]), 0)
    page = found[start : start + limit]
    more = encode((page[-1].id,)) if len(found) > start + limit else None
    return json_answer(CommentPage(tuple(page), more))


def _one_of(call: Call, name: str, known: Sequence[str]) -> str:
    given = call.query.one(name)
    if given and given not in known:
        raise wrong(name, f"unknown {name} {given!r}; use one of: {', '.join(known)}")
    return given


def _choice(name: str, about: str, known: Sequence[str]) -> Parameter:
    return Parameter(name, about, {"type": "string", "enum": [str(one) for one in known]})


PAGING = (
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of an earlier answer"),
)
FILTERS = (
    _choice("state", "what waits (the default), or reviews in one state; `live` are emergencies to be confirmed",
            tuple(Shown)),
    _choice("role", "only reviews that lack a sign-off of this role", tuple(Role)),
    Parameter("topic", "only reviews of this topic"),
    _choice("mine", "with `true`, only reviews that the caller can sign or has written", YES_NO),
    _choice("overdue", "with `true`, only reviews whose time is over", YES_NO),
    _choice("sort", "by when they are due (the default), or the newest first", tuple(Sort)),
)  # fmt: skip
REVIEW = "/v1/reviews/{hash}"
READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)


def _act(path: str, handle: acts.Handle, summary: str, right: str, accepts: type | None = None) -> Route:
    return Route(f"{REVIEW}/{path}", handle, summary, right, ReviewDossier, methods=("POST",), accepts=accepts,
                 tag="reviews", statuses=WRITE, revalidates=False)  # fmt: skip


ROUTES: tuple[Route, ...] = (
    Route("/v1/reviews", listed, "The inbox: reviews that wait", Right.DRAFTS, Inbox, (*FILTERS, *PAGING),
          tag="reviews", statuses=READ, revalidates=False),
    Route(REVIEW, shown, "One dossier: the text, who signed it, and what the caller may do", Right.DRAFTS, ReviewDossier,
          tag="reviews", statuses=READ),
    _act("submit", acts.submitted, "Put a draft into review", Right.WRITE),
    _act("take-back", acts.taken_back, "Take a revision out of review", Right.WRITE),
    _act("request-changes", acts.changes_requested, "Give a revision back to its author", Right.SIGN, acts.ChangesWanted),
    _act("take", acts.taken, "Take a review on in a role", Right.SIGN, acts.InRole),
    _act("hand-back", acts.handed_back, "Hand a review back", Right.SIGN, acts.InRole),
    _act("sign", acts.signed, "Sign a revision, or hand in a sign-off", Right.SIGN, acts.Signing),
    _act("waive", acts.waived, "Let a finding about negation or modality pass", Right.SIGN, acts.Waiving),
    _act("verify", acts.verified, "Confirm that a live text is still right", Right.SIGN, acts.Verifying),
    Route(f"{REVIEW}/comments", comments, "The comments on a revision", Right.DRAFTS, CommentPage, PAGING,
          tag="reviews", statuses=READ, revalidates=False),
    Route(f"{REVIEW}/comments", acts.commented, "Comment on a place in a revision", Right.COMMENT, Comment,
          methods=("POST",), accepts=Remark, tag="reviews", statuses=WRITE, revalidates=False, success=201),
    Route(f"{REVIEW}/comments/{{comment}}/resolve", acts.resolved, "Resolve a comment", Right.COMMENT, Comment,
          methods=("POST",), tag="reviews", statuses=WRITE, revalidates=False),
    Route(f"{REVIEW}/invitations", acts.invited, "Invite an outside expert; the link is shown this once", "person", Invited,
          methods=("POST",), accepts=Invitation, tag="reviews", statuses=WRITE, revalidates=False, success=201),
    Route(f"{REVIEW}/invitations", guests.listed, "Who was invited to it from outside", "person", InvitationList,
          tag="reviews", statuses=READ, revalidates=False),
    Route(f"{REVIEW}/invitations/{{link}}", guests.revoked, "Revoke an invitation", "person", InvitationList,
          methods=("DELETE",), tag="reviews", statuses=(400, 401, 403, 404, 409, 413, 422, 429, 503), revalidates=False),
    Route("/v1/invited", guests.shown, "The one revision an outside expert was invited to", Right.INVITED,
          guests.InvitedRevision, tag="reviews", statuses=READ, revalidates=False),
    Route("/v1/invited/comments", guests.commented, "Comment on it", Right.INVITED, Comment, methods=("POST",),
          accepts=Remark, tag="reviews", statuses=WRITE, revalidates=False, success=201),
    Route("/v1/invited/sign", guests.signed, "Sign it", Right.INVITED, guests.InvitedRevision, methods=("POST",),
          tag="reviews", statuses=WRITE, revalidates=False),
)  # fmt: skip
