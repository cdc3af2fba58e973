"""The contract as it is served: every operation exists, and every answer is what it promises."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest

from kb.rest.routes import DELIVERY, ROUTES
from kb.web.door import Route
from tests.doors.bank import Bank
from tests.doors.fixtures import Story
from tests.doors.program import Server
from tests.journeys.managed import Managed, managing

EXAMPLES = {
    "/v1/channels/{channel}/entries/{key}": "/v1/channels/{channel}/entries/card-arrival",
    "/v1/channels/{channel}/entries": "/v1/channels/{channel}/entries?limit=100",
    "/v1/channels/{channel}/lookup": "/v1/channels/{channel}/lookup?key=refund&key=nothing",
    "/v1/channels/{channel}/entries/{key}/explain": "/v1/channels/{channel}/entries/delay/explain",
    "/v1/channels/{channel}/search": "/v1/channels/{channel}/search?q=card",
    "/v1/channels/{channel}/suggest": "/v1/channels/{channel}/suggest?q=wh",
    "/v1/channels/{channel}/match": "/v1/channels/{channel}/match?q=card",
    "/v1/changes": "/v1/changes",
}
NO_SCHEMA = {"/v1/snapshot", "/v1/openapi.json"}
FILL = "/v1/channels/{channel}/entries/{key}/fill"
OPERATIONS = tuple((route, method) for route in ROUTES for method in route.methods if method != "HEAD")
"""Every operation there is: a new one is here by being in the table of contents."""
CHANNELS = ("voice", "chat", "social", "sms", "email", "faq", "agent")


@pytest.fixture(scope="module")
def bank(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """A bank in which something of everything was managed, to add to."""
    with managing(loaded_bank.copy(tmp_path_factory.mktemp("managed") / "bank")) as bank:
        yield bank


def assert_fits(contract: Any, schema: Any, value: Any) -> None:
    """The value is what the schema says, references followed within the contract."""
    whole = {**schema, "components": contract["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def schema_of(contract: Any, path: str, method: str, status: str) -> Any:
    told = contract["paths"][path][method]["responses"][status]
    if "$ref" in told:
        told = contract["components"]["responses"][told["$ref"].rpartition("/")[2]]
    return next(iter(told["content"].values()))["schema"]


def parameters_of(contract: Any, path: str, method: str, where: str) -> set[str]:
    """The names of an operation's parameters in one part of a request."""
    shared = contract["components"]["parameters"]
    listed = contract["paths"][path][method]["parameters"]
    found = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in listed]
    return {one["name"] for one in found if one["in"] == where}


def test_the_contract_names_every_operation_and_no_other(server: Server) -> None:
    contract = server.payload("/v1/openapi.json")
    assert contract["openapi"].startswith("3.1")
    named = {(path, method) for path, operations in contract["paths"].items() for method in operations}
    assert named == {(route.path, method.lower()) for route, method in OPERATIONS}
    ids = [operation["operationId"] for operations in contract["paths"].values() for operation in operations.values()]
    assert len(set(ids)) == len(ids) == len(OPERATIONS)


def test_everything_that_anyone_may_read_is_tried_here() -> None:
    assert {route.path for route in DELIVERY} == {*EXAMPLES, *NO_SCHEMA, FILL}


@pytest.mark.parametrize(("route", "method"), OPERATIONS, ids=lambda value: getattr(value, "path", value))
def test_an_operation_promises_what_stands_before_it(server: Server, route: Route, method: str) -> None:
    """Its credentials, and every refusal that comes before its handler; a request without a credential gets such a one."""
    contract = server.payload("/v1/openapi.json")
    operation = contract["paths"][route.path][method.lower()]
    promised = set(operation["responses"])
    assert {str(route.success), "400", "401", "403", "405", "429", "503"} <= promised
    assert ("404" in promised) or "{" not in route.path
    assert ("requestBody" in operation) is (route.accepts is not None)
    assert route.accepts is None or {"413", "415"} <= promised
    assert ({} in operation["security"]) is (route.access in {"public", "guest"})
    assert operation["tags"][0] in {tag["name"] for tag in contract["tags"]}
    if {} not in operation["security"]:
        refused = server.client.request(method, re.sub(r"\{\w+\}", "0", route.path))
        assert refused.status_code == 401
        assert_fits(contract, schema_of(contract, route.path, method.lower(), "401"), refused.json())


@pytest.mark.parametrize(
    "route", [route for route, _ in OPERATIONS if route.accepts is not None], ids=lambda one: one.path
)
def test_no_body_may_hold_a_field_that_nobody_knows(route: Route) -> None:
    (schema,), components = msgspec.json.schema_components([route.accepts], ref_template="{name}")
    open_ones = [
        name
        for name, one in {**components, "the body": schema}.items()
        if "properties" in one and one.get("additionalProperties") is not False
    ]
    assert open_ones == []


