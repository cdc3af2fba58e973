"""Pages for browsers: sent with what they may do, and open to whoever comes, whatever cookie comes along.

A page takes back the cookie of a session that is over, for every route of the API would refuse it, and so would what the
page loads first.
"""

from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import NotFoundException

from kb import __version__
from kb.accounts.sign_in import session_actor
from kb.delivery.queries import etag
from kb.web.answers import ALWAYS, PRIVATE, REVALIDATE, matches
from kb.web.bundles import FOR_EVER, Bundle
from kb.web.credentials import SESSION_COOKIE
from kb.web.door import Services
from kb.web.gate import FORGET_SESSION

AnyRequest = Request[Any, Any, Any]


async def page(services: Services, request: AnyRequest, body: bytes, policy: str) -> Response[bytes]:
    """A page under a Content-Security-Policy. One that takes a cookie back is for this browser alone: no cache keeps it."""
    headers = _headers() | {"Content-Security-Policy": policy, "Vary": "Cookie"}
    token = request.cookies.get(SESSION_COOKIE.decode(), "")
    if token and not await _holds(services, token):
        headers |= {"Set-Cookie": FORGET_SESSION[1].decode(), "Cache-Control": PRIVATE.decode()}
        return Response(body, media_type=MediaType.HTML, headers=headers)
    tag = etag(body)
    headers |= {"ETag": tag, "Cache-Control": REVALIDATE.decode()}
    if matches(request.headers.get("if-none-match", "").encode() or None, tag.encode()):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=MediaType.HTML, headers=headers)


def asset(files: Bundle, edition: str, name: str) -> Response[bytes]:
    """A file of pages; of another version there is none, for pages never run on mixed files."""
    found = files.by_name.get(name)
    if found is None or edition != files.edition:
        raise NotFoundException
    headers = _headers() | {"Cache-Control": FOR_EVER.decode()}
    return Response(found.body, media_type=found.media.decode(), headers=headers)


def _headers() -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in ALWAYS} | {"KB-Version": __version__}


async def _holds(services: Services, token: str) -> bool:
    async with services.sessions.reading() as connection:
        return await session_actor(connection, token, services.clock.now()) is not None
