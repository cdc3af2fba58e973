"""Effects: what a reviewer of a fact is shown of everything that leans on it, before anybody signed."""

import pytest

from kb.channels.values import Duration, Integer, Unit
from kb.entries.types import Audience
from kb.release.effects import Fate, Part, Shown, effects
from tests.builders import (
    PUBLIC,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    changed,
    head,
    live,
    read,
    written,
)

pytestmark = pytest.mark.both_databases

ARRIVAL = an_answer(text="Your card arrives in {{fact:card.delivery}}.")
SLOWER = changed(a_fact(), fact=Duration(8, Unit.WORKING_DAYS, 9))


async def test_a_reviewer_sees_every_dependent_before_and_after(house: Home) -> None:
    await live(
        house, a_fact(), ARRIVAL, a_translation(ARRIVAL, "Llega en {{fact:card.delivery}}."), an_answer("b", "Call.")
    )
    (revision,) = await written(house, SLOWER)
    before = await head(house)
    found = await read(house, effects, [revision.hash], house.now)
    assert await head(house) == before
    assert [(one.key, one.locale, one.part) for one in found.items] == [
        ("card.delivery", "und", Part.CANDIDATE),
        ("card-arrival", "en-GB", Part.DEPENDENT),
        ("card-arrival", SPANISH, Part.DEPENDENT),
    ]
    arrival = found.items[1]
    assert arrival.fate is Fate.CHANGES
    by_channel = {one.channel: one for one in arrival.effects}
    assert set(by_channel) == {"voice", "chat", "social", "sms", "email", "faq", "agent"}
    chat, sms, voice = (by_channel[name] for name in ("chat", "sms", "voice"))
    assert chat.before is not None
    assert chat.after is not None
    assert "5–7" in chat.before.text
    assert "8–9" in chat.after.text
    assert sms.after is not None
    assert sms.after.parts == 1
    assert voice.after is not None
    assert voice.after.seconds > 0


async def test_a_dependent_that_would_break_is_told_with_its_issue(house: Home) -> None:
    await live(house, a_claim(), an_answer("news", "Good news. {{claim:free-atm}}"), a_fact("fee", Integer(3)))
    (revision,) = await written(house, changed(a_claim(), text="It takes {{fact:nothing}}."))
    found = await read(house, effects, [revision.hash], house.now, shown=Shown(broken=True))
    assert [(one.key, one.fate) for one in found.items] == [("free-atm", Fate.BLOCKS)]
    assert "reference-not-live" in {issue.code for issue in found.items[0].issues}


async def test_a_translation_behind_a_changed_value_would_close(house: Home) -> None:
    spanish = a_translation(ARRIVAL, "Llega en {{fact:card.delivery}}.")
    await live(house, a_fact(), ARRIVAL, spanish)
    (revision,) = await written(house, changed(ARRIVAL, text="Your card comes in 3 days or {{fact:card.delivery}}."))
    found = await read(house, effects, [revision.hash], house.now)
    assert {one.locale: one.fate for one in found.items}[SPANISH] is Fate.CLOSES


async def test_effects_come_in_pages_and_narrowed(house: Home) -> None:
    await live(
        house, a_fact(), *[changed(an_answer(f"a{number}"), wording=ARRIVAL.content.wording) for number in range(4)]
    )
    (revision,) = await written(house, SLOWER)
    shown = Shown(channels=frozenset({"sms"}), locales=frozenset({"en-GB"}))
    keys, after = [], None
    for _ in range(5):
        found = await read(house, effects, [revision.hash], house.now, shown=shown, after=after, limit=2)
        keys += [one.key for one in found.items]
        assert {effect.channel for one in found.items for effect in one.effects} <= {"sms"}
        after = found.next
        if after is None:
            break
    assert keys == ["card.delivery", "a0", "a1", "a2", "a3"]


async def test_who_reads_less_is_told_of_no_entry_beyond_it_and_counts_none(house: Home) -> None:
    inside = an_answer(
        "inside", ARRIVAL.content.wording.text if ARRIVAL.content.wording else "", audience=Audience.STAFF
    )
    await live(house, a_fact(), ARRIVAL, inside)
    (revision,) = await written(house, SLOWER)
    found = await read(house, effects, [revision.hash], house.now, shown=Shown(audiences=PUBLIC))
    assert ([one.key for one in found.items], found.affected) == (["card.delivery", "card-arrival"], 2)
