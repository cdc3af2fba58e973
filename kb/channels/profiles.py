"""Channel profiles: each channel's varieties with their limits, as data that inherits; a new profile needs no code."""

from collections.abc import Iterator, Mapping

import msgspec

from kb.base.hashing import canonical, digest
from kb.channels.built_in import BUILT_IN
from kb.channels.limits import UNITS, Limit, ProfileEntry, ProfilesDocument, Ssml
from kb.channels.types import Issue, blocks

__all__ = [
    "CHANNELS",
    "Limit",
    "Profile",
    "ProfileEntry",
    "Profiles",
    "ProfilesDocument",
    "Ssml",
    "problems",
    "resolve",
]

CHANNELS = {
    "voice": "core",
    "chat": "core",
    "social": "x",
    "sms": "core",
    "email": "core",
    "faq": "core",
    "agent": "core",
}
"""Every channel, with the name of its default profile."""


class Profile(msgspec.Struct, frozen=True):
    """One profile with everything it inherits filled in.

    `id` is `channel/name`, `hash` the SHA-256 of the canonical JSON of every other field.
    """

    id: str
    channel: str
    name: str
    form: str = ""
    detail: bool = True
    markup: str = "plain"
    limits: tuple[Limit, ...] = ()
    max_parts: int | None = None
    url_length: int | None = None
    title_size: int | None = None
    label_size: int | None = None
    max_next: int | None = None
    max_buttons: int | None = None
    max_seconds: int | None = None
    ssml: Ssml | None = None
    output: bool = True
    sources: tuple[str, ...] = ()
    hash: str = ""


class Profiles(msgspec.Struct, frozen=True):
    """The profiles in force: those that are served, those that are only checked against, and the locales' chains."""

    known: Mapping[str, Profile]
    served: tuple[Profile, ...]
    checked: tuple[Profile, ...]
    locales: tuple[str, ...]
    fallbacks: Mapping[str, tuple[str, ...]]

    def get(self, profile: str) -> Profile:
        """The profile named `channel/name`; an unknown one raises LookupError naming the served ones."""
        if profile in self.known:
            return self.known[profile]
        raise LookupError(f"unknown profile {profile!r}: use one of {', '.join(one.id for one in self.served)}")

    def default(self, channel: str) -> Profile:
        """The profile a channel has when none is named (`social`: x); an unknown channel raises LookupError."""
        if channel in CHANNELS:
            return self.known[f"{channel}/{CHANNELS[channel]}"]
        raise LookupError(f"unknown channel {channel!r}: use one of {', '.join(CHANNELS)}")

    def chain(self, locale: str) -> tuple[str, ...]:
        """The locales to look in, in order: the one asked for, then its fallbacks."""
        return (locale, *self.fallbacks.get(locale, ()))


def resolve(document: ProfilesDocument | None) -> Profiles:
    """The profiles of a house document, or the built-in ones; a document with `problems` raises ValueError."""
    document = document or ProfilesDocument()
    found = problems(document)
    if found:
        raise ValueError(found[0].message)
    entries = _merged(document)
    known = {name: _resolved(name, entries) for name in entries}
    served = document.serve or tuple(f"{channel}/{name}" for channel, name in CHANNELS.items())
    return Profiles(
        known=known,
        served=tuple(known[name] for name in served),
        checked=tuple(known[name] for name in document.check),
        locales=document.locales,
        fallbacks=document.fallbacks,
    )


def problems(document: ProfilesDocument) -> tuple[Issue, ...]:
    """Everything an editor must mend before these profiles can be in force; each one blocks."""
    return (*_profile_problems(document), *_choice_problems(document), *_locale_problems(document))


