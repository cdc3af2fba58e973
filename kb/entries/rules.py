"""Pure rules of entries: what is hashed, what a translation inherits, and which content is shaped for its kind."""

from collections.abc import Iterable, Sequence

import msgspec

from kb.base.hashing import canonical, digest
from kb.channels.references import references
from kb.channels.types import Issue, Link, Next, Variant, Wording, blocks
from kb.entries.types import NO_LOCALE, Content, Draft, Kind, NoticeTerms

FORMAT = "kb.revision/1"

INHERITED = (
    "topic",
    "product",
    "stage",
    "owner",
    "audience",
    "valid_from",
    "valid_until",
    "cadence_days",
    "slots",
    "evidence",
    "placement",
)
"""Fields of content that aren't words: a translation leaves them out and takes its source's."""

NOTHING = Content()
"""A content with every field at its default."""

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


def signed_bytes(draft: Draft) -> bytes:
    """The canonical bytes that a revision's hash covers (DESIGN §4, format `kb.revision/1`)."""
    return canonical(
        {
            "format": FORMAT,
            "key": draft.key,
            "kind": draft.kind,
            "locale": draft.locale,
            "source": draft.source,
            "author": draft.author,
            "editors": sorted(draft.editors),
            "content": msgspec.to_builtins(draft.content, builtin_types=()),
        }
    )


def content_hash(draft: Draft) -> str:
    """SHA-256 of `signed_bytes`, lower-case hex: what a sign-off names."""
    return digest(signed_bytes(draft))


def inherit(source: Content, translation: Content) -> Content:
    """The translation with everything that isn't words taken from its source.

    Ways on are matched by id, links and variants by order; what the translation has no words for is left out. Of a
    notice it gives the purpose and the replies in its own words; consent and quiet hours are the source's.
    """
    words = {option.id: option for option in translation.next}
    taken = {name: getattr(source, name) for name in INHERITED}
    return msgspec.structs.replace(
        translation,
        **taken,
        next=tuple(_way_on(option, words[option.id]) for option in source.next if option.id in words),
        links=tuple(
            Link(label=own.label, url=link.url) for link, own in zip(source.links, translation.links, strict=False)
        ),
        variants=tuple(
            Variant(when=variant.when, wording=own.wording, alternates=own.alternates)
            for variant, own in zip(source.variants, translation.variants, strict=False)
        ),
        notice=_notice(source.notice, translation.notice),
        promise=translation.promise or source.promise,
    )


def translation_issues(source: Content, translation: Content) -> tuple[Issue, ...]:
    """What a translation lacks or has of its own that it may not have, against the source it will be shown with."""
    found = [
        blocks(
            "translation-not-words",
            name,
            f"A translation takes {name} from its source.",
            f"Remove {name} from this file; change it in the source if it is wrong there.",
        )
        for name in INHERITED
        if getattr(translation, name) != getattr(NOTHING, name)
    ]
    expected = {option.id for option in source.next}
    for missing in sorted(expected - {option.id for option in translation.next}):
        found.append(_untranslated(f"next.{missing}", f"The way on “{missing}” of the source has no words here."))
    for extra in sorted({option.id for option in translation.next} - expected):
        found.append(
            blocks(
                "translation-extra",
                f"next.{extra}",
                f"The source has no way on “{extra}”.",
                "Remove it here, or add it to the source first.",
            )
        )
    for name in ("links", "variants"):
        if len(getattr(source, name)) != len(getattr(translation, name)):
            found.append(
                _untranslated(
                    name,
                    f"The source has {len(getattr(source, name))} {name}, this has {len(getattr(translation, name))}.",
                )
            )
    if source.ask and not translation.ask:
        found.append(_untranslated("ask", "The source asks a question at the end and this doesn't."))
    return tuple(found)


def shape_issues(kind: Kind, content: Content, *, translation: bool) -> tuple[Issue, ...]:
    """Fields that the kind needs and lacks, or has and can't use."""
    found = []
    for name in NEEDS[kind]:
        if translation and name in INHERITED:
            continue
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
    if not translation and not content.owner:
        found.append(blocks("field-missing", "owner", "Nobody owns this entry.", "Name the team that answers for it."))
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


def _numbered(name: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"{name}[{index}]", text) for index, text in enumerate(texts)]


def _way_on(source: Next, words: Next) -> Next:
    return msgspec.structs.replace(words, to=source.to)


def _notice(source: NoticeTerms | None, words: NoticeTerms | None) -> NoticeTerms | None:
    if source is None or words is None:
        return source
    return msgspec.structs.replace(source, purpose=words.purpose, replies=words.replies or source.replies)


def _overlap(one: Variant, other: Variant) -> bool:
    first, second = conditions(one), conditions(other)
    return all(first[name] & second[name] for name in first.keys() & second.keys())


def _untranslated(field: str, message: str) -> Issue:
    return blocks("translation-incomplete", field, message, "Translate it, or take it out of the source.")


def _too_many_alternates(field: str) -> Issue:
    return blocks(
        "too-many-alternates", field, f"At most {MOST_ALTERNATES} alternates are kept.", "Keep the best five."
    )
