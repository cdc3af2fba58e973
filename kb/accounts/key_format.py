"""What an API key looks like: `kb_sk_<id>_<secret><checksum>`, so that a typo or a leak is known without the database.

The id is public: 12 characters of lower-case base32 (60 bits). The secret is 28 characters of base62 (166 bits). The checksum
is the CRC-32 of everything before it as 6 characters of base62, as other issuers of keys do it.
"""

import re
import secrets
import zlib
from enum import StrEnum

import msgspec

from kb.base.hashing import digest

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 12
SECRET_LENGTH = 28
CHECKSUM_LENGTH = 6

PATTERN = r"kb_(?:sk|pk|pv)_[a-z2-7]{12}_[0-9A-Za-z]{34}"
"""For leak scanners: whatever matches, and whose last six characters are the checksum of the rest, is a key of ours."""

_WHOLE = re.compile(rf"kb_(?P<prefix>sk|pk|pv)_(?P<id>[a-z2-7]{{{ID_LENGTH}}})_(?P<secret>[0-9A-Za-z]{{{SECRET_LENGTH}}})"
                    rf"(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")  # fmt: skip


class KeyKind(StrEnum):
    """`secret` acts as its owner, `publishable` may lie in a page, `preview` also reads what isn't released."""

    SECRET = "secret"  # noqa: S105 (the name of a kind)
    PUBLISHABLE = "publishable"
    PREVIEW = "preview"


PREFIXES = {KeyKind.SECRET: "sk", KeyKind.PUBLISHABLE: "pk", KeyKind.PREVIEW: "pv"}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}


class Token(msgspec.Struct, frozen=True):
    """A key as its holder shows it, taken apart."""

    kind: KeyKind
    id: str
    secret: str

    @property
    def text(self) -> str:
        """The key as it is shown, once."""
        body = f"kb_{PREFIXES[self.kind]}_{self.id}_{self.secret}"
        return body + checksum(body)

    @property
    def hash(self) -> str:
        """What is stored of the secret: SHA-256, which for 166 random bits needs neither salt nor stretching."""
        return digest(self.secret.encode())


def new_id() -> str:
    """A fresh public id."""
    return "".join(secrets.choice(BASE32) for _ in range(ID_LENGTH))


def new_token(kind: KeyKind, key: str) -> Token:
    """A fresh secret for the key with this id."""
    return Token(kind, key, "".join(secrets.choice(BASE62) for _ in range(SECRET_LENGTH)))


def read_token(text: str) -> Token | None:
    """The parts of a key; None for what was never one: another shape, or a checksum that tells of a typo."""
    found = _WHOLE.fullmatch(text)
    if found is None or checksum(text[:-CHECKSUM_LENGTH]) != found["checksum"]:
        return None
    return Token(KINDS[found["prefix"]], found["id"], found["secret"])


def looks_like_a_key(text: str) -> bool:
    """Whether a text is a well-formed key with a checksum that holds: a leak, then, and no chance string."""
    return read_token(text) is not None


def checksum(text: str) -> str:
    """CRC-32 (ISO 3309) in six characters of base62, most significant first."""
    rest, found = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, 62)
        found = BASE62[digit] + found
    return found