def _profile_problems(document: ProfilesDocument) -> Iterator[Issue]:
    entries = _merged(document)
    for name, entry in document.profiles.items():
        field = f"house.channels.profiles.{name}"
        channel, _, rest = name.partition("/")
        if channel not in CHANNELS or not rest:
            action = f"name it CHANNEL/NAME, with one of the channels {', '.join(CHANNELS)}"
            yield blocks("profile-name", field, f"the profile {name!r} belongs to no channel", action, found=name)
            continue
        yield from _inheritance_problems(name, entries, field)
        for limit in entry.limits or ():
            if limit.unit not in UNITS:
                message = f"the profile {name!r} counts in an unknown unit {limit.unit!r}"
                yield blocks("profile-unit", field, message, f"use one of {', '.join(UNITS)}", found=limit.unit)


def _inheritance_problems(name: str, entries: Mapping[str, ProfileEntry], field: str) -> Iterator[Issue]:
    seen = [name]
    while parent := _parent(seen[-1], entries):
        if parent in seen:
            message = f"the profile {name!r} inherits from itself: {' → '.join([*seen, parent])}"
            yield blocks("profile-circular", field, message, "let one of them inherit from another", found=parent)
            return
        if parent not in entries:
            message = f"the profile {seen[-1]!r} inherits from {parent!r}, which isn't known"
            yield blocks("profile-unknown", field, message, "name a known profile as CHANNEL/NAME", found=parent)
            return
        seen.append(parent)


def _choice_problems(document: ProfilesDocument) -> Iterator[Issue]:
    entries = _merged(document)
    for part, names in (("serve", document.serve), ("check", document.check)):
        for name in names:
            if name not in entries:
                action = f"use one of {', '.join(sorted(entries))}"
                message = f"{part} names the profile {name!r}, which isn't known"
                yield blocks("profile-unknown", f"house.channels.{part}", message, action, found=name)
            elif part == "serve" and entries[name].output is False:
                message = f"{name!r} only holds limits to check against and can't be served"
                yield blocks("profile-no-output", "house.channels.serve", message, "name it under check", found=name)


def _locale_problems(document: ProfilesDocument) -> Iterator[Issue]:
    if not document.locales:
        yield blocks("locales-none", "house.channels.locales", "no locale is served", "name at least one locale")
    for locale, chain in document.fallbacks.items():
        for other in chain:
            if other not in document.locales:
                message = f"{locale} falls back to {other}, which isn't served"
                action = f"name one of {', '.join(document.locales)}"
                yield blocks("locale-unknown", f"house.channels.fallbacks.{locale}", message, action, found=other)


def _merged(document: ProfilesDocument) -> dict[str, ProfileEntry]:
    """The built-in entries with the house's laid over them, field by field."""
    entries = dict(BUILT_IN)
    for name, entry in document.profiles.items():
        entries[name] = _over(entry, entries[name]) if name in entries else entry
    return entries


def _resolved(name: str, entries: Mapping[str, ProfileEntry]) -> Profile:
    entry = entries[name]
    parent = _parent(name, entries)
    while parent:
        entry = _over(entry, entries[parent], but=("output", "sources"))
        parent = _parent(parent, entries)
    channel, _, short = name.partition("/")
    fields = {field: value for field, value in msgspec.structs.asdict(entry).items() if value is not None}
    del fields["inherits"]
    profile = Profile(id=name, channel=channel, name=short, **fields)
    return msgspec.structs.replace(profile, hash=digest(canonical(profile)))


def _parent(name: str, entries: Mapping[str, ProfileEntry]) -> str:
    """The profile one inherits from: the one it names, else its channel's `core`; for `core` itself nothing."""
    entry = entries.get(name)
    if entry is not None and entry.inherits:
        return entry.inherits
    root = f"{name.partition('/')[0]}/core"
    return root if name != root and entry is not None else ""


def _over(entry: ProfileEntry, under: ProfileEntry, but: tuple[str, ...] = ()) -> ProfileEntry:
    """`entry` with what it leaves out taken from `under`."""
    own = msgspec.structs.asdict(entry)
    below = msgspec.structs.asdict(under)
    return msgspec.structs.replace(
        entry, **{name: below[name] for name, value in own.items() if value is None and name not in but}
    )
