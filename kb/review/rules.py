"""The workflow as a table, and why somebody can't take a step: told before they try, and what the API answers 409 with."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kb.accounts.types import Person, Role
from kb.base.errors import Code, Conflict, Forbidden, KbError
from kb.base.work import Actor, Right
from kb.entries.visible import reads
from kb.review.counting import counts, holds, missing, waiver_counts
from kb.review.policy import NO_POLICY
from kb.review.types import Act, ChangeClass, Dossier, Obstacle, Someone, State, Step

__all__ = ["MOVES", "RELEASE_STEPS", "counts", "missing", "move", "refuse", "waiver_counts", "why_not"]

MOVES: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.IN_REVIEW,
    (State.CHANGES_REQUESTED, Step.SUBMIT): State.IN_REVIEW,
    (State.CHANGES_REQUESTED, Step.TAKE_BACK): State.DRAFT,
    (State.IN_REVIEW, Step.TAKE_BACK): State.DRAFT,
    (State.IN_REVIEW, Step.REQUEST_CHANGES): State.CHANGES_REQUESTED,
    (State.IN_REVIEW, Step.APPROVE): State.APPROVED,
    (State.IN_REVIEW, Step.RELEASE_EMERGENCY): State.LIVE,
    (State.APPROVED, Step.REQUEST_CHANGES): State.CHANGES_REQUESTED,
    (State.APPROVED, Step.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Step.CANCEL): State.APPROVED,
    (State.APPROVED, Step.RELEASE): State.LIVE,
    (State.SCHEDULED, Step.RELEASE): State.LIVE,
    (State.LIVE, Step.SUPERSEDE): State.SUPERSEDED,
    (State.LIVE, Step.SUSPEND): State.SUSPENDED,
    (State.LIVE, Step.EXPIRE): State.EXPIRED,
    (State.LIVE, Step.WITHDRAW): State.WITHDRAWN,
    (State.LIVE, Step.RETIRE): State.RETIRED,
    (State.SUSPENDED, Step.REOPEN): State.LIVE,
    (State.SUSPENDED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.SUSPENDED, Step.WITHDRAW): State.WITHDRAWN,
    (State.SUSPENDED, Step.RETIRE): State.RETIRED,
    (State.EXPIRED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.EXPIRED, Step.WITHDRAW): State.WITHDRAWN,
    (State.EXPIRED, Step.RETIRE): State.RETIRED,
    (State.SUPERSEDED, Step.ROLL_BACK): State.LIVE,
}

RELEASE_STEPS = frozenset(
    {
        Step.SCHEDULE,
        Step.CANCEL,
        Step.RELEASE,
        Step.RELEASE_EMERGENCY,
        Step.SUPERSEDE,
        Step.SUSPEND,
        Step.REOPEN,
        Step.EXPIRE,
        Step.WITHDRAW,
        Step.RETIRE,
        Step.ROLL_BACK,
    }
)
"""Steps that only `release` may take: they change what is served."""

FRESHLY = frozenset({ChangeClass.VALUE, ChangeClass.DISCLOSURE})
"""Classes of change that nobody signs with a kept key without having proved just now who they are."""

RIGHTS: Mapping[Step | Act, tuple[Right, ...]] = {
    Step.SUBMIT: (Right.WRITE, Right.LOAD),
    Step.TAKE_BACK: (Right.WRITE,),
    Step.REQUEST_CHANGES: (Right.SIGN,),
    Act.SIGN: (Right.SIGN,),
    Act.WAIVE: (Right.SIGN,),
    Act.VERIFY: (Right.SIGN,),
    Act.COMMENT: (Right.COMMENT,),
    Act.TAKE: (Right.SIGN,),
    Act.HAND_BACK: (Right.SIGN,),
    Act.INVITE: (Right.SIGN, Right.RELEASE, Right.PEOPLE),
}
"""One of these rights, on a topic of the revision, is needed; `approve` follows by itself from the sign-offs."""

GUESTS = frozenset({Act.SIGN, Act.COMMENT})
"""What an outside expert may do with the one revision they were invited to."""

IN_STATES: Mapping[Act, frozenset[State]] = {
    Act.SIGN: frozenset({State.IN_REVIEW, State.APPROVED, State.SCHEDULED}),
    Act.WAIVE: frozenset({State.IN_REVIEW, State.APPROVED, State.SCHEDULED}),
    Act.VERIFY: frozenset({State.LIVE}),
    Act.TAKE: frozenset({State.IN_REVIEW}),
    Act.INVITE: frozenset({State.IN_REVIEW}),
}
"""The states an act needs, beside that of a revision that went live in an emergency and waits for the rest."""

LEADING = frozenset({Role.EDITOR.value, Role.ADMIN.value})
"""Roles that may ask for changes where the policy doesn't ask for their signature."""


def move(state: State, step: Step) -> State:
    """The state a step leads to; Conflict names the steps that this state does allow."""
    if target := MOVES.get((state, step)):
        return target
    open_steps = ", ".join(sorted(step for origin, step in MOVES if origin is state)) or "none"
    raise Conflict(f"a revision that is {state} can't take the step {step}; open to it: {open_steps}")


