"""E-mail: subject, preheader, the plain text first and an HTML twin whose styles are written into each tag."""

from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import PLAIN, Html
from kb.channels.facts import Style
from kb.channels.parts import sentences
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import EmailOut, Inputs, Link, Markup, NextOut, Payload, Source
from kb.channels.writing import line, links, way, write

_INK = "color:#1d2733"
_HEADING = f"margin:24px 0 8px;font-weight:bold;line-height:1.3;{_INK}"
HTML = Html(
    {
        "p": f"margin:0 0 16px;font-size:16px;line-height:1.5;{_INK}",
        "ul": "margin:0 0 16px;padding:0 0 0 24px",
        "ol": "margin:0 0 16px;padding:0 0 0 24px",
        "li": f"margin:0 0 8px;font-size:16px;line-height:1.5;{_INK}",
        "a": "color:#0b5fa5",
        **{f"h{level}": f"font-size:{max(16, 26 - 2 * level)}px;{_HEADING}" for level in range(1, 7)},
    }
)
FRAME = "font-family:Arial,Helvetica,sans-serif;max-width:600px"


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The message. `text` is sent as it is, `markup.body` is the fragment a house puts into its own template.

    Both end with the links of the answer and the ways on that lead to an address.
    """
    telling = Telling(source, inputs, profile, Style.PAGE)
    document = document_of(telling)
    plain = write(document.blocks, PLAIN, telling)
    html = write(document.blocks, HTML, telling)
    email = _head(telling, plain)
    ways = tuple(way(step, telling) for step in source.next)
    below = _below(telling, ways)
    if below:
        plain.append("\n".join(f"{link.label}: {_shown(link.url)}" for link in below))
        html.append(HTML.items(False, [[HTML.link(HTML.text(link.label), link.url, "")] for link in below]))
    body = HTML.gap.join(html)
    return assemble(
        telling,
        text=PLAIN.gap.join(plain),
        markup=Markup(type=HTML.type, body=f'<div lang="{HTML.text(source.locale)}" style="{FRAME}">\n{body}\n</div>'),
        ask=line(source.ask, telling),
        ways=ways,
        email=email,
    )


def _head(telling: Telling, plain: list[str]) -> EmailOut:
    """Subject and preheader in one line each; without their own, the title and the first sentence."""
    own = telling.source.email
    subject = line(own.subject or telling.source.title, telling)
    preheader = line(own.preheader, telling)
    if not preheader and plain:
        preheader = next(iter(sentences(plain[0], telling.source.locale)), "")
    return EmailOut(subject=" ".join(subject.split()), preheader=" ".join(preheader.split()))


def _below(telling: Telling, ways: tuple[NextOut, ...]) -> list[Link]:
    """The links under a letter, each address once: a way on that leads where a link does adds nothing."""
    leading = (Link(label=one.label, url=one.to.removeprefix("link:")) for one in ways if one.to.startswith("link:"))
    by_address: dict[str, Link] = {}
    for link in (*links(telling), *leading):
        if link.url:
            by_address.setdefault(link.url, link)
    return list(by_address.values())


def _shown(url: str) -> str:
    """An address as a reader of plain text wants it."""
    return url.removeprefix("tel:").removeprefix("mailto:")
