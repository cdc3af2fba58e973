"""Bodies of requests: strict JSON into a struct; what is wrong with one is told with its place."""

from typing import TypeVar

import msgspec

from kb.base.errors import Code, Detail, Invalid
from kb.web.door import Call

T = TypeVar("T")


async def read_body(call: Call, kind: type[T]) -> T:
    """The body as a struct that forbids unknown fields; Invalid for anything else, with a JSON pointer where it can be."""
    try:
        return msgspec.json.decode(await call.body(), type=kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        pointer = place.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise Invalid(problem, errors=(Detail(pointer, Code.INVALID.value, problem),)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Invalid("the body is no well-formed JSON", code=Code.MALFORMED) from error
