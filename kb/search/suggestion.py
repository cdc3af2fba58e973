"""Choosing which of an entry's texts to suggest for what was typed so far. Pure."""

from collections.abc import Sequence

from kb.search.words import fold, stem, words


def best_text(typed: str, texts: Sequence[str], tongue: str) -> str:
    """The text that goes on as typed, else the one holding most of its words, the title first and then the shortest."""
    return min(
        enumerate(texts), key=lambda numbered: (-_fit(typed, numbered[1], tongue), numbered[0] > 0, len(numbered[1]))
    )[1]


def _fit(typed: str, text: str, tongue: str) -> float:
    asked = words(typed, tongue)
    if not asked or not text:
        return 0.0
    if fold(text).startswith(fold(typed).strip()):
        return 2.0
    held = words(text, tongue)
    held_stems = {stem(word, tongue) for word in held}
    found = [stem(word, tongue) in held_stems for word in asked[:-1]]
    found.append(any(word.startswith(asked[-1]) for word in held) or stem(asked[-1], tongue) in held_stems)
    return sum(found) / len(found)
