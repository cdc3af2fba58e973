"""The console door's pages: signing in, one's own account, and what an outside expert was invited to."""

from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, route
from litestar.params import FromPath

from kb.web import bundles
from kb.web import pages as web_pages
from kb.web.bundles import POLICY, Bundle
from kb.web.door import Services
from kb.web.pages import AnyRequest

ASSETS = "/console/assets"
READ = [HttpMethod.GET, HttpMethod.HEAD]
OPENID = b"{{openid}}"
"""What stands in a page for whether its OpenID button is hidden."""


def pages(services: Services) -> tuple[BaseRouteHandler, ...]:
    """The handlers of `/sign-in`, `/account` and `/invited`, and of the files they are made of."""

    def page(path: str, name: str) -> BaseRouteHandler:
        @route(path, http_method=READ, name=name)
        async def handle(request: AnyRequest) -> Response[bytes]:
            hidden = b"" if services.settings.oidc_issuer else b"hidden"
            return await web_pages.page(services, request, bundle().by_name[name].body.replace(OPENID, hidden), POLICY)

        return handle

    return page("/sign-in", "sign-in.html"), page("/account", "account.html"), page("/invited", "invited.html"), asset


def bundle() -> Bundle:
    """The files of the pages, with the path of the others written into them."""
    return bundles.bundle("kb.console", ASSETS)


@route(f"{ASSETS}/{{edition:str}}/{{name:str}}", http_method=READ)
async def asset(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A script or style of a page."""
    return web_pages.asset(bundle(), edition, name)
