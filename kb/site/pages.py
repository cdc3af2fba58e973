"""The site door's pages: the ask page, what it is allowed to do, and the files it is made of."""

from typing import Any

from litestar import MediaType, Request, Response
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, route

from kb import __version__
from kb.delivery.queries import etag
from kb.site.assets import bundle
from kb.site.routes import PREFIX, ROUTES
from kb.web.answers import ALWAYS, REVALIDATE, matches
from kb.web.door import Services, mount

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types inert"
)
"""Nothing from elsewhere, no inline script or style; and no string may become markup but through the one named policy,
which only ever parses into a document that isn't shown (W3C Trusted Types)."""


def pages(services: Services) -> tuple[BaseRouteHandler, ...]:
    """The handlers of `/` and of all that lies under `/site`."""
    return home, mount(ROUTES, services, PREFIX)


@route("/", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def home(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The ask page; its script reads `q`, `key` and `locale` from the address."""
    page = bundle().by_name["ask.html"]
    tag = etag(page.body)
    headers = {name.decode(): value.decode() for name, value in ALWAYS}
    headers |= {
        "ETag": tag,
        "Cache-Control": REVALIDATE.decode(),
        "Content-Security-Policy": POLICY,
        "KB-Version": __version__,
    }
    known = matches(request.headers.get("if-none-match", "").encode() or None, tag.encode())
    if known:
        return Response(b"", status_code=304, headers=headers)
    return Response(page.body, media_type=MediaType.HTML, headers=headers)
