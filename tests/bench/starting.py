"""Cold starts: from the command to the first good answer, of homes that are filled and of one that is not."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, middle, spread
from tests.bench.processes import kb, serving

SECTION = "From the command to the first 200"
TIMES = 3


def demo(content: Path, folder: Path) -> Iterator[Figure]:
    """`kb up` in a fresh home and again, and `kb serve`; each start waits for an entry of the demo."""
    path = "/v1/channels/voice/entries/card-arrival"
    up = kb("up", "--home", folder / "up", "--content", content, "--port", "0", "--no-open")
    with serving(up, path) as server:
        yield Figure(SECTION, "kb up, fresh home, the demo", server.seconds, "s", 60, most=True)
    yield _starts("kb up, nothing changed, the demo", up, path, 3)
    yield _starts("kb serve, the demo", kb("serve", "--home", folder / "up", "--port", "0"), path)


def many(folder: Path, entries: int) -> Iterator[Figure]:
    """`kb serve` and `kb up` of the home that `loading.many` left."""
    home, path = folder / "many-home", "/v1/channels/voice/entries/answer-00001"
    up = kb("up", "--home", home, "--content", folder / "many", "--port", "0", "--no-open")
    yield _starts(f"kb serve, {entries:,} entries", kb("serve", "--home", home, "--port", "0"), path)
    yield _starts(f"kb up, nothing changed, {entries:,} entries", up, path)


def _starts(name: str, command: list[str], path: str, target: float | None = None) -> Figure:
    seconds = []
    for _ in range(TIMES):
        with serving(command, path) as server:
            seconds.append(server.seconds)
    return Figure(SECTION, name, middle(seconds), "s", target, most=True, note=spread(seconds))
