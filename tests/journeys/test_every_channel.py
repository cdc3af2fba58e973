"""One approved answer in every channel: all answers of the demo, in both locales, in every profile that is served."""

import importlib
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regex
import yaml
from defusedxml import ElementTree

from kb.files.read import read
from tests.doors.fixtures import CONTENT
from tests.doors.program import Server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it reads its emoji list through pkg_resources
    twitter_text: Any = importlib.import_module("twitter_text")

KEYS = (Path(__file__).parent / "intents.txt").read_text().split()
"""The intents of the public banking77 data set, as keys."""

LOCALES = ("en-GB", "es-ES")
CHANNELS = ("voice", "chat", "social", "sms", "email", "faq", "agent")
Place = tuple[str, str, str, str]
Renditions = dict[Place, dict[str, Any]]
"""Payloads by (key, channel, profile, locale)."""

SAFE = {"speak", "p", "s", "break", "sub", "say-as", "phoneme"}
POLLY = SAFE | {"lang", "mark", "prosody", "w"}
ENGINES = {
    "core": (SAFE, 3000, 5000, 3.0),
    "polly": (POLLY, 3000, 6000, 10.0),
    "connect": (POLLY, 3000, 6000, 10.0),
    "twilio": (SAFE, 3000, 4096, 3.0),
    "google": (SAFE - {"phoneme"}, 5000, 5000, 3.0),
}
"""What each voice engine takes: tags, characters said, bytes in all, seconds of a pause."""

GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = "^{}\\[~]|€"


@pytest.fixture(scope="module")
def served() -> list[tuple[str, str]]:
    """The profiles that the demo serves, as (channel, profile)."""
    document = yaml.safe_load((CONTENT / "channels.yaml").read_text(encoding="utf-8"))
    return [(channel, name) for channel, name in (one.split("/") for one in document["channels"]["serve"])]


@pytest.fixture(scope="module")
def renditions(demo: Server, served: list[tuple[str, str]]) -> Renditions:
    found: Renditions = {}
    for locale in LOCALES:
        for channel, profile in served:
            for key in KEYS:
                answer = demo.get(f"/v1/channels/{channel}/entries/{key}?profile={profile}&locale={locale}")
                found[key, channel, profile, locale] = {"status": answer.status_code} | answer.json()
    return found


def of_channel(renditions: Renditions, channel: str, profile: str = "") -> Iterator[tuple[Place, dict[str, Any]]]:
    for place, payload in renditions.items():
        if place[1] == channel and profile in {"", place[2]}:
            yield place, payload


def test_there_are_77_answers_and_every_channel_is_served(served: list[tuple[str, str]]) -> None:
    assert len(KEYS) == len(set(KEYS)) == 77
    assert {channel for channel, _ in served} == set(CHANNELS)
    assert len(served) == 19


def test_every_answer_is_there_in_every_profile_and_in_its_own_language(renditions: Renditions) -> None:
    wrong = [
        place
        for place, payload in renditions.items()
        if payload["status"] != 200 or (payload["key"], payload["locale"]) != (place[0], place[3])
    ]
    assert wrong == []
    assert len(renditions) == 77 * 19 * 2


def test_a_channel_without_a_profile_gives_its_default(demo: Server, renditions: Renditions) -> None:
    for channel in CHANNELS:
        profile = "x" if channel == "social" else "core"
        for key in KEYS[::11]:
            payload = demo.payload(f"/v1/channels/{channel}/entries/{key}")
            assert {"status": 200} | payload == renditions[key, channel, profile, "en-GB"]


def test_nothing_is_left_to_fill_in_but_slots(renditions: Renditions) -> None:
    for place, payload in renditions.items():
        tokens = set(re.findall(r"\{\{.*?\}\}", repr(payload)))
        assert tokens <= {f"{{{{slot:{name}}}}}" for name in payload["slots"]}, place


# ---- facts -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def due() -> dict[tuple[str, str], set[str]]:
    """The facts that each answer's text holds outside its details, those of its claims too, by (key, locale)."""
    texts = {one.place: one.draft.content.wording.text for one in read(CONTENT).drafts if one.draft.content.wording}

    def facts(text: str, locale: str) -> set[str]:
        core = re.sub(r"^::: detail\n.*?^:::$", "", text, flags=re.MULTILINE | re.DOTALL)
        found = set(re.findall(r"\{\{fact:([^}]+)\}\}", core))
        for key in re.findall(r"\{\{(?:claim|disclosure):([^}]+)\}\}", core):
            if "{{disclosure:" + key not in core:  # a disclosure is due on its own channels
                found |= facts(texts[key, locale], locale)
        return found

    return {(key, locale): facts(texts[key, locale], locale) for key in KEYS for locale in LOCALES}


def test_every_fact_of_an_answer_is_said_in_every_channel(
    renditions: Renditions, due: dict[tuple[str, str], set[str]]
) -> None:
    """Aloud a range may read "between five and seven" or "five to seven", as the words before it ask."""
    missing = []
    for (key, channel, profile, locale), payload in renditions.items():
        for fact in due[key, locale]:
            used = payload["facts"].get(fact)
            said = used is not None and (said_in(used["text"], payload["text"]) or channel == "voice")
            if not said:
                missing.append((fact, key, channel, profile, locale))
    assert missing == []
    assert sum(map(len, due.values())) > 100


