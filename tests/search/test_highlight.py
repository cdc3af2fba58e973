"""Marks are made in the text as it leaves, whatever it looks like."""

from kb.search.highlight import WINDOW, highlights
from kb.search.words import stem


def marked(text: str, *wanted: str, tongue: str = "en") -> list[tuple[str, bool]]:
    found = highlights("", text, frozenset(stem(word, tongue) for word in wanted), tongue)
    return [(piece.text, piece.hit) for field in found for piece in field.pieces]


def test_words_are_marked_by_their_stems() -> None:
    assert marked("Cards, and a card.", "card") == [("Cards", True), (", and a ", False), ("card", True), (".", False)]


def test_accents_and_case_do_not_matter() -> None:
    assert marked("El ENVÍO tarda", "envio", tongue="es") == [("El ", False), ("ENVÍO", True), (" tarda", False)]


def test_a_text_without_a_wanted_word_has_no_highlight() -> None:
    assert highlights("Title", "Text", frozenset({"card"}), "en") == ()


def test_a_long_text_is_cut_at_words_around_what_was_looked_for() -> None:
    text = "word " * 200 + "the card is here " + "word " * 200
    pieces = marked(text, "card")
    shown = "".join(piece for piece, _ in pieces)
    assert ("card", True) in pieces
    assert len(shown) <= WINDOW
    assert f" {shown} " in f" {text} "


def test_emoji_and_right_to_left_text_are_left_as_they_are() -> None:
    text = "💳 card שלום"
    assert "".join(piece for piece, _ in marked(text, "card")) == text
