"""The words of release: what would be live, what a release makes of it, and what stops it."""

from collections.abc import Collection, Mapping

import msgspec

from kb.channels.types import Issue
from kb.delivery.types import Change, Findable, Rendered
from kb.entries.types import Content, Revision
from kb.review.types import RevisionAt, State, Step

At = tuple[str, str]
"""An entry in one locale: (key, locale)."""

GLOBAL_KEYS = ("channels", "say-repeat", "say-handover")
"""Entries that every rendition leans on without naming them."""


class World(msgspec.Struct, frozen=True):
    """What would be live after a release: candidates over what is live now; `live` holds what was fetched of it.

    `affected` are the entries to render: candidates, everything that leans on them, and their translations.
    `reopening` are suspended revisions that come back if their gate lets them. `caps` are the instants at which places end
    for a reason outside their content: a hard schedule, an emergency, a text that nobody verified. `pinned` are the contents
    of sources by hash that translations were made from; None where no such revision is known.
    """

    live: Mapping[At, Revision]
    candidates: Mapping[At, Revision]
    reopening: Mapping[At, Revision]
    affected: frozenset[At]
    waived: Mapping[str, frozenset[tuple[str, str]]]
    caps: Mapping[At, str] = {}
    pinned: Mapping[str, Content | None] = {}

    def get(self, key: str, locale: str) -> Revision | None:
        """The revision that would be live at a place."""
        at = (key, locale)
        return self.candidates.get(at) or self.live.get(at) or self.reopening.get(at)

    def without(self, dropped: Collection[At], closed: Collection[At] = ()) -> "World":
        """The same world when these candidates stay behind, and what is live at the closed places ends."""
        kept = {at: revision for at, revision in self.candidates.items() if at not in dropped}
        back = {at: revision for at, revision in self.reopening.items() if at not in dropped and at not in closed}
        live = {at: revision for at, revision in self.live.items() if at not in closed} if closed else self.live
        return msgspec.structs.replace(self, live=live, candidates=kept, reopening=back)


class Judged(msgspec.Struct, frozen=True):
    """One entry in one locale as the gate sees it: its renditions with the profile hash of each, and its issues.

    `inputs` are the hashes of everything it was made from, its own first.
    """

    at: At
    revision: Revision
    issues: tuple[Issue, ...]
    rendered: tuple[tuple[Rendered, str], ...]
    findable: Findable | None
    inputs: tuple[str, ...]
    leans_on: frozenset[At]


class Blocked(msgspec.Struct, frozen=True):
    """A revision that stays behind, and the issues that keep it; `because_of` names a dependent that broke, if it was one."""

    key: str
    locale: str
    hash: str
    issues: tuple[Issue, ...]
    because_of: str = ""


class Closing(msgspec.Struct, frozen=True):
    """A live revision that ends in the same act as a release, what followers are told of it, and why."""

    key: str
    locale: str
    hash: str
    change: Change
    issues: tuple[Issue, ...] = ()


class Prepared(msgspec.Struct, frozen=True):
    """A release ready to commit: everything rendered outside the transaction, and what it was made from.

    `blocked` are the candidates that stay behind, causes before what only leaned on them; `closing` is what ends with it.
    `expected` maps each entry it read to the hash that was live then (empty: none): commit rechecks it, as it does `hard`,
    the ends that pending hard schedules set. `emergency` maps hashes to the instant at which they end again, `lifting`
    holds the places whose emergency ends since everybody has signed. `states` are those the candidates were in, `topics`
    those of what goes live or ends.
    `schedule` is the one that this carries out; `tentative` is judged without sign-offs, and never committed.
    """

    steps: Mapping[str, Step]
    world: World
    judged: Mapping[At, Judged]
    blocked: tuple[Blocked, ...]
    expected: Mapping[At, str]
    policy: str
    closing: tuple[Closing, ...] = ()
    hard: Mapping[At, str] = {}
    emergency: Mapping[str, str] = {}
    lifting: frozenset[At] = frozenset()
    states: Mapping[str, State] = {}
    topics: frozenset[str] = frozenset()
    schedule: str = ""
    position: int = 0
    tentative: bool = False


class Released(msgspec.Struct, frozen=True):
    """What a release did: its id and position, the revisions that went live, and how many rows opened and closed."""

    id: str
    position: int
    items: tuple[RevisionAt, ...]
    opened: int
    closed: int


class Withdrawal(msgspec.Struct, frozen=True):
    """What a withdrawal takes: the entries named, and what leans on them; shown before it is done."""

    withdrawn: tuple[At, ...]
    suspended: tuple[At, ...]