def why_not(
    dossier: Dossier, who: Someone | Person | Actor, step: Step | Act, now: datetime, role: str = ""
) -> tuple[Obstacle, ...]:
    """Every reason why this can't be done now; none is an invitation.

    `role` is the one to sign, waive, verify or take in; without one any role that would do counts. A bare person is judged
    by their roles and keys alone, a bare actor by their rights alone.
    """
    who = _someone(who)
    found = _state(dossier, step)
    if step in RELEASE_STEPS:
        return (*found, Obstacle("release-takes-it", f"only a release can {step.replace('_', ' ')} a revision"))
    if step is Step.APPROVE:
        return (*found, *_lacking(dossier))
    found += [*_right(dossier, who, step), *_suspended(who)]
    if step is Step.TAKE_BACK and who.actor.id not in dossier.contributors:
        message = "only who wrote it takes it back: ask for changes instead"
        found.append(Obstacle("not-contributor", message))
    if step is Step.REQUEST_CHANGES:
        found += _reviewer(dossier, who, now)
    if step in {Act.SIGN, Act.TAKE, Act.WAIVE, Act.VERIFY} and isinstance(step, Act):
        found += _in_some_role(dossier, who, step, now, role)
    if step is Act.SIGN and who.stood_in_for:
        message = "an outside expert was invited to sign this in your place: revoke that invitation first"
        found.append(Obstacle("stood-in-for", message))
    return tuple(found)


def why_not_in_place(dossier: Dossier, who: Someone, role: str, now: datetime) -> tuple[Obstacle, ...]:
    """Every reason why this person can't let an outside expert sign in a role: who invites them holds their link first.

    So they hand on a judgement of their own, of which there is one, and on a text they didn't write.
    """
    found = []
    if who.actor.id in dossier.contributors:
        message = (
            "whoever wrote it doesn't choose who signs it: ask a reviewer or an admin to invite, or for comments only"
        )
        found.append(Obstacle("contributed", message))
    own = who.person is not None and holds(who.person, role, topics_for(dossier), now, dossier.leaving)
    if not own and not who.actor.may(Right.PEOPLE):
        message = f"only who holds the role {role} on its topic, or manages people, lets an expert sign in that role"
        found.append(Obstacle("role", message))
    if any(one.by == who.actor.id for one in dossier.standing.signed):
        found.append(
            Obstacle("already-signed", "you have signed it yourself: let someone else invite the next to sign")
        )
    return tuple(found)


def may_not_invite(dossier: Dossier, who: Someone) -> tuple[Obstacle, ...]:
    """Every reason why this person has nothing to do with the invitations to a revision, whatever its state."""
    return (*_right(dossier, who, Act.INVITE), *_suspended(who))


def open_roles(dossier: Dossier, who: Someone, now: datetime) -> tuple[str, ...]:
    """The roles in which this person's sign-off is asked and can be made now."""
    return tuple(role for role in _roles_for(dossier, Act.SIGN) if not why_not(dossier, who, Act.SIGN, now, role))


def refuse(reasons: Sequence[Obstacle]) -> None:
    """Raise if there is any reason: Conflict for *when*, Forbidden for *who*."""
    if reasons:
        raise error_of(reasons)


def error_of(reasons: Sequence[Obstacle]) -> KbError:
    """The error that the first and gravest of these is, with all of them told."""
    message = "; ".join(reason.message for reason in reasons)
    codes = {reason.code for reason in reasons}
    if codes & {"right", "suspended", "contributed", "role", "not-contributor", "no-key", "nobody"}:
        return Forbidden(message)
    if codes == {"reauthenticate"}:
        return Forbidden(message, code=Code.REAUTHENTICATE)
    return Conflict(message)


def may_on(actor: Actor, right: Right, dossier: Dossier) -> bool:
    """Whether the actor has a right on one of the topics that decide who signs this."""
    return any(actor.may(right, topic) for topic in dossier.topics or {dossier.topic})


def may_see(actor: Actor, dossier: Dossier) -> bool:
    """Whether the actor may know of this at all: by right and topic, and by audience and locale as with any other draft."""
    within = dossier.audience in actor.audiences and reads(actor, dossier.revision.draft.locale)
    return within and may_on(actor, Right.DRAFTS, dossier)


def invited(actor: Actor, dossier: Dossier) -> bool:
    """Whether the actor is an outside expert who was invited to exactly this revision."""
    return actor.may(Right.INVITED, f"#{dossier.revision.hash}")


def _someone(who: Someone | Person | Actor) -> Someone:
    if isinstance(who, Someone):
        return who
    if isinstance(who, Actor):
        return Someone(who, None, True)
    return Someone(Actor(who.id, rights=frozenset(Right) - {Right.INVITED}), who, True)


def _state(dossier: Dossier, step: Step | Act) -> list[Obstacle]:
    state = dossier.review.state
    if isinstance(step, Step):
        allowed = (state, step) in MOVES
    else:
        waiting = dossier.waits and step is not Act.VERIFY
        allowed = waiting or state in IN_STATES.get(step, frozenset(State))
    doing = step.replace("_", " ")
    return [] if allowed else [Obstacle("state", f"a revision that is {state.replace('_', ' ')} has no step {doing}")]


