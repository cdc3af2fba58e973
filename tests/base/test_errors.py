"""The error tree: every error has a code of the closed list, and carries what a door needs."""

import re

import pytest

from kb.base import errors
from kb.base.errors import Code, Conflict, Detail, Invalid, KbError, Unavailable


@pytest.mark.parametrize("kind", KbError.__subclasses__())
def test_every_error_has_a_code_and_a_sentence(kind: type[KbError]) -> None:
    error = kind("it can't be done: do something else")
    assert error.code in Code
    assert str(error) == error.message == "it can't be done: do something else"


def test_the_tree_drawn_at_the_top_is_the_tree() -> None:
    drawn = set(re.findall(r"── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in (*KbError.__subclasses__(), *Conflict.__subclasses__())}


def test_a_code_may_be_narrower_than_its_meaning() -> None:
    error = Invalid("no such parameter", code=Code.UNKNOWN_PARAMETER, errors=(Detail("q", "unknown", "leave it out"),))
    assert (error.code, error.errors[0].pointer) == (Code.UNKNOWN_PARAMETER, "q")
    assert Invalid("x").code is Code.INVALID
    assert Conflict("x").errors == ()


def test_unavailable_says_when_to_try_again() -> None:
    assert Unavailable("busy", retry_after=7).retry_after == 7
