"""Lengths in each network's unit, X's against twitter-text's own counter."""

import importlib
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.channels.counting import measure, weighted

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it reads its emoji list through pkg_resources
    twitter_text: Any = importlib.import_module("twitter_text")


def by_x(text: str) -> int:
    return int(twitter_text.parse_tweet(text).weightedLength)


@pytest.mark.parametrize(
    "text",
    [
        "Your card arrives within 5–7 working days.",
        "£5, 5 €, “quoted”, ‘so’, a… b",
        "¿Dónde está mi tarjeta? Mañana.",
        "日本語 and Ω",
        "👍 👍🏽 ❤️ 🇬🇧 1️⃣ © ® ™ ☎ ⚠️ ✓",
        "See https://larkfield.com/a/long/path-to.something?c=d and larkfield.com.",
        "(https://larkfield.com) 5 p.m., e.g. now",
        "é",
    ],
)
def test_x_is_counted_as_x_counts(text: str) -> None:
    assert weighted(text) == by_x(text)


@given(st.text(alphabet="abz 09.,:/-_@#()éñ€–“”…日👍🏽❤️\u200d🇬🇧", max_size=120))
def test_we_never_count_less_than_x_does(text: str) -> None:
    assert weighted(text) >= by_x(text)


@pytest.mark.parametrize(
    "text", ["https://larkfield.example/track.", "x https://a.example/?q=(b) y", "www.larkfield.example"]
)
def test_an_address_that_x_may_not_know_counts_at_least_its_own_length(text: str) -> None:
    assert weighted(text) >= max(by_x(text), len(text) if len(text) > 23 else 0)


def test_units_of_one_text() -> None:
    text = "né👍🏽"
    sizes = {unit: measure(text, unit) for unit in ("characters", "utf16", "graphemes", "bytes", "weighted")}
    assert measure("👨‍👩‍👧é🇬🇧 x.", "graphemes") == 6
    assert sizes == {"characters": 4, "utf16": 6, "graphemes": 3, "bytes": 11, "weighted": 4}


def test_mastodon_counts_each_link_at_its_fixed_length() -> None:
    address = "https://larkfield.example/" + "x" * 100
    assert measure(f"See {address}.", "characters", 23) == len("See ") + 23 + 1
    assert measure(f"See {address}.", "characters") == len(f"See {address}.")


@given(
    st.sampled_from(["https://a.com", "https://larkfield.co.uk", "http://b-c.es", "https://d.example"]),
    st.text(alphabet="ab1/.?=&_-#~(),é", max_size=40),
    st.sampled_from(["", ".", ")", " x", "…"]),
)
def test_no_address_counts_less_than_x_makes_of_it(host: str, path: str, after: str) -> None:
    text = f"See {host}/{path}{after}"
    assert weighted(text) >= by_x(text)
