"""Times as people give them: local times in a zone, and the hours that clocks skip or repeat."""

from datetime import UTC, datetime

import pytest

from kb.base.errors import Invalid
from kb.release.zones import Moment, moment

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONDON, NEW_YORK = "Europe/London", "America/New_York"


@pytest.mark.parametrize(
    ("written", "zone", "at"),
    [
        ("2026-07-01T09:00", LONDON, "2026-07-01T08:00:00.000Z"),
        ("2026-12-01T09:00", LONDON, "2026-12-01T09:00:00.000Z"),
        ("2026-07-01T09:00", NEW_YORK, "2026-07-01T13:00:00.000Z"),
        ("2026-03-08T01:59:59", NEW_YORK, "2026-03-08T06:59:59.000Z"),
        ("2026-03-08T03:00", NEW_YORK, "2026-03-08T07:00:00.000Z"),
    ],
)
def test_a_local_time_is_an_instant_in_its_zone(written: str, zone: str, at: str) -> None:
    found = moment(written, zone, NOW)
    assert (found.at, found.zone) == (at, zone)
    assert found.local.startswith(written)


@pytest.mark.parametrize(
    ("written", "zone", "how", "readings"),
    [
        ("2026-03-29T01:30", LONDON, "doesn't exist", ("2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z")),
        ("2026-10-25T01:30", LONDON, "comes twice", ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z")),
        ("2026-03-08T02:30", NEW_YORK, "doesn't exist", ("2026-03-08T06:30:00.000Z", "2026-03-08T07:30:00.000Z")),
        ("2026-11-01T01:30", NEW_YORK, "comes twice", ("2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z")),
    ],
)
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused_with_both_readings(
    written: str, zone: str, how: str, readings: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as raised:
        moment(written, zone, NOW)
    assert how in raised.value.message
    assert all(reading in raised.value.message for reading in readings)


def test_a_reading_that_was_offered_is_taken() -> None:
    assert moment("2026-10-25T01:30:00.000Z", LONDON, NOW) == Moment(
        "2026-10-25T01:30:00.000Z", LONDON, "2026-10-25T01:30:00"
    )


@pytest.mark.parametrize(
    ("written", "zone", "field"),
    [
        ("2026-07-01T09:00", "", "/zone"),
        ("2026-07-01T09:00", "Europe/Nowhere", "/zone"),
        ("2026-07-01T09:00", "../secret", "/zone"),
        ("2026-07-01T09:00", "Europe", "/zone"),
        ("tomorrow", LONDON, "/at"),
        ("2026-01-05T09:00:00Z", "", "/at"),
        ("2025-07-01T09:00", LONDON, "/at"),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_its_field(written: str, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        moment(written, zone, NOW)
    assert raised.value.errors[0].pointer == field
