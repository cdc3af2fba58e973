"""Plain values as YAML that people like to read and that `yaml_values` reads back exactly."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[^\W\d_][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff:#,\[\]{}]*\Z")
"""A text that needs no quotes: begins with a letter, holds nothing that means something to YAML."""
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What some reader of YAML, if not ours, takes for something other than text."""
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LITERAL = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff][^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*\Z"
)
_FLOW_WIDTH = 110


def block(values: Mapping[str, Any], indent: int = 0) -> str:
    """A mapping, one field a line; small mappings inside lists stay on one line. Ends with a line break."""
    return "".join(f"{line}\n" for line in _mapping(values, " " * indent))


def flow(value: Any) -> str:
    """A value on one line: `{label: Talk to us, to: handover}`."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A text, number, truth value or nothing; text that could be taken for something else is quoted."""
    if isinstance(value, str):
        if _PLAIN.match(value) and not value.endswith(" ") and value.lower() not in _WORDS:
            return value
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    return json.dumps(value)


def _mapping(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        yield from _field(f"{indent}{_key(key)}:", value, indent)


def _field(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        inline = flow(value)
        if _is_small(value) and len(start) + len(inline) < _FLOW_WIDTH:
            yield f"{start} {inline}"
        else:
            yield start
            yield from _mapping(value, f"{indent}  ")
    elif isinstance(value, list | tuple) and value:
        yield start
        for item in value:
            yield from _item(item, f"{indent}  ")
    elif isinstance(value, str) and "\n" in value and _LITERAL.match(value) and not value.endswith("\n"):
        yield f"{start} |-"
        yield from (f"{indent}  {line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{start} {flow(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:
    inline = flow(item)
    if (
        isinstance(item, Mapping)
        and item
        and "\n" not in inline
        and not (_is_small(item) or len(inline) < 2 * _FLOW_WIDTH)
    ):
        first, *rest = _mapping(item, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from rest
    else:
        yield f"{indent}- {inline}"


def _is_small(values: Mapping[str, Any]) -> bool:
    return len(values) <= 4 and not any(isinstance(value, Mapping | list | tuple) for value in values.values())


def _key(key: str) -> str:
    return scalar(key)
