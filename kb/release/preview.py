"""What a channel would be served if some revisions were live: chosen as delivery chooses, made on the spot, stored nowhere."""

from collections.abc import Collection

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.channels.profiles import Profiles
from kb.delivery import queries as delivery
from kb.delivery.queries import Row
from kb.delivery.reader import Reader
from kb.delivery.types import Asked, Delivered, Rendered
from kb.entries.queries import by_hashes
from kb.entries.types import Revision
from kb.release.supposing import Supposed, suppose
from kb.release.types import At
from kb.review import queries as reviews
from kb.review.types import State

UNRELEASED = frozenset(
    {State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED, State.SCHEDULED, State.LIVE}
)
"""States a revision may be previewed in: what was taken back doesn't come back by this door."""

NOWHERE = 0
"""The position of a rendition that was never opened."""


async def previewable(connection: AsyncConnection, hashes: Collection[str]) -> dict[str, Revision]:
    """Those of these revisions that may be previewed, by hash."""
    found = await by_hashes(connection, hashes)
    known = await reviews.by_hashes(connection, found)
    return {hash_: one for hash_, one in found.items() if hash_ not in known or known[hash_].state in UNRELEASED}


class Preview:
    """A release that hasn't happened, to be asked as delivery is; it holds what it was supposed from and nothing else."""

    def __init__(self, supposed: Supposed, reader: Reader) -> None:
        self._supposed = supposed
        self._reader = reader

    @property
    def profiles(self) -> Profiles:
        """The channel profiles that would be in force."""
        return self._supposed.rulings.profiles

    async def get(self, key: str, asked: Asked, now: str) -> Delivered | None:
        """The payload of a key; what these revisions don't touch is what delivery serves of it. None is a 404."""
        touched = {at for at in self._supposed.world.affected if at[0] == key}
        if not touched:
            return await delivery.get(self._reader, key, asked, now)
        for locale in asked.locales:
            at = (key, locale)
            alone = msgspec.structs.replace(asked, locales=(locale,))
            if at not in touched:
                found = await delivery.get(self._reader, key, alone, now, follow=False)
            else:
                found = self._supposed_payload(at, alone, now)
            if found is not None:
                return found
        return None

    def _supposed_payload(self, at: At, asked: Asked, now: str) -> Delivered | None:
        if self._supposed.world.get(*at) is None:
            return None
        judged = self._supposed.judged(at)
        if self._supposed.ends(judged) or self._supposed.stays_asleep(judged):
            return None
        rendered = [one for one, _ in judged.rendered]
        rows = [_row(one) for one in rendered if (one.at.channel, one.at.profile) == (asked.channel, asked.profile)]
        chosen = delivery.pick(rows, asked, now)
        return delivery.delivered(chosen, now) if chosen else None


async def preview(connection: AsyncConnection, reader: Reader, hashes: Collection[str], schedule: str = "") -> Preview:
    """The release of these revisions, whatever it still lacks; `schedule` is the one they are of."""
    return Preview(await suppose(connection, hashes, schedule=schedule), reader)


def _row(one: Rendered) -> Row:
    place = one.at
    return Row(
        key=place.key,
        locale=place.locale,
        audience=place.audience,
        variant=place.variant,
        pick=place.pick,
        kind=one.kind,
        version=one.version,
        rendition=one.rendition,
        opened_at=NOWHERE,
        valid_until=one.valid_until,
        verified_at=one.verified_at,
        due_at=one.due_at,
        overdue_at=one.overdue_at,
        body=one.body,
    )
