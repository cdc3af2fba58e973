"""An index of its own for each test, and a small bank's entries to put in it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from kb.delivery.types import Findable
from kb.search.embedded import EmbeddedIndex
from kb.search.types import Batch, SearchIndex
from tests.search.samples import entry

BANK = (
    entry(
        "card-arrival",
        "My card hasn't arrived yet",
        "where is my new card",
        "still waiting for the card you posted",
        text="Your card arrives within five to seven working days. We post it in a plain envelope.",
        stage="during",
    ),
    entry("pin-blocked", "My PIN is blocked", "how do I unblock my pin", "too many wrong pin attempts"),
    entry("cash-withdrawal", "Withdrawing cash", "is there a fee at the cash machine", topic="cash"),
    entry("exchange-rate", "Exchange rates", "what rate do you use for foreign currencies", topic="exchange"),
    entry("plan-2024", "The 2024 savings plan", "terms of the plan of 2024", topic="savings"),
    entry("plan-2025", "The 2025 savings plan", "terms of the plan of 2025", topic="savings"),
    entry("free-atm", "Free cash withdrawals", "no fee for withdrawals", kind="claim", topic="cash"),
    entry("staff-limits", "Raising a withdrawal limit", "raise limits", audience="staff", channels=("agent",)),
    entry("card-arrival", "Mi tarjeta no ha llegado", "dónde está mi tarjeta", "cuánto tarda el envío", locale="es-ES"),
    entry("birthday", "Regalo de cumpleaños", "cumplo años este mes", "devolución de la cuota", locale="es-ES"),
)


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[SearchIndex]:
    index = EmbeddedIndex(tmp_path / "search")
    yield index
    await index.close()


@pytest.fixture
async def index(empty: SearchIndex) -> SearchIndex:
    await empty.apply(batch(BANK, position=7))
    return empty


def batch(documents: Sequence[Findable], position: int) -> Batch:
    return Batch(frozenset(one.key for one in documents), tuple(documents), position)
