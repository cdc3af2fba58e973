"""How sure a match is, and what follows from it: answered, unsure or no answer. Pure; the numbers are data.

Both estimates are logistic: `right` that the best hit answers the question, `in_scope` that any entry does. Their
weights and the thresholds come from cross-validation (`python -m tests.bench.relevance --fit`) over the demo content,
with questions the report never uses.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from kb.search.types import Hit


class Outcome(StrEnum):
    ANSWERED = "answered"
    UNSURE = "unsure"
    NO_ANSWER = "no_answer"


class Thresholds(msgspec.Struct, frozen=True):
    """From where on to do what.

    `answered` and `in_scope` are probabilities; `apart` is the least margin of an answer and `narrowed` that of a
    follow-up's; `option` is the share of the best score from which on an entry is offered beside it.
    """

    answered: float = 0.6
    in_scope: float = 0.33
    apart: float = 0.03
    narrowed: float = 0.25
    option: float = 0.6


class Judgement(msgspec.Struct, frozen=True):
    """What to do, how likely the best hit is right (0 to 1), and how many of the hits are worth offering."""

    outcome: Outcome
    confidence: float
    offered: int = 0


RIGHT: Mapping[str, float] = {"closeness": 2.04, "alikeness": 0.41, "coverage": 0.88, "margin": 8.71, "bias": -1.95}
IN_SCOPE: Mapping[str, float] = {
    "closeness": 15.35,
    "alikeness": 0.75,
    "coverage": 2.31,
    "familiarity": 4.66,
    "margin": -2.02,
    "bias": -7.15,
}
THRESHOLDS = Thresholds()
OPTIONS = 3


def judge(
    hits: Sequence[Hit], *, narrowed: bool = False, degraded: bool = False, thresholds: Thresholds = THRESHOLDS
) -> Judgement:
    """The outcome for hits in order.

    `narrowed`: the question chooses among entries that were offered, so its scope is settled and the margin decides.
    `degraded`: the scores are not the engine's and mean nothing, so the best that can be had is a choice.
    """
    if not hits:
        return Judgement(Outcome.NO_ANSWER, 0.0)
    if degraded:
        return Judgement(Outcome.UNSURE, 0.0, len(hits[:OPTIONS]))
    signs = signals(hits)
    near = len([hit for hit in hits[:OPTIONS] if hit.score >= thresholds.option * hits[0].score])
    if narrowed:
        confidence = round(0.5 + signs["margin"] / 2, 3)
        sure = signs["margin"] >= thresholds.narrowed
        return Judgement(Outcome.ANSWERED if sure else Outcome.UNSURE, confidence, 1 if sure else near)
    confidence = round(logistic(signs, RIGHT), 3)
    if logistic(signs, IN_SCOPE) < thresholds.in_scope:
        return Judgement(Outcome.NO_ANSWER, confidence)
    if confidence >= thresholds.answered and signs["margin"] >= thresholds.apart:
        return Judgement(Outcome.ANSWERED, confidence, 1)
    return Judgement(Outcome.UNSURE, confidence, near)


def signals(hits: Sequence[Hit]) -> dict[str, float]:
    """What the estimates are made from; `margin` is how far the best stands above the second, as a share."""
    best = hits[0]
    second = hits[1].score if len(hits) > 1 else 0.0
    return {
        "closeness": best.why.closeness,
        "alikeness": best.why.alikeness,
        "coverage": best.why.coverage,
        "familiarity": best.why.familiarity,
        "margin": (best.score - second) / best.score if best.score else 0.0,
        "bias": 1.0,
    }


def logistic(signs: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The probability that a logistic model with these weights gives to these signs."""
    return 1.0 / (1.0 + math.exp(-sum(weight * signs[name] for name, weight in weights.items())))
