"""Pure rules of entries: what is hashed, and which content is shaped for its kind."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from kb.base.hashing import canonical, digest
from kb.channels.references import ADDRESS, WAY_ON, references
from kb.channels.types import Issue, Variant, blocks
from kb.entries.policy_issues import policy_issues
from kb.entries.texts import texts_of, wording_fields, wordings_of
from kb.entries.translation import inherit, translation_issues
from kb.entries.types import NO_LOCALE, Content, Draft, Kind

FORMAT = "kb.revision/1"

NEEDS = {
    Kind.FACT: ("title", "fact"),
    Kind.CLAIM: ("title", "wording", "evidence"),
    Kind.DISCLOSURE: ("title", "wording", "placement"),
    Kind.ANSWER: ("title", "wording"),
    Kind.PROMISE: ("title", "wording", "promise"),
    Kind.NOTICE: ("title", "wording", "notice"),
    Kind.HOUSE: ("title", "house"),
}
ONLY = {"fact": Kind.FACT, "evidence": Kind.CLAIM, "placement": Kind.DISCLOSURE, "house": Kind.HOUSE}
ONLY_PROMISE_NOTICE = {"promise": Kind.PROMISE, "notice": Kind.NOTICE}


SECTION = re.compile(r"^##? ", re.MULTILINE)


def signed_bytes(draft: Draft) -> bytes:
    """The canonical bytes that a revision's hash covers (DESIGN §4, format `kb.revision/1`)."""
    again = {"again": draft.again} if draft.again else {}
    return canonical(
        {
            "format": FORMAT,
            "key": draft.key,
            "kind": draft.kind,
            "locale": draft.locale,
            "source": draft.source,
            "author": draft.author,
            "editors": sorted(draft.editors),
            "content": msgspec.to_builtins(draft.content, builtin_types=(datetime,)),
            **again,
        }
    )


def content_hash(draft: Draft) -> str:
    """SHA-256 of `signed_bytes`, lower-case hex: what a sign-off names."""
    return digest(signed_bytes(draft))


def own_issues(kind: Kind, content: Content, source: Content | None = None) -> tuple[Issue, ...]:
    """Everything that can be said of a content alone; of a translation, together with the source it inherits from."""
    whole = inherit(source, content) if source else content
    found = [*shape_issues(kind, whole), *variant_issues(whole), *address_issues(whole), *slot_issues(whole)]
    return (*found, *(translation_issues(source, content) if source else ()))


def shape_issues(kind: Kind, content: Content) -> tuple[Issue, ...]:
    """Fields that the kind needs and lacks, or has and can't use; a translation's content with what it inherits."""
    found = []
    for name in NEEDS[kind]:
        if not getattr(content, name):
            found.append(
                blocks("field-missing", name, f"A {kind} needs {name}.", f"Add {name}; the schema shows its form.")
            )
    for name, owner in {**ONLY, **ONLY_PROMISE_NOTICE}.items():
        if kind is not owner and getattr(content, name):
            found.append(
                blocks(
                    "field-misplaced", name, f"Only a {owner} has {name}.", f"Remove {name}, or make this a {owner}."
                )
            )
    if kind in {Kind.FACT, Kind.HOUSE} and content.wording is not None:
        found.append(
            blocks("field-misplaced", "text", f"A {kind} has no wording.", "Move the text to an answer or claim.")
        )
    for prefix, wording in wordings_of(content):
        for field, text in wording_fields(prefix, wording):
            if SECTION.search(text):
                message = "A line begins with # or ##, which is how the content files mark their sections."
                found.append(blocks("heading-level", field, message, "Use ### for a heading inside a text."))
    if content.house and content.house.policy:
        found += policy_issues(content.house.policy)
    if not content.owner:
        found.append(blocks("field-missing", "owner", "Nobody owns this entry.", "Name the team that answers for it."))
    return tuple(found)


