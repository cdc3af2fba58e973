"""REST of releases and schedules, rolling back, withdrawing, retiring."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