def _lacking(dossier: Dossier) -> list[Obstacle]:
    found = [
        Obstacle("unsigned", f"{count} more sign-off{'s' if count > 1 else ''} of the role {role}")
        for role, count in dossier.standing.missing.items()
        if role not in NO_POLICY
    ]
    if not dossier.standing.missing.keys().isdisjoint(NO_POLICY):
        found.append(Obstacle("no-rule", "no rule of the policy asks anyone to sign this: have it name who does first"))
    if dossier.blocking:
        found.append(Obstacle("comments-open", f"{len(dossier.blocking)} blocking comments have to be resolved first"))
    return found


def _right(dossier: Dossier, who: Someone, step: Step | Act) -> list[Obstacle]:
    if any(may_on(who.actor, right, dossier) for right in RIGHTS[step]):
        return []
    if step in GUESTS and invited(who.actor, dossier) and (who.signs or step is Act.COMMENT):
        return []
    needed = " or ".join(RIGHTS[step])
    return [Obstacle("right", f"it takes the right to {needed} on the topic {dossier.topic or '—'}: ask an admin")]


def _suspended(who: Someone) -> list[Obstacle]:
    if who.person is not None and who.person.suspended:
        return [Obstacle("suspended", f"{who.person.id} is suspended")]
    return []


def _reviewer(dossier: Dossier, who: Someone, now: datetime) -> list[Obstacle]:
    """Who asks for changes: someone whose signature counts here, or leads; whoever wrote it takes it back instead."""
    if who.actor.id in dossier.contributors:
        return [Obstacle("contributed", "whoever wrote it takes it back instead")]
    if who.person is None:
        return []
    roles = LEADING | dossier.asked.keys()
    if any(holds(who.person, role, topics_for(dossier), now, dossier.leaving) for role in roles):
        return []
    return [Obstacle("role", f"it takes one of the roles {', '.join(sorted(roles))} on its topic")]


def _in_some_role(dossier: Dossier, who: Someone, step: Act, now: datetime, role: str) -> list[Obstacle]:
    """The reasons against one role; without one, those against the role that has the fewest."""
    if who.person is None:
        return (
            []
            if who.actor.may(Right.LOAD)
            else [Obstacle("nobody", "only people sign: come with a credential of your own")]
        )
    roles = (role,) if role else _roles_for(dossier, step)
    if not roles:
        return [Obstacle("role", "the policy asks nobody for it")]
    tried = [_in_role(dossier, who.person, who.fresh, step, now, one) for one in roles]
    return min(tried, key=len)


def _roles_for(dossier: Dossier, step: Act) -> tuple[str, ...]:
    if step is Act.WAIVE:
        return dossier.waivers
    if step is Act.VERIFY:
        return tuple(sorted(dossier.verifiers))
    roles = tuple(sorted(dossier.asked))
    return roles if step is Act.TAKE else (*roles, Role.AUTHOR.value)


def _in_role(dossier: Dossier, person: Person, fresh: bool, step: Act, now: datetime, role: str) -> list[Obstacle]:
    found: list[Obstacle] = []
    author = role == Role.AUTHOR and step is Act.SIGN
    if author and person.id not in dossier.contributors:
        found.append(Obstacle("not-contributor", f"{person.id} is not an author of this revision"))
    elif author and person.id != dossier.revision.draft.author and dossier.asked.get(role, 0) <= 1:
        message = f"only {dossier.revision.draft.author}, who wrote it, signs it as its author: whoever takes it over writes anew"
        found.append(Obstacle("not-contributor", message))
    if not author and person.id in dossier.contributors:
        found.append(Obstacle("contributed", f"{person.id} wrote or edited it: someone else has to as {role}"))
    if not author and not holds(person, role, topics_for(dossier), now, dossier.leaving):
        found.append(Obstacle("role", f"{person.id} doesn't hold the role {role} on the topic {dossier.topic or '—'}"))
    if step is Act.TAKE:
        return found
    if step in {Act.WAIVE, Act.VERIFY} and role not in _roles_for(dossier, step):
        found.append(Obstacle("role", f"the policy doesn't let the role {role} {step}"))
    if not person.public_keys:
        found.append(Obstacle("no-key", f"{person.id} has no signing key: make or bring one first"))
    if step is Act.SIGN and any((one.role, one.by) == (role, person.id) for one in dossier.standing.signed):
        found.append(Obstacle("already-signed", f"{person.id} has signed it as {role}"))
    if not fresh and (step is not Act.SIGN or dossier.standing.change in FRESHLY):
        found.append(Obstacle("reauthenticate", "prove again who you are: this signature needs it within five minutes"))
    return found


def topics_for(dossier: Dossier) -> frozenset[str]:
    """The topics on which a role counts here; an outside expert holds theirs on the revision itself, and on no other."""
    own = {topic for topic in dossier.topics or {dossier.topic} if topic[:1] != "#"}
    return frozenset({*own, f"#{dossier.revision.hash}"})
