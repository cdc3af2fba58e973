"""The site door's pages: the ask page, what it is allowed to do, and the files it is made of."""

from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, route
from litestar.params import FromPath

from kb.site.assets import PATH, bundle
from kb.site.routes import PREFIX, ROUTES
from kb.web import pages as web_pages
from kb.web.door import Services
from kb.web.front import mount
from kb.web.pages import AnyRequest

READ = [HttpMethod.GET, HttpMethod.HEAD]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types inert"
)
"""Nothing from elsewhere, no inline script or style; and no string may become markup but through the one named policy,
which only ever parses into a document that isn't shown (W3C Trusted Types)."""


def pages(services: Services) -> tuple[BaseRouteHandler, ...]:
    """The handlers of `/` and of all that lies under `/site`."""

    @route("/", http_method=READ)
    async def home(request: AnyRequest) -> Response[bytes]:
        """The ask page; its script reads `q`, `key` and `locale` from the address."""
        return await web_pages.page(services, request, bundle().by_name["ask.html"].body, POLICY)

    return home, asset, mount(ROUTES, services, PREFIX)


@route(f"{PATH}/{{edition:str}}/{{name:str}}", http_method=READ)
async def asset(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A script or style of the page."""
    return web_pages.asset(bundle(), edition, name)
