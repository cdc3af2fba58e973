"""Previews: a release that hasn't happened, asked as delivery is, and nothing of it anywhere else."""

import msgspec
import pytest

from kb.channels.types import Staff, Variant, When, Wording
from kb.channels.values import Duration, Unit
from kb.delivery import queries
from kb.delivery.types import Asked
from kb.entries.types import Audience, Revision
from kb.release.preview import preview, previewable
from tests.builders import (
    EVERY_AUDIENCE,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    asked,
    changed,
    head,
    live,
    read,
    text,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

ARRIVAL = an_answer(text="Your card arrives in {{fact:card.delivery}}.")
SLOWER = changed(a_fact(), fact=Duration(8, Unit.WORKING_DAYS, 9))


async def told(home: Home, revision: Revision, key: str = "card-arrival", question: Asked | None = None) -> str | None:
    async with home.reading() as connection:
        supposed = await preview(connection, home.reader, [revision.hash])
        found = await supposed.get(key, question or asked(), home.now)
    return msgspec.json.decode(found.body)["text"] if found else None


async def test_a_preview_is_what_delivery_would_serve_after_the_release(house: Home) -> None:
    await live(house, a_fact(), ARRIVAL)
    (revision,) = await written(house, SLOWER)
    before = await head(house)
    async with house.reading() as connection:
        supposed = await preview(connection, house.reader, [revision.hash])
        shown = await supposed.get("card-arrival", asked("voice"), house.now)
    assert shown is not None
    assert await head(house) == before
    assert "five" in str(await text(house, "card-arrival", asked("voice")))
    await live(house, SLOWER)
    served = await queries.get(house.reader, "card-arrival", asked("voice"), house.now)
    assert served is not None
    previewed, real = msgspec.json.decode(shown.body), msgspec.json.decode(served.body)
    assert previewed["position"] == 0
    for column in ("position", "verified_at"):
        previewed.pop(column)
        real.pop(column)
    assert previewed == real


async def test_an_entry_that_was_never_live_is_previewed(house: Home) -> None:
    (revision,) = await written(house, an_answer("fresh", "Fresh."))
    assert await told(house, revision, "fresh") == "Fresh."
    assert await text(house, "fresh") is None


async def test_what_a_release_does_not_touch_is_what_is_live(house: Home) -> None:
    await live(house, an_answer("b", "Call us."))
    (revision,) = await written(house, an_answer("fresh", "Fresh."))
    assert await told(house, revision, "b") == "Call us."
    assert await told(house, revision, "nothing") is None


async def test_variants_audiences_and_locales_are_chosen_as_in_delivery(house: Home) -> None:
    gold = Variant(When(product=("gold",)), Wording("Gold."))
    draft = an_answer("fresh", "Plain.", variants=(gold,), staff=Staff(notes="Ask for the name."))
    inside = an_answer("inside", "Inside.", audience=Audience.STAFF)
    (revision, secret) = await written(house, draft, inside)
    assert await told(house, revision, "fresh", asked(product="gold")) == "Gold."
    assert await told(house, revision, "fresh", asked("chat", SPANISH, "en-GB")) == "Plain."
    assert await told(house, secret, "inside") is None
    assert await told(house, secret, "inside", asked(audiences=EVERY_AUDIENCE)) == "Inside."


async def test_a_translation_that_would_close_is_not_shown(house: Home) -> None:
    await live(house, a_fact(), ARRIVAL, a_translation(ARRIVAL, "Llega en {{fact:card.delivery}}."))
    (revision,) = await written(house, changed(ARRIVAL, text="Your card comes in 3 days or {{fact:card.delivery}}."))
    spanish = asked("chat", SPANISH)
    assert await told(house, revision, "card-arrival", spanish) is None
    assert await text(house, "card-arrival", spanish) is not None


async def test_what_was_taken_back_cannot_be_previewed(house: Home) -> None:
    outcome = await live(house, an_answer("gone", "Gone."))
    (waiting,) = await written(house, an_answer("fresh", "Fresh."))
    hashes = [outcome.revisions[0].hash, waiting.hash]
    assert set(await read(house, previewable, hashes)) == set(hashes)
    await withdrawn(house, "gone")
    assert set(await read(house, previewable, hashes)) == {waiting.hash}


async def test_what_sleeps_is_shown_only_if_the_release_would_wake_it(house: Home) -> None:
    await live(house, a_claim(), a_claim("fee-free", "No fee."), an_answer("one", "Good. {{claim:free-atm}}"))
    await live(house, an_answer("both", "Good. {{claim:free-atm}} {{claim:fee-free}}"))
    await withdrawn(house, "free-atm", "fee-free")
    (revision,) = await written(house, a_claim(text="It is free."))
    assert await told(house, revision, "one") == "Good. It is free."
    assert await told(house, revision, "both") is None
