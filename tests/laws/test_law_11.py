"""Law 11: rows never leave a room, frozen structs do; rules are pure, with time and ids passed in."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import sqlalchemy as sa

import kb

ROOT = Path(kb.__file__).parent
ROOMS = ("accounts", "channels", "delivery", "entries", "files", "release", "review", "search")
PURE = ("types", "rules", "policy", "changes", "gate", "inputs", "choices", "merkle", "texts", "translation", "plan")
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "uuid4", "token_hex", "random", "choice", "shuffle"}

"""What reads the machine's clock or throws its dice."""

RULES = sorted(
    str(path.relative_to(ROOT))
    for room in ROOMS
    for path in (ROOT / room).glob("*.py")
    if path.stem in PURE or room == "channels"
)


def modules(*rooms: str) -> Iterator[ModuleType]:
    for room in rooms:
        package = importlib.import_module(f"kb.{room}")
        for found in pkgutil.iter_modules(package.__path__, f"kb.{room}."):
            yield importlib.import_module(found.name)


def own(module: ModuleType) -> Iterator[tuple[str, object]]:
    return ((name, one) for name, one in vars(module).items() if getattr(one, "__module__", "") == module.__name__)


def imported_outside(room: str) -> set[str]:
    """Every module and every name of a room that something outside it imports."""
    found = set()
    for path in ROOT.rglob("*.py"):
        if ROOT / room not in path.parents:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"kb.{room}"):
                    found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_word_of_a_room_is_a_frozen_struct(room: str) -> None:
    words = importlib.import_module(f"kb.{room}.types")
    structs = [one for _, one in own(words) if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    assert structs
    assert [one.__name__ for one in structs if not one.__struct_config__.frozen] == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "channels"])
def test_no_public_function_of_a_room_returns_a_row(room: str) -> None:
    known_outside = imported_outside(room)
    for module in modules(room):
        for name, one in own(module):
            known = {f"{module.__name__}.{name}", module.__name__} & known_outside
            if inspect.isfunction(one) and known and not name.startswith("_"):
                returned = str(inspect.signature(one).return_annotation)
                where = f"{module.__name__}.{name} → {returned}"
                assert "sqlalchemy" not in returned, where
                assert "Sequence[typing.Any]" not in returned, where


def test_no_struct_that_leaves_a_room_holds_a_row() -> None:
    for module in modules(*ROOMS):
        for name, one in own(module):
            if isinstance(one, type) and issubclass(one, msgspec.Struct):
                held = [field.type for field in msgspec.structs.fields(one)]
                assert not [kind for kind in held if isinstance(kind, type) and issubclass(kind, sa.Row)], name


@pytest.mark.parametrize("path", RULES)
def test_rules_read_no_clock_and_throw_no_dice(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [one.attr for one in called if isinstance(one, ast.Attribute) and one.attr in CLOCKS]
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not imported & {"time", "random", "secrets", "uuid"}


@pytest.mark.parametrize("path", [path for path in RULES if not path.endswith("types.py")])
def test_rules_wait_for_nothing(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
