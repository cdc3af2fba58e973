"""What a translation has of its own, and what it inherits from its source."""

import msgspec

from kb.channels.types import Issue, Link, Next, blocks
from kb.entries.types import Content, NoticeTerms

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


def inherit(source: Content, translation: Content) -> Content:
    """The translation with everything that isn't words taken from its source.

    Ways on are matched by id, variants by their conditions, links by order; what the translation has no words for is
    left out. Of a notice it gives the purpose and the replies in its own words; consent and quiet hours are the source's.
    """
    words = {option.id: option for option in translation.next}
    told = {variant.when: variant for variant in translation.variants}
    taken = {name: getattr(source, name) for name in INHERITED}
    return msgspec.structs.replace(
        translation,
        **taken,
        next=tuple(_way_on(option, words[option.id]) for option in source.next if option.id in words),
        links=tuple(
            Link(label=own.label, url=link.url) for link, own in zip(source.links, translation.links, strict=False)
        ),
        variants=tuple(told[variant.when] for variant in source.variants if variant.when in told),
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
    if len(source.links) != len(translation.links):
        message = f"The source has {len(source.links)} links, this has {len(translation.links)}."
        found.append(_untranslated("links", message))
    if {variant.when for variant in source.variants} != {variant.when for variant in translation.variants}:
        found.append(_untranslated("variants", "The source has variants under other conditions than this."))
    if source.ask and not translation.ask:
        found.append(_untranslated("ask", "The source asks a question at the end and this doesn't."))
    return tuple(found)


def _way_on(source: Next, words: Next) -> Next:
    return msgspec.structs.replace(words, to=source.to)


def _notice(source: NoticeTerms | None, words: NoticeTerms | None) -> NoticeTerms | None:
    if source is None or words is None:
        return source
    return msgspec.structs.replace(source, purpose=words.purpose, replies=words.replies or source.replies)


def _untranslated(field: str, message: str) -> Issue:
    return blocks("translation-incomplete", field, message, "Translate it, or take it out of the source.")
