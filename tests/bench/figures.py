"""What a run found: figures with their targets, as a table for people, JSON for programs, and a chart."""

from collections.abc import Iterable, Sequence
from html import escape
from statistics import median

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One thing measured; `target` is the least it should be, or the most where `most` is set, None without one."""

    section: str
    name: str
    value: float
    unit: str
    target: float | None = None
    most: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.most else self.value >= self.target

    @property
    def wanted(self) -> str:
        return "" if self.target is None else f"{'≤' if self.most else '≥'} {shown(self.target)}"


def shown(value: float) -> str:
    """Three digits that count, none invented."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Sequence[float]) -> str:
    """How far single rounds lay apart, which is how noisy the machine was."""
    return f"rounds {shown(min(values))}–{shown(max(values))}"


def middle(values: Iterable[float]) -> float:
    """The median: a round in which the machine did something else moves it little."""
    return median(values)


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, a section at a time."""
    width = max(len(one.name) for one in figures)
    lines: list[str] = []
    section = ""
    for one in figures:
        if one.section != section:
            section = one.section
            lines += ["", section]
        mark = {None: "  ", True: "✓ ", False: "✗ "}[one.met]
        lines.append(
            f"  {mark}{one.name:<{width}}  {shown(one.value):>8} {one.unit:<10} {one.wanted:<8} {one.note}".rstrip()
        )
    return "\n".join(lines[1:])


ROW, LEFT, RIGHT = 22, 330, 260


def chart(figures: Sequence[Figure]) -> str:
    """A bar for each figure that has a target, as a share of it; the line is the target."""
    held = [one for one in figures if one.target]
    rows = [row for number, one in enumerate(held) for row in _bar(one, 20 + number * ROW)]
    height = 30 + len(held) * ROW
    style = "<style>text{font:12px sans-serif}.met{fill:#2a7}.missed{fill:#c43}.target{stroke:#333}</style>"
    line = f'<line class="target" x1="{LEFT + RIGHT // 2}" x2="{LEFT + RIGHT // 2}" y1="10" y2="{height - 10}"/>'
    size = f'width="{LEFT + RIGHT + 130}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{"".join(rows)}{line}</svg>\n'


def _bar(one: Figure, top: int) -> Iterable[str]:
    share = min(one.value / one.target, 2.0) if one.target else 0.0
    length = share * RIGHT / 2
    yield f'<text x="{LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(f"{one.section}: {one.name}")}</text>'
    yield f'<rect class="{"met" if one.met else "missed"}" x="{LEFT}" y="{top}" width="{length:.0f}" height="15"/>'
    told = f"{shown(one.value)} {one.unit} ({one.wanted})"
    yield f'<text x="{LEFT + length + 6:.0f}" y="{top + 12}">{escape(told)}</text>'
