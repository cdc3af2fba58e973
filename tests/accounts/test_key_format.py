"""What a key looks like: told from a typo without a database, and found by leak scanners."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.accounts.key_format import BASE62, PATTERN, KeyKind, checksum, looks_like_a_key, new_id, new_token, read_token


@pytest.mark.parametrize(("kind", "prefix"), [("secret", "kb_sk_"), ("publishable", "kb_pk_"), ("preview", "kb_pv_")])
def test_a_key_says_its_kind_and_its_public_id(kind: str, prefix: str) -> None:
    token = new_token(KeyKind(kind), "abcdefgh2345")
    assert token.text.startswith(f"{prefix}abcdefgh2345_")
    assert read_token(token.text) == token


def test_the_published_pattern_finds_keys_in_any_text() -> None:
    token = new_token(KeyKind.SECRET, new_id()).text
    text = f'curl -H "Authorization: Bearer {token}" and kb_sk_short_one'
    assert re.findall(PATTERN, text) == [token]
    assert looks_like_a_key(token)


def test_secrets_and_ids_are_never_the_same_twice() -> None:
    assert len({new_id() for _ in range(200)}) == 200
    assert len({new_token(KeyKind.SECRET, "abcdefgh2345").secret for _ in range(200)}) == 200


@given(st.integers(min_value=0), st.sampled_from(BASE62))
def test_one_mistyped_character_is_noticed(place: int, other: str) -> None:
    text = new_token(KeyKind.SECRET, "abcdefgh2345").text
    place = 19 + place % (len(text) - 19)  # behind `kb_sk_<id>_`
    mistyped = text[:place] + other + text[place + 1 :]
    assert looks_like_a_key(mistyped) is (mistyped == text)


def test_the_checksum_is_the_same_for_ever() -> None:
    """CRC-32 of `123456789` is 0xCBF43926 (the check value of ISO 3309), 3421780262 in base 62."""
    assert checksum("123456789") == "3jZRME"


@given(st.text())
def test_no_text_stops_the_reader(text: str) -> None:
    assert not looks_like_a_key(text)