def address_issues(content: Content) -> tuple[Issue, ...]:
    """Links and ways on that lead nowhere, or where we never link to."""
    addresses = [(f"links[{index}].url", link.url) for index, link in enumerate(content.links)]
    addresses += [(f"evidence[{index}].url", proof.url) for index, proof in enumerate(content.evidence) if proof.url]
    action = "Write https://…, tel:…, mailto:… or one {{fact:…}}."
    found = [
        blocks("address-refused", field, f"“{url}” is no address we link to.", action, found=url)
        for field, url in addresses
        if not ADDRESS.match(url)
    ]
    action = "Write entry:KEY, handover, handover:QUEUE, callback, callback:QUEUE, link:https://… or end."
    found += [
        blocks("way-on-refused", f"next.{option.id}.to", f"“{option.to}” leads nowhere.", action, found=option.to)
        for option in content.next
        if not WAY_ON.match(option.to)
    ]
    return tuple(found)


def variant_issues(content: Content) -> tuple[Issue, ...]:
    """Two variants of which neither wins where both hold: refused when saved, so that no reader ever meets a guess."""
    found = []
    for index, one in enumerate(content.variants):
        if not conditions(one):
            found.append(
                blocks(
                    "variant-without-when",
                    f"variants[{index}].when",
                    "A variant without a condition would always win.",
                    "Give it a condition, or make it the canonical text.",
                )
            )
        for other_index, other in enumerate(content.variants[:index]):
            if len(conditions(one)) == len(conditions(other)) and _overlap(one, other):
                found.append(
                    blocks(
                        "variant-tie",
                        f"variants[{index}].when",
                        f"Variants {other_index + 1} and {index + 1} can both hold with as many conditions each.",
                        "Add a condition to one of them, or narrow one so that they exclude each other.",
                    )
                )
        if len(one.alternates) > MOST_ALTERNATES:
            found.append(_too_many_alternates(f"variants[{index}].alternates"))
    if len(content.alternates) > MOST_ALTERNATES:
        found.append(_too_many_alternates("alternates"))
    return tuple(found)


def slot_issues(content: Content) -> tuple[Issue, ...]:
    """Slots that could leave a hole in a sentence: used and not declared, or neither required nor with a fallback."""
    found = []
    used = {ref.key for text in texts_of(content) for ref in references(text) if ref.kind == "slot"}
    for name in sorted(used - content.slots.keys()):
        found.append(
            blocks(
                "slot-undeclared",
                f"slots.{name}",
                f"The text uses {{{{slot:{name}}}}}, which is not declared.",
                "Declare it with type, max, and required or a fallback.",
                found=f"{{{{slot:{name}}}}}",
            )
        )
    for name, slot in sorted(content.slots.items()):
        if not slot.required and not slot.fallback:
            found.append(
                blocks(
                    "slot-without-fallback",
                    f"slots.{name}",
                    f"The slot {name} is optional and has nothing to fall back on.",
                    "Give it a fallback, or make it required.",
                )
            )
        if len(slot.fallback) > slot.max:
            found.append(
                blocks("slot-too-long", f"slots.{name}", f"The fallback of {name} is longer than max.", "Shorten it.")
            )
    return tuple(found)


MOST_ALTERNATES = 5


def conditions(variant: Variant) -> dict[str, frozenset[str]]:
    """The conditions a variant has: field → any of these words."""
    when = variant.when
    fields = {"product": when.product, "stage": when.stage, "tone": when.tone, "visibility": when.visibility}
    return {name: frozenset(words) for name, words in fields.items() if words}


def source_locale(kind: Kind, default: str) -> str:
    """The locale in which an entry is written first."""
    return NO_LOCALE if kind in {Kind.FACT, Kind.HOUSE} else default


def cycle(start: str, edges: dict[str, Iterable[str]]) -> tuple[str, ...]:
    """The way from `start` back to itself along `edges`, or nothing."""
    path: list[str] = []
    seen: set[str] = set()

    def walk(key: str) -> bool:
        path.append(key)
        for target in sorted(edges.get(key, ())):
            if target == start:
                path.append(start)
                return True
            if target not in seen:
                seen.add(target)
                if walk(target):
                    return True
        path.pop()
        return False

    return tuple(path) if walk(start) else ()


def _overlap(one: Variant, other: Variant) -> bool:
    first, second = conditions(one), conditions(other)
    return all(first[name] & second[name] for name in first.keys() & second.keys())


def _too_many_alternates(field: str) -> Issue:
    return blocks(
        "too-many-alternates", field, f"At most {MOST_ALTERNATES} alternates are kept.", "Keep the best five."
    )
