"""From a request to a question: channel, profile, locale chain and circumstances by fixed rules, never by guess."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from kb.base.errors import Code, NotFound
from kb.base.hashing import instant
from kb.channels.profiles import CHANNELS, Profile, Profiles
from kb.delivery import queries
from kb.delivery.types import Asked, Circumstances, Filters
from kb.entries.types import DELIVERED, Stage
from kb.web.door import Call, Parameter, wrong

LOCALE = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")

KINDS = tuple(sorted(DELIVERED))
STAGES = tuple(Stage)
VISIBILITIES = ("public", "direct")

SHARED = (
    Parameter("locale", "the locale to answer in (`es-ES`); without one, the first of the channel profiles"),
    Parameter("profile", "the channel's variety (`bluesky`, `whatsapp`, `polly`); without one, the channel's default"),
)
CHOOSING = (
    Parameter("product", "the product a variant may depend on"),
    Parameter("stage", "before, during or after purchase", {"type": "string", "enum": [*STAGES]}),
    Parameter("tone", "the tone a variant may have"),
    Parameter("visibility", "a public reply or a direct message", {"type": "string", "enum": [*VISIBILITIES]}),
    Parameter("pick", "which alternate of the wording, counted round", {"type": "integer", "minimum": 0}),
)
FILTERING = (
    Parameter("kind", "only entries of this kind", {"type": "string", "enum": [*KINDS]}),
    Parameter("topic", "only entries of this topic"),
    Parameter("product", "only entries about this product, and the product a variant may depend on"),
    Parameter("stage", "only this stage, and the stage a variant may depend on", {"type": "string", "enum": [*STAGES]}),
)
PAGING = (
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of the page before"),
)


def channels_of(call: Call) -> tuple[str, ...]:
    """The channels that this caller may read."""
    limits = call.actor.channels
    return tuple(channel for channel in CHANNELS if not limits or channel in limits)


def channel_of(call: Call) -> str:
    """The channel of the path; one that isn't for the caller or doesn't exist is a 404 like every thing that isn't there."""
    channel = call.path["channel"]
    if channel not in CHANNELS or (call.actor.channels and channel not in call.actor.channels):
        raise NotFound(f"no channel {channel}")
    return channel


def profile_of(call: Call, profiles: Profiles, channel: str) -> Profile:
    """The profile asked for, served ones only; an unknown one is a 400 that lists them."""
    name = call.query.one("profile")
    if not name:
        return profiles.default(channel)
    for profile in profiles.served:
        if profile.channel == channel and profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in profiles.served if profile.channel == channel)
    raise wrong("profile", f"unknown profile {name!r} of {channel}; use one of: {known}", Code.UNKNOWN_PROFILE)


def asked_of(call: Call, profiles: Profiles | None = None) -> Asked:
    """The whole question; `profiles` are those in force at the time that is asked about."""
    profiles = profiles or call.view.profiles
    channel = channel_of(call)
    profile = profile_of(call, profiles, channel)
    query = call.query
    circumstances = Circumstances()
    if query.values:
        circumstances = Circumstances(
            query.one("product"),
            one_of(call, "stage", STAGES),
            query.one("tone"),
            one_of(call, "visibility", VISIBILITIES),
            query.number("pick", 0, 0, 1_000_000_000),
        )
    return Asked(channel, profile.name, chain_of(call, profiles), call.actor.audiences, circumstances)


def chain_of(call: Call, profiles: Profiles) -> tuple[str, ...]:
    """The locales to try, in order, of those the caller may read; none left is a 404."""
    chain = profiles.chain(locale_of(call) or profiles.locales[0])
    limits = call.actor.locales
    if limits:
        chain = tuple(locale for locale in chain if locale in limits)
        if not chain:
            raise NotFound("no locale of the chain is for this caller")
    return chain


def locale_of(call: Call) -> str:
    """The locale asked for, empty where none is."""
    locale = call.query.one("locale")
    if locale and not LOCALE.fullmatch(locale):
        raise wrong("locale", f"{locale!r} is no locale: write it like en-GB or es")
    return locale


def filters_of(call: Call) -> Filters:
    """The filters of a list."""
    query = call.query
    return Filters(one_of(call, "kind", KINDS), query.one("topic"), query.one("product"), one_of(call, "stage", STAGES))


async def instant_of(call: Call) -> queries.Instant | None:
    """The point of the past that `as_of` names, by position or by time; None where it isn't given."""
    text = call.query.one("as_of")
    if not text:
        return None
    reader = call.services.node.reader
    if text.isascii() and text.isdigit():
        found = await queries.instant_of(reader, int(text[:18]))
    else:
        found = await queries.instant_at(reader, _time(text))
    if found is None:
        raise NotFound("nothing was released by then")
    return found


def _time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        return instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        message = "as_of is a position of the journal (42) or a time (2026-11-22T10:00:00Z)"
        raise wrong("as_of", message) from error


def one_of(call: Call, name: str, known: Sequence[str]) -> str:
    """A parameter that takes one of a few words; a word of its own would be a silent guess (law 8)."""
    given = call.query.one(name)
    if given and given not in known:
        raise wrong(name, f"unknown {name} {given!r}; use one of: {', '.join(known)}")
    return given
