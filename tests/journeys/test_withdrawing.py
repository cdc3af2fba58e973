"""Withdrawn means withdrawn: by one command, with everything that leans on it, and nothing but a release brings it back."""

from collections.abc import Iterator

import pytest

from tests.doors.bank import Bank
from tests.doors.program import Server, kb, serving
from tests.journeys.watching import Change, Place, Rendition, everything, indexed, position, what_changed

CLAIM = {("refund-time", "en-GB"), ("refund-time", "es-ES")}
LEANING = {("refund", "en-GB"), ("refund", "es-ES")}


@pytest.fixture
def server(bank: Bank) -> Iterator[Server]:
    with serving("serve", "--home", bank.home) as server:
        yield server


def withdraw(bank: Bank, *keys: str) -> int:
    """`kb release withdraw`; the position it happened at."""
    return int(bank.run("release", "withdraw", *keys, "--yes", "--json").json["position"])


def of(renditions: dict[Place, Rendition], entries: set[tuple[str, str]]) -> set[Place]:
    return {place for place in renditions if (place[0], place[3]) in entries}


def test_a_claim_goes_with_all_that_leans_on_it_at_one_position(bank: Bank, server: Server) -> None:
    before, stood = everything(server), position(server)
    withdrawn = withdraw(bank, "refund-time")
    after = everything(server)

    gone = before.keys() - after.keys()
    assert gone == of(before, CLAIM | LEANING)
    assert all(after[place] == before[place] for place in after)
    assert what_changed(server, stood) == {
        *(Change(withdrawn, "withdrawn", place) for place in of(before, CLAIM)),
        *(Change(withdrawn, "suspended", place) for place in of(before, LEANING)),
    }
    for key, channel, profile, locale in gone:
        assert server.get(f"/v1/channels/{channel}/entries/{key}?profile={profile}&locale={locale}").status_code == 404


def test_what_would_go_is_told_before_it_goes(bank: Bank, server: Server) -> None:
    before, stood = everything(server), position(server)
    told = bank.run("release", "withdraw", "refund-time", "--dry-run", "--json").json
    assert {tuple(one) for one in told["withdrawn"]} == CLAIM
    assert {tuple(one) for one in told["suspended"]} == LEANING
    asked = kb("release", "withdraw", "refund-time", "--home", bank.home, typed="n\n")
    assert "suspended with it: refund (en-GB)" in asked.out
    assert (everything(server), position(server)) == (before, stood)
    kb("release", "withdraw", "refund-time", "--home", bank.home, typed="y\n")
    assert everything(server) != before


def test_a_fact_goes_with_all_that_says_it(bank: Bank, server: Server) -> None:
    before = everything(server)
    withdraw(bank, "refund.window")
    assert before.keys() - everything(server).keys() == of(before, CLAIM | LEANING)


def test_a_disclosure_goes_with_what_may_not_be_said_without_it(bank: Bank, server: Server) -> None:
    withdraw(bank, "capital-risk")
    live = {key for key, _, _, _ in everything(server)}
    assert not live & {"capital-risk", "invest"}


def test_neither_loading_the_unchanged_files_nor_starting_again_brings_it_back(bank: Bank) -> None:
    withdrawn = withdraw(bank, "refund-time")
    with serving("serve", "--home", bank.home) as server:
        after = everything(server)
        assert bank.loaded()["counts"]["released"] == 0
        assert (everything(server), position(server)) == (after, withdrawn)
    arguments = ("up", "--home", bank.home, "--content", bank.content, "--no-open")
    for _ in range(2):
        with serving(*arguments, KB_TRUST_FILE=str(bank.trust)) as server:
            assert (everything(server), position(server)) == (after, withdrawn)
            assert server.get("/v1/channels/chat/entries/refund").status_code == 404


def test_signing_the_withdrawn_text_once_more_does_not_bring_it_back(bank: Bank, server: Server) -> None:
    withdraw(bank, "refund-time")
    after = everything(server)
    for path in (bank.content / "signoffs").glob("refund*"):
        path.unlink()
    bank.sign()
    bank.loaded()
    assert everything(server) == after


@pytest.mark.parametrize("door", ["search", "suggest", "match"])
def test_search_stops_finding_it_in_the_very_moment(bank: Bank, server: Server, door: str) -> None:
    question = {"search": "missing refund", "suggest": "my refund is", "match": "my refund is missing"}[door]
    path = f"/v1/channels/chat/{door}"
    assert indexed(server, position(server))
    assert "refund" in server.client.get(path, params={"q": question}).text
    withdraw(bank, "refund-time")
    found = server.client.get(path, params={"q": question})
    assert found.status_code == 200
    assert '"refund"' not in found.text
    assert "money back" not in found.text
    assert "my refund is missing" not in found.text
    if door == "search":
        assert found.json()["total"] == len(found.json()["hits"])


def test_a_new_signed_text_of_the_claim_reopens_what_leaned_on_it(bank: Bank, server: Server) -> None:
    before, stood = everything(server), position(server)
    withdraw(bank, "refund-time")
    bank.edit("claims/refund-time.en-GB.md", "You get your money back", "You have your money back")
    bank.edit("claims/refund-time.es-ES.md", "Recibes tu dinero", "Tienes tu dinero")
    bank.pin()
    bank.sign("refund-time")
    report = bank.loaded()
    after = everything(server)
    assert after.keys() == before.keys()
    changed = {place for place in after if after[place] != before[place]}
    assert changed == of(before, CLAIM | LEANING)
    assert {after[place].position for place in changed} == {report["position"]}
    reopened = {change for change in what_changed(server, stood) if change.position == report["position"]}
    assert reopened == {Change(report["position"], "released", place) for place in changed}


def test_other_entries_can_be_changed_while_something_is_withdrawn(bank: Bank, server: Server) -> None:
    withdraw(bank, "refund-time")
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.edit("facts/cards.yaml", "low: 14, unit: days", "low: 10, unit: days")
    bank.sign("card.fee", "refund.window")
    bank.loaded()
    live = everything(server)
    assert not of(live, CLAIM | LEANING)
    assert {live[place].facts["card.fee"] for place in live if place[0] == "card-fee"} == {2}


def test_what_is_gone_can_not_be_withdrawn_again(bank: Bank) -> None:
    withdraw(bank, "refund-time")
    for key in ("refund-time", "no-such-thing", "coming-soon"):
        ran = kb("release", "withdraw", key, "--yes", "--home", bank.home)
        assert ran.code == 4
        assert key in ran.err


def test_what_was_withdrawn_while_it_was_suspended_is_not_reopened(bank: Bank, server: Server) -> None:
    withdraw(bank, "refund-time")
    withdraw(bank, "refund")
    bank.edit("claims/refund-time.en-GB.md", "You get your money back", "You have your money back")
    bank.sign("refund-time")
    assert bank.loaded()["counts"]["released"] == 1
    live = everything(server)
    assert of(live, {("refund-time", "en-GB")})
    assert not of(live, LEANING)
