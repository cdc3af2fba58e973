"""The leaves a release's journal line commits to: one for each rendition it rendered."""

from collections.abc import Sequence

from kb.base.db import chunks
from kb.base.work import Work
from kb.channels.render import RENDERER
from kb.release import merkle
from kb.release.tables import leaves
from kb.release.types import Prepared

RUN = 2_000
"""Rows to a statement: the driver copies them all before it writes the first."""


def leaves_of(prepared: Prepared) -> tuple[list[merkle.Leaf], str]:
    found = [
        merkle.Leaf(one.rendition, merkle.inputs_hash(judged.inputs), profile, RENDERER)
        for _, judged in sorted(prepared.judged.items())
        for one, profile in judged.rendered
    ]
    return found, merkle.root([merkle.leaf_hash(leaf) for leaf in found])


async def store_leaves(work: Work, release_id: str, found: Sequence[merkle.Leaf]) -> None:
    rows = [
        {
            "release": release_id,
            "number": number,
            "rendition": leaf.rendition,
            "inputs": leaf.inputs,
            "profile": leaf.profile,
        }
        for number, leaf in enumerate(found)
    ]
    for run in chunks(rows, RUN):
        await work.connection.execute(leaves.insert(), run)
