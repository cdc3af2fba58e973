"""What of unreleased content an actor may see or change: by right, topic, audience and locale. Pure."""

from kb.base.errors import Forbidden
from kb.base.work import Actor, Right
from kb.entries.types import NO_LOCALE, Content


def sees(actor: Actor, topic: str, audience: str, locale: str) -> bool:
    """Whether an actor may read drafts of this topic and audience in this locale; whoever may write may read, too."""
    return (
        (actor.may(Right.DRAFTS, topic) or actor.may(Right.WRITE, topic))
        and audience in actor.audiences
        and reads(actor, locale)
    )


def reads(actor: Actor, locale: str) -> bool:
    """Whether an actor is limited to other locales than this; what has no locale is in all of them."""
    return locale == NO_LOCALE or not actor.locales or locale in actor.locales


def must_write(actor: Actor, locale: str, *contents: Content) -> None:
    """Raise Forbidden unless an actor may write these contents, before and after a change, in this locale."""
    actor.must(Right.WRITE, *(content.topic for content in contents))
    if not reads(actor, locale):
        raise Forbidden(f"{actor.id} may not write in {locale}: use credentials that hold for it")
    for content in contents:
        if content.audience not in actor.audiences:
            raise Forbidden(f"{actor.id} may not write for audience {content.audience}: use credentials that may")
