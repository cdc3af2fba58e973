"""Answers that can be given again: as long as nothing was committed since, and until time itself changes them."""

import msgspec

from kb.delivery.node import Node, View
from kb.web.answers import Answer, tagged

MOST_BYTES = 32_000_000
"""How many bytes of answers are kept; over that all are forgotten, as the next commit would have it anyway."""

Question = tuple[str, bytes]
"""The path and the query of a GET. Only what the public may see is kept, so nothing of the reader belongs to it."""


class Kept(msgspec.Struct, frozen=True):
    answer: Answer
    until: str


class Memory:
    """What one process has answered at one position of the journal.

    It serves readers of a database that tells each commit at once (SQLite): there a withdrawal is never outlived.
    """

    def __init__(self, node: Node) -> None:
        self._usable = node.reader.look_every == 0
        self._position = 0
        self._bytes = 0
        self._kept: dict[Question, Kept] = {}

    def recall(self, question: Question, view: View, now: str) -> Answer | None:
        """The answer to give again, if there is one that still holds."""
        if view.position != self._position:
            self._forget()
            self._position = view.position
        kept = self._kept.get(question)
        return kept.answer if kept is not None and now < kept.until else None

    def keep(self, question: Question, view: View, answer: Answer) -> None:
        """Keep an answer that says until when it holds, unless something was committed while it was made."""
        if not self._usable or not answer.until or view.position != self._position:
            return
        self._bytes += len(answer.body) + len(question[0]) + len(question[1])
        if self._bytes > MOST_BYTES:
            self._forget()
        else:
            self._kept[question] = Kept(tagged(answer), answer.until)

    def _forget(self) -> None:
        self._kept.clear()
        self._bytes = 0
