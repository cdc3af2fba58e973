"""What browsers send from pages: refused when it comes from another site's, answered across origins only where a key says so."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from kb.base.errors import Code, Forbidden
from kb.web.answers import Answer, Headers

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""
OWN = frozenset({b"same-origin", b"none"})
"""Sec-Fetch-Site of our own pages, and of what a person typed (W3C Fetch Metadata §2.3)."""

ALLOWED_HEADERS = b"authorization, content-type, if-none-match, x-request-id"
TOLD_HEADERS = b"etag, kb-answered, kb-position, kb-version, retry-after, x-request-id"
ASKED_AGAIN = b"600"
"""Seconds for which a browser needn't ask whether it may ask."""

CROSS_SITE = "this came from a page of another site, or from a browser that doesn't say: send it from our own pages"


def refuse_cross_site(method: str, headers: Mapping[bytes, bytes], base_url: str) -> None:
    """Raise Forbidden unless a request that a browser signs by itself comes from a page of ours.

    Its Sec-Fetch-Site must say so, and its Origin, where there is one, must be ours.
    """
    if method in SAFE:
        return
    origin = headers.get(b"origin")
    ours = origin is None or _is_ours(origin, headers, base_url)
    if headers.get(b"sec-fetch-site") != b"same-origin" or not ours:
        raise Forbidden(CROSS_SITE, code=Code.CROSS_SITE)


def refuse_foreign_page(method: str, headers: Mapping[bytes, bytes], base_url: str) -> None:
    """Raise Forbidden when a browser says that a page of another site sends this; for requests that bring no cookie.

    Signing somebody in from afar would make them work under another's name.
    """
    if method in SAFE:
        return
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
    if (site is not None and site not in OWN) or (origin is not None and not _is_ours(origin, headers, base_url)):
        raise Forbidden(CROSS_SITE, code=Code.CROSS_SITE)


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks if a page may ask (Fetch §3.2.2)."""
    return method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def preflight(origin: bytes, methods: tuple[str, ...]) -> Answer:
    """What pages may send here: a key, but never a cookie. Whether the key is for this origin is judged when it comes."""
    headers: Headers = (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (b"access-control-allow-headers", ALLOWED_HEADERS),
        (b"access-control-max-age", ASKED_AGAIN),
        (b"vary", b"Origin"),
    )
    return Answer(b"", status=204, headers=headers)


def shared_with(origin: str) -> Headers:
    """What lets a page of this origin read the answer to its key."""
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", TOLD_HEADERS),
        (b"vary", b"Origin"),
    )


def _is_ours(origin: bytes, headers: Mapping[bytes, bytes], base_url: str) -> bool:
    """Whether an Origin is the address people reach us at; without a setting, the Host that was asked."""
    given = urlsplit(origin.decode("latin-1").lower())
    if base_url:
        ours = urlsplit(base_url.lower())
        return (given.scheme, given.netloc) == (ours.scheme, ours.netloc)
    return bool(given.netloc) and given.netloc == headers.get(b"host", b"").decode("latin-1").lower()
