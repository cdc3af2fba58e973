"""Canonical bytes: RFC 8785 as another implementation writes it, and nothing that depends on a double."""

import hashlib
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kb.base.hashing import canonical, digest, from_base64url, instant, normal, to_base64url
from kb.entries.types import Content

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
moments = st.integers(0, 2**42).map(lambda number: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number))


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_sort_by_utf_16_code_units() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "1": 3}) == '{"1":3,"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, float("inf")])
def test_a_float_is_never_signed(value: Any) -> None:
    with pytest.raises(TypeError, match="decimals as strings"):
        canonical(value)


def test_defaults_are_left_out_so_that_a_new_field_unsigns_nothing() -> None:
    assert canonical(Content(title="A")) == b'{"title":"A"}'


def test_times_are_hashed_in_utc_with_milliseconds() -> None:
    summer = datetime(2026, 7, 1, 10, tzinfo=timezone(timedelta(hours=1)))
    assert canonical(Content(valid_until=summer)) == b'{"valid_until":"2026-07-01T09:00:00.000Z"}'
    assert instant(summer) == "2026-07-01T09:00:00.000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        instant(datetime(2026, 7, 1, 10))  # noqa: DTZ001


@given(moments, moments)
def test_stored_times_sort_as_times_do(one: datetime, other: datetime) -> None:
    assert (instant(one) < instant(other)) == (one < other)


@given(texts)
def test_normal_text_stays_as_it_is(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


def test_normal_text_has_line_feeds_and_no_blank_ends() -> None:
    assert normal("\r\n\r\nCafe\u0301  \r\nopen\t\r\n\n") == "Café\nopen"


def test_a_digest_is_lower_case_sha_256() -> None:
    assert digest(b"kb") == hashlib.sha256(b"kb").hexdigest()


@given(st.binary(max_size=70))
def test_base64url_goes_there_and_back(data: bytes) -> None:
    text = to_base64url(data)
    assert "=" not in text
    assert from_base64url(text) == data


@pytest.mark.parametrize("text", ["a", "a*cd", "ab=c", "é"])
def test_what_is_not_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (binascii's messages differ by fault)
        from_base64url(text)
