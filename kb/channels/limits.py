"""How a house writes channel profiles: limits, what a speech engine takes, and the house document `channels`."""

from kb.channels.types import Written

UNITS = ("characters", "gsm", "weighted", "graphemes", "utf16", "bytes")
"""What a limit may count: code points, septets of an SMS, X's weights, what a reader sees as one character, UTF-16 code
units, UTF-8 bytes."""


class Limit(Written, frozen=True):
    """One ceiling on a part of text: `size` in one of `UNITS`, with the source it was read in."""

    unit: str
    size: int
    source: str = ""


class Ssml(Written, frozen=True):
    """What a speech engine takes: its tags, attributes a tag, the longest pause in milliseconds, and its size limits.

    `billed` counts the text without tags, `total` everything sent, in `total_unit`.
    """

    tags: tuple[str, ...] = ("speak", "p", "s", "break", "sub", "say-as", "phoneme")
    attributes_per_tag: int = 1
    break_milliseconds: int = 3000
    billed: int | None = None
    total: int | None = None
    total_unit: str = "characters"
    source: str = ""


class ProfileEntry(Written, frozen=True):
    """One profile as written; what it leaves out comes from `inherits` (`channel/name`), else its channel's `core`.

    `form` is the wording's form it reads (`short`, `spoken`, or empty for the canonical text), `detail` whether it
    keeps what shorter forms may drop, `limits` hold for each of at most `max_parts` parts, `label_size` for the labels
    of at most `max_next` ways on; more than `max_buttons` become a numbered list in the text. A profile without
    `output` can only be checked against.
    """

    inherits: str = ""
    form: str | None = None
    detail: bool | None = None
    markup: str | None = None
    limits: tuple[Limit, ...] | None = None
    max_parts: int | None = None
    url_length: int | None = None
    title_size: int | None = None
    label_size: int | None = None
    max_next: int | None = None
    max_buttons: int | None = None
    max_seconds: int | None = None
    ssml: Ssml | None = None
    output: bool | None = None
    sources: tuple[str, ...] | None = None


class ProfilesDocument(Written, frozen=True):
    """The house document `channels`.

    `serve` lists the profiles that are rendered (`voice/core`; none: the default profile of each channel), `check`
    those whose limits are checked and that have no output; `locales` the served locales, first the default;
    `fallbacks` maps a locale to the ones tried after it, in order; `profiles` adds to and overrides the built-in ones.
    """

    locales: tuple[str, ...] = ("en-GB",)
    fallbacks: dict[str, tuple[str, ...]] = {}
    serve: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    profiles: dict[str, ProfileEntry] = {}
