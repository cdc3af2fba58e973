"""The site door's pages."""

from litestar.handlers import BaseRouteHandler

PAGES: tuple[BaseRouteHandler, ...] = ()
