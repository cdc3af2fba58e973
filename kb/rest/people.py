"""REST of people, their roles, sign-in and sessions."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
