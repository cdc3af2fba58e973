"""The words of entries: kinds, the content of a revision, and the documents that rule the rest of the house."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from kb.channels.profiles import ProfilesDocument
from kb.channels.types import (
    EmailParts,
    Link,
    Next,
    Placement,
    Slot,
    Staff,
    Variant,
    VoicePrompts,
    Wording,
    Written,
)
from kb.channels.values import FactValue

KEY = r"^[a-z0-9]+([.-][a-z0-9]+)*$"
Key = Annotated[str, msgspec.Meta(pattern=KEY, max_length=120)]

NO_LOCALE = "und"
"""The locale of facts and house documents (BCP 47, undetermined)."""


class Kind(StrEnum):
    FACT = "fact"
    CLAIM = "claim"
    DISCLOSURE = "disclosure"
    ANSWER = "answer"
    PROMISE = "promise"
    NOTICE = "notice"
    HOUSE = "house"


DELIVERED = frozenset({Kind.CLAIM, Kind.DISCLOSURE, Kind.ANSWER, Kind.PROMISE, Kind.NOTICE})
"""Kinds that channels receive; facts and house documents are never delivered by themselves."""


class Audience(StrEnum):
    """Each audience sees itself and what is wider: staff ⊇ customer ⊇ public."""

    PUBLIC = "public"
    CUSTOMER = "customer"
    STAFF = "staff"


class Stage(StrEnum):
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


# ---- parts of single kinds -------------------------------------------------------------------------------------------


class Evidence(Written, frozen=True):
    """What proves a claim: a title with a link or a document id, and the last day on which it holds."""

    title: str
    url: str = ""
    document: str = ""
    valid_until: date | None = None


class PromiseTerms(Written, frozen=True):
    """A line of the published charter: all texts may hold references; `period` is how often the result is measured."""

    target: str
    measure: str
    period: str
    remedy: str


class NoticeTerms(Written, frozen=True):
    """A proactive message: what it is for, the consent it needs, hours it keeps, and the replies it understands."""

    purpose: str
    consent: str
    quiet_from: str = ""
    quiet_until: str = ""
    replies: dict[str, str] = {}


# ---- house documents -------------------------------------------------------------------------------------------------


class PolicyRule(Written, frozen=True):
    """Sign-offs asked of every revision that matches; an empty field matches everything. All matching rules add up.

    `roles` counts distinct people per role. With `dependents` the rule speaks of facts alone: it is asked of one whose live
    dependents match its kinds, topics and channels, and their topics count for holding the role. `due_days` is how long the
    reviewers it names have; of several rules the shortest time holds.
    """

    name: str
    roles: dict[str, int]
    kinds: tuple[Kind, ...] = ()
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    dependents: bool = False
    due_days: int | None = None


class Emergency(Written, frozen=True):
    """What a release in an emergency needs instead: people who contributed nothing, by role; it holds so many hours.

    The author signs as ever. Whatever else the policy asks is due when the hours are over, and then the text ends.
    """

    roles: dict[str, int]
    hours: int = 72


class Policy(Written, frozen=True):
    """Who must sign what. `cadence_days` is how often an entry is verified unless it says so itself.

    `waivers` names the roles that may waive a finding, `escalate` those that are told of what is overdue. `withdraw_days`
    is how long after it was overdue a text that nobody verified ends (None: never). `due_days` is how long reviewers have,
    and how long a text may stand unverified before it counts as overdue.
    """

    rules: tuple[PolicyRule, ...]
    waivers: tuple[str, ...] = ()
    cadence_days: int = 365
    due_days: int = 14
    escalate: tuple[str, ...] = ()
    withdraw_days: int | None = None
    emergency: Emergency | None = None


class GlossaryTerm(Written, frozen=True):
    """A glossary line: a term to use, or one never to use with the reason and what to say instead.

    `forms` are further spellings that are found too. A prohibited term blocks; a discouraged one warns.
    """

    term: str
    status: str
    reason: str = ""
    suggestion: str = ""
    forms: tuple[str, ...] = ()


class Glossary(Written, frozen=True):
    """Preferred, discouraged and prohibited terms by locale."""

    locales: dict[str, tuple[GlossaryTerm, ...]]


class SynonymSet(Written, frozen=True):
    """Words that mean the same in search: `words` both ways; or `words` found also when someone asks `one_way`."""

    words: tuple[str, ...]
    one_way: tuple[str, ...] = ()


class Synonyms(Written, frozen=True):
    locales: dict[str, tuple[SynonymSet, ...]]


class House(Written, frozen=True):
    """Exactly one of the documents that rule the rest."""

    policy: Policy | None = None
    channels: ProfilesDocument | None = None
    glossary: Glossary | None = None
    synonyms: Synonyms | None = None


# ---- a revision ------------------------------------------------------------------------------------------------------


class Content(Written, frozen=True):
    """All that is signed of one entry in one locale.

    A translation leaves out what isn't words (topic, product, stage, owner, audience, validity, cadence, `when`, slots,
    targets of `next`, evidence, placement, a notice's consent and quiet hours): it inherits them from its source.
    """

    title: str = ""
    topic: str = ""
    product: str = ""
    stage: Stage | None = None
    owner: str = ""
    audience: Audience = Audience.PUBLIC
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    cadence_days: int | None = None
    wording: Wording | None = None
    alternates: tuple[Wording, ...] = ()
    variants: tuple[Variant, ...] = ()
    phrasings: tuple[str, ...] = ()
    slots: dict[str, Slot] = {}
    ask: str = ""
    next: tuple[Next, ...] = ()
    links: tuple[Link, ...] = ()
    email: EmailParts | None = None
    voice: VoicePrompts | None = None
    staff: Staff | None = None
    fact: FactValue | None = None
    evidence: tuple[Evidence, ...] = ()
    placement: Placement | None = None
    promise: PromiseTerms | None = None
    notice: NoticeTerms | None = None
    house: House | None = None


class Draft(msgspec.Struct, frozen=True):
    """A revision before it is stored: everything its hash covers.

    `source` is the content hash of the source-locale revision a translation was made from, else empty. `again` counts
    how often its author went back to these very words, so that each time is a revision of its own.
    """

    key: Key
    kind: Kind
    locale: str
    author: str
    content: Content
    editors: tuple[str, ...] = ()
    source: str = ""
    again: int = 0


class Revision(msgspec.Struct, frozen=True):
    """One immutable snapshot as stored: the draft, its number within (key, locale), its hash and its journal position."""

    draft: Draft
    number: int
    hash: str
    position: int
    at: datetime
