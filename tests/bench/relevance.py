"""How often search finds the right answer, how sure it is of it, and how often it admits that there is none.

`python -m tests.bench.relevance` indexes the content folder and asks the last third of banking77's training questions,
which no tuning has seen; `--fit` finds the numbers of `kb.search.confidence` by cross-validation over the first two.
"""

import argparse
import asyncio
import csv
import math
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from kb.delivery.types import Findable
from kb.entries.types import Kind, Synonyms
from kb.files.read import read
from kb.search.confidence import IN_SCOPE, RIGHT, THRESHOLDS, Judgement, Outcome, judge, logistic, signals
from kb.search.documents import indexed
from kb.search.embedded import EmbeddedIndex
from kb.search.types import Batch, Hit, Query
from kb.search.words import stems

REPOSITORY = Path(__file__).parents[2]
QUESTIONS = Path(os.environ.get("KB_BANKING77", REPOSITORY.parent / "shared" / "data" / "banking77")) / "train.csv"
OUT_OF_SCOPE = Path(__file__).parent / "out_of_scope.txt"
LOCALE = "en-GB"
SEED = 77
REFERENCE = re.compile(r"\{\{[^}]*\}\}|^:::.*$", re.MULTILINE)

Signs = dict[str, float]


class Asked(msgspec.Struct, frozen=True):
    """A question with the key it should find; an empty one is out of scope."""

    text: str
    key: str


class Answered(msgspec.Struct, frozen=True):
    asked: Asked
    hits: tuple[Hit, ...]

    @property
    def rank(self) -> int | None:
        keys = [hit.key for hit in self.hits]
        return keys.index(self.asked.key) if self.asked.key in keys else None


class Relevance(msgspec.Struct, frozen=True):
    """Shares from 0 to 1 over the questions that were never tuned on."""

    questions: int
    hit_at_1: float
    hit_at_3: float
    mrr_at_10: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--fit", action="store_true", help="fit the numbers of kb.search.confidence on the first two thirds"
    )
    chosen = parser.parse_args(arguments)
    if not QUESTIONS.exists():
        print(f"relevance: skipped, there is no {QUESTIONS.name} where KB_BANKING77 points")
        return 0
    asyncio.run(fit() if chosen.fit else report())
    return 0


async def report() -> Relevance:
    """Print the whole report; the figures of the embedded engine are returned."""
    entries, synonyms = content()
    last = thirds()[2]
    print(f"{len(entries)} entries, {len(last)} questions of the last third, seed {SEED}")
    row("plain BM25 over the same words", relevance(plain(entries, last)))
    row("embedded, no synonyms", relevance(await embedded(entries, last, Synonyms(locales={}))))
    started = time.perf_counter()
    answered = await embedded(entries, last, synonyms)
    spent = (time.perf_counter() - started) / len(last)
    figures = relevance(answered)
    row("embedded", figures)
    print(f"a question takes {spent * 1000:.2f} ms, engine and ranking")
    outcomes("in scope", answered)
    outcomes("out of scope", await embedded(entries, out_of_scope()[1::2], synonyms))
    reliability(answered)
    return figures


async def fit() -> None:
    """Print weights and thresholds: fitted on one third and one half of the out-of-scope questions, judged on the other."""
    entries, synonyms = content()
    first, second, _ = thirds()
    outside = out_of_scope()[0::2]
    folds = [
        (await embedded(entries, first, synonyms), await embedded(entries, outside[0::2], synonyms)),
        (await embedded(entries, second, synonyms), await embedded(entries, outside[1::2], synonyms)),
    ]
    models = []
    for inside, beyond in folds:
        served = [(signals(one.hits), 1.0, 1 / len(inside)) for one in inside if one.hits]
        served += [(signals(one.hits), 0.0, 1 / len(beyond)) for one in beyond if one.hits]
        correct = [(signals(one.hits), float(one.rank == 0), 1 / len(inside)) for one in inside if one.hits]
        models.append((fitted(correct, RIGHT), fitted(served, IN_SCOPE)))
    for (inside, beyond), (right, scope) in zip(folds, reversed(models), strict=True):
        passing = sorted(logistic(signals(one.hits), scope) if one.hits else 0.0 for one in inside)
        threshold = passing[int(0.04 * len(passing))]
        declined = [not one.hits or logistic(signals(one.hits), scope) < threshold for one in beyond]
        sure = [one for one in inside if one.hits and logistic(signals(one.hits), right) >= THRESHOLDS.answered]
        print(
            f"on the other fold: in_scope {threshold:.3f} keeps 96% and declines {share(declined):.2f};"
            f" {len(sure) / len(inside):.2f} answered, {share(one.rank == 0 for one in sure):.2f} of them rightly"
        )
    for number, name in enumerate(("RIGHT", "IN_SCOPE")):
        print(
            name, {sign: round((value + models[1][number][sign]) / 2, 2) for sign, value in models[0][number].items()}
        )


def thirds() -> list[list[Asked]]:
    """The training questions in three parts, always the same."""
    with QUESTIONS.open(newline="") as file:
        asked = [Asked(row["text"], key_of(row["category"])) for row in csv.DictReader(file)]
    random.Random(SEED).shuffle(asked)
    size = len(asked) // 3
    return [asked[:size], asked[size : 2 * size], asked[2 * size :]]


def out_of_scope() -> list[Asked]:
    return [Asked(line, "") for line in OUT_OF_SCOPE.read_text().splitlines()]


