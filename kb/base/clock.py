"""Time and ids as things that are passed in, so that rules stay pure and tests can choose both."""

import secrets
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time: `now()` is aware, in UTC, and may go backwards when the machine's clock does."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Makes ids: `new()` is opaque, unique, and sorts roughly by time of making."""

    def new(self) -> str: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """48 bits of milliseconds and 80 random bits in lower-case hex, as UUIDv7 orders them (RFC 9562 §5.7)."""

    def new(self) -> str:
        return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
