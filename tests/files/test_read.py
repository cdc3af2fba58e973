"""Reading a content folder: what is refused, where, and that nothing else suffers."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.channels.markup import problems
from kb.channels.types import Next, When
from kb.channels.values import Duration, Unit
from kb.entries.faults import suspicious
from kb.entries.types import Kind
from kb.files.read import MOST_BYTES, read
from tests.files.folders import ANSWER, FACTS, POLICY, SMALL, a_folder

NAME = "answers/card-arrival.en-GB.md"
SPANISH = "answers/card-arrival.es-ES.md"


def faults_of(path: Path, name: str, text: str) -> list[tuple[int, str]]:
    """Line and code of everything wrong in one file of an otherwise good folder."""
    reading = read(a_folder(path, {**SMALL, name: text}))
    assert {fault.file for fault in reading.faults} <= {name}
    assert len(reading.drafts) >= 2
    return [(fault.line, fault.code) for fault in reading.faults]


def test_a_good_folder_is_read_without_faults(tmp_path: Path) -> None:
    reading = read(a_folder(tmp_path))
    assert reading.faults == ()
    assert [(one.draft.key, one.draft.kind, one.draft.locale) for one in reading.drafts] == [
        ("card-arrival", Kind.ANSWER, "en-GB"),
        ("card.delivery", Kind.FACT, "und"),
        ("policy", Kind.HOUSE, "und"),
    ]


def test_defaults_are_merged_into_each_fact(tmp_path: Path) -> None:
    fact = read(a_folder(tmp_path, {"facts/cards.yaml": FACTS})).drafts[0].draft
    assert (fact.author, fact.content.owner, fact.content.cadence_days) == ("p-ana", "team-cards", 180)
    assert fact.content.fact == Duration(low=5, high=7, unit=Unit.WORKING_DAYS)


def test_every_kind_of_section_finds_its_wording(tmp_path: Path) -> None:
    body = "Text.\n\n## short\n\nShort.\n\n## spoken\n\n## social/bluesky\n\nPost.\n\n## alternate 1\n\nOther.\n"
    variant = "## variant visibility=direct tone=calm,warm"
    body += f"\n{variant}\n\nDirect.\n\n{variant}: sms\n\nSms.\n"
    content = read(a_folder(tmp_path, {NAME: ANSWER.split("Your card")[0] + body})).drafts[0].draft.content
    assert content.wording is not None
    assert (content.wording.short, content.wording.spoken) == ("Short.", "")
    assert content.wording.overrides == {"social/bluesky": "Post."}
    assert content.alternates[0].text == "Other."
    assert content.variants[0].when == When(visibility=("direct",), tone=("calm", "warm"))
    assert content.variants[0].wording.overrides == {"sms": "Sms."}


def test_words_that_yaml_once_took_for_something_else_stay_text(tmp_path: Path) -> None:
    text = ANSWER.replace("  - where is my card", "  - no\n  - on\n  - 08:30\n  - 2026-11-22\n  - 0o7\n  - 'true'")
    content = read(a_folder(tmp_path, {NAME: text})).drafts[0].draft.content
    assert content.phrasings == ("no", "on", "08:30", "2026-11-22", "0o7", "true")


def test_line_ends_and_combining_characters_don_t_change_a_hash(tmp_path: Path) -> None:
    plain = ANSWER.replace("arrives", "llegará")
    odd = plain.replace("á", "a\u0301").replace("\n", "\r\n").replace("order.", "order.  ")
    hashes = {read(a_folder(tmp_path / str(n), {NAME: text})).drafts[0].hash for n, text in enumerate((plain, odd))}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title: My", "titel: My", (3, "shape")),
        ("topic: cards", "topic: 3", (4, "shape")),
        ("kind: answer", "kind: claim", (2, "shape")),
        ("author: p-ana", "author: ''", (6, "shape")),
        ("topic: cards", "topic: &a cards", (4, "yaml")),
        ("topic: cards", "topic: *a", (4, "yaml")),
        ("topic: cards", "topic: !!str cards", (4, "yaml")),
        ("topic: cards", "topic: cards\ntopic: cash", (5, "yaml")),
        ("topic: cards", "topic: [cards", (5, "yaml")),
        ("topic: cards", "valid_until: 2026-11-22", (4, "shape")),
        ("topic: cards", "valid_until: 2026-11-22T10:00:00", (4, "time-without-zone")),
        ("topic: cards", "source: " + "a" * 64, (4, "shape")),
        ("topic: cards", "wording: {text: x}", (4, "shape")),
        ("topic: cards", "links: [{label: x, url: 'javascript:alert(1)'}]", (4, "link-refused")),
        ("topic: cards", "next: [{id: a, label: x, to: nowhere}]", (4, "way-on-refused")),
        ("Your card", "Your <b>card</b>", (11, "text-refused")),
        ("Your card", "Yes.\n\nYour ![card](https://a.example)", (13, "text-refused")),
        ("Your card", "[Your](http://a.example) card", (11, "text-refused")),
        ("{{fact:card.delivery}}", "{{ fact:card.delivery }}", (11, "text-refused")),
        ("Your card", "::: detail\nYour card", (11, "text-refused")),
        ("Your card", "## sort\n\nYour card", (11, "heading-unknown")),
        ("Your card", "# Card\n\nYour card", (11, "heading-first-level")),
        ("Your card", "## short\n\nYour card", (11, "text-missing")),
        ("your order.", "your order.\n\n## short\n\na\n\n## short\n\nb", (17, "section-twice")),
        ("your order.", "your order.\n\n## alternate 2\n\na", (13, "alternate-gap")),
        ("your order.", "your order.\n\n## variant mood=calm\n\na", (13, "condition-unknown")),
        ("your order.", "your\u2028 order.", (11, "control-character")),
        ("---\n\n", "", (1, "front-matter-open")),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, fault: tuple[int, str]) -> None:
    assert old in ANSWER
    assert fault in faults_of(tmp_path, NAME, ANSWER.replace(old, new, 1))


def test_each_wrong_field_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = ANSWER.replace("topic: cards", "topic: 3").replace("stage", "x").replace("owner: team-cards", "ownr: x")
    assert faults_of(tmp_path, NAME, text) == [(4, "shape"), (5, "shape")]


def test_a_wrong_fact_leaves_the_others_of_its_file(tmp_path: Path) -> None:
    text = FACTS + "  Card.Fee:\n    title: Fee\n    value: {type: money, amount: 5, currency: GBP}\n"
    reading = read(a_folder(tmp_path, {"facts/cards.yaml": text}))
    assert [one.draft.key for one in reading.drafts] == ["card.delivery"]
    assert [(fault.line, fault.code) for fault in reading.faults] == [(6, "shape"), (8, "shape")]


def test_a_translation_names_no_targets(tmp_path: Path) -> None:
    spanish = ANSWER.replace("topic: cards\nowner: team-cards\n", "next: [{id: a, label: Más, to: end}]\n")
    assert faults_of(tmp_path, SPANISH, spanish) == [(4, "shape")]
    plain = spanish.replace(", to: end", "")
    draft = next(one.draft for one in read(a_folder(tmp_path, {SPANISH: plain})).drafts if one.draft.locale == "es-ES")
    assert draft.content.next == (Next(id="a", label="Más", to=""),)


def test_the_source_locale_is_the_first_of_the_channel_profiles(tmp_path: Path) -> None:
    channels = "title: Channels\nowner: team\nauthor: p-ana\nchannels: {locales: [es-ES, en-GB]}\n"
    reading = read(a_folder(tmp_path, {"channels.yaml": channels, NAME: ANSWER}))
    assert reading.source_locale == "es-ES"


def test_a_key_belongs_to_one_entry_only(tmp_path: Path) -> None:
    claim = ANSWER.replace("kind: answer", "kind: claim")
    reading = read(a_folder(tmp_path, {**SMALL, "claims/card-arrival.es-ES.md": claim}))
    assert [(fault.file, fault.code) for fault in reading.faults] == [("claims/card-arrival.es-ES.md", "key-twice")]
    twice = read(a_folder(tmp_path / "b", {"facts/a.yaml": FACTS, "facts/b.yaml": FACTS}))
    assert [(fault.file, fault.line, fault.code) for fault in twice.faults] == [("facts/b.yaml", 3, "key-twice")]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        (NAME, b"\xef\xbb\xbf" + ANSWER.encode(), "byte-order-mark"),
        (NAME, ANSWER.encode("utf-16"), "not-utf-8"),
        (NAME, b"x" * (MOST_BYTES + 1), "file-too-large"),
        (NAME, b"", "front-matter-missing"),
        ("answers/Card.en-GB.md", ANSWER.encode(), "file-name"),
        ("answers/card..x.en-GB.md", ANSWER.encode(), "file-name"),
        ("answers/card.md", ANSWER.encode(), "file-name"),
        ("answers/deeper/card.en-GB.md", ANSWER.encode(), "folder-unexpected"),
        ("answer/card.en-GB.md", ANSWER.encode(), "folder-unexpected"),
        ("polcy.yaml", POLICY.encode(), "file-unexpected"),
        ("facts/cards.yml", FACTS.encode(), "file-unexpected"),
        ("facts/more.yaml", b"a: &a [x]\nb: [*a, *a]\n", "yaml"),
        ("facts/more.yaml", b"[" * 50000, "yaml"),
        ("facts/more.yaml", b"facts: 3", "shape"),
        ("facts/more.yaml", b"facts: {}\n---\nfacts: {}\n", "yaml"),
    ],
)
def test_files_that_can_t_be_read_are_named_and_the_rest_is_read(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    folder = a_folder(tmp_path / "content")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    reading = read(folder)
    assert code in {fault.code for fault in reading.faults}
    assert {"policy", "card.delivery"} <= {one.draft.key for one in reading.drafts}


def test_a_symbolic_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    outside = a_folder(tmp_path / "outside", {"x.md": ANSWER})
    (folder / "answers/stolen.en-GB.md").symlink_to(outside / "x.md")
    reading = read(folder)
    assert [(fault.file, fault.code) for fault in reading.faults] == [("answers/stolen.en-GB.md", "link-outside")]


def test_statements_are_merged_by_union_and_bad_lines_named(tmp_path: Path) -> None:
    line = (
        '{"format":"kb.signoff/1","key":"a","locale":"und","hash":"h","role":"legal","by":"p","at":"t","signature":"s"}'
    )
    bad = line.replace("kb.signoff/1", "kb.signoff/9")
    other = line.replace('"a"', '"b"')
    text = "\n".join([line, line, "", bad, "not json", other, "<<<<<<< HEAD"]) + "\n"
    reading = read(a_folder(tmp_path, {"signoffs/a.und.jsonl": text}))
    assert len(reading.signoffs) == 1
    assert [(fault.line, fault.code) for fault in reading.faults] == [
        (4, "statement-unknown"),
        (5, "statement-unreadable"),
        (6, "statement-misplaced"),
        (7, "statement-unreadable"),
    ]


@settings(deadline=None, max_examples=400)
@given(
    st.text("ab \n<>`|!-*_+=~#:[](){}1.\\&\t", max_size=40),
    st.sampled_from(["", "::: detail\n{}\n:::", "{{{{fact:a}}}} {}"]),
)
def test_a_text_that_looks_harmless_has_nothing_to_refuse(text: str, frame: str) -> None:
    whole = frame.format(text) if frame else text
    assert suspicious(whole) or problems(whole) == ()
