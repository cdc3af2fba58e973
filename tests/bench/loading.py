"""Loading and releasing: the demo, and thousands of generated entries while a server of the same home is being read."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kb.accounts.types import Signer
from tests.bench import generated
from tests.bench.asking import request, steadily
from tests.bench.figures import Figure
from tests.bench.processes import Run, kb, run, serving

READS_A_SECOND = 200
STANDING = 100
"""Entries that are live before the load, so that there is something to read meanwhile."""


def demo(content: Path, folder: Path) -> Iterator[Figure]:
    """Load the demo into a fresh home."""
    trust = folder / "demo.trust.jsonl"
    keys = [
        msgspec.json.decode(path.read_bytes(), type=Signer) for path in sorted((content / "demo-keys").glob("*.json"))
    ]
    public = [msgspec.structs.replace(one, private_key="") for one in keys]
    trust.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in public))
    done = _load(content, folder / "demo", trust)
    counts = _counts(done)
    note = f"{counts['released']} revisions, {counts['renditions']} renditions, {counts['blocked']} blocked"
    yield Figure("Loading the demo", "kb content load, all of it", done.seconds, "s", 60, most=True, note=note)
    yield Figure("Loading the demo", "most memory", done.memory_of_all, "MB", 800, most=True)


def many(content: Path, folder: Path, entries: int) -> Iterator[Figure]:
    """Load generated entries into a home in which some are live, reading those all the while."""
    section = f"Loading {entries:,} generated entries"
    few, all_of_them = folder / "few", folder / "many"
    signers = generated.signers()
    keys = generated.write(few, content, STANDING, signers)
    generated.write(all_of_them, content, entries + STANDING, signers)
    home, trust = folder / "many-home", generated.trust_file_of(all_of_them)
    _load(few, home, trust)
    requests = [request(f"/v1/channels/chat/entries/{key}") for key in keys]
    serve = kb("serve", "--home", home, "--port", "0")
    with (
        serving(serve, f"/v1/channels/chat/entries/{keys[0]}") as server,
        steadily(server.address, requests, READS_A_SECOND) as pace,
    ):
        done = _load(all_of_them, home, trust)
    counts = _counts(done)
    if counts["released"] != entries:
        raise ValueError(f"{counts['released']} of {entries} were released: {done.out[:2000]}")
    note = f"{done.seconds:.1f} s for the whole command, {counts['renditions']:,} renditions, indexed"
    yield Figure(section, "entries a second", entries / done.seconds, "", 200, note=note)
    yield Figure(section, "most memory, all processes", done.memory_of_all, "MB", 800, most=True)
    yield Figure(section, "most memory, the main process", done.memory, "MB")
    note = f"{len(pace.took):,} reads at {READS_A_SECOND} a second, {pace.failed} failed, longest {max(pace.took) * 1000:.0f} ms"
    yield Figure(section, "reads meanwhile, p99", pace.percentile(0.99) * 1000, "ms", 50, most=True, note=note)
    yield Figure(section, "reads meanwhile, p50", pace.percentile(0.5) * 1000, "ms")


def _load(content: Path, home: Path, trust: Path) -> Run:
    return run(kb("content", "load", "--content", content, "--home", home, "--json"), KB_TRUST_FILE=str(trust))


def _counts(done: Run) -> dict[str, int]:
    counts: dict[str, int] = msgspec.json.decode(done.out)["counts"]
    return counts
