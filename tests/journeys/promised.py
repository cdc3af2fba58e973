"""Whether an answer is one that the committed contract promises: its status, its headers, its media type and its shape."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schema" / "openapi.json").read_text(encoding="utf-8")
)
PATHS: list[str] = sorted(CONTRACT["paths"], key=lambda path: [segment.startswith("{") for segment in path.split("/")])
"""Those that spell more out before those that fit more, as the program finds them."""


def assert_promised(answer: httpx.Response) -> None:
    """Every answer to a request under /v1 is one of those that its operation has in the contract."""
    path, method = answer.request.url.path, answer.request.method.lower()
    if method == "head":
        return
    template = template_of(path)
    promised = CONTRACT["paths"][template][method]["responses"]
    assert str(answer.status_code) in promised, (method, template, answer.status_code, answer.text)
    told = told_by(template, method, str(answer.status_code))
    for name in told["headers"]:
        required = CONTRACT["components"]["headers"][name]["required"]
        assert name.lower() in answer.headers or not required, (method, template, answer.status_code, name)
    if "content" in told:
        media = answer.headers["content-type"].split(";")[0]
        assert media in told["content"], (method, template, media)
        if media in {"application/json", "application/problem+json"}:
            errors = validator(template, method, str(answer.status_code), media).iter_errors(answer.json())
            assert [error.message for error in errors] == [], (method, template, answer.text)


@lru_cache
def template_of(path: str) -> str:
    """The path of the contract that a path is one of."""
    found = [one for one in PATHS if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.replace(".", r"\.")), path)]
    assert found, path
    return found[0]


def told_by(template: str, method: str, status: str) -> Any:
    """What the contract says of one answer."""
    told = CONTRACT["paths"][template][method]["responses"][status]
    return CONTRACT["components"]["responses"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told


@lru_cache
def validator(template: str, method: str, status: str, media: str) -> Draft202012Validator:
    schema = told_by(template, method, status)["content"][media]["schema"]
    return Draft202012Validator({**schema, "components": CONTRACT["components"]})
