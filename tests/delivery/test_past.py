"""The past costs what the present does: one seek for each place, however many rows stood there."""

from kb.delivery import queries
from tests.builders import ENGLISH, Home

BY_TIME = "SELECT position FROM journal WHERE at <= :at ORDER BY at DESC, position DESC LIMIT 1"


async def test_the_past_is_read_by_index_alone(house: Home) -> None:
    values = {"key": "a", "channel": "chat", "profile": "core", "locale": ENGLISH, "position": 1, "at": house.now}
    for statement in (queries.ONE_THEN, BY_TIME):
        plan = [str(row[-1]) for row in await house.reader.rows(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert plan
        assert not [step for step in plan if not step.startswith(("SEARCH", "CORRELATED"))], plan


async def test_the_last_row_of_a_place_is_found_by_its_whole_place(house: Home) -> None:
    values = {"key": "a", "channel": "chat", "profile": "core", "locale": ENGLISH, "position": 1}
    plan = [str(row[-1]) for row in await house.reader.rows(f"EXPLAIN QUERY PLAN {queries.ONE_THEN}", values)]
    assert any("pick=? AND opened_at<?" in step for step in plan), plan
