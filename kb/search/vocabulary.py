"""The words an index knows in one language, to mend typing mistakes and to finish words by."""

from bisect import bisect_left
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.search.words import has_digit, stem

SHORTEST_MENDED = 4
LONG = 8
"""From this many letters on a word may hold two mistakes, below one."""

MENDINGS = 3
COMPLETIONS = 16


class Vocabulary:
    """Folded words with the number of documents that hold each; answers are remembered: new words need a new one."""

    def __init__(self, tongue: str, counts: Mapping[str, int]) -> None:
        self.tongue = tongue
        self._counts = counts
        self._sorted = sorted(counts)
        self._stems = {stem(word, tongue) for word in counts}
        self._by_length: dict[int, list[str]] = {}
        for word in self._sorted:
            if not has_digit(word):
                self._by_length.setdefault(len(word), []).append(word)
        self._mended: dict[str, tuple[str, ...]] = {}

    def knows(self, word: str) -> bool:
        """Whether the word, or another form of it, is in the index."""
        return word in self._counts or stem(word, self.tongue) in self._stems

    def mend(self, word: str) -> tuple[str, ...]:
        """The known words one typing mistake away (two for long words), nearest and then commonest first.

        A mistake is a letter too many, missing, wrong or swapped with the next one, the first letter included. A word
        with a digit is never mended: 2024 is not 2025.
        """
        if len(word) < SHORTEST_MENDED or has_digit(word):
            return ()
        if word not in self._mended:
            if len(self._mended) > 20_000:
                self._mended.clear()
            self._mended[word] = self._nearest(word)
        return self._mended[word]

    def split(self, word: str) -> tuple[str, str] | None:
        """The two known words a word is made of (`topup` is `top` and `up`), the commonest if there are several."""
        pairs = [(word[:cut], word[cut:]) for cut in range(2, len(word) - 1)]
        known = [pair for pair in pairs if pair[0] in self._counts and pair[1] in self._counts]
        return max(known, key=lambda pair: min(self._counts[pair[0]], self._counts[pair[1]]), default=None)

    def complete(self, beginning: str) -> tuple[str, ...]:
        """Known words that begin so, commonest first."""
        start = bisect_left(self._sorted, beginning)
        stop = bisect_left(self._sorted, beginning + "\U0010ffff", lo=start)
        found = sorted(self._sorted[start:stop], key=lambda word: -self._counts[word])
        return tuple(found[:COMPLETIONS])

    def _nearest(self, word: str) -> tuple[str, ...]:
        mistakes = 2 if len(word) >= LONG else 1
        lengths = range(len(word) - mistakes, len(word) + mistakes + 1)
        choices = [known for length in lengths for known in self._by_length.get(length, ())]
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=mistakes, limit=20)
        ranked = sorted(found, key=lambda match: (match[1], -self._counts[match[0]], match[0]))
        return tuple(known for known, distance, _ in ranked if distance == ranked[0][1])[:MENDINGS]
