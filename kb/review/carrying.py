"""Sign-offs that carry over from a former candidate: pure rules of which, recorded by `settling`."""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from kb.accounts.types import Role
from kb.entries.types import Revision
from kb.review.changes import revision_change
from kb.review.types import Carried, ChangeClass, SignOff

Asks = Callable[[str, ChangeClass], bool]
"""Whether the policy in force asks a role about a change of this class."""

UNRECORDED = 0
"""The position of what could be carried over and isn't recorded."""


class CarriedOver(msgspec.Struct, frozen=True):
    """A sign-off that was carried over, with the statement itself."""

    carried: Carried
    statement: SignOff


def still_carried(
    recorded: Sequence[Carried], signed: Mapping[str, Sequence[SignOff]], asks: Asks
) -> tuple[CarriedOver, ...]:
    """What was carried over and counts still under the policy in force: the sign-off is valid, the change not asked about.

    `signed` are the valid sign-offs of each former candidate.
    """
    statements = {(one.hash, one.role, one.by): one for offs in signed.values() for one in offs}
    return tuple(
        CarriedOver(one, statement)
        for one in recorded
        if (statement := statements.get((one.signed, one.role, one.by))) and not asks(one.role, one.change)
    )


def carriable(
    revision: Revision,
    former: Sequence[Revision],
    signed: Mapping[str, Sequence[SignOff]],
    standing: Collection[tuple[str, str]],
    known: Mapping[str, Revision],
    asked: Collection[str],
    asks: Asks,
) -> tuple[Carried, ...]:
    """The sign-offs of former candidates (the newest first) that may carry over to this revision and haven't yet.

    One carries if its role is asked here, if the policy doesn't ask that role about the difference between the two texts,
    and if it is valid for this revision too, which it isn't by someone who contributed since. `standing` are the (role, by)
    that count already.
    """
    found: dict[tuple[str, str], Carried] = {}
    for candidate in former:
        news = [one for one in signed.get(candidate.hash, ()) if one.role in asked and one.role != Role.AUTHOR]
        news = [one for one in news if (one.role, one.by) not in standing and (one.role, one.by) not in found]
        if not news:
            continue
        change = revision_change(candidate, revision, known)
        for one in news:
            if not asks(one.role, change):
                found[one.role, one.by] = Carried(one.role, one.by, candidate.hash, change, UNRECORDED)
    return tuple(found.values())
