"""`python -m tests.bench`: how fast and how right, from one run, against the targets; a table, JSON and a chart."""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.bench import delivery, loading, releasing, relevance, starting, years
from tests.bench.figures import Figure, chart, table
from tests.bench.processes import REPOSITORY

PARTS = ("loading", "delivery", "starting", "many", "releasing", "years", "relevance")
RESULTS = REPOSITORY / "var" / "bench"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    parser.add_argument("--entries", type=int, default=10_000, help="how many entries are generated")
    parser.add_argument("--seconds", type=float, default=0.5, help="the length of a round of reads")
    parser.add_argument("--content", type=Path, default=REPOSITORY / "content", help="the demo's folder")
    chosen = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
        for figure in figures(
            chosen.only or PARTS, chosen.content.absolute(), Path(folder), chosen.entries, chosen.seconds
        ):
            print(f"{figure.section}: {figure.name}", flush=True)
            found.append(figure)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    (RESULTS / "chart.svg").write_text(chart(found), encoding="utf-8")
    print(f"\n{table(found)}\n\nin {RESULTS.relative_to(REPOSITORY)}: results.json, chart.svg")


def figures(parts: Sequence[str], content: Path, folder: Path, entries: int, seconds: float) -> Iterator[Figure]:
    """Everything asked for, as it is found; parts that need a filled home fill it."""
    if {"loading", "delivery"} & set(parts):
        yield from loading.demo(content, folder)
    if "delivery" in parts:
        yield from delivery.measure(str(folder / "demo"), seconds)
    if "starting" in parts:
        yield from starting.demo(content, folder)
    if "many" in parts:
        yield from loading.many(content, folder, entries)
        yield from starting.many(folder, entries)
    if "releasing" in parts:
        yield from releasing.measure(folder)
    if "years" in parts:
        yield from years.measure(folder)
    if "relevance" in parts and relevance.QUESTIONS.exists():
        right = asyncio.run(relevance.report())
        note = f"{right.questions:,} questions that no tuning has seen"
        yield Figure("Search", "right answer at rank 1", right.hit_at_1, "", note=note)
        yield Figure("Search", "right answer in the first 3", right.hit_at_3, "")


if __name__ == "__main__":
    main()
