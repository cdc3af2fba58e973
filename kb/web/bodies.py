"""Bodies of requests: strict JSON into a struct; what is wrong with one is told with its place and what to do."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

import msgspec

from kb.base.errors import Code, Detail, Invalid
from kb.web.door import BODY_BYTES, Call

T = TypeVar("T")

DEEPEST = 32
"""How many objects and arrays may stand in each other."""
SURROGATE = re.compile("[\ud800-\udfff]")
NOT_JSON = "the body is no well-formed JSON: send one JSON value in UTF-8"
TOO_DEEP = f"the body is nested more than {DEEPEST} deep: flatten it"


async def read_body(call: Call, kind: type[T]) -> T:
    """The body as a struct that forbids unknown fields; Invalid for anything else, with a JSON pointer where it can be."""
    body = await call.body()
    if len(body) > BODY_BYTES:  # which would keep other requests waiting
        return await asyncio.to_thread(decoded, body, kind)
    return decoded(body, kind)


def decoded(body: bytes, kind: type[T]) -> T:
    """Bytes of JSON as a struct: each name once, no text that can't be stored, nothing deeper than `DEEPEST`."""
    check_strict(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        pointer = place.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise _wrong(pointer, f"{problem}: look at the contract for what stands here", Code.INVALID) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Invalid(NOT_JSON, code=Code.MALFORMED) from error


def check_strict(body: bytes) -> None:
    """Raise Invalid for what lenient readers let pass, and would each read in a way of their own (RFC 8259 §4, §8.2)."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_Object, parse_constant=_refuse)
    except RecursionError as error:
        raise Invalid(TOO_DEEP, code=Code.MALFORMED) from error
    except ValueError as error:
        raise Invalid(NOT_JSON, code=Code.MALFORMED) from error
    for place, depth, found in _walk(value):
        if depth > DEEPEST:
            raise Invalid(TOO_DEEP, code=Code.MALFORMED)
        if isinstance(found, str) and ("\x00" in found or (not found.isascii() and SURROGATE.search(found))):
            message = "a text here holds a NUL or half a surrogate pair: leave it out"
            raise _wrong(_pointer(place), message, Code.MALFORMED)
        if isinstance(found, _Object) and (name := found.repeated()) is not None:
            raise _wrong(_pointer((place, name)), "this name is given twice: give it once", Code.MALFORMED)


class _Object(list[tuple[str, Any]]):
    """An object as it was written: names in order, with their repetitions."""

    def repeated(self) -> str | None:
        seen: set[str] = set()
        for name, _ in self:
            if name in seen:
                return name
            seen.add(name)
        return None


Place = tuple[Any, str | int] | None
"""Where a value stands: the place of what holds it, and its name or index there; None is the whole."""


def _walk(value: Any) -> Iterator[tuple[Place, int, Any]]:
    """Every value and every name with its place and its depth; not recursive, so of any depth.

    A place is no text before it is told: a long name over many values would be written out once for each of them.
    """
    waiting: list[tuple[Place, int, Any]] = [(None, 0, value)]
    while waiting:
        place, depth, found = waiting.pop()
        nested = depth + isinstance(found, list)
        yield place, nested, found
        if isinstance(found, _Object):
            for name, inner in found:
                yield (place, name), nested, name
                waiting.append(((place, name), nested, inner))
        elif isinstance(found, list):
            waiting.extend(((place, index), nested, inner) for index, inner in enumerate(found))


def _pointer(place: Place) -> str:
    """A place as a JSON pointer (RFC 6901)."""
    parts: list[str] = []
    while place is not None:
        place, part = place
        parts.append(f"/{_escaped(str(part))}")
    return "".join(reversed(parts))


def _escaped(name: str) -> str:
    """A name as it stands in a JSON pointer, fit to be told."""
    return SURROGATE.sub("\ufffd", name).replace("~", "~0").replace("/", "~1")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _wrong(pointer: str, message: str, code: Code) -> Invalid:
    return Invalid(message, code=code, errors=(Detail(pointer, code.value, message),))
