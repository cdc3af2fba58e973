"""REST of entries and their revisions: writing, reading, comparing."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
