"""Change a fact once, have it signed, load it: every channel says the new thing at one position, and not before."""

from collections.abc import Iterator

import msgspec
import pytest

from kb.accounts.types import Role, RoleGrant
from kb.files.sign import new_signer
from tests.doors.bank import Bank, signer
from tests.doors.program import Server, done, kb, serving
from tests.journeys.watching import Change, Place, everything, indexed, position, what_changed


@pytest.fixture
def server(bank: Bank) -> Iterator[Server]:
    """A server that runs all the while: what commands do beside it shows at once."""
    with serving("serve", "--home", bank.home) as server:
        yield server


FEE = {("card-fee", "en-GB"), ("card-fee", "es-ES")}
REFUND = {(key, locale) for key in ("refund", "refund-time") for locale in ("en-GB", "es-ES")}


def signed(bank: Bank, key: str, role: str, file: object) -> None:
    done("content", "sign", key, "--role", role, "--signer", str(file), "--content", bank.content)


def test_nothing_is_served_differently_until_the_right_people_have_signed(bank: Bank, server: Server) -> None:
    before = everything(server)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')

    report = bank.loaded()
    (waiting,) = [one for one in report["entries"] if one["key"] == "card.fee"]
    assert (waiting["state"], waiting["missing"]) == ("in_review", {"author": 1, "product": 1})
    assert everything(server) == before

    signed(bank, "card.fee", "author", bank.signer_file("p-ana"))
    assert bank.loaded()["counts"]["released"] == 0
    assert everything(server) == before

    signed(bank, "card.fee", "product", bank.signer_file("p-pia"))
    assert bank.loaded()["counts"]["released"] == 1
    assert everything(server) != before


def test_a_signature_made_with_another_key_changes_nothing(bank: Bank, server: Server) -> None:
    before = everything(server)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    signed(bank, "card.fee", "author", bank.signer_file("p-ana"))
    for name in ("p-pia", "p-stranger"):  # one takes a trusted person's name, one nobody has heard of
        forged = new_signer(name, [RoleGrant(Role.PRODUCT)])
        assert forged.public_key != signer("p-pia").public_key
        file = bank.place / "forged.json"
        file.write_bytes(msgspec.json.encode(forged))
        signed(bank, "card.fee", "product", file)
    ran = bank.load("--json")
    assert ran.code == 3
    assert {refusal["by"] for refusal in ran.json["refusals"]} == {"p-pia", "p-stranger"}
    assert ran.json["counts"]["released"] == 0
    assert everything(server) == before


def test_a_signature_of_an_older_text_changes_nothing(bank: Bank, server: Server) -> None:
    before = everything(server)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    bank.edit("facts/cards.yaml", '"6.00"', '"7.00"')
    assert bank.loaded()["counts"]["released"] == 0
    assert everything(server) == before


@pytest.mark.parametrize(
    ("fact", "old", "new", "dependents"),
    [
        ("card.fee", 'amount: "5.00"', 'amount: "6.00"', FEE),
        ("refund.window", "low: 14, unit: days", "low: 10, unit: days", REFUND),  # through a claim
    ],
)
def test_every_dependent_changes_in_all_channels_at_one_position_and_nothing_else_does(
    bank: Bank, server: Server, fact: str, old: str, new: str, dependents: set[tuple[str, str]]
) -> None:
    before, stood = everything(server), position(server)
    bank.edit("facts/cards.yaml", old, new)
    bank.sign(fact)
    released = bank.loaded()["position"]
    after = everything(server)

    changed = {place for place in after if after[place] != before[place]}
    assert set(after) == set(before)
    assert {(key, locale) for key, _, _, locale in changed} == dependents
    assert len(changed) == len(dependents) * 10  # every profile that is served
    for place in changed:
        assert after[place].position == released > stood
        assert after[place].facts[fact] > before[place].facts[fact]
    assert what_changed(server, stood) == {Change(released, "released", place) for place in changed}
    assert bank.loaded()["counts"]["released"] == 0
    assert everything(server) == after


def test_the_former_position_still_gives_the_former_text_byte_for_byte(bank: Bank, server: Server) -> None:
    before, stood = everything(server), position(server)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    bank.loaded()
    assert position(server) > stood
    for place, rendition in before.items():
        assert said_at(server, place, stood) == rendition.body, place


def test_two_facts_signed_together_go_live_together(bank: Bank, server: Server) -> None:
    stood = position(server)
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.edit("facts/cards.yaml", "low: 14, unit: days", "low: 10, unit: days")
    bank.sign("card.fee", "refund.window")
    report = bank.loaded()
    assert report["counts"]["released"] == 2
    assert {change.position for change in what_changed(server, stood)} == {report["position"]}
    assert {change.place[0] for change in what_changed(server, stood)} == {"card-fee", "refund", "refund-time"}


def test_search_finds_the_new_words_and_shows_them(bank: Bank, server: Server) -> None:
    bank.edit("answers/card-fee.en-GB.md", "phrasings:\n", "phrasings:\n  - how dear is plastic\n")
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card-fee", "card.fee")
    released = bank.loaded()["position"]
    assert indexed(server, released)
    found = server.payload("/v1/channels/sms/match?q=how+dear+is+plastic")
    assert (found["outcome"], found["answer"]["key"]) == ("answered", "card-fee")
    assert "£6" in found["answer"]["text"]


def test_an_older_file_never_brings_an_older_text_back(bank: Bank, server: Server) -> None:
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    bank.loaded()
    after = everything(server)
    bank.edit("facts/cards.yaml", '"6.00"', '"5.00"')
    ran = bank.load("--json")
    (told,) = [one for one in ran.json["entries"] if one["key"] == "card.fee"]
    assert told["outcome"] == "seen-before"
    assert everything(server) == after


def said_at(server: Server, place: Place, stood: int) -> bytes:
    key, channel, profile, locale = place
    query = f"profile={profile}&locale={locale}&as_of={stood}"
    return server.get(f"/v1/channels/{channel}/entries/{key}?{query}").content


def test_the_journal_of_all_this_verifies(bank: Bank) -> None:
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    bank.loaded()
    assert kb("audit", "verify", "--home", bank.home).code == 0
