"""Coverage and translations: what is live where, what is missing, and what a translation is behind."""

from datetime import UTC, datetime

import pytest

from kb.channels.profiles import CHANNELS
from kb.entries.rules import content_hash
from kb.release.coverage import CellState, Coverage, Wanted, coverage
from kb.release.places import Entries
from kb.release.translations import Translations, TranslationState, translations
from tests.builders import (
    ENGLISH,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    changed,
    live,
    read,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

SOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
CARDS = Entries(topic="cards")


async def covered(home: Home, **wanted: object) -> Coverage:
    given = {"entries": CARDS, **wanted}
    found = await read(home, coverage, Wanted(**given), home.clock.now(), limit=1_000)  # type: ignore[arg-type]
    assert isinstance(found, Coverage)
    return found


async def states(home: Home, **wanted: object) -> dict[tuple[str, str], CellState]:
    """The state of each entry in each locale for chat."""
    found = await covered(home, channel="chat", **wanted)
    return {(one.key, one.locale): one.state for one in found.items}


async def translated(home: Home, **wanted: str) -> Translations:
    found = await read(home, translations, CARDS, limit=1_000, **wanted)
    assert isinstance(found, Translations)
    return found


async def test_every_entry_stands_in_every_channel_and_locale(house: Home) -> None:
    await live(house, an_answer("a"))
    found = await covered(house)
    assert {(one.channel, one.locale) for one in found.items} == {
        (channel, locale) for channel in CHANNELS for locale in (ENGLISH, SPANISH)
    }
    assert found.counts == {"live": len(CHANNELS), "missing": len(CHANNELS)}


async def test_each_state_is_told(house: Home) -> None:
    source = an_answer("stale", "Call us, please.")
    await live(house, source, a_translation(source, "Llama."), an_answer("soon", valid_until=SOON), an_answer("gone"))
    await live(house, a_claim(), an_answer("leans", "Good. {{claim:free-atm}}"))
    await live(house, changed(source, text="Do call us, please."))
    await withdrawn(house, "gone", "free-atm")
    await written(house, an_answer("waits", "Write to us."), an_answer("broken", "In {{fact:nothing}}."))
    found = await states(house)
    assert {key: state for (key, locale), state in found.items() if locale == ENGLISH} == {
        "broken": CellState.IN_REVIEW,
        "free-atm": CellState.WITHDRAWN,
        "gone": CellState.WITHDRAWN,
        "leans": CellState.SUSPENDED,
        "soon": CellState.EXPIRING,
        "stale": CellState.LIVE,
        "waits": CellState.IN_REVIEW,
    }
    assert found["stale", SPANISH] is CellState.STALE
    assert found["soon", SPANISH] is CellState.MISSING
    house.clock.move(days=16)
    assert (await states(house))["soon", ENGLISH] is CellState.EXPIRED
    house.clock.move(days=400)
    assert (await states(house))["stale", ENGLISH] is CellState.OVERDUE


async def test_what_waits_is_judged_when_asked(house: Home) -> None:
    await live(house, an_answer("good", "Call us."))
    await written(house, an_answer("good", "Write to us."), an_answer("broken", "In {{fact:nothing}}."))
    found = await covered(house, channel="chat", judge=True)
    told = {one.key: (one.state, one.pending, one.issues) for one in found.items if one.locale == ENGLISH}
    assert told == {
        "good": (CellState.LIVE, "in_review", ()),
        "broken": (CellState.BLOCKED, "", ("reference-not-live",)),
    }
    assert found.complete
    blocked = await covered(house, channel="chat", state="blocked")
    assert [one.key for one in blocked.items] == ["broken"]
    assert blocked.counts == {"blocked": 1}


async def test_counts_are_of_what_passes_the_filters_and_pages_join(house: Home) -> None:
    await live(house, *[an_answer(f"a{number}") for number in range(3)], an_answer("other", topic="loans"))
    wanted = Wanted(entries=Entries(topic="cards", locales=frozenset({ENGLISH})), state="live")
    seen, after = [], None
    for _ in range(20):
        page = await read(house, coverage, wanted, house.clock.now(), after=after, limit=4)
        assert page.counts == {"live": 3 * len(CHANNELS)}
        seen += [(one.key, one.channel) for one in page.items]
        after = page.next
        if after is None:
            break
    assert seen == [(f"a{number}", channel) for number in range(3) for channel in sorted(CHANNELS)]


async def test_nobody_is_told_of_topics_and_audiences_that_are_not_for_them(house: Home) -> None:
    await live(house, an_answer("a"))
    for entries in (Entries(topics=frozenset({"loans"})), Entries(topic="cards", audiences=frozenset({"staff"}))):
        assert (await covered(house, entries=entries)).counts == {}


async def test_a_translation_is_current_stale_missing_or_ahead(house: Home) -> None:
    first = an_answer("first", "Call us.")
    lonely = an_answer("lonely", "Call us.")
    fresh = a_translation(first, "Llama.")
    await live(house, first, fresh, lonely)
    assert {one.key: one.state for one in (await translated(house)).items} == {
        "first": TranslationState.CURRENT,
        "lonely": TranslationState.MISSING,
    }
    second = changed(first, text="Do call us.")
    await live(house, second)
    (stale,) = (await translated(house, state="stale")).items
    assert (stale.source, stale.pinned, stale.change) == (2, 1, "wording")
    assert stale.since is not None
    assert [field.field for field in stale.since.fields] == ["text"]
    assert stale.since.fields[0].after == "Do call us."
    third = changed(first, text="Do call us soon.")
    await written(house, third, changed(fresh, text="Llama pronto.", source=content_hash(third)))
    (waiting,) = (await translated(house, state="stale")).items
    assert waiting.pending == "in_review"


async def test_a_translation_of_a_source_that_waits_is_ahead(house: Home) -> None:
    first = an_answer("first", "Call us.")
    await live(house, first)
    second = changed(first, text="Do call us.")
    await written(house, second, a_translation(second, "Llama."))
    (ahead,) = (await translated(house)).items
    assert (ahead.state, ahead.source, ahead.pinned) == (TranslationState.AHEAD, 1, 2)


async def test_facts_have_no_translations(house: Home) -> None:
    await live(house, a_fact())
    assert (await translated(house)).items == ()
