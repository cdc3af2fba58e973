"""Reading Markdown into the tree, and naming what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.channels import markup
from kb.channels.markup import (
    Anchor,
    Claim,
    Code,
    Detail,
    Disclosure,
    Document,
    Emphasis,
    Fact,
    Heading,
    Items,
    LineBreak,
    Paragraph,
    SlotMark,
    Strong,
    Text,
)


def test_a_paragraph_holds_text_marks_and_references_in_order() -> None:
    text = "Hi {{slot:customer.first_name}}, **{{fact:a.b}}** or *soon*.\nSee `x` {{claim:free-atm}}"
    assert markup.parse(text) == Document(
        (
            Paragraph(
                (
                    Text("Hi "),
                    SlotMark("customer.first_name"),
                    Text(", "),
                    Strong((Fact("a.b"),)),
                    Text(" or "),
                    Emphasis((Text("soon"),)),
                    Text(". See "),
                    Code("x"),
                    Text(" "),
                    Claim("free-atm"),
                )
            ),
        )
    )


def test_lists_headings_and_line_breaks_keep_their_shape() -> None:
    text = "### When\n\n1. one\n   - inner\n2. two\\\nlines"
    assert markup.parse(text).blocks == (
        Heading(3, (Text("When"),)),
        Items(
            True,
            (
                (Paragraph((Text("one"),)), Items(False, ((Paragraph((Text("inner"),)),),))),
                (Paragraph((Text("two"), LineBreak(), Text("lines"))),),
            ),
        ),
    )


def test_a_link_may_lead_to_a_fact() -> None:
    assert markup.parse("[Track it]({{fact:url.track}})").blocks == (
        Paragraph((Anchor("{{fact:url.track}}", (Text("Track it"),)),)),
    )


@pytest.mark.parametrize("url", ["https://larkfield.example/a?b=c", "tel:+448081570123", "mailto:a@larkfield.example"])
def test_https_tel_and_mailto_are_links(url: str) -> None:
    assert markup.problems(f"[x]({url})") == ()


def test_a_disclosure_alone_on_its_line_is_a_block() -> None:
    text = "Before.\n{{disclosure:apr}}\nAfter."
    assert markup.parse(text).blocks == (
        Paragraph((Text("Before."),)),
        Disclosure("apr"),
        Paragraph((Text("After."),)),
    )


def test_a_disclosure_within_a_sentence_is_refused_and_stays_text() -> None:
    text = "We say {{disclosure:apr}} here."
    assert markup.parse(text).blocks == (Paragraph((Text(text),)),)
    assert [problem.found for problem in markup.problems(text)] == ["{{disclosure:apr}}"]


def test_detail_passages_stand_between_blocks() -> None:
    text = "Core.\n::: detail\nMore.\n\n- a\n:::\nEnd."
    assert markup.parse(text).blocks == (
        Paragraph((Text("Core."),)),
        Detail((Paragraph((Text("More."),)), Items(False, ((Paragraph((Text("a"),)),),)))),
        Paragraph((Text("End."),)),
    )


@pytest.mark.parametrize(
    ("text", "found", "line"),
    [
        ("ok\n\nsay <b>it</b>", "<b>", 3),
        ("<div>\nx\n</div>", "<div>\nx\n</div>", 1),
        ("a ![cat](https://x.example/y.png)", "![", 1),
        ("a\n\n|x|y|\n|-|-|\n|1|2|", "|x|y|\n|-|-|\n|1|2|", 3),
        ("a\n\n    code", "    code", 3),
        ("```\ncode\n```", "```\ncode\n```", 1),
        ("> said", "> said", 1),
        ("a\n\n---\n\nb", "---", 3),
        ("[x](javascript:alert(1))", "javascript:alert(1)", 1),
        ("[x](http://larkfield.example)", "http://larkfield.example", 1),
        ("[x](//larkfield.example)", "//larkfield.example", 1),
        ("[x](data:text/html,y)", "data:text/html,y", 1),
        ("[x]({{claim:y}})", "{{claim:y}}", 1),
        ("{{ fact:x }}", "{{ fact:x }}", 1),
        ("{{fact:X}}", "{{fact:X}}", 1),
        ("{{price:x}}", "{{price:x}}", 1),
        ("half {{fact:x", "{{", 1),
        ("half fact:x}}", "}}", 1),
        ("see `{{fact:x}}`", "{{fact:x}}", 1),
        ("a\n::: detail\nb", "::: detail", 2),
        ("a\n:::\nb", ":::", 2),
        ("::: detail\na\n::: detail\nb\n:::\n", "::: detail", 3),
        ("::: note\na", "::: note", 1),
    ],
)
def test_what_has_no_place_is_named_with_its_line_and_place(text: str, found: str, line: int) -> None:
    problem = markup.problems(text)[0]
    assert (problem.found, problem.line) == (found, line)
    assert text[problem.start : problem.end] == found


def test_a_refused_link_leaves_its_words() -> None:
    assert markup.parse("[Click](javascript:x) now").blocks == (Paragraph((Text("Click now"),)),)


def test_html_is_kept_as_text_so_that_renderers_escape_it() -> None:
    paragraph = markup.parse("a <img src=x onerror=y>").blocks[0]
    assert isinstance(paragraph, Paragraph)
    assert "".join(node.text for node in paragraph.children if isinstance(node, Text)) == "a <img src=x onerror=y>"


@given(st.text(alphabet="ab {}:#*_-`[]()<>|!\n\\1.>factdetail", max_size=80))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    assert isinstance(markup.parse(text), Document)
    for problem in markup.problems(text):
        assert problem.line >= 1
        assert problem.message


@given(st.sampled_from(["{{fact:a}}", "{{claim:b-c}}", "{{slot:d_e}}"]), st.text(alphabet="ab c.*", max_size=12))
def test_a_reference_in_a_paragraph_is_always_found(reference: str, words: str) -> None:
    text = f"x{words}{reference}{words}x"
    assert repr(markup.parse(text)).count(reference[2:-2].partition(":")[2]) >= 1
