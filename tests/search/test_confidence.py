"""A match is answered, unsure or declined by fixed rules."""

import pytest

from kb.search.confidence import IN_SCOPE, RIGHT, Outcome, judge, logistic, signals
from kb.search.types import Hit, Why


def a_hit(key: str, score: float, sure: float) -> Hit:
    return Hit(key, "en-GB", score, Why(closeness=sure, alikeness=sure, coverage=sure, familiarity=sure))


def test_no_hit_is_no_answer() -> None:
    assert judge([]).outcome is Outcome.NO_ANSWER


def test_a_sure_hit_far_above_the_next_is_an_answer() -> None:
    verdict = judge([a_hit("a", 5.0, 0.95), a_hit("b", 1.0, 0.2)])
    assert (verdict.outcome, verdict.offered) == (Outcome.ANSWERED, 1)


def test_two_that_fit_as_well_are_a_choice() -> None:
    verdict = judge([a_hit("a", 3.0, 0.5), a_hit("b", 2.99, 0.5), a_hit("c", 0.5, 0.1)])
    assert (verdict.outcome, verdict.offered) == (Outcome.UNSURE, 2)


def test_a_hit_that_explains_little_is_declined() -> None:
    assert judge([a_hit("a", 0.5, 0.05)]).outcome is Outcome.NO_ANSWER


def test_among_what_was_offered_the_margin_decides() -> None:
    apart, close = [a_hit("a", 1.0, 0.1), a_hit("b", 0.4, 0.1)], [a_hit("a", 1.0, 0.1), a_hit("b", 0.99, 0.1)]
    assert judge(apart, narrowed=True).outcome is Outcome.ANSWERED
    assert judge(close, narrowed=True).outcome is Outcome.UNSURE


@pytest.mark.parametrize("sign", ["closeness", "alikeness", "coverage", "margin"])
def test_a_stronger_sign_never_makes_an_answer_less_sure(sign: str) -> None:
    weak = signals([a_hit("a", 2.0, 0.4), a_hit("b", 1.5, 0.3)])
    assert logistic({**weak, sign: weak[sign] + 0.2}, RIGHT) > logistic(weak, RIGHT)


@pytest.mark.parametrize("sign", ["closeness", "alikeness", "coverage", "familiarity"])
def test_a_question_in_words_the_house_knows_is_more_likely_in_scope(sign: str) -> None:
    weak = signals([a_hit("a", 2.0, 0.2), a_hit("b", 1.5, 0.1)])
    assert logistic({**weak, sign: weak[sign] + 0.2}, IN_SCOPE) > logistic(weak, IN_SCOPE)


def test_two_that_fit_exactly_as_well_are_never_an_answer() -> None:
    assert judge([a_hit("a", 5.0, 0.99), a_hit("b", 5.0, 0.99)]).outcome is Outcome.UNSURE
