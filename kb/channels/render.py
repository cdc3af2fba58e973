"""The one door to the channels: renders a wording for a profile, names what to mend, gives the bytes to store."""

from collections.abc import Callable

import msgspec

from kb.base.hashing import digest
from kb.channels import agent, chat, email, faq, sms, social, voice
from kb.channels.checks import checks
from kb.channels.profiles import Profile
from kb.channels.types import Inputs, Issue, Payload, Source

RENDERER = "1"
"""The version of the renderers; it stands in receipts, and moves when any text would come out otherwise."""

RENDERERS: dict[str, Callable[[Source, Inputs, Profile], Payload]] = {
    "voice": voice.render,
    "chat": chat.render,
    "social": social.render,
    "sms": sms.render,
    "email": email.render,
    "faq": faq.render,
    "agent": agent.render,
}


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """What a channel receives; a reference that `inputs` doesn't hold stays as its token and is one of the `issues`."""
    return RENDERERS[profile.channel](source, inputs, profile)


def issues(source: Source, inputs: Inputs, profile: Profile, payload: Payload) -> tuple[Issue, ...]:
    """Everything to mend in this rendition of this source; any that blocks keeps it from being released."""
    found = list(checks(source, inputs, profile, payload))
    if profile.channel == "voice":
        found.extend(voice.issues(payload, source, profile))
    return tuple(msgspec.structs.replace(issue, locale=source.locale) for issue in found)


def encode(payload: Payload) -> bytes:
    """The payload as JSON in wire order, as it is stored and sent."""
    return _ENCODER.encode(payload)


def decode(data: bytes) -> Payload:
    """The payload of stored bytes; the row's columns, if they were spliced in, are passed over."""
    return _DECODER.decode(data)


def identity(data: bytes) -> str:
    """The rendition's identity: SHA-256 of its payload's bytes, in lower-case hex."""
    return digest(data)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Payload)
