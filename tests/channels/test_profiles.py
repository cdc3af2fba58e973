"""Profiles: inheritance, choice, and what a house can get wrong."""

from pathlib import Path

import msgspec
import pytest
import yaml

from kb.channels.built_in import BUILT_IN
from kb.channels.limits import Limit, ProfileEntry, ProfilesDocument
from kb.channels.profiles import CHANNELS, problems, resolve

DEMO = Path(__file__).parents[2] / "content" / "channels.yaml"


def test_each_channel_has_its_default_profile_served() -> None:
    profiles = resolve(None)
    assert [profile.id for profile in profiles.served] == [
        "voice/core",
        "chat/core",
        "social/x",
        "sms/core",
        "email/core",
        "faq/core",
        "agent/core",
    ]
    assert profiles.default("social").id == "social/x"
    assert all(profiles.default(channel).channel == channel for channel in CHANNELS)


def test_a_profile_inherits_from_the_core_of_its_channel() -> None:
    whatsapp = resolve(None).get("chat/whatsapp")
    assert (whatsapp.markup, whatsapp.label_size, whatsapp.max_buttons, whatsapp.detail) == ("whatsapp", 20, 3, True)


def test_a_house_overrides_field_by_field_and_adds_profiles_without_code() -> None:
    document = ProfilesDocument(
        profiles={
            "social/x": ProfileEntry(max_parts=1),
            "social/our-forum": ProfileEntry(inherits="social/mastodon", limits=(Limit("characters", 900),)),
        },
        serve=("social/x", "social/our-forum"),
    )
    profiles = resolve(document)
    assert (profiles.get("social/x").max_parts, profiles.get("social/x").limits[0].size) == (1, 280)
    forum = profiles.get("social/our-forum")
    assert (forum.form, forum.max_parts, forum.url_length, forum.limits[0].size) == ("short", 2, 23, 900)


def test_a_profiles_hash_follows_what_it_inherits() -> None:
    before = resolve(None)
    after = resolve(ProfilesDocument(profiles={"chat/core": ProfileEntry(label_size=19)}))
    assert before.get("chat/whatsapp").hash != after.get("chat/whatsapp").hash
    assert before.get("sms/core").hash == after.get("sms/core").hash


def test_locales_fall_back_along_their_chain_only() -> None:
    profiles = resolve(ProfilesDocument(locales=("en-GB", "es-ES"), fallbacks={"es-MX": ("es-ES", "en-GB")}))
    assert profiles.chain("es-MX") == ("es-MX", "es-ES", "en-GB")
    assert profiles.chain("es-ES") == ("es-ES",)


def test_an_unknown_profile_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(LookupError, match=r"unknown profile 'social/y': use one of voice/core, .*agent/core"):
        resolve(None).get("social/y")
    with pytest.raises(LookupError, match="unknown channel 'fax'"):
        resolve(None).default("fax")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (ProfilesDocument(profiles={"fax/core": ProfileEntry()}), "profile-name"),
        (ProfilesDocument(profiles={"social": ProfileEntry()}), "profile-name"),
        (
            ProfilesDocument(
                profiles={"social/a": ProfileEntry("social/b"), "social/b": ProfileEntry("social/a")},
            ),
            "profile-circular",
        ),
        (ProfilesDocument(profiles={"social/a": ProfileEntry("social/none")}), "profile-unknown"),
        (ProfilesDocument(profiles={"social/a": ProfileEntry(limits=(Limit("words", 3),))}), "profile-unit"),
        (ProfilesDocument(serve=("social/none",)), "profile-unknown"),
        (ProfilesDocument(serve=("social/tiktok",)), "profile-no-output"),
        (ProfilesDocument(locales=()), "locales-none"),
        (ProfilesDocument(fallbacks={"es-MX": ("es-ES",)}), "locale-unknown"),
    ],
)
def test_what_a_house_gets_wrong_is_named_and_never_in_force(document: ProfilesDocument, code: str) -> None:
    assert code in {issue.code for issue in problems(document)}
    with pytest.raises(ValueError, match=r"\w"):
        resolve(document)


def test_limits_of_networks_without_output_can_be_checked_against() -> None:
    profiles = resolve(ProfilesDocument(check=("social/threads",)))
    assert [profile.id for profile in profiles.checked] == ["social/threads"]


def test_every_built_in_limit_names_its_source() -> None:
    for name, entry in BUILT_IN.items():
        assert all(limit.source for limit in entry.limits or ()), name
        assert entry.ssml is None or entry.ssml.source, name


def test_the_demo_serves_every_profile_with_an_output() -> None:
    document = msgspec.convert(yaml.safe_load(DEMO.read_text(encoding="utf-8"))["channels"], ProfilesDocument)
    profiles = resolve(document)
    with_output = {name for name, profile in profiles.known.items() if profile.output}
    assert {profile.id for profile in profiles.served} == with_output
    assert profiles.chain("es-MX") == ("es-MX", "es-ES", "en-GB")
