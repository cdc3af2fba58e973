"""What the ask page loads beside the public API: what can be asked here, and lengths as networks count them."""

from httpx import AsyncClient

from tests.builders import Home, a_fact, a_live_answer, live, withdrawn


async def test_the_house_tells_its_languages_in_their_own_words_the_default_first(door: AsyncClient) -> None:
    told = (await door.get("/site/house")).json()
    assert told["locales"] == [
        {"code": "en-GB", "name": "English (United Kingdom)"},
        {"code": "es-ES", "name": "español (España)"},
    ]


async def test_the_house_tells_its_channels_each_with_its_default_profile_first(door: AsyncClient) -> None:
    channels = {one["name"]: one["profiles"] for one in (await door.get("/site/house")).json()["channels"]}
    assert list(channels) == ["voice", "chat", "social", "sms", "email", "faq", "agent"]
    assert channels["social"][0] == "x"


async def test_a_short_text_message_has_room_for_160_septets(door: AsyncClient, house: Home) -> None:
    await a_live_answer(house, text="Ready {now}.", title="Ready?")
    told = (await door.get("/site/lengths/sms/card-arrival")).json()
    assert told["encoding"] == "gsm-7"
    assert told["parts"] == [[{"unit": "septets", "length": 14, "limit": 160}]]


async def test_one_letter_outside_the_alphabet_makes_a_message_of_70_units(door: AsyncClient, house: Home) -> None:
    await a_live_answer(house, text="Šárka is ready.", title="Ready?")
    told = (await door.get("/site/lengths/sms/card-arrival")).json()
    assert told["encoding"] == "ucs-2"
    assert told["parts"] == [[{"unit": "units", "length": 15, "limit": 70}]]


async def test_joined_parts_have_less_room_and_add_up(door: AsyncClient, house: Home) -> None:
    text = "This text goes on and on. " * 9 + "It ends."
    await a_live_answer(house, text=text)
    told = (await door.get("/site/lengths/sms/card-arrival")).json()
    assert [one["limit"] for [one] in told["parts"]] == [153, 153]
    assert sum(one["length"] for [one] in told["parts"]) == len(text)


async def test_a_post_is_measured_in_its_networks_unit(door: AsyncClient, house: Home) -> None:
    await a_live_answer(house, text="Your card is ready.")
    told = (await door.get("/site/lengths/social/card-arrival")).json()
    assert told["parts"] == [[{"unit": "weighted", "length": 19, "limit": 280}]]
    shown = (await door.get("/v1/channels/social/entries/card-arrival")).json()
    assert told["rendition"] == shown["rendition"]


async def test_lengths_of_what_is_withdrawn_are_not_told(door: AsyncClient, house: Home) -> None:
    await live(house, a_fact())
    await a_live_answer(house, text="It takes {{fact:card.delivery}}.")
    before = await door.get("/site/lengths/sms/card-arrival")
    await withdrawn(house, "card.delivery")
    after, unknown = await door.get("/site/lengths/sms/card-arrival"), await door.get("/site/lengths/sms/nothing")
    assert (before.status_code, after.status_code) == (200, 404)
    assert after.content == unknown.content


async def test_an_unknown_parameter_or_profile_is_refused(door: AsyncClient) -> None:
    assert (await door.get("/site/lengths/sms/say-repeat?colour=red")).status_code == 400
    assert (await door.get("/site/lengths/social/say-repeat?profile=myspace")).status_code == 400
