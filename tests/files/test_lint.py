"""Lint: the gate's findings and more, each with its file and line, from files alone."""

from pathlib import Path

from kb.channels.types import Severity
from kb.files.lint import lint
from kb.files.sign import pin
from kb.files.types import Finding
from tests.files.folders import ANSWER, FACTS, SMALL, a_folder, edit, signed_by_all

FILE = "answers/card-arrival.en-GB.md"


def found(findings: tuple[Finding, ...], code: str) -> list[tuple[str, int]]:
    return [(one.file, one.line) for one in findings if one.code == code]


def test_a_signed_folder_has_nothing_that_blocks_or_is_unsigned(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    signed_by_all(folder)
    assert [one for one in lint(folder) if one.severity is Severity.BLOCKS or one.code == "unsigned"] == []


def test_a_reference_to_nothing_is_found_in_its_line(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    edit(folder, FILE, "Your card", "We post it.\n\nYour card")
    edit(folder, FILE, "card.delivery", "card.delivry")
    assert found(lint(folder), "reference-not-live") == [(FILE, 13)]


def test_a_figure_in_a_text_is_found_in_its_line(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    edit(folder, FILE, "within {{fact:card.delivery}}", "within 30 days")
    assert (FILE, 11) in found(lint(folder), "literal-not-a-fact")


def test_a_way_on_that_leads_nowhere_is_found_in_its_line(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    ways = "next:\n  - {id: x, label: Talk, to: handover}\n  - {id: y.z, label: More, to: 'entry:nothing'}\n"
    edit(folder, FILE, "phrasings:\n", f"{ways}phrasings:\n")
    assert found(lint(folder), "next-dead") == [(FILE, 9)]


def test_a_circle_of_claims_is_found(tmp_path: Path) -> None:
    front = "---\nkind: claim\ntitle: T\nowner: o\nauthor: p-ana\nevidence: [{title: E, document: d}]\n---\n"
    claim = f"{front}\nSo. {{{{claim:X}}}}\n"
    files = {"claims/a.en-GB.md": claim.replace("X", "b"), "claims/b.en-GB.md": claim.replace("X", "a")}
    findings = lint(a_folder(tmp_path, files))
    assert {file for file, _ in found(findings, "reference-circular")} == set(files)


def test_a_fact_s_value_is_checked_in_its_line(tmp_path: Path) -> None:
    fee = "  card.fee:\n    title: Fee\n    value:\n      type: money\n      currency: GBP\n      amount: '5'\n"
    findings = lint(a_folder(tmp_path, {**SMALL, "facts/cards.yaml": FACTS + fee}))
    assert found(findings, "fact-amount") == [("facts/cards.yaml", 11)]


def test_a_text_for_a_profile_that_isnt_there_is_found(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    edit(
        folder, FILE, "your order.\n", "your order.\n\n## social/blusky\n\nIt arrives within {{fact:card.delivery}}.\n"
    )
    assert found(lint(folder), "override-unknown") == [(FILE, 15)]


def test_channel_profiles_that_contradict_themselves_are_found_and_the_rest_is_linted(tmp_path: Path) -> None:
    channels = "title: C\nowner: o\nauthor: p-ana\nchannels:\n  locales: [en-GB]\n  serve:\n    - voice/nobody\n"
    folder = a_folder(tmp_path, {**SMALL, "channels.yaml": channels})
    edit(folder, FILE, "card.delivery", "card.delivry")
    findings = lint(folder)
    assert found(findings, "profile-unknown") == [("channels.yaml", 6)]
    assert found(findings, "reference-not-live") == [(FILE, 11)]


def test_missing_and_unpinned_translations_are_told_of(tmp_path: Path) -> None:
    channels = "title: C\nowner: o\nauthor: p-ana\nchannels: {locales: [en-GB, es-ES]}\n"
    folder = a_folder(tmp_path, {**SMALL, "channels.yaml": channels})
    assert found(lint(folder), "translation-missing") == [(FILE, 1)]
    spanish = ANSWER.replace("topic: cards\nowner: team-cards\n", "").replace("Your card arrives", "Tu tarjeta llega")
    a_folder(folder, {"answers/card-arrival.es-ES.md": spanish})
    assert found(lint(folder), "translation-unpinned") == [("answers/card-arrival.es-ES.md", 1)]
    pin(folder)
    assert found(lint(folder), "translation-unpinned") == found(lint(folder), "translation-stale") == []
    edit(folder, FILE, "arrives", "comes")
    assert [file for file, _ in found(lint(folder), "translation-stale")] == ["answers/card-arrival.es-ES.md"]


def test_what_isnt_signed_as_it_stands_is_told_of(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    assert (FILE, 1) in found(lint(folder), "unsigned")
    signed_by_all(folder)
    edit(folder, FILE, "arrives", "comes")
    findings = lint(folder)
    assert found(findings, "unsigned") == [(FILE, 1)]
    assert "as it stands now" in next(one.message for one in findings if one.code == "unsigned")


def test_sign_offs_of_an_entry_that_isnt_there_are_told_of(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    signed_by_all(folder)
    (folder / FILE).unlink()
    assert ("signoffs/card-arrival.en-GB.jsonl", 1) in found(lint(folder), "signoff-without-entry")


def test_a_file_that_can_t_be_read_is_a_finding_too(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    edit(folder, FILE, "title:", "titel:")
    assert (FILE, 3) in found(lint(folder), "shape")
