"""Values that can't be signed are named with their place and what to do."""

import re

import pytest

from kb.channels.validity import issues
from kb.channels.values import (
    Date,
    Decimal,
    Duration,
    EmailAddress,
    FactValue,
    Hours,
    Money,
    OpeningHours,
    Percentage,
    Phone,
    Said,
    Term,
    Time,
    Unit,
    Url,
)


@pytest.mark.parametrize(
    ("value", "field", "told"),
    [
        (Decimal("1,5"), "value.value", "digits with a point"),
        (Decimal("01.5"), "value.value", "digits with a point"),
        (Percentage("5%"), "value.value", "digits with a point"),
        (Money("5", "GBP"), "value.amount", '"5.00"'),
        (Money("5.000", "GBP"), "value.amount", '"5.00"'),
        (Money("5.00", "JPY"), "value.amount", '"5"'),
        (Money("5.00", "GBX"), "value.currency", "ISO 4217"),
        (Duration(7, Unit.DAYS, 5), "value.high", "smaller number"),
        (Duration(5, Unit.DAYS, 5), "value.high", "smaller number"),
        (Duration(-1, Unit.DAYS), "value.low", "from 0 up"),
        (Date("2026-02-30"), "value.value", "like 2026-11-22"),
        (Date("20261122"), "value.value", "like 2026-11-22"),
        (Time("24:00"), "value.value", '"08:30"'),
        (Time("8:30"), "value.value", '"08:30"'),
        (OpeningHours(()), "value.lines", "at least one line"),
        (OpeningHours((Hours(("mon", "mon"), "08:00", "09:00"),)), "value.lines[0].days", "Choose from mon"),
        (OpeningHours((Hours(("tue", "mon"), "08:00", "09:00"),)), "value.lines[0].days", "Choose from mon"),
        (OpeningHours((Hours(("lun",), "08:00", "09:00"),)), "value.lines[0].days", "Choose from mon"),
        (OpeningHours((Hours((), "08:00", "09:00"),)), "value.lines[0].days", "Choose from mon"),
        (OpeningHours((Hours(("mon",), "22:00", "02:00"),)), "value.lines[0].closes", "split what goes past"),
        (
            OpeningHours((Hours(("mon",), "08:00", "12:00"), Hours(("mon",), "11:00", "13:00"))),
            "value.lines",
            "Join them",
        ),
        (Phone("08081570123"), "value.value", "E.164"),
        (Phone("+44 808 157 0123"), "value.value", "E.164"),
        (Phone("+44999"), "value.value", "E.164"),
        (Phone("+448081570123", "ES"), "value.region", "like GB or ES"),
        (Url("http://larkfield.example"), "value.value", "https://"),
        (Url("https://larkfield"), "value.value", "https://"),
        (Url("https://user@larkfield.example"), "value.value", "https://"),
        (Url("https://larkfield.example/a b"), "value.value", "https://"),
        (Url("https://[larkfield.example"), "value.value", "https://"),
        (EmailAddress("help"), "value.value", "help@larkfield.example"),
        (Term({"en-GB": Said("Visa")}), "value.locales.es-ES", "es-ES: {text"),
        (Term({"en-GB": Said(" "), "es-ES": Said("Visa")}), "value.locales.en-GB.text", "one line"),
        (Term({"en-GB": Said("{{fact:a}}"), "es-ES": Said("Visa")}), "value.locales.en-GB.text", "one line"),
        (Term({"en-GB": Said("Visa", "Vi\nsa"), "es-ES": Said("Visa")}), "value.locales.en-GB.spoken", "one line"),
    ],
)
def test_a_bad_value_is_named_with_what_to_do(value: FactValue, field: str, told: str) -> None:
    (issue,) = issues(value, ["en-GB", "es-ES"])
    assert issue.field == field
    assert issue.code == f"fact-{re.split(r'[.[]', field)[1]}"
    assert told in issue.action
    assert issue.severity == "blocks"
