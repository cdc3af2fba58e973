"""What would be said if some revisions were live, whoever has signed them: judged place by place, and never stored."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.delivery.types import Slotted
from kb.entries.types import Revision
from kb.release.caps import caps_of, verified
from kb.release.gate import BEHIND, Rulings, blocking, judge
from kb.release.inputs import whole_content
from kb.release.parts import parts_now, with_grown
from kb.release.prepare import rulings_of
from kb.release.scheduled import hard_ends
from kb.release.times import policy_of
from kb.release.types import At, Judged, World
from kb.release.world import fetch
from kb.review.queries import emergencies
from kb.review.standing import policy_in_force


class Supposed(msgspec.Struct, frozen=True):
    """A world in which candidates are live, none left behind, with what judging a place of it needs.

    `parts` are the parts of the text messages that are live now, `verified` tells by hash when each was last signed.
    """

    world: World
    rulings: Rulings
    verified: Mapping[str, str]
    parts: Mapping[Slotted, int]

    @property
    def places(self) -> tuple[At, ...]:
        """Every entry that would be there and whose words these candidates touch, themselves first."""
        return tuple(sorted((at for at in self.world.affected if self.world.get(*at) is not None), key=self.order))

    def order(self, at: At) -> tuple[bool, At]:
        """Where a place stands among them."""
        return at not in self.world.candidates, at

    def audience(self, at: At) -> str:
        """Who may read what would be at a place."""
        revision = self.world.get(*at)
        if revision is None:
            raise LookupError(f"{at[0]} in {at[1]} is not in this world")
        return whole_content(self.world, revision, self.rulings.default_locale).audience.value

    def judged(self, at: At) -> Judged:
        """What one of the places would say, and everything that blocks or warns."""
        revision = self.world.get(*at)
        if revision is None:
            raise LookupError(f"{at[0]} in {at[1]} is not in this world")
        return with_grown(self.world, judge(self.world, self.rulings, at, self.verified[revision.hash]), self.parts)

    def stays_asleep(self, judged: Judged) -> bool:
        """Whether what is suspended there would not come back, since something blocks it still."""
        world = self.world
        asleep = judged.at in world.reopening and judged.at not in world.live and judged.at not in world.candidates
        return asleep and bool(blocking(judged.issues))

    def ends(self, judged: Judged) -> bool:
        """Whether what is live there would end: a translation behind its source, or what holds the words of one."""
        if judged.at in self.world.candidates:
            return False
        if any(issue.code == BEHIND for issue in judged.issues):
            return True
        leant = (
            at for at in judged.leans_on & self.world.affected if (one := self.world.get(*at)) and one.draft.source
        )
        return any(self.ends(self.judged(at)) for at in leant if at != judged.at)


async def suppose(
    connection: AsyncConnection, hashes: Iterable[str], *, among: Collection[At] = (), schedule: str = ""
) -> Supposed:
    """The world if these revisions were live; `among` are the places that will be judged (none: any of them).

    `schedule` is the one they are of: what it ends it ends no more.
    """
    world = await fetch(connection, hashes)
    force = await policy_in_force(connection)
    rulings = rulings_of(world, force)
    signed = await verified(connection, _revisions(world))
    ends = [*(await hard_ends(connection, schedule)).items(), *await _emergencies(connection, world)]
    caps = caps_of(world, ends, signed, policy_of(world, force), rulings.default_locale)
    parts = await parts_now(connection, set(among or world.affected))
    return Supposed(msgspec.structs.replace(world, caps=caps), rulings, signed, parts)


async def _emergencies(connection: AsyncConnection, world: World) -> list[tuple[At, str]]:
    """The ends of what is live in an emergency."""
    passing = await emergencies(connection)
    return [((one.draft.key, one.draft.locale), passing[one.hash]) for one in _revisions(world) if one.hash in passing]


def _revisions(world: World) -> list[Revision]:
    return [*world.live.values(), *world.candidates.values(), *world.reopening.values()]
