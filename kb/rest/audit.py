"""REST of proof: the journal, checkpoints, receipts, redaction."""

from kb.web.door import Route

ROUTES: tuple[Route, ...] = ()
