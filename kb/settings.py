"""Settings: one frozen struct, read from the environment once, never at import."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from kb.base.errors import Invalid


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting; the environment's name is `KB_` and the field's name in capitals, a flag of the same name wins."""

    home: Path = Path("var")
    database_url: str = ""
    search: str = "embedded"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    allowed_hosts: tuple[str, ...] = ()
    trust_file: Path | None = None
    max_stale: Annotated[float, msgspec.Meta(ge=0)] = 1.0

    @property
    def database(self) -> str:
        """The URL in use: the given one, else SQLite in the home."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home.absolute() / 'kb.db'}"


DESCRIPTIONS = {
    "home": "where everything is kept on the embedded default",
    "database_url": "SQLAlchemy URL of the database; empty is SQLite in the home",
    "search": "the search engine: embedded",
    "host": "address to listen on",
    "port": "port to listen on",
    "allowed_hosts": "host names answered, separated by commas; empty answers all",
    "trust_file": "JSON Lines of the people whose sign-offs count, outside the content folder",
    "max_stale": "seconds without the journal's head after which a node answers 503",
}
"""One line per setting; the generated page and `--help` are made of it, and a test holds it complete."""


def load(environment: Mapping[str, str], **flags: object) -> Settings:
    """Settings from `KB_…` variables with flags (None is not given) above them; Invalid names the one that is wrong."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        raw = environment.get(f"KB_{field.name.upper()}")
        if raw:
            values[field.name] = tuple(raw.split(",")) if field.name == "allowed_hosts" else raw
    values.update({name: value for name, value in flags.items() if value is not None})
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        problem, _, name = str(error).partition(" - at `$.")
        setting = f"KB_{name.rstrip('`').upper()}" if name else "a setting"
        raise Invalid(f"{setting} is wrong: {problem}; the help of each command says what it takes") from error


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    raise TypeError(f"{value!r} is no {kind.__name__}")
