"""A model that simply remembers: who wrote and signed what, which policy ruled when, and what was served after each act.

It knows the rules as DESIGN states them and none of the program's tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.entries.types import Draft, Policy
from kb.review.changes import change_class
from kb.review.types import ChangeClass

At = tuple[str, str]
"""An entry in one locale: (key, locale)."""


@dataclass(frozen=True)
class Written:
    """A revision as its author left it."""

    draft: Draft
    hash: str
    number: int

    @property
    def at(self) -> At:
        return self.draft.key, self.draft.locale


@dataclass(frozen=True)
class Signed:
    """A sign-off that was taken."""

    hash: str
    role: str
    by: str


@dataclass
class Model:
    """What happened so far."""

    policies: dict[str, Policy]
    roles: dict[str, set[str]]
    policy: str
    suspended: set[str] = field(default_factory=set)
    written: dict[str, Written] = field(default_factory=dict)
    signed: list[Signed] = field(default_factory=list)
    full: dict[At, list[int]] = field(default_factory=dict)
    """Numbers of the revisions that once held every sign-off asked of them, by place."""
    been_live: dict[At, list[int]] = field(default_factory=dict)
    live: dict[At, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Hashes that were withdrawn or retired: they may never be live again."""
    lawful: set[str] = field(default_factory=set)
    """Hashes that were live once by all the sign-offs asked of them then: suspended ones may reopen by those."""
    retired: set[str] = field(default_factory=set)
    """Keys that another entry answers for."""

    def write(self, draft: Draft, hash_: str, number: int) -> None:
        self.written.setdefault(hash_, Written(draft, hash_, number))

    def contributors(self, hash_: str) -> set[str]:
        """The author, the editors named, and whoever wrote a revision since the last one that was live."""
        one = self.written[hash_]
        last = max((number for number in self.been_live.get(one.at, ()) if number < one.number), default=0)
        since = {other.draft.author for other in self._at(one.at) if last < other.number <= one.number}
        return {one.draft.author, *one.draft.editors, *since}

    def may_sign(self, hash_: str, role: str, person: str) -> bool:
        """Whether a sign-off made now counts."""
        if person in self.suspended:
            return False
        if role == "author":
            return person in self.contributors(hash_)
        return role in self.roles[person] and person not in self.contributors(hash_)

    def change(self, hash_: str) -> ChangeClass:
        """The class of a revision's change, from the last one that was fully signed.

        One that never was live and was overtaken takes back what is newer: that is what it changes.
        """
        one = self.written[hash_]
        lived = self.been_live.get(one.at, [])
        newer = [number for number in lived if number > one.number] if one.number not in lived else []
        before = newer or [number for number in self.full.get(one.at, ()) if number < one.number]
        content = self._numbered(one.at, max(before)).draft.content if before else None
        return change_class(content, one.draft.content, one.draft.locale)

    def asked(self, hash_: str, change: ChangeClass | None = None) -> dict[str, int]:
        """Roles and how many people of each, under the policy that rules now."""
        one = self.written[hash_]
        wanted: dict[str, int] = {"author": 1}
        for rule in self.policies[self.policy].rules:
            right_kind = not rule.kinds or one.draft.kind in rule.kinds
            if right_kind and (not rule.classes or (change or self.change(hash_)) in rule.classes):
                for role, count in rule.roles.items():
                    wanted[role] = max(count, wanted.get(role, 0))
        return wanted

    def signers(self, hash_: str, role: str) -> set[str]:
        """Who signed this hash in this role, or a former candidate from which the sign-off carries over to it."""
        one = self.written[hash_]
        found = {signed.by for signed in self.signed if (signed.hash, signed.role) == (hash_, role)}
        if role == "author":
            return found & self.contributors(hash_)
        last = max((number for number in self.full.get(one.at, ()) if number < one.number), default=0)
        for former in self._at(one.at):
            if last < former.number < one.number:
                step = change_class(former.draft.content, one.draft.content, one.draft.locale)
                if role not in self.asked(hash_, step):
                    found |= {signed.by for signed in self.signed if (signed.hash, signed.role) == (former.hash, role)}
        return found - self.contributors(hash_)

    def lacks(self, hash_: str) -> dict[str, int]:
        """What a revision still lacks under the policy that rules now."""
        wanted = self.asked(hash_)
        lacking = {role: count - len(self.signers(hash_, role)) for role, count in wanted.items()}
        return {role: count for role, count in lacking.items() if count > 0}

    def now_live(self, live: Mapping[At, str]) -> None:
        """What is live after an act; the policy among it rules from here on."""
        for at, hash_ in live.items():
            one = self.written[hash_]
            if one.number not in self.been_live.setdefault(at, []):
                self.been_live[at].append(one.number)
            self.lawful.add(hash_)
            if at[0] == "policy":
                self.policy = hash_
        self.live = dict(live)

    def _at(self, at: At) -> list[Written]:
        return [one for one in self.written.values() if one.at == at]

    def _numbered(self, at: At, number: int) -> Written:
        return next(one for one in self._at(at) if one.number == number)
