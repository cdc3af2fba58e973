"""The glossary: what must not be said, and what had better not."""

import msgspec

from kb.channels.terms import issues
from kb.channels.types import Severity


class Line(msgspec.Struct, frozen=True):
    term: str
    status: str
    reason: str = ""
    suggestion: str = ""
    forms: tuple[str, ...] = ()


GLOSSARY = (
    Line("guarantee", "prohibited", "We can't promise it.", "aim to", ("guarantees", "guaranteed")),
    Line("customer", "discouraged", suggestion="you"),
    Line("customer's own fault", "prohibited"),
    Line("app", "preferred"),
)


def test_a_prohibited_term_blocks_with_its_reason_and_what_to_say_instead() -> None:
    (issue,) = issues("Arrival is Guaranteed today.", "short", GLOSSARY, "en-GB")
    assert (issue.code, issue.severity, issue.field) == ("term-prohibited", Severity.BLOCKS, "short")
    assert (issue.found, issue.start, issue.end) == ("Guaranteed", 11, 21)
    assert "We can't promise it" in issue.message
    assert "aim to" in issue.action


def test_a_discouraged_term_warns() -> None:
    (issue,) = issues("Dear customer", "text", GLOSSARY, "en-GB")
    assert (issue.code, issue.severity) == ("term-discouraged", Severity.WARNS)


def test_only_whole_words_are_found() -> None:
    assert issues("Our customers use the app. Guaranteeing is another form.", "text", GLOSSARY, "en-GB") == ()


def test_a_longer_term_wins_over_a_word_in_it_across_lines_and_apostrophes() -> None:
    (issue,) = issues("It is the customer’s  own\nfault", "text", GLOSSARY, "en-GB")
    assert issue.code == "term-prohibited"


def test_an_empty_glossary_finds_nothing() -> None:
    assert issues("Guaranteed!", "text", (), "en-GB") == ()