@pytest.mark.parametrize("path", EXAMPLES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_answer_is_what_the_contract_promises(server: Server, path: str, channel: str) -> None:
    contract = server.payload("/v1/openapi.json")
    answer = server.payload(EXAMPLES[path].format(channel=channel))
    assert_fits(contract, schema_of(contract, path, "get", "200"), answer)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_filled_answer_is_what_the_contract_promises(server: Server, channel: str) -> None:
    contract = server.payload("/v1/openapi.json")
    sent = {"slots": {"amount": "12.50 GBP", "due": "2026-11-22"}}
    accepted = contract["paths"][FILL]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert_fits(contract, accepted, sent)
    answer = server.client.post(FILL.format(channel=channel, key="reminder"), json=sent)
    assert_fits(contract, schema_of(contract, FILL, "post", "200"), answer.json())


@pytest.mark.parametrize("path", [*EXAMPLES, "/v1/snapshot"])
def test_every_refusal_is_the_problem_that_the_contract_promises(server: Server, path: str) -> None:
    contract = server.payload("/v1/openapi.json")
    address = path.format(channel="chat", key="refund")
    for status, answer in (("400", server.get(f"{address}?more=1")), ("405", server.client.delete(address))):
        assert answer.status_code == int(status)
        assert_fits(contract, schema_of(contract, path, "get", status), answer.json())


@pytest.mark.parametrize(("route", "method"), OPERATIONS, ids=lambda value: getattr(value, "path", value))
def test_the_parameters_of_the_contract_are_those_that_are_known(bank: Managed, route: Route, method: str) -> None:
    """Whoever may ask is told which parameters there are, when they send one that there isn't."""
    contract = bank.server.payload("/v1/openapi.json")
    refused = asked(bank, route, method, "?more=1")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown-parameter"), refused.text
    told = refused.json()["detail"].partition("known here: ")[2]
    named = parameters_of(contract, route.path, method.lower(), "query")
    assert told == (", ".join(sorted(named)) or "none")


@pytest.mark.parametrize("route", [route for route, method in OPERATIONS if method == "GET"], ids=lambda one: one.path)
def test_whatever_is_read_can_be_asked_about_without_reading_it(bank: Managed, route: Route) -> None:
    """HEAD answers as GET does, with no body (RFC 9110 §9.3.2)."""
    read, looked = asked(bank, route, "GET"), asked(bank, route, "HEAD")
    assert looked.content == b""
    assert looked.status_code == read.status_code
    assert looked.headers["content-type"] == read.headers["content-type"]
    assert looked.headers.get("content-length") == read.headers.get("content-length")


@pytest.mark.parametrize("path", sorted({route.path for route, _ in OPERATIONS}))
def test_a_method_that_is_not_answered_is_told_those_that_are(server: Server, path: str) -> None:
    contract = server.payload("/v1/openapi.json")
    methods = {method.upper() for method in contract["paths"][path]}
    answered = methods | ({"HEAD"} if "GET" in methods else set())
    for method in ("OPTIONS", "PATCH", "TRACE"):
        refused = server.client.request(method, re.sub(r"\{\w+\}", "0", path))
        assert refused.status_code == 405
        assert set(refused.headers["allow"].split(", ")) == answered
        assert_fits(contract, schema_of(contract, path, min(methods).lower(), "405"), refused.json())


MADE: dict[str, Any] = {
    "/v1/people": {"name": "Nora New"},
    "/v1/keys": {"kind": "secret", "name": "for an hour"},
    "/v1/entries": {"key": "card.nothing", "kind": "fact", "content": {"title": "N", "topic": "cards", "owner": "team-cards",
                                                                      "fact": {"type": "integer", "value": 7}}},
}  # fmt: skip


@pytest.mark.parametrize("path", MADE)
def test_the_address_of_what_was_made_leads_to_it(bank: Managed, path: str) -> None:
    made = bank.program.ask("POST", path, MADE[path])
    assert made.status_code == 201, made.text
    body = made.json()
    assert bank.program.get(made.headers["location"]) in (body, body.get("key"))


def test_whoever_changes_what_has_changed_is_led_to_the_differences(bank: Managed) -> None:
    place = "/v1/entries/coming-soon/en-GB"
    first = bank.program.ask("GET", place)
    bank.program.edited("coming-soon", "en-GB", title="The autumn offer")
    stale = bank.program.ask("PUT", place, {"content": first.json()["content"]}, if_match=first.headers["etag"])
    assert stale.status_code == 412
    assert stale.headers["etag"] == bank.program.ask("GET", place).headers["etag"]
    assert stale.headers["link"] == f'<{stale.json()["diff"]}>; rel="diff"'
    assert "The autumn offer" in str(bank.program.get(stale.json()["diff"]))


def asked(bank: Managed, route: Route, method: str, query: str = "") -> httpx.Response:
    """An operation on things that are there, as somebody who may ask for it."""
    path = route.path.format(**{name: known[0] for name, known in bank.names.items()})
    known = {"invited": bank.expert, "guest": {}}
    headers = known.get(route.access, bank.program.headers)
    return bank.server.client.request(method, path + query, headers=headers)


def test_the_offline_page_of_the_contract_has_all_it_needs(server: Server, story: Story) -> None:
    page = server.get("/docs").text
    assert "/v1/openapi.json" in server.get("/docs/start.js").text
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/docs/{name}" in page
        assert server.get(f"/docs/{name}").status_code == 200
