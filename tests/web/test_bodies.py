"""Bodies are strict JSON: one reading, no surprises, and what is wrong is told with its place."""

import json
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.errors import Invalid
from kb.web.bodies import DEEPEST, check_strict, decoded


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[Inner, ...]
    note: str = ""


def pointer_of(body: bytes) -> str:
    """Where a body is wrong."""
    with pytest.raises(Invalid) as caught:
        decoded(body, Outer)
    (error,) = caught.value.errors
    assert error.message
    return error.pointer


def code_of(body: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        decoded(body, Outer)
    return caught.value.code


def test_a_body_becomes_its_struct() -> None:
    assert decoded(b' {"items": [{"name": "\xc3\xa9\\n"}]} ', Outer) == Outer((Inner("é\n"),))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"items":[],"items":[]}', "/items"),
        (b'{"items":[{"name":"a"},{"name":"b","name":"b"}]}', "/items/1/name"),
        (b'{"items":[],"note":"a","n\\u006fte":"b"}', "/note"),
        (b'{"items":[],"x":{"a/b":1,"a/b":2}}', "/x/a~1b"),
    ],
)
def test_a_name_given_twice_is_told_with_its_place(body: bytes, pointer: str) -> None:
    assert pointer_of(body) == pointer
    assert code_of(body) == "malformed"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"items":[],"more":1}', ""),
        (b'{"items":[{"name":"a","more":1}]}', "/items/0"),
        (b'{"items":[{"name":1}]}', "/items/0/name"),
        (b'{"note":"a"}', ""),
        (b"[]", ""),
        (b"null", ""),
    ],
)
def test_another_shape_is_told_with_its_place(body: bytes, pointer: str) -> None:
    assert pointer_of(body) == pointer
    assert code_of(body) == "invalid"


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800", "\\udfff\\ud800"])
def test_a_text_that_can_not_be_stored_is_refused_with_its_place(text: str) -> None:
    assert pointer_of(b'{"items":[{"name":"%b"}]}' % text.encode()) == "/items/0/name"
    assert pointer_of(b'{"items":[],"%b":1}' % text.encode()).startswith("/")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"items":[]}}',
        b'{"items":[]} {"items":[]}',
        b'{"items":[],}',
        b"{'items':[]}",
        b'{"items":[],"note":"\xff"}',
        b'\xef\xbb\xbf{"items":[]}',
        b'{"items":NaN}',
        b'{"items":Infinity}',
        b'{"items":' + b"9" * 5000 + b"}",
        b'{"items":' + b"[" * 100_000,
        b'{"items":' * 50_000,
        '{"items":[]}'.encode("utf-16"),
    ],
    ids=lambda body: ascii(body)[:30],
)
def test_what_is_no_json_in_utf_8_is_malformed(body: bytes) -> None:
    assert code_of(body) == "malformed"


def test_a_body_is_at_most_so_deep() -> None:
    check_strict(b"[" * DEEPEST + b"]" * DEEPEST)
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        with pytest.raises(Invalid, match="deep"):
            check_strict(opening * (DEEPEST + 1) + b"0" + closing * (DEEPEST + 1))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc/~", max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_a_plain_writer_writes_is_strict_enough(value: object) -> None:
    text = json.dumps(value)
    check_strict(text.encode())
    assert json.loads(text) == value


def test_a_long_name_over_many_values_costs_no_more_than_the_body() -> None:
    body = b'{"' + b"a" * 30_000 + b'":[' + b",".join([b"1"] * 16_000) + b"]}"
    tracemalloc.start()
    try:
        check_strict(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(body)
