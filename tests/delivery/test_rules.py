"""How one row is chosen among those that are live, and what its state of trust is."""

import pytest

from kb.base.hashing import canonical
from kb.delivery.rules import Candidate, candidate, choose, trust, verdicts
from kb.delivery.types import Circumstances
from tests.builders import EVERY_AUDIENCE, PUBLIC


def a_row(audience: str = "public", pick: int = 0, **when: list[str]) -> Candidate:
    return candidate(audience, canonical(when).decode() if when else "", pick)


OWN = a_row()
WARM = a_row(tone=["warm"])
WARM_GOLD = a_row(tone=["warm"], product=["gold", "blue"])


@pytest.mark.parametrize(
    ("circumstances", "chosen"),
    [
        (Circumstances(), OWN),
        (Circumstances(tone="warm"), WARM),
        (Circumstances(tone="warm", product="silver"), WARM),
        (Circumstances(tone="warm", product="gold"), WARM_GOLD),
        (Circumstances(tone="warm", product="blue"), WARM_GOLD),
        (Circumstances(tone="brisk", product="gold"), OWN),
    ],
)
def test_the_variant_with_most_conditions_met_wins(circumstances: Circumstances, chosen: Candidate) -> None:
    for rows in ([OWN, WARM, WARM_GOLD], [WARM_GOLD, WARM, OWN]):
        index = choose(rows, PUBLIC, circumstances)
        assert index is not None
        assert rows[index] is chosen


def test_the_narrowest_audience_a_reader_may_see_wins_over_any_condition() -> None:
    rows = [WARM_GOLD, a_row("customer"), a_row("staff")]
    warm = Circumstances(tone="warm", product="gold")
    assert choose(rows, PUBLIC, warm) == 0
    assert choose(rows, frozenset({"public", "customer"}), warm) == 1
    assert choose(rows, EVERY_AUDIENCE, warm) == 2


def test_a_row_for_others_is_as_if_it_were_not_there() -> None:
    assert choose([a_row("staff")], PUBLIC, Circumstances()) is None
    assert verdicts([a_row("staff")], PUBLIC, Circumstances()) == ()


@pytest.mark.parametrize(("pick", "index"), [(0, 0), (1, 1), (2, 2), (3, 0), (40, 1)])
def test_pick_counts_round_among_the_wording_and_its_alternates(pick: int, index: int) -> None:
    rows = [a_row(pick=2), a_row(pick=0), a_row(pick=1), WARM]
    chosen = choose(rows, PUBLIC, Circumstances(pick=pick))
    assert chosen is not None
    assert rows[chosen].pick == index


def test_where_no_condition_holds_and_there_is_no_wording_nothing_is_chosen() -> None:
    assert choose([WARM], PUBLIC, Circumstances()) is None


def test_every_verdict_has_its_reason() -> None:
    found = verdicts([OWN, WARM, a_row(pick=1, tone=["warm"])], PUBLIC, Circumstances(tone="warm"))
    assert [(one.chosen, one.why) for one in found] == [
        (False, "another variant has more conditions, or another alternate was picked"),
        (True, "all 1 conditions hold"),
        (False, "another variant has more conditions, or another alternate was picked"),
    ]
    (other,) = verdicts([WARM], PUBLIC, Circumstances())
    assert (other.chosen, other.why) == (False, "its condition on tone doesn't hold")


@pytest.mark.parametrize(
    ("now", "state"),
    [("2026-01-01", "verified"), ("2026-02-01", "due"), ("2026-02-15", "overdue"), ("2027", "overdue")],
)
def test_trust_falls_from_verified_to_due_to_overdue(now: str, state: str) -> None:
    assert trust(now, "2026-02-01", "2026-02-15") == state
