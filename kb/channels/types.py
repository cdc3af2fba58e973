"""The words every channel shares: what an editor writes, what a renderer is given, and what it gives back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from kb.channels.values import FactValue


class Written(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of everything an editor writes: frozen, closed, and silent about defaults, so that a new field unsigns nothing."""


# ---- what an editor writes -------------------------------------------------------------------------------------------


class Wording(Written, frozen=True):
    """One wording in Markdown with references; `overrides` maps `sms` or `social/bluesky` to a text of its own.

    A passage between `::: detail` and `:::` may be left out of shorter forms.
    """

    text: str
    short: str = ""
    spoken: str = ""
    overrides: dict[str, str] = {}


class When(Written, frozen=True):
    """The condition of a variant; an empty field is no condition, several words in a field mean any of them."""

    product: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    tone: tuple[str, ...] = ()
    visibility: tuple[str, ...] = ()


class Variant(Written, frozen=True):
    """A wording that replaces the entry's own where `when` holds, with up to five alternates chosen by `pick`."""

    when: When
    wording: Wording
    alternates: tuple[Wording, ...] = ()


class SlotType(StrEnum):
    TEXT = "text"
    NAME = "name"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    REFERENCE = "reference"


class Slot(Written, frozen=True):
    """A value filled at the moment of sending; `max` is its longest length in characters. Required, or with a fallback."""

    type: SlotType
    max: int
    required: bool = False
    fallback: str = ""
    personal: bool = False


class Go(StrEnum):
    """Where a way on leads."""

    ENTRY = "entry"
    HANDOVER = "handover"
    CALLBACK = "callback"
    LINK = "link"
    END = "end"


class Next(Written, frozen=True):
    """One way on: `label` for buttons (≤ 20 characters), `say` for a voice menu, `phrases` that choose it when spoken.

    `to` is `entry:KEY`, `handover`, `handover:QUEUE`, `callback`, `callback:QUEUE`, `link:https://…` or `end`.
    """

    id: str
    label: str
    to: str
    say: str = ""
    phrases: tuple[str, ...] = ()


class Link(Written, frozen=True):
    """A link under an answer; `url` is https, tel, mailto or one `{{fact:…}}` whose value is a url, phone or email."""

    label: str
    url: str


class Staff(Written, frozen=True):
    """For agents only: steps to take, notes, what not to say, and how to check who is asking. Markdown with references."""

    steps: tuple[str, ...] = ()
    notes: str = ""
    do_not_say: tuple[str, ...] = ()
    identity_check: str = ""


class EmailParts(Written, frozen=True):
    """Subject and preheader of the e-mail form; without them the title and the first sentence serve."""

    subject: str = ""
    preheader: str = ""


class VoicePrompts(Written, frozen=True):
    """What a voice channel says when it hears nothing or does not understand; without them `say-repeat` serves."""

    no_input: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


class Place(StrEnum):
    """Where a disclosure stands: first, last, or in the part it was written in."""

    BEFORE = "before"
    AFTER = "after"
    SAME_PART = "same-part"


class Placement(Written, frozen=True):
    """Where a disclosure goes, the channels that must show it (none named: all), and whether a caller must hear it out."""

    place: Place = Place.AFTER
    channels: tuple[str, ...] = ()
    must_hear: bool = True


# ---- what an editor can mend -----------------------------------------------------------------------------------------


class Severity(StrEnum):
    BLOCKS = "blocks"
    WARNS = "warns"


