"""The written forms a channel's native text takes, each with its own escaping."""

import re
from html import escape
from urllib.parse import quote


class Dialect:
    """Plain text, and the base of the rest; all arguments but those of `text`, `code` and a link's address are written.

    A slot's token is never escaped; `fill` escapes its value for the markup type it stands in.
    """

    type = "plain"
    gap = "\n\n"
    line_break = "\n"

    def text(self, text: str) -> str:
        return text

    def strong(self, inner: str) -> str:
        return inner

    def emphasis(self, inner: str) -> str:
        return inner

    def code(self, text: str) -> str:
        return self.text(text)

    def link(self, label: str, target: str, said: str) -> str:
        """The label, and in brackets where it leads: an address in full, a number or mailbox as it is said."""
        shown = target if target.startswith("https:") else said
        return label if label == self.text(shown) else f"{label} ({self.text(shown)})"

    def paragraph(self, inner: str) -> str:
        return inner

    def item(self, inner: str) -> str:
        """The first paragraph of a list item, which stands beside its mark."""
        return self.paragraph(inner)

    def heading(self, level: int, inner: str) -> str:
        return inner

    def items(self, ordered: bool, items: list[list[str]]) -> str:
        """One item a line; further blocks of an item are indented under it."""
        lines = []
        for number, blocks in enumerate(items, start=1):
            mark = f"{number}. " if ordered else "- "
            lines.append(mark + "\n".join(blocks).replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)


class Markdown(Dialect):
    """The common subset of CommonMark that chat widgets share: bold, italics, lists and links."""

    type = "markdown"
    line_break = "\\\n"

    def text(self, text: str) -> str:
        return _MARKDOWN.sub(r"\\\g<0>", text)

    def strong(self, inner: str) -> str:
        return _around("**", inner)

    def emphasis(self, inner: str) -> str:
        return _around("*", inner)

    def code(self, text: str) -> str:
        fence = "``" if "`" in text else "`"
        pad = " " if "`" in text else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def link(self, label: str, target: str, said: str) -> str:
        if label == self.text(target):
            return f"<{target}>"
        return f"[{label}]({_url(target)})"

    def paragraph(self, inner: str) -> str:
        return _NUMBERED.sub(r"\g<1>\\", _AT_LINE_START.sub(r"\g<1>\\", inner))

    def heading(self, level: int, inner: str) -> str:
        return f"{'#' * level} {inner}"

    def items(self, ordered: bool, items: list[list[str]]) -> str:
        lines = []
        for number, blocks in enumerate(items, start=1):
            mark = f"{number}. " if ordered else "- "
            lines.append(mark + "\n\n".join(blocks).replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)


class Html(Dialect):
    """HTML of a page: paragraphs, lists, headings, bold, italics and links; `styles` are written into each tag."""

    type = "html"
    gap = "\n"
    line_break = "<br>"

    def __init__(self, styles: dict[str, str] | None = None) -> None:
        self.tags = {tag: f'{tag} style="{style}"' for tag, style in (styles or {}).items()}

    def text(self, text: str) -> str:
        return escape(text, quote=False)

    def strong(self, inner: str) -> str:
        return f"<strong>{inner}</strong>"

    def emphasis(self, inner: str) -> str:
        return f"<em>{inner}</em>"

    def code(self, text: str) -> str:
        return f"<code>{escape(text)}</code>"

    def link(self, label: str, target: str, said: str) -> str:
        return f'<{self.tags.get("a", "a")} href="{escape(_url(target))}">{label}</a>'

    def paragraph(self, inner: str) -> str:
        return f"<{self.tags.get('p', 'p')}>{inner}</p>"

    def item(self, inner: str) -> str:
        return inner

    def heading(self, level: int, inner: str) -> str:
        tag = f"h{level}"
        return f"<{self.tags.get(tag, tag)}>{inner}</{tag}>"

    def items(self, ordered: bool, items: list[list[str]]) -> str:
        tag = "ol" if ordered else "ul"
        written = "".join(f"<{self.tags.get('li', 'li')}>{''.join(blocks)}</li>" for blocks in items)
        return f"<{self.tags.get(tag, tag)}>{written}</{tag}>"


class Starred(Dialect):
    """Bold in one star and italics in underlines, as WhatsApp and Slack have it.

    Neither has an escape, so a mark that would begin or end a format is kept apart from its word by a word joiner.
    """

    def text(self, text: str) -> str:
        return _STARS.sub("\u2060\\g<0>\u2060", text)

    def strong(self, inner: str) -> str:
        return _around("*", inner)

    def emphasis(self, inner: str) -> str:
        return _around("_", inner)

    def heading(self, level: int, inner: str) -> str:
        return _around("*", inner.replace("*", ""))


class WhatsApp(Starred):
    type = "whatsapp"

    def link(self, label: str, target: str, said: str) -> str:
        shown = target if target.startswith("https:") else said
        return shown if label == self.text(shown) else f"{label}: {shown}"


class Mrkdwn(Starred):
    """Slack's own: links as `<address|label>`; `&`, `<` and `>` escaped as Slack asks."""

    type = "mrkdwn"

    def text(self, text: str) -> str:
        return super().text(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))

    def link(self, label: str, target: str, said: str) -> str:
        target = _url(target).replace("&", "&amp;").replace("|", "%7C")
        return f"<{target}>" if label == self.text(said) == self.text(target) else f"<{target}|{label}>"


def _around(mark: str, inner: str) -> str:
    """Marks hug their words: white space at the ends stays outside."""
    words = inner.strip()
    if not words:
        return inner
    before, _, after = inner.partition(words)
    return f"{before}{mark}{words}{mark}{after}"


def _url(target: str) -> str:
    """An address without the characters that could end it early."""
    return quote(target, safe="%:/?#[]@!$&'*+,;=~-._")


_MARKDOWN = re.compile(r"[\\`*_\[\]<>~]|&(?=#?\w+;)")
_AT_LINE_START = re.compile(r"^(\s*)(?=[#>+=-])", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)(?=[.)](?:\s|$))", re.MULTILINE)
_STARS = re.compile(r"(?<!\w)[*_~`]+|[*_~`]+(?!\w)")

PLAIN = Dialect()
MARKDOWN = Markdown()
HTML = Html()
WHATSAPP = WhatsApp()
MRKDWN = Mrkdwn()
