"""Schemathesis over the committed contract: whatever is sent, by whomever, the answer is one that the contract promises."""

import json
import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.doors.bank import Bank
from tests.journeys.managed import ANSWER, Managed, managing

CONTRACT = json.loads((Path(__file__).parents[2] / "schema" / "openapi.json").read_text(encoding="utf-8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TRIES = int(os.environ.get("KB_TEST_TRIES", "4"))
"""Requests that fit an operation's schema, and as many that don't; more when somebody has the time."""

LOADED: Any = schemathesis.openapi.from_dict(CONTRACT)
OPERATIONS = {found.ok().label: found.ok() for found in LOADED.get_all_operations()}

ACTORS = (*["program"] * 12, "anonymous", "page", "expert", "forger", "signed out")
"""Who asks: mostly the one who may do everything, so that most requests come to where something is done."""

FORGED = {"Authorization": "Bearer kb_sk_aaaaaaaaaaaa_0000000000000000000000000000000000"}
NAMED = {
    "keys": "key",
    "replacement": "key",
    "or": "key",
    "hashes": "hash",
    "revision": "hash",
    "together": "hash",
    "source": "hash",
    "from": "number",
    "to": "number",
    "base": "number",
    "owner": "person",
    "despite": "schedule",
}
"""Parameters and fields that name a thing by another word than paths do."""

ROLES = [{"role": "legal", "topics": ["cards"]}]
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/channels/{channel}/entries/{key}/fill": {"slots": {}},
    "POST /v1/checks": {"key": "express-card-2", "kind": "answer", "content": ANSWER},
    "POST /v1/entries/{key}/{locale}/restore": {"number": 1},
    "POST /v1/keys": {"kind": "secret", "name": "for a while"},
    "POST /v1/keys/{id}/rotate": {},
    "POST /v1/me/signing-keys": {},
    "POST /v1/people": {"name": "Nora New", "roles": ROLES},
    "POST /v1/people/{person}/suspend": {},
    "POST /v1/people/{person}/reinstate": {},
    "POST /v1/redactions": {"hash": "?", "reason": "it names a customer"},
    "POST /v1/releases": {"hashes": ["?"]},
    "POST /v1/releases/prepare": {"hashes": ["?"]},
    "POST /v1/releases/{release}/rollback": {},
    "POST /v1/retirements": {"key": "delay", "replacement": "refund", "reason": "one is enough"},
    "POST /v1/reviews/{hash}/comments": {"text": "Since when?"},
    "POST /v1/reviews/{hash}/request-changes": {"reason": "It isn't so."},
    "POST /v1/reviews/{hash}/sign": {"role": "legal"},
    "POST /v1/reviews/{hash}/take": {"role": "legal"},
    "POST /v1/reviews/{hash}/hand-back": {"role": "legal"},
    "POST /v1/reviews/{hash}/verify": {"role": "legal"},
    "POST /v1/schedules": {"hashes": ["?"], "at": "2199-01-01T09:00", "zone": "Europe/London"},
    "POST /v1/schedules/{schedule}/cancel": {},
    "PUT /v1/entries/{key}/{locale}": {"content": ANSWER},
    "PUT /v1/people/{person}": {"name": "Nora Newer"},
    "PUT /v1/people/{person}/roles": {"roles": ROLES},
}
"""Bodies with which something is done; every fourth body or so that is made up is as good."""

OF_ANY_ANSWER = frozenset(
    "cache-control content-length content-type cross-origin-opener-policy date referrer-policy server transfer-encoding vary "
    "x-content-type-options content-security-policy".split()
)
"""Headers that have a meaning of their own on the web, whatever the resource."""
OF_PAGES = frozenset({"access-control-allow-origin", "access-control-expose-headers"})


@pytest.fixture(scope="module")
def bank(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """A bank that may be done anything to; nobody's requests are counted."""
    with managing(loaded_bank.copy(tmp_path_factory.mktemp("managed") / "bank")) as bank:
        yield bank


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        kept.trust_env = False
        yield kept


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_every_answer_is_one_that_the_contract_promises(
    bank: Managed, session: requests.Session, label: str, mode: GenerationMode
) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=TRIES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(mode))
        if mode is GenerationMode.POSITIVE:
            name_what_is_there(data, case, bank.names)
        come_as(case, bank, data.draw(st.sampled_from(ACTORS)))
        session.cookies.clear()
        response = case.call(base_url=bank.server.address, session=session)
        case.validate_response(response, checks=CHECKS)
        assert_a_problem_or_a_success(response)
        assert_no_header_is_news(operation, response)

    ask()


def test_nothing_that_was_asked_took_the_program_its_rights(bank: Managed) -> None:
    """Else the requests of the tests here would all have been refused."""
    assert set(bank.program.get("/v1/me")["rights"]) >= {"release", "people", "keys", "redact", "write", "sign"}


def come_as(case: Any, bank: Managed, actor: str) -> None:
    """Show the credential of somebody, or that of nobody, in place of those that were made up."""
    case.cookies = {"__Host-kb-session": "gone"} if actor == "signed out" else {}
    kept = {
        name: value for name, value in (case.headers or {}).items() if name.lower() not in {"authorization", "cookie"}
    }
    shown = {"program": bank.program.headers, "page": bank.page, "expert": bank.expert, "forger": FORGED}
    case.headers = kept | dict(shown.get(actor, {}))


def name_what_is_there(data: st.DataObject, case: Any, names: Mapping[str, tuple[str, ...]]) -> None:
    """Put the names of real things into most of the places that hold a name, and the condition that lets a write pass."""
    for name in case.path_parameters or {}:
        if data.draw(st.integers(0, 9)):
            case.path_parameters[name] = data.draw(st.sampled_from(names[name]))
    if (body := BODIES.get(case.operation.label)) and data.draw(st.booleans()):
        case.body = deepcopy(body)
    for held in (case.query, case.body):
        put_in(data, held, names)
    if "If-Match" in (case.headers or {}) and data.draw(st.booleans()):
        case.headers["If-Match"] = "*"


def put_in(data: st.DataObject, held: Any, names: Mapping[str, tuple[str, ...]]) -> None:
    """The same for a query or a body, field by field."""
    if isinstance(held, list):
        for one in held:
            put_in(data, one, names)
    if not isinstance(held, dict):
        return
    for field, value in held.items():
        known = names.get(NAMED.get(str(field), str(field)), ())
        if known and isinstance(value, str) and data.draw(st.integers(0, 3)):
            held[field] = data.draw(st.sampled_from(known))
        elif known and isinstance(value, list) and data.draw(st.integers(0, 3)):
            held[field] = [data.draw(st.sampled_from(known))]
        else:
            put_in(data, value, names)


def assert_a_problem_or_a_success(response: Response) -> None:
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        problem = json.loads(response.content)
        assert problem["status"] == response.status_code
        assert problem["type"] == f"/problems/{problem['code']}"
    else:
        assert response.status_code in {200, 201, 304}


def assert_no_header_is_news(operation: Any, response: Response) -> None:
    """Whatever an answer tells in its headers stands in the contract."""
    told = CONTRACT["paths"][operation.path][operation.method]["responses"][str(response.status_code)]
    if "$ref" in told:
        told = CONTRACT["components"]["responses"][told["$ref"].rpartition("/")[2]]
    known = {name.lower() for name in told["headers"]} | OF_ANY_ANSWER | OF_PAGES
    assert {name.lower() for name in response.headers} <= known
