"""Whether this node lives, and whether it can answer."""

import msgspec
from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, route

from kb.web.door import Services

READ = [HttpMethod.GET, HttpMethod.HEAD]
UNCACHED = {"Cache-Control": "private, no-store"}


class Health(msgspec.Struct, frozen=True):
    """`position` is what this node has applied, `indexed` what its search has."""

    status: str
    position: int = 0
    indexed: int = 0


def health(services: Services) -> tuple[BaseRouteHandler, ...]:
    """The handlers of `/livez` and `/readyz`."""

    @route("/livez", http_method=READ)
    async def alive() -> Response[Health]:
        """The process answers, whatever its database does."""
        return Response(Health("alive"), headers=UNCACHED)

    @route("/readyz", http_method=READ)
    async def ready() -> Response[Health]:
        """The database answers (else 503); an index that is behind is still ready."""
        view = await services.node.view()
        return Response(Health("ready", view.position, await services.finder.index.bookmark()), headers=UNCACHED)

    return alive, ready