def said_in(fact: str, text: str) -> bool:
    def plain(words: str) -> str:
        return re.sub(r"\s+", " ", words.replace("–", "-").replace("\u2011", "-"))

    return plain(fact) in plain(text)


def test_aloud_every_word_of_a_fact_is_heard(renditions: Renditions, due: dict[tuple[str, str], set[str]]) -> None:
    joints = {"between", "and", "to", "from", "entre", "y", "a", "de", "al", "the", "el", "la"}
    for (key, _, _, locale), payload in of_channel(renditions, "voice"):
        heard = set(re.findall(r"\w+", payload["text"].lower()))
        for fact in due[key, locale]:
            words = set(re.findall(r"\w+", payload["facts"][fact]["text"].lower())) - joints
            assert words <= heard, (key, locale, fact, words - heard)


def test_a_fact_has_one_version_wherever_it_is_said(renditions: Renditions) -> None:
    versions: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for payload in renditions.values():
        for fact, used in payload["facts"].items():
            versions[fact].add((used["version"], used["hash"]))
    assert {fact for fact, found in versions.items() if len(found) > 1} == set()
    assert len(versions) > 50


def test_an_answer_has_one_version_in_all_channels(renditions: Renditions) -> None:
    hashes: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for (key, _, _, locale), payload in renditions.items():
        hashes[key, locale].add((payload["version"], payload["hash"]))
    assert {len(found) for found in hashes.values()} == {1}


# ---- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_voice_markup_is_well_formed_and_within_what_its_engine_takes(renditions: Renditions, engine: str) -> None:
    tags, said, whole, pause = ENGINES[engine]
    count = 0
    for place, payload in of_channel(renditions, "voice", engine):
        assert payload["markup"]["type"] == "ssml"
        for ssml in (payload["markup"]["body"], *(segment["ssml"] for segment in payload["voice"]["segments"])):
            tree = ElementTree.fromstring(ssml)
            assert tree.tag == "speak", place
            assert {element.tag for element in tree.iter()} <= tags, place
            assert all(len(element.attrib) <= 1 for element in tree.iter()), place
            for element in tree.iter("break"):
                assert seconds(element.attrib["time"]) <= pause, place
            assert len(ssml.encode()) <= whole, place
            assert len("".join(tree.itertext())) <= said, place
            count += 1
    assert count >= 154


def seconds(time: str) -> float:
    return float(time[:-2]) / 1000 if time.endswith("ms") else float(time.removesuffix("s"))


def test_what_is_heard_is_what_is_read_and_a_person_is_always_within_reach(renditions: Renditions) -> None:
    for place, payload in of_channel(renditions, "voice"):
        voice = payload["voice"]
        assert not re.search(r"\d", payload["text"]), place
        assert 0 < len(voice["options"]) <= 5, place
        assert any(way["to"].startswith("handover") for way in payload["next"]), place
        assert voice["no_input"], place
        assert voice["no_match"], place
        assert 1 < voice["seconds"] <= 60, place


def test_every_part_for_x_passes_the_count_of_x_itself(renditions: Renditions) -> None:
    count = 0
    for place, payload in of_channel(renditions, "social", "x"):
        for part in payload["parts"]:
            counted = twitter_text.parse_tweet(part)
            assert counted.valid, (place, counted.weightedLength)
            count += 1
    assert count >= 154


def test_every_part_of_a_text_message_fits_its_septets(renditions: Renditions) -> None:
    for place, payload in of_channel(renditions, "sms"):
        parts = payload["parts"]
        assert 1 <= len(parts) <= 6, place
        if all(character in GSM_BASIC + GSM_EXTENDED for character in "".join(parts)):
            lengths = [sum(2 if character in GSM_EXTENDED else 1 for character in part) for part in parts]
            limit = 160 if len(parts) == 1 else 153
        else:
            lengths = [len(part.encode("utf-16-be")) // 2 for part in parts]
            limit = 70 if len(parts) == 1 else 67
        assert max(lengths) <= limit, (place, lengths)


def test_every_part_for_bluesky_fits_its_graphemes_and_bytes(renditions: Renditions) -> None:
    for place, payload in of_channel(renditions, "social", "bluesky"):
        for part in payload["parts"]:
            assert len(regex.findall(r"\X", part)) <= 300, place
            assert len(part.encode()) <= 3000, place


@pytest.mark.parametrize(
    ("channel", "profile", "limit"),
    [
        ("social", "facebook", 5000), ("social", "instagram", 2196), ("social", "linkedin", 1250),
        ("chat", "whatsapp", 1024), ("chat", "messenger", 2000), ("chat", "slack", 3000),
    ],
)  # fmt: skip
def test_every_part_fits_the_utf16_units_of_its_network(
    renditions: Renditions, channel: str, profile: str, limit: int
) -> None:
    for place, payload in of_channel(renditions, channel, profile):
        assert payload["parts"], place
        for part in payload["parts"]:
            assert len(part.encode("utf-16-le")) // 2 <= limit, place


def test_a_button_is_never_longer_than_the_narrowest_widget(renditions: Renditions) -> None:
    for place, payload in of_channel(renditions, "chat"):
        for way in payload["next"]:
            assert 0 < len(way["label"]) <= 20, (place, way)


def test_the_public_never_sees_what_is_for_staff(renditions: Renditions) -> None:
    for place, payload in of_channel(renditions, "agent"):
        assert not payload.get("staff"), place
