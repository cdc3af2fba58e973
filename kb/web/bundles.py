"""What a door's pages are made of: files of its package, read once, under a path that changes when any of them does."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath

import msgspec

from kb.base.hashing import digest

MEDIA = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
}
HERE = b"{{assets}}"
"""What stands in a page for the path of the files it loads."""

FOR_EVER = b"public, max-age=31536000, immutable"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Nothing from elsewhere, no inline script or style, and no string becomes markup (W3C Trusted Types)."""


class Asset(msgspec.Struct, frozen=True):
    """One file as it is sent."""

    body: bytes
    media: bytes


class Bundle(msgspec.Struct, frozen=True):
    """All files of one version; `edition` stands for their very bytes, so that browsers may keep them for ever."""

    edition: str
    by_name: Mapping[str, Asset]


@lru_cache
def bundle(package: str, path: str) -> Bundle:
    """The files in a package's folder `assets`, with the path of the others (`path/edition`) written into the pages."""
    folder = files(package).joinpath("assets")
    bodies = {file.name: file.read_bytes() for file in folder.iterdir() if _suffix(file.name) in MEDIA}
    edition = digest(b"".join(name.encode() + bodies[name] for name in sorted(bodies)))[:16]
    here = f"{path}/{edition}".encode()
    return Bundle(
        edition, {name: Asset(body.replace(HERE, here), MEDIA[_suffix(name)]) for name, body in bodies.items()}
    )


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix
