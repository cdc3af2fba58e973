"""Rules of taste, checked: sizes, names, docstrings, imports, and what may never be committed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import kb
from kb.base.errors import Code
from kb.settings import DESCRIPTIONS, Settings, load
from kb.web.problems import MEANINGS

ROOT = Path(__file__).parents[1]
PROGRAM = sorted((ROOT / "kb").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERYTHING = [*PROGRAM, *TESTS]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "services", "core", "misc"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_file_is_longer_than_the_wall() -> None:
    long = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in EVERYTHING}
    assert names([path for path, lines in long.items() if lines > LONGEST_FILE]) == []


def test_no_function_of_the_program_is_longer_than_the_wall() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in PROGRAM
        if path.parent.name != "versions"
        for function in functions(tree_of(path))
        if function.end_lineno is not None and function.end_lineno - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in EVERYTHING
        for function in functions(tree_of(path))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_nothing_is_imported_for_the_type_checker_alone() -> None:
    mark = "TYPE_" + "CHECKING"
    assert names([path for path in EVERYTHING if mark in path.read_text(encoding="utf-8")]) == []


def test_every_module_says_in_a_sentence_what_it_is_for() -> None:
    silent = []
    for path in PROGRAM:
        text = path.read_text(encoding="utf-8")
        first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]
        if text.strip() and not re.search(r"[.:]$", first):
            silent.append(path)
    assert names(silent) == []


def test_file_names_say_what_is_in_them() -> None:
    modules = [path for path in PROGRAM if path.stem != "__init__"]
    assert names([path for path in modules if path.stem in EMPTY_NAMES]) == []


def test_test_names_are_sentences() -> None:
    short = [
        f"{path.relative_to(ROOT)} {function.name}"
        for path in TESTS
        for function in functions(tree_of(path))
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]
    assert short == []


def test_no_promise_is_left_in_the_code() -> None:
    mark = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
    assert names([path for path in EVERYTHING if mark.search(path.read_text(encoding="utf-8"))]) == []


# ---- what may never be committed -------------------------------------------------------------------------------------

REGISTRIES = (
    "pypi" + ".org",
    "files.python" + "hosted",
    "py" + "pi.python",
    "npm" + "js.org",
    "registry" + ".npm",
    "docker" + ".io",
)
MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tm" + "p/", "/Us" + "ers/")


def committed() -> list[Path]:
    """Every text file that git holds or would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this copy is no clone: git can't say what it holds")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("marks", [REGISTRIES, MACHINE], ids=["registries", "machines"])
def test_nothing_committed_names_a_registry_or_a_machine(marks: tuple[str, ...]) -> None:
    pattern = re.compile("|".join(re.escape(mark) for mark in marks), re.IGNORECASE)
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if match := pattern.search(text):
            found.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert found == []


# ---- lists that must be complete -------------------------------------------------------------------------------------


def test_every_error_code_has_its_meaning() -> None:
    assert set(MEANINGS) == set(Code)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_every_setting_is_described_and_read_from_the_environment() -> None:
    fields = [field.name for field in msgspec.structs.fields(Settings)]
    assert list(DESCRIPTIONS) == fields
    given = {"port": "9000", "max_stale": "2.5", "allowed_hosts": "a,b", "home": "elsewhere", "host": "::1"}
    read = load({f"KB_{name.upper()}": value for name, value in given.items()})
    assert (read.port, read.max_stale, read.allowed_hosts, str(read.home)) == (9000, 2.5, ("a", "b"), "elsewhere")
    assert load({"KB_PORT": "9000"}, port=8000).port == 8000


def test_the_command_line_starts_without_the_database_or_the_web(tmp_path: Path) -> None:
    """Help and errors of use must come at once: commands import what they need when they run."""
    script = "import sys, kb.cli.root; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    loaded = set(ran.stdout.split())
    assert "click" in loaded
    assert not loaded & {"sqlalchemy", "litestar", "alembic", "tantivy", "cryptography", "uvicorn"}


def test_the_version_is_the_one_of_the_distribution() -> None:
    stated = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert stated is not None
    assert kb.__version__ == stated[1]
