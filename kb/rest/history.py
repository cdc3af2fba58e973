"""REST of history: timelines, differences, coverage, effects and previews."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
