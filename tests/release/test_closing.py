"""Translations against their source: what closes them, what only makes them stale, and what stays behind."""

import pytest

from kb.release.audit import verify_all
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    SPANISH,
    Home,
    a_claim,
    a_translation,
    an_answer,
    approved,
    asked,
    changed,
    committed,
    live,
    read,
    released,
    text,
)

pytestmark = pytest.mark.both_databases

SOURCE = an_answer(text="You may cancel your card.")
SPANISH_TEXT = "Puedes cancelar tu tarjeta."
GRAVER = changed(SOURCE, text="You must cancel your card.")
WORDED = changed(SOURCE, text="You may cancel your card any day.")


async def spanish(home: Home, key: str = "card-arrival") -> str | None:
    return await text(home, key, asked("chat", SPANISH))


async def test_a_source_that_changes_its_modality_closes_its_translation_which_is_listed_first(house: Home) -> None:
    first = await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    ready = await approved(house, GRAVER)
    assert [(one.key, one.locale, one.issues[0].code) for one in ready.closing] == [
        ("card-arrival", SPANISH, "translation-behind")
    ]
    assert await spanish(house) == SPANISH_TEXT
    await committed(house, ready)
    assert await text(house) == "You must cancel your card."
    assert await spanish(house) is None
    hash_ = first.revisions[1].hash
    assert (await read(house, by_hashes, [hash_]))[hash_].state is State.SUSPENDED
    assert await read(house, verify_all) == (None, ())


async def test_a_source_that_changes_its_wording_leaves_its_translation_stale(house: Home) -> None:
    await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    ready = await approved(house, changed(SOURCE, text="You may cancel the card."))
    assert ready.closing == ()
    found = {issue.code for issue in ready.judged["card-arrival", SPANISH].issues}
    assert "translation-stale" in found
    await committed(house, ready)
    assert await spanish(house) == SPANISH_TEXT


async def test_a_translation_of_the_new_source_in_the_same_release_takes_its_place(house: Home) -> None:
    await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    ready = await approved(house, GRAVER, a_translation(GRAVER, "Debes cancelar tu tarjeta."))
    assert (ready.closing, ready.blocked) == ((), ())
    await committed(house, ready)
    assert await spanish(house) == "Debes cancelar tu tarjeta."


async def test_a_translation_of_the_old_source_stays_behind(house: Home) -> None:
    await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    await live(house, GRAVER)
    outcome = await released(house, a_translation(SOURCE, "Puedes cancelarla."))
    assert outcome.codes("card-arrival") == {"translation-behind"}
    assert await spanish(house) is None


async def test_a_closed_translation_does_not_come_back_while_it_is_behind(house: Home) -> None:
    await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    await live(house, GRAVER)
    await live(house, changed(GRAVER, text="You must cancel your card now."))
    assert await spanish(house) is None
    await live(house, changed(SOURCE, text="You may cancel the card."))
    assert await spanish(house) == SPANISH_TEXT


async def test_what_leans_on_a_closed_translation_goes_with_it_and_only_there(house: Home) -> None:
    claim = a_claim(text="You may take out cash for free.")
    answer = an_answer(text="Good news. {{claim:free-atm}}")
    await live(
        house,
        claim,
        a_translation(claim, "Puedes sacar dinero gratis."),
        answer,
        a_translation(answer, "Buenas noticias. {{claim:free-atm}}"),
    )
    ready = await approved(house, changed(claim, text="You may never take out cash for free."))
    assert [(one.key, one.locale) for one in ready.closing] == [("card-arrival", SPANISH), ("free-atm", SPANISH)]
    await committed(house, ready)
    assert await spanish(house) is None
    assert await text(house) is not None


async def test_a_source_that_stays_behind_closes_nothing(house: Home) -> None:
    await live(house, SOURCE, a_translation(SOURCE, SPANISH_TEXT))
    ready = await approved(house, changed(SOURCE, text="You must cancel it in 14 days."))
    assert [one.key for one in ready.blocked] == ["card-arrival"]
    assert ready.closing == ()
