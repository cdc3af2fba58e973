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
    base_url: str = ""
    secret_file: Path | None = None
    checkpoint_file: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 600
    sign_in_limit: Annotated[int, msgspec.Meta(ge=0)] = 20
    keep_answers: Annotated[int, msgspec.Meta(ge=1)] = 24
    keep_sessions: Annotated[int, msgspec.Meta(ge=1)] = 30
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None

    @property
    def database(self) -> str:
        """The URL in use: the given one, else SQLite in the home."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home.absolute() / 'kb.db'}"

    @property
    def secret(self) -> Path:
        """The file whose secret seals what the server keeps for people: the given one, else one in the home."""
        return self.secret_file or self.home / "secret"

    @property
    def checkpoints(self) -> Path:
        """The file that signed checkpoints are added to: the given one, else one in the home."""
        return self.checkpoint_file or self.home / "checkpoints.jsonl"


DESCRIPTIONS = {
    "home": "where everything is kept on the embedded default",
    "database_url": "SQLAlchemy URL of the database; empty is SQLite in the home",
    "search": "the search engine: embedded",
    "host": "address to listen on",
    "port": "port to listen on",
    "allowed_hosts": "host names answered, separated by commas; empty answers all",
    "trust_file": "JSON Lines of the people whose sign-offs count, outside the content folder",
    "max_stale": "seconds without the journal's head after which a node answers 503",
    "base_url": "the address that people and providers reach this installation at; empty is where it listens",
    "secret_file": "file with the secret that seals the signing keys kept here; empty is `secret` in the home",
    "checkpoint_file": "file that signed checkpoints are added to, best on another disk; empty is in the home",
    "trusted_proxies": "addresses of proxies whose X-Forwarded-For is believed, separated by commas",
    "rate_limit": "management requests a minute for each key, session or address; 0 is no limit",
    "sign_in_limit": "attempts to sign in, and wrong credentials, a minute for each address; 0 is no limit",
    "keep_answers": "hours for which the answer to an Idempotency-Key is kept",
    "keep_sessions": "days for which ended sessions and used links are kept",
    "oidc_issuer": "OpenID Connect provider whose people may sign in; empty is none",
    "oidc_client_id": "the client id that this installation has with the provider",
    "oidc_client_secret_file": "file with the client secret that this installation has with the provider",
}
"""One line per setting; the generated page and `--help` are made of it, and a test holds it complete."""


LISTS = frozenset({"allowed_hosts", "trusted_proxies"})
"""Settings that are several words, separated by commas."""


def load(environment: Mapping[str, str], **flags: object) -> Settings:
    """Settings from `KB_…` variables with flags (None is not given) above them; Invalid names the one that is wrong."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        raw = environment.get(f"KB_{field.name.upper()}")
        if raw:
            values[field.name] = tuple(raw.split(",")) if field.name in LISTS else raw
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
