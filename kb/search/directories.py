"""Where an index on disk lives: a directory per schema and build, a pointer to the live one, and no leftovers."""

import os
import re
import shutil
from pathlib import Path

POINTER = "live"
BUILD = re.compile(r"[0-9a-f]{12}-[0-9]+")


def live(root: Path, schema: str) -> Path | None:
    """The directory in use, None where there is none or another schema made it."""
    try:
        name = (root / POINTER).read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    directory = root / name
    return directory if name.startswith(f"{schema}-") and BUILD.fullmatch(name) and directory.is_dir() else None


def make(root: Path, schema: str) -> Path:
    """A new, empty directory beside the live one; nobody reads it until `point` says so."""
    root.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        directory = root / f"{schema}-{number}"
        try:
            directory.mkdir()
        except FileExistsError:
            number += 1
        else:
            return directory


def point(root: Path, directory: Path) -> None:
    """Make a directory the live one: durable and in one step, so that a crash leaves the old one or the new one."""
    beside = root / f"{POINTER}.new"
    with beside.open("w") as file:
        file.write(directory.name)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(root / POINTER)


def sweep(root: Path, directory: Path) -> None:
    """Remove what crashes left: the engine's `.tmp` files in the live directory, and every other build beside it.

    Only whoever holds the writer's lock on the live directory may do this.
    """
    for leftover in directory.glob(".tmp*"):
        leftover.unlink(missing_ok=True)
    for other in root.iterdir():
        if other != directory and other.is_dir() and BUILD.fullmatch(other.name):
            shutil.rmtree(other, ignore_errors=True)