def key_of(intent: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", intent.lower()).strip("-")


def content() -> tuple[tuple[Findable, ...], Synonyms]:
    """What search would know of the content folder in one locale, and its synonyms; references are left out of texts."""
    drafts = [one.draft for one in read(REPOSITORY / "content").drafts]
    rows = [
        Findable(
            key=draft.key,
            locale=draft.locale,
            audience=draft.content.audience,
            kind=draft.kind,
            topic=draft.content.topic,
            product=draft.content.product,
            stage=draft.content.stage or "",
            title=draft.content.title,
            text=REFERENCE.sub(" ", draft.content.wording.text if draft.content.wording else ""),
            phrasings=draft.content.phrasings,
            channels=("chat",),
            valid_until=None,
        )
        for draft in drafts
        if draft.locale == LOCALE
    ]
    houses = [draft.content.house for draft in drafts if draft.kind is Kind.HOUSE and draft.content.house]
    synonyms = [house.synonyms for house in houses if house.synonyms]
    return indexed(rows), synonyms[0] if synonyms else Synonyms(locales={})


async def embedded(entries: Sequence[Findable], questions: Sequence[Asked], synonyms: Synonyms) -> list[Answered]:
    """Ask the embedded engine."""
    with tempfile.TemporaryDirectory() as folder:
        index = EmbeddedIndex(Path(folder))
        await index.apply(Batch(frozenset(one.key for one in entries), tuple(entries), 1))
        await index.learn(synonyms)
        answered = [Answered(one, (await index.find(asked_in(one.text))).hits) for one in questions]
        await index.close()
    return answered


def asked_in(text: str) -> Query:
    return Query(text=text, locale=LOCALE, channel="chat", audiences=frozenset({"public"}))


def plain(entries: Sequence[Findable], questions: Sequence[Asked]) -> list[Answered]:
    """Ask an index of nothing but stems and BM25 (k1 1.2, b 0.75): the reference."""
    counts = [Counter(stems(" ".join((one.title, *one.phrasings, one.text)), "en")) for one in entries]
    sizes = [count.total() for count in counts]
    mean = sum(sizes) / len(sizes)
    holding = Counter(part for count in counts for part in count)

    def score(part: str, number: int) -> float:
        rarity = math.log(1 + (len(entries) - holding[part] + 0.5) / (holding[part] + 0.5))
        times = counts[number][part]
        return rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * sizes[number] / mean))

    def hits(text: str) -> tuple[Hit, ...]:
        parts = stems(text, "en")
        scored = [
            Hit(one.key, LOCALE, sum(score(part, number) for part in parts)) for number, one in enumerate(entries)
        ]
        return tuple(sorted(scored, key=lambda hit: (-hit.score, hit.key))[:10])

    return [Answered(one, hits(one.text)) for one in questions]


def relevance(answered: Sequence[Answered]) -> Relevance:
    ranks = [one.rank for one in answered]
    found = [rank for rank in ranks if rank is not None]
    return Relevance(
        questions=len(ranks),
        hit_at_1=sum(rank == 0 for rank in found) / len(ranks),
        hit_at_3=sum(rank < 3 for rank in found) / len(ranks),
        mrr_at_10=sum(1 / (rank + 1) for rank in found if rank < 10) / len(ranks),
    )


def row(name: str, figures: Relevance) -> None:
    print(f"{name:32} hit@1 {figures.hit_at_1:.3f}  hit@3 {figures.hit_at_3:.3f}  MRR@10 {figures.mrr_at_10:.3f}")


def outcomes(name: str, answered: Sequence[Answered]) -> None:
    verdicts = [judge(one.hits) for one in answered]
    told = Counter(verdict.outcome for verdict in verdicts)
    shares = ", ".join(f"{outcome} {told[outcome] / len(answered):.3f}" for outcome in Outcome)
    right = share(
        one.rank == 0
        for one, verdict in zip(answered, verdicts, strict=True)
        if verdict.outcome is Outcome.ANSWERED and one.asked.key
    )
    offered = share(
        one.rank is not None and one.rank < verdict.offered
        for one, verdict in zip(answered, verdicts, strict=True)
        if verdict.outcome is Outcome.UNSURE and one.asked.key
    )
    print(f"{name} ({len(answered)}): {shares}", end="")
    print(f"; rightly answered {right:.3f}, rightly offered {offered:.3f}" if answered[0].asked.key else "")


def reliability(answered: Sequence[Answered]) -> None:
    """How often answers of each confidence are right; equal columns are perfect."""
    verdicts: list[tuple[Judgement, bool]] = [(judge(one.hits), one.rank == 0) for one in answered]
    print("confidence   questions   mean   right")
    for low, high in pairwise((0.0, 0.2, 0.4, 0.6, 0.8, 1.001)):
        inside = [(verdict.confidence, right) for verdict, right in verdicts if low <= verdict.confidence < high]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            print(
                f"{low:.1f}–{min(high, 1.0):.1f}      {len(inside):6}     {mean:.2f}   {share(r for _, r in inside):.2f}"
            )


def share(facts: Iterable[bool]) -> float:
    told = list(facts)
    return sum(told) / len(told) if told else 0.0


def fitted(
    examples: Sequence[tuple[Signs, float, float]], names: Iterable[str], rounds: int = 1500, speed: float = 3.0
) -> Signs:
    """Weights of a logistic model by gradient descent over (signs, truth, weight), with a little shrinkage."""
    weights = dict.fromkeys(names, 0.0)
    mass = sum(weight for _, _, weight in examples)
    for _ in range(rounds):
        slope = dict.fromkeys(weights, 0.0)
        for signs, truth, weight in examples:
            error = (logistic(signs, weights) - truth) * weight / mass
            for name in slope:
                slope[name] += error * signs[name]
        for name in weights:
            shrink = 0.0 if name == "bias" else 1e-4 * weights[name]
            weights[name] -= speed * (slope[name] + shrink)
    return weights


if __name__ == "__main__":
    sys.exit(main())
