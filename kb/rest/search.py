"""REST of finding: search, suggestions, and the one answer that matches a customer's own words."""

from kb.search import find
from kb.search.find import Narrow
from kb.search.match import match as match_question
from kb.web.answers import Answer, json_answer
from kb.web.asking import asked_of, filters_of
from kb.web.door import Call, wrong

QUESTION = 500
"""Characters of a question that are read at most."""
DEEPEST = 1000
"""How far a search can be paged: further down nobody finds anything."""


async def search(call: Call) -> Answer:
    """Live entries that say something about these words, best first."""
    limit = call.query.number("limit", 10, 1, 50)
    offset = call.query.number("cursor", 0, 0, DEEPEST)
    filters = filters_of(call)
    narrow = Narrow(filters.kind, filters.topic, filters.product, filters.stage, limit, offset)
    return json_answer(await find.search(call.services.finder, _question(call), asked_of(call), narrow))


async def suggest(call: Call) -> Answer:
    """Questions that go on like what is being typed."""
    limit = call.query.number("limit", 5, 1, 20)
    return json_answer(await find.suggest(call.services.finder, _question(call), asked_of(call), limit))


async def match(call: Call) -> Answer:
    """The one answer, up to three to choose from, or an honest none; `after` and `among` narrow a follow-up."""
    after, among = call.query.one("after"), call.query.all("among")
    return json_answer(
        await match_question(call.services.finder, _question(call), asked_of(call), after=after, among=among)
    )


def _question(call: Call) -> str:
    text = call.query.one("q").strip()
    if not text:
        raise wrong("q", "q is empty: give the customer's words")
    if len(text) > QUESTION:
        raise wrong("q", f"q is longer than {QUESTION} characters: give the question, not the conversation")
    return text
