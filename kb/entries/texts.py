"""Every text of a content with its path, and what the texts refer to."""

from collections.abc import Sequence

from kb.channels.references import references
from kb.channels.types import Wording
from kb.entries.types import Content


def uses_of(content: Content) -> frozenset[tuple[str, str]]:
    """Everything a content refers to directly, as (kind, key): fact, claim, disclosure, and entry for ways on."""
    found = {(ref.kind, ref.key) for text in texts_of(content) for ref in references(text) if ref.kind != "slot"}
    found |= {("entry", option.to.removeprefix("entry:")) for option in content.next if option.to.startswith("entry:")}
    return frozenset(found)


def texts_of(content: Content) -> tuple[str, ...]:
    """Every text of a content that may hold references."""
    return tuple(text for _, text in fields_of(content) if text)


def fields_of(content: Content) -> tuple[tuple[str, str], ...]:
    """Every text with its path in the content, staff part included, phrasings (never shown) left out."""
    found: list[tuple[str, str]] = [("title", content.title), ("ask", content.ask)]
    for prefix, wording in wordings_of(content):
        found += wording_fields(prefix, wording)
    for option in content.next:
        found += [
            (f"next.{option.id}.label", option.label),
            (f"next.{option.id}.say", option.say),
            (f"next.{option.id}.to", option.to),
        ]
    for index, link in enumerate(content.links):
        found += [(f"links[{index}].label", link.label), (f"links[{index}].url", link.url)]
    if content.email:
        found += [("email.subject", content.email.subject), ("email.preheader", content.email.preheader)]
    if content.voice:
        found += _numbered("voice.no_input", content.voice.no_input) + _numbered(
            "voice.no_match", content.voice.no_match
        )
    if content.promise:
        found += [(f"promise.{name}", getattr(content.promise, name)) for name in content.promise.__struct_fields__]
    if content.notice:
        found += [(f"notice.replies.{word}", reply) for word, reply in content.notice.replies.items()]
    if staff := content.staff:
        found += _numbered("staff.steps", staff.steps) + _numbered("staff.do_not_say", staff.do_not_say)
        found += [("staff.notes", staff.notes), ("staff.identity_check", staff.identity_check)]
    return tuple(found)


def wordings_of(content: Content) -> tuple[tuple[str, Wording], ...]:
    """Every wording with its path: the entry's own (``), alternates and variants."""
    found: list[tuple[str, Wording]] = [("", content.wording)] if content.wording else []
    found += [(f"alternates[{index}].", wording) for index, wording in enumerate(content.alternates)]
    for index, variant in enumerate(content.variants):
        found.append((f"variants[{index}].", variant.wording))
        found += [(f"variants[{index}].alternates[{at}].", wording) for at, wording in enumerate(variant.alternates)]
    return tuple(found)


def wording_fields(prefix: str, wording: Wording) -> list[tuple[str, str]]:
    forms = [("text", wording.text), ("short", wording.short), ("spoken", wording.spoken)]
    forms += [(f"overrides.{name}", text) for name, text in wording.overrides.items()]
    return [(prefix + name, text) for name, text in forms if text]


def _numbered(name: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"{name}[{index}]", text) for index, text in enumerate(texts)]
