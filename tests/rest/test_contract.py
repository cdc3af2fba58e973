"""The contract as it is served: every operation exists, and every answer is what it promises."""

from typing import Any

import jsonschema
import pytest

from tests.doors.fixtures import Story
from tests.doors.program import Server

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
CHANNELS = ("voice", "chat", "social", "sms", "email", "faq", "agent")


def assert_fits(contract: Any, schema: Any, value: Any) -> None:
    """The value is what the schema says, references followed within the contract."""
    whole = {**schema, "components": contract["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def schema_of(contract: Any, path: str, method: str, status: str) -> Any:
    (content,) = contract["paths"][path][method]["responses"][status]["content"].values()
    return content["schema"]


def test_the_contract_names_every_operation_tried_here_and_no_other(server: Server) -> None:
    contract = server.payload("/v1/openapi.json")
    assert contract["openapi"].startswith("3.1")
    assert set(contract["paths"]) == {*EXAMPLES, *NO_SCHEMA, FILL}


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


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_parameters_of_the_contract_are_those_that_are_known(server: Server, path: str) -> None:
    contract = server.payload("/v1/openapi.json")
    named = {one["name"] for one in contract["paths"][path]["get"]["parameters"] if one["in"] == "query"}
    refused = server.get(f"{path.format(channel='chat', key='refund')}?more=1").json()["detail"]
    assert set(refused.partition("known here: ")[2].split(", ")) == named


def test_the_offline_page_of_the_contract_has_all_it_needs(server: Server, story: Story) -> None:
    page = server.get("/docs").text
    assert "/v1/openapi.json" in server.get("/docs/start.js").text
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/docs/{name}" in page
        assert server.get(f"/docs/{name}").status_code == 200
