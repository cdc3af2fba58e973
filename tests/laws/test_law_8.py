"""Law 8: no silent guess: fixed rules choose, `explain` tells which fired, and no door composes a sentence of its own."""

from pathlib import Path

import pytest

from kb.channels.types import Variant, When, Wording
from tests.builders import (
    SPANISH,
    Home,
    a_translation,
    an_answer,
    asked,
    live,
    payload,
    released,
)
from tests.laws.doors import open_doors

ENTRY = "/v1/channels/chat/entries/card-arrival"


async def test_a_locale_falls_back_along_its_chain_and_nowhere_else(house: Home, tmp_path: Path) -> None:
    source = an_answer()
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."), an_answer("b"))
    async with open_doors(house, tmp_path) as (client, _):

        async def locale(path: str, **headers: str) -> str:
            answer = await client.get(path, headers=headers)
            return str(answer.json()["locale"]) if answer.status_code == 200 else str(answer.status_code)

        assert await locale(f"{ENTRY}?locale=es-MX") == SPANISH
        assert await locale(f"{ENTRY.replace('card-arrival', 'b')}?locale=es-MX") == "en-GB"
        assert await locale(ENTRY, **{"Accept-Language": "es-ES"}) == "en-GB"
        assert await locale(f"{ENTRY}?locale=fr-FR") != "en-GB"


@pytest.mark.parametrize("query", ["colour=red", "profile=nothing", "lang=es"])
async def test_an_unknown_parameter_or_profile_is_a_400(house: Home, tmp_path: Path, query: str) -> None:
    await live(house, an_answer())
    async with open_doors(house, tmp_path) as (client, _):
        assert (await client.get(f"{ENTRY}?{query}")).status_code == 400


async def test_two_variants_that_could_both_win_are_refused_before_anyone_asks(house: Home) -> None:
    tie = (Variant(When(tone=("warm",)), Wording("Warm.")), Variant(When(product=("gold",)), Wording("Gold.")))
    outcome = await released(house, an_answer(variants=tie))
    assert outcome.codes("card-arrival") == {"variant-tie"}


async def test_explain_tells_which_rule_fired(house: Home, tmp_path: Path) -> None:
    await live(house, an_answer(variants=(Variant(When(tone=("warm",)), Wording("Good news.")),)))
    async with open_doors(house, tmp_path) as (client, _):
        told = (await client.get(f"{ENTRY}/explain?tone=warm&locale=es-MX")).json()
    assert (told["locales"], told["locale"]) == ([*("es-MX", SPANISH, "en-GB")], "en-GB")
    assert [(one["chosen"], one["why"]) for one in told["wordings"]] in (
        [
            (False, "another variant has more conditions, or another alternate was picked"),
            (True, "all 1 conditions hold"),
        ],
        [
            (True, "all 1 conditions hold"),
            (False, "another variant has more conditions, or another alternate was picked"),
        ],
    )


async def test_what_voice_says_on_its_own_account_is_a_signed_entry(house: Home) -> None:
    await live(house, an_answer())
    await live(house, an_answer("say-handover", "We will help.", title="Speak to us", topic="house"))
    await live(house, an_answer("say-repeat", "Pardon?", title="Again", topic="house"))
    told = await payload(house, "card-arrival", asked("voice"))
    assert told is not None
    assert told["voice"]["options"][-1]["say"].startswith("Speak to us")
    assert told["voice"]["no_input"] == ["Pardon?"]


async def test_search_that_has_no_answer_says_so_in_signed_words_or_in_none(house: Home, tmp_path: Path) -> None:
    question = "/v1/channels/chat/match?q=zebra+crossing"
    async with open_doors(house, tmp_path / "before") as (client, _):
        silent = (await client.get(question)).json()
    assert (silent["outcome"], silent.get("say")) == ("no_answer", None)
    await live(house, an_answer("say-no-answer", "We don't know that yet.", title="No answer", topic="house"))
    async with open_doors(house, tmp_path / "after") as (client, _):
        spoken = (await client.get(question)).json()
    assert spoken["outcome"] == "no_answer"
    assert spoken["say"]["text"] == "We don't know that yet."