class Issue(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something an editor can mend.

    `field` is a path in the content (`text`, `short`, `overrides.sms`, `variants[0].short`, `next[1].label`,
    `slots.customer.first_name`), `found` the words it is about, `start` and `end` their place in the field's source
    text in characters, `where` the channel/profile it was seen in, if one.
    """

    code: str
    severity: Severity
    field: str
    message: str
    action: str
    found: str = ""
    start: int | None = None
    end: int | None = None
    where: str = ""
    locale: str = ""


def blocks(code: str, field: str, message: str, action: str, **rest: Any) -> Issue:
    """An issue that stops a release."""
    return Issue(code=code, severity=Severity.BLOCKS, field=field, message=message, action=action, **rest)


def warns(code: str, field: str, message: str, action: str, **rest: Any) -> Issue:
    """An issue that is shown and stops nothing."""
    return Issue(code=code, severity=Severity.WARNS, field=field, message=message, action=action, **rest)


# ---- what a renderer is given ----------------------------------------------------------------------------------------


class FactInput(msgspec.Struct, frozen=True):
    """A fact as referred to: its value, its version and its content hash."""

    key: str
    value: FactValue
    version: int
    hash: str


class ClaimInput(msgspec.Struct, frozen=True):
    """A claim as referred to, in the locale of the referring text."""

    key: str
    title: str
    wording: Wording
    version: int
    hash: str


class DisclosureInput(msgspec.Struct, frozen=True):
    """A disclosure as referred to: said verbatim (only `wording.text` and `wording.spoken` are read)."""

    key: str
    title: str
    wording: Wording
    placement: Placement
    version: int
    hash: str


class SayInput(msgspec.Struct, frozen=True):
    """A signed `say-*` entry that a channel speaks or shows on its own account."""

    key: str
    title: str
    wording: Wording
    phrasings: tuple[str, ...]
    version: int
    hash: str


class Inputs(msgspec.Struct, frozen=True):
    """Everything a wording may refer to, transitively (a claim's facts too), in one locale."""

    facts: Mapping[str, FactInput] = {}
    claims: Mapping[str, ClaimInput] = {}
    disclosures: Mapping[str, DisclosureInput] = {}
    says: Mapping[str, SayInput] = {}


class Source(msgspec.Struct, frozen=True):
    """One deliverable wording with its circumstances: a renderer's whole input beside `Inputs` and a profile.

    `wording` is already chosen (variant and alternate); `staff` is None in every rendition that isn't for staff.
    """

    key: str
    kind: str
    locale: str
    title: str
    wording: Wording
    version: int
    hash: str
    topic: str = ""
    product: str = ""
    stage: str = ""
    tone: str = ""
    slots: Mapping[str, Slot] = {}
    ask: str = ""
    next: tuple[Next, ...] = ()
    links: tuple[Link, ...] = ()
    email: EmailParts = EmailParts()
    voice: VoicePrompts = VoicePrompts()
    staff: Staff | None = None


# ---- what a renderer gives back (the delivery payload of DESIGN §9, less the columns of the row) -----------------------


class Markup(msgspec.Struct, frozen=True, omit_defaults=True):
    """The channel's native form: `ssml`, `markdown`, `whatsapp`, `mrkdwn`, `html` or `plain`."""

    type: str
    body: str


class NextOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way on as the channel shows it: `key` is what to press or send (`2`), `to` where it leads."""

    id: str
    label: str
    to: str
    key: str = ""
    say: str = ""
    phrases: tuple[str, ...] = ()


class FactOut(msgspec.Struct, frozen=True):
    """A fact used here: its typed value and its text as this channel says it."""

    value: FactValue
    text: str
    version: int
    hash: str


class UsedOut(msgspec.Struct, frozen=True):
    """A claim used here."""

    key: str
    version: int
    hash: str


class DisclosureOut(msgspec.Struct, frozen=True):
    """A disclosure used here, with its text as said and its place."""

    key: str
    text: str
    place: str
    version: int
    hash: str


class Segment(msgspec.Struct, frozen=True):
    """A stretch of speech that can or can't be interrupted; `ssml` is a complete `<speak>` document."""

    text: str
    ssml: str
    barge_in: bool


class Option(msgspec.Struct, frozen=True):
    """One choice of a voice menu: the key to press, the phrases understood, what is said for it, where it leads."""

    key: str
    phrases: tuple[str, ...]
    say: str
    next: str


class VoiceOut(msgspec.Struct, frozen=True):
    """A voice turn; `seconds` is an estimate with numbers verbalised, pauses counted, before the options."""

    segments: tuple[Segment, ...]
    no_input: tuple[str, ...]
    no_match: tuple[str, ...]
    options: tuple[Option, ...]
    handover: dict[str, Any] | None
    seconds: float


class EmailOut(msgspec.Struct, frozen=True):
    subject: str
    preheader: str


class FaqOut(msgspec.Struct, frozen=True):
    json_ld: dict[str, Any]


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a channel receives. Field order is wire order; the row's columns are spliced in behind it at reading."""

    key: str
    kind: str
    topic: str
    product: str
    stage: str
    tone: str
    channel: str
    profile: str
    locale: str
    title: str
    text: str
    markup: Markup
    parts: tuple[str, ...]
    ask: str
    next: tuple[NextOut, ...]
    links: tuple[Link, ...]
    facts: dict[str, FactOut]
    claims: tuple[UsedOut, ...]
    disclosures: tuple[DisclosureOut, ...]
    slots: dict[str, Slot]
    version: int
    hash: str
    email: EmailOut | None = None
    faq: FaqOut | None = None
    voice: VoiceOut | None = None
    staff: Staff | None = None
