"""The OpenAPI 3.1 document, generated from the routes and the types they answer with."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from kb.web.door import Route
from kb.web.problems import Problem

REFERENCE = "#/components/schemas/{name}"

ABOUT = (
    "What a company has approved to say, in the form each channel needs. Every answer here was signed by the people its "
    "policy asks, and is served until it is replaced, withdrawn or lapses. Anonymous readers are served audience public."
)


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The whole document; operations in the order of the routes, schemas by name."""
    types = [kind for route in routes for kind in (route.answer, route.accepts) if kind is not None]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template=REFERENCE)
    by_type = dict(zip(map(repr, [*types, Problem]), schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in routes:
        operations = paths.setdefault(route.path, {})
        for method in route.methods:
            if method != "HEAD":
                operations[method.lower()] = _operation(route, method, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kb",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
        "tags": [
            {"name": "delivery", "description": "Approved texts by channel."},
            {"name": "search", "description": "Finding the approved answer in a customer's own words."},
            {"name": "feed", "description": "What followers read."},
        ],
    }


def _operation(route: Route, method: str, by_type: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route, method),
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": [_path_parameter(name) for name in re.findall(r"\{(\w+)\}", route.path)]
        + [_query_parameter(one) for one in route.parameters],
        "responses": _responses(route, by_type),
    }
    if route.accepts is not None:
        schema = by_type[repr(route.accepts)]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _responses(route: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    schema = by_type[repr(route.answer)] if route.answer is not None else {"type": "string"}
    found: dict[str, Any] = {"200": {"description": route.summary, "content": {route.media: {"schema": schema}}}}
    if route.methods[0] == "GET" and route.revalidates:
        found["304"] = {"description": "The client has these bytes already."}
    problem = {"application/problem+json": {"schema": by_type[repr(Problem)]}}
    for status in (*route.statuses, 405):
        found[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    return dict(sorted(found.items()))


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameter(parameter: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _operation_id(route: Route, method: str) -> str:
    words = re.sub(r"[^a-z]+", " ", route.path.replace("/v1", "").lower()).split()
    return "_".join([method.lower(), *words])
