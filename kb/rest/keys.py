"""REST of API keys."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
