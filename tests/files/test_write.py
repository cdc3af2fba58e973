"""A dumped draft reads back as it was."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.entries.types import Draft
from kb.files.entry_files import EntryFile, Parsed, read_entry
from kb.files.read import read_text
from kb.files.write import Dumped, entry_path, entry_text, facts_text, house_text
from kb.files.yaml_files import read_facts, read_house
from tests.files import drafts

BASE = "ab" * 32
patient = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], max_examples=60
)


@patient
@given(drafts.entries)
def test_a_dumped_entry_reads_back_as_it_was(draft: Draft) -> None:
    text = read_text(entry_text(Dumped(draft, BASE)).encode())
    file = EntryFile(entry_path(draft), draft.kind, draft.key, draft.locale, draft.locale != "en-GB")
    outcome = read_entry(file, text)
    assert isinstance(outcome, Parsed), (outcome, text)
    assert outcome.read.draft == draft
    assert outcome.read.base == BASE


@patient
@given(st.lists(drafts.facts, min_size=1, max_size=4, unique_by=lambda draft: draft.key))
def test_dumped_facts_read_back_as_they_were(group: list[Draft]) -> None:
    text = read_text(facts_text([Dumped(draft, BASE) for draft in group]).encode())
    found, faults = read_facts("facts/x.yaml", text)
    assert not faults, (faults, text)
    assert [one.read.draft for one in found] == group


@patient
@given(drafts.house_documents())
def test_a_dumped_house_document_reads_back_as_it_was(draft: Draft) -> None:
    text = read_text(house_text(Dumped(draft)).encode())
    outcome = read_house(entry_path(draft), text, draft.key)
    assert isinstance(outcome, Parsed), (outcome, text)
    assert outcome.read.draft == draft
