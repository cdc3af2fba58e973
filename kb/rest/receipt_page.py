"""A receipt as one page to print: the same facts in words and tables, with no script and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from kb.release.receipt_checks import Proved, sentences
from kb.release.receipt_types import HeldRole, Receipt, Signatory

STYLE = (
    "body{font:15px/1.5 Georgia,serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #767676}"
    "table{border-collapse:collapse;width:100%;font-size:.85rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #ccc;padding:.7rem;font-size:.8rem}"
    ".demo{border:3px solid #a00;padding:.7rem;font-weight:bold}"
    "@media print{body{margin:0;max-width:none}tr,pre{break-inside:avoid}}"
)
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Nothing but the one style that stands in the page."""


def page(receipt: Receipt, found: Proved) -> bytes:
    """The whole page; `found` is what checking the receipt proved when it was made."""
    facts = receipt.served.facts
    title = f"Receipt of {facts.key} ({facts.locale}) on {facts.channel}/{facts.profile}"
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>",
        *(
            ["<p class=demo>DEMO: signed with keys that everyone has; it proves nothing about anyone.</p>"]
            * receipt.demo
        ),
        _section("What it proves", _list(sentences(found))),
        _section("What was said", f"<pre>{escape(receipt.payload)}</pre>"),
        _section("Where and when", _pairs(_served(receipt))),
        _section("Made from", _table(("key", "kind", "locale", "number", "hash"), map(_cells, receipt.inputs))),
        _section("Asked by the policy", _table(("revision", "class", "asked", "policy"), _asked(receipt))),
        _section("Signed by", _table(("who", "role", "at", "revision", "signature"), _signed(receipt))),
        _section("Waived, verified, carried over", _table(("what", "who", "role", "of", "more"), _others(receipt))),
        _section("The people", _table(("id", "vouched for by", "roles", "public keys"), map(_person, receipt.people))),
        _section("Proof", _pairs(_proof(receipt))),
        "<p>To check it, ask for the same receipt as JSON, and run <code>kb audit receipt FILE --key KEY</code>.</p>",
        "</body></html>",
    ]
    return "\n".join(parts).encode()


def _served(receipt: Receipt) -> list[tuple[str, object]]:
    served, facts = receipt.served, receipt.served.facts
    ended = f"{served.closed_as} at line {served.closed_at}" if served.closed_at else "still live"
    return [
        ("audience", facts.audience),
        ("variant", facts.variant or "the entry's own wording"),
        ("version", facts.version),
        ("live from line", served.opened_at),
        ("ended", ended),
        ("valid until", facts.valid_until or "no end"),
        ("verified at", facts.verified_at),
    ]


def _asked(receipt: Receipt) -> list[tuple[object, ...]]:
    return [(one.hash, one.change, _roles(one.asked.items()), one.policy) for one in receipt.approvals]


def _signed(receipt: Receipt) -> list[tuple[object, ...]]:
    return [(one.by, one.role, one.at, one.hash, one.signature) for one in receipt.signoffs]


def _others(receipt: Receipt) -> list[tuple[object, ...]]:
    waived = [
        ("waiver", one.by, one.role, one.hash, f"{one.code} in {one.field}: {one.reason}") for one in receipt.waivers
    ]
    verified = [("verification", one.by, one.role, one.hash, one.at) for one in receipt.verifications]
    carried = [
        ("carried over", one.by, one.role, one.hash, f"from {one.signed} ({one.change})") for one in receipt.carried
    ]
    return [*waived, *verified, *carried]


def _person(one: Signatory) -> tuple[object, ...]:
    return one.id, one.origin, "; ".join(map(_held, one.roles)), " ".join(one.public_keys)


def _held(one: HeldRole) -> str:
    return f"{one.role} on {', '.join(one.topics)} from {one.since}{f' until {one.until}' if one.until else ''}"


def _proof(receipt: Receipt) -> list[tuple[str, object]]:
    return [
        ("rendition", receipt.rendition),
        ("renderer", receipt.leaf.renderer),
        ("profile", receipt.leaf.profile),
        ("leaf", f"inputs {receipt.leaf.inputs}, row {receipt.leaf.row}"),
        (
            "Merkle path",
            " ".join(f"{'←' if one.left else '→'}{one.hash}" for one in receipt.path) or "the leaf is the root",
        ),
        ("line", receipt.line.data),
        ("hash of the line", receipt.line.hash),
        ("hash of the line before", receipt.previous),
        ("policy", receipt.policy),
        ("checkpoint", f"{receipt.checkpoint.position} at {receipt.checkpoint.at}: {receipt.checkpoint.signature}"),
        ("key", receipt.key),
        ("signature", receipt.signature),
    ]


def _roles(asked: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} × {role}" for role, count in asked) or "the author alone"


def _cells(one: object) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in ("key", "kind", "locale", "number", "hash"))


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _pairs(pairs: Iterable[tuple[str, object]]) -> str:
    rows = "".join(f"<tr><th scope=row>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in pairs)
    return f"<table>{rows}</table>"


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in names)
    body = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    if not body:
        return "<p>None.</p>"
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in body)}</table>"
