"""REST of reviews: inbox, moves, sign-offs, comments."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
