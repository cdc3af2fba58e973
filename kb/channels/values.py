"""Typed fact values: what a number, price, date, duration, phone or link *is*, before any channel says it.

Every value is stored as it is signed: decimals are strings at their written scale, money is at its currency's minor
unit, dates are ISO 8601. How a value is said in a locale and a channel is `kb.channels.facts`.
"""

from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """The unit of a duration. A working day is a day on which banks of the country are open."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working-days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="type"):
    """Any typed value; the tag `type` tells which."""


class Integer(Value, frozen=True, tag="integer"):
    """A count, like `3`. The noun stands in the wording."""

    value: int


class Decimal(Value, frozen=True, tag="decimal"):
    """A decimal number as a string at its written scale, like `"4.350"`."""

    value: str


class Money(Value, frozen=True, tag="money"):
    """An amount at its currency's minor unit (`"5.00"`, ISO 4217 `GBP`)."""

    amount: str
    currency: str


class Percentage(Value, frozen=True, tag="percentage"):
    """A percentage as a string at its written scale: `"2.75"` is 2.75 per cent."""

    value: str


class Duration(Value, frozen=True, tag="duration"):
    """A length of time, or a range when `high` is given (`low` < `high`)."""

    low: int
    unit: Unit
    high: int | None = None


class Date(Value, frozen=True, tag="date"):
    """A calendar date, ISO 8601 (`2026-11-22`)."""

    value: str


class Time(Value, frozen=True, tag="time"):
    """A time of day, 24 hours (`08:30`)."""

    value: str


class Hours(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of opening hours: on `days` (`mon`…`sun`, in order) from `opens` to `closes` (`08:00`, `24:00` is midnight)."""

    days: tuple[str, ...]
    opens: str
    closes: str


class OpeningHours(Value, frozen=True, tag="hours"):
    """Opening hours of a week; a day that no line names is closed. All seven days 00:00–24:00 is round the clock."""

    lines: tuple[Hours, ...]


class Phone(Value, frozen=True, tag="phone"):
    """A phone number in E.164 (`+448081570123`); `region` is the ISO country whose national form callers there read."""

    value: str
    region: str = "GB"


class Url(Value, frozen=True, tag="url"):
    """An https address."""

    value: str


class EmailAddress(Value, frozen=True, tag="email"):
    """An e-mail address."""

    value: str


class Said(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A term in one locale: as read, and as spoken where that differs."""

    text: str
    spoken: str = ""


class Term(Value, frozen=True, tag="term"):
    """A name or phrase whose words differ by locale; every locale that is served must be in the map."""

    locales: dict[str, Said]


FactValue = (
    Integer | Decimal | Money | Percentage | Duration | Date | Time | OpeningHours | Phone | Url | EmailAddress | Term
)
