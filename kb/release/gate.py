"""The gate (law 4): what one entry would say everywhere, and every reason why it may not. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from kb.base.hashing import digest, instant
from kb.channels import parity, terms
from kb.channels.figures import literals
from kb.channels.profiles import CHANNELS, Profile, Profiles
from kb.channels.profiles import problems as profile_problems
from kb.channels.render import encode, render
from kb.channels.render import issues as channel_issues
from kb.channels.types import EmailParts, Issue, Payload, Severity, Source, VoicePrompts, blocks, warns
from kb.channels.validity import issues as fact_issues
from kb.delivery.types import Findable, Rendered, Slotted
from kb.entries.rules import address_issues, shape_issues, slot_issues, variant_issues
from kb.entries.texts import fields_of, wordings_of
from kb.entries.translation import INHERITED, translation_issues
from kb.entries.types import DELIVERED, NO_LOCALE, Audience, Content, GlossaryTerm, Revision
from kb.release.choices import Choice, choices
from kb.release.inputs import Gathered, gather, whole_content
from kb.release.types import At, Judged, World
from kb.review.changes import change_class
from kb.review.types import ChangeClass

SAID_ONCE = frozenset({"reference-unknown", "reference-circular", "slot-undeclared", "slot-fallback"})
"""What a renderer can only see as a hole in its text; here it is said once, with its reason."""

WORDED = re.compile(r"(^|\.)(text|short|spoken|overrides\..+)$")
"""Fields of a wording, whose figures `parity` reads."""

BEHIND = "translation-behind"
CLOSING = frozenset({ChangeClass.VALUE, ChangeClass.DISCLOSURE, ChangeClass.MODALITY})
"""Classes of change in a source behind which no translation of it may stand."""

UNTOLD = (".to", ".url")
"""Fields that are addresses, not text: their references are checked, their words are not."""


class Rulings(msgspec.Struct, frozen=True):
    """The house documents that rule a release: profiles, glossary terms by locale, days until a review is due and overdue."""

    profiles: Profiles
    glossary: dict[str, tuple[GlossaryTerm, ...]]
    cadence_days: int
    grace_days: int

    @property
    def default_locale(self) -> str:
        return self.profiles.locales[0]


def judge(world: World, rulings: Rulings, at: At, verified_at: str) -> Judged:
    """One entry in one locale: its renditions in every served profile, and everything that blocks or warns."""
    key, locale = at
    revision = world.get(key, locale)
    if revision is None:
        raise LookupError(f"{key} in {locale} is not in this world")
    translation = locale not in {NO_LOCALE, rulings.default_locale}
    if translation and world.get(key, rulings.default_locale) is None:
        return Judged(at, revision, (_sourceless(revision, rulings),), (), None, (revision.hash,), frozenset())
    content = whole_content(world, revision, rulings.default_locale)
    gathered = gather(world, key, locale, content, rulings.default_locale)
    issues = [*shape_issues(revision.draft.kind, content), *variant_issues(content)]
    issues += [*address_issues(content), *_overrides(content, rulings)]
    issues += [*slot_issues(content), *gathered.issues, *_ways_on(world, content, locale)]
    if translation:
        issues += _translation(world, revision, rulings)
    if revision.draft.kind in DELIVERED:
        issues += _words(content, locale, rulings)
    issues += _value(content, rulings)
    rendered: list[tuple[Rendered, str]] = []
    found: Findable | None = None
    if revision.draft.kind in DELIVERED and content.wording is not None:
        made = _render_all(revision, content, gathered, rulings, verified_at)
        rendered, found = made.rendered, made.findable
        issues += made.issues
    waived = world.waived.get(revision.hash, frozenset())
    return Judged(
        at=at,
        revision=revision,
        issues=_distinct(issues, waived, locale),
        rendered=tuple(rendered),
        findable=found,
        inputs=(revision.hash, *gathered.hashes),
        leans_on=gathered.leans_on | ({(key, rulings.default_locale)} if translation else frozenset()),
    )


def blocking(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Those that stop a release."""
    return tuple(issue for issue in issues if issue.severity is Severity.BLOCKS)


class _Made(msgspec.Struct):
    rendered: list[tuple[Rendered, str]]
    issues: list[Issue]
    findable: Findable | None


def _render_all(revision: Revision, content: Content, gathered: Gathered, rulings: Rulings, verified_at: str) -> _Made:
    made = _Made([], [], None)
    ends = _ends(content, gathered, rulings, verified_at)
    channels = sorted({profile.channel for profile in rulings.profiles.served})
    canonical: dict[str, Source] = {}
    for choice in choices(content):
        source = _source(revision, content, choice, staff=False)
        made.issues += parity.issues(source, gathered.inputs, channels, at=choice.at)
        if canonical.setdefault(choice.variant, source) is not source:
            made.issues += parity.compare(
                canonical[choice.variant], choice.wording, gathered.inputs, channels, at=choice.at
            )
        for profile in rulings.profiles.checked:
            payload = render(source, gathered.inputs, profile)
            made.issues += _placed(channel_issues(source, gathered.inputs, profile, payload), choice)
        for profile in rulings.profiles.served:
            payload = render(source, gathered.inputs, profile)
            found = _placed(channel_issues(source, gathered.inputs, profile, payload), choice)
            made.issues += [issue for issue in found if issue.code not in SAID_ONCE]
            made.rendered.append((_rendered(revision, content, choice, profile, payload, ends), profile.hash))
            if made.findable is None:
                made.findable = _findable(revision, content, payload, rulings, gathered)
            if profile.channel == "agent" and content.staff is not None:
                whole = render(_source(revision, content, choice, staff=True), gathered.inputs, profile)
                row = _rendered(revision, content, choice, profile, whole, ends, Audience.STAFF)
                made.rendered.append((row, profile.hash))
    return made


def _placed(found: Iterable[Issue], choice: Choice) -> list[Issue]:
    """A channel knows the texts of one wording; here they get their place in the whole content."""
    return [
        msgspec.structs.replace(issue, field=f"{choice.at}{issue.field}") if WORDED.search(issue.field) else issue
        for issue in found
    ]


class _Ends(msgspec.Struct, frozen=True):
    valid_until: str | None
    verified_at: str
    due_at: str
    overdue_at: str


def _ends(content: Content, gathered: Gathered, rulings: Rulings, verified_at: str) -> _Ends:
    verified = datetime.fromisoformat(verified_at)
    due = verified + timedelta(days=content.cadence_days or rulings.cadence_days)
    return _Ends(gathered.valid_until, verified_at, instant(due), instant(due + timedelta(days=rulings.grace_days)))


def _source(revision: Revision, content: Content, choice: Choice, *, staff: bool) -> Source:
    return Source(
        key=revision.draft.key,
        kind=revision.draft.kind.value,
        locale=revision.draft.locale,
        title=content.title,
        wording=choice.wording,
        version=revision.number,
        hash=revision.hash,
        topic=content.topic,
        product=choice.product or content.product,
        stage=choice.stage or (content.stage.value if content.stage else ""),
        tone=choice.tone,
        slots=content.slots,
        ask=content.ask,
        next=content.next,
        links=content.links,
        email=content.email or EmailParts(),
        voice=content.voice or VoicePrompts(),
        staff=content.staff if staff else None,
    )


def _rendered(
    revision: Revision,
    content: Content,
    choice: Choice,
    profile: Profile,
    payload: Payload,
    ends: _Ends,
    audience: Audience | None = None,
) -> Rendered:
    body = encode(payload)
    audience = audience or content.audience
    place = Slotted(
        revision.draft.key,
        revision.draft.locale,
        profile.channel,
        profile.name,
        audience.value,
        choice.variant,
        choice.pick,
    )
    return Rendered(
        at=place,
        kind=revision.draft.kind.value,
        topic=content.topic,
        product=content.product,
        stage=content.stage.value if content.stage else "",
        version=revision.number,
        hash=revision.hash,
        rendition=digest(body),
        body=body,
        valid_until=ends.valid_until,
        verified_at=ends.verified_at,
        due_at=ends.due_at,
        overdue_at=ends.overdue_at,
    )


def _findable(revision: Revision, content: Content, payload: Payload, rulings: Rulings, gathered: Gathered) -> Findable:
    return Findable(
        key=revision.draft.key,
        locale=revision.draft.locale,
        audience=content.audience.value,
        kind=revision.draft.kind.value,
        topic=content.topic,
        product=content.product,
        stage=content.stage.value if content.stage else "",
        title=payload.title,
        text=payload.text,
        phrasings=content.phrasings,
        channels=tuple(dict.fromkeys(profile.channel for profile in rulings.profiles.served)),
        valid_until=gathered.valid_until,
    )


def _words(content: Content, locale: str, rulings: Rulings) -> list[Issue]:
    """Figures that are no facts, and the glossary, in every text that leaves."""
    found: list[Issue] = []
    glossary = rulings.glossary.get(locale, ())
    for field, text in fields_of(content):
        if not text or field.endswith(UNTOLD):
            continue
        if not field.startswith("staff.") and not WORDED.search(field):
            found += literals(text, locale, field)
        if not field.startswith("staff.do_not_say"):
            found += terms.issues(text, field, glossary, locale)
    return found


def _overrides(content: Content, rulings: Rulings) -> list[Issue]:
    """Texts for a channel or profile that isn't there: nobody would ever see them."""
    action = "Name a channel, or one of the profiles in channels.yaml or built in."
    return [
        blocks("override-unknown", f"{prefix}overrides.{name}", f"There is no profile {name}.", action, found=name)
        for prefix, wording in wordings_of(content)
        for name in wording.overrides
        if name not in CHANNELS and name not in rulings.profiles.known
    ]


def _value(content: Content, rulings: Rulings) -> list[Issue]:
    """A fact's value, or a document that rules the profiles, that could not be said or followed as it stands."""
    if content.fact is not None:
        return list(fact_issues(content.fact, rulings.profiles.locales))
    if content.house is not None and content.house.channels is not None:
        return list(profile_problems(content.house.channels))
    return []


def _ways_on(world: World, content: Content, locale: str) -> list[Issue]:
    """Ways on that lead to nothing that is live or in this release."""
    found = []
    for option in content.next:
        target = option.to.removeprefix("entry:")
        if option.to.startswith("entry:") and world.get(target, locale) is None:
            found.append(
                blocks(
                    "next-dead",
                    f"next.{option.id}",
                    f"“{option.label}” leads to {target}, which is neither live in {locale} nor in this release.",
                    "Release it with this, or lead somewhere else.",
                    found=option.to,
                )
            )
    return found


def _sourceless(revision: Revision, rulings: Rulings) -> Issue:
    return blocks(
        "source-not-live",
        "source",
        f"{revision.draft.key} isn't live in {rulings.default_locale}, nor in this release.",
        "Release the source first or with this.",
    )


def _translation(world: World, revision: Revision, rulings: Rulings) -> list[Issue]:
    draft = revision.draft
    source = world.get(draft.key, rulings.default_locale)
    if source is None:
        return [_sourceless(revision, rulings)]
    found = list(translation_issues(source.draft.content, draft.content))
    if source.hash != draft.source:
        action = "Read what changed, adapt the translation, and pin the new source."
        change = _change(world, draft.source, source, rulings)
        if change in CLOSING:
            message = f"The source has changed in {change} since: number {source.number} is current."
            found.append(blocks(BEHIND, "source", message, action, found=change or ""))
        else:
            message = f"Made from another revision of the source than number {source.number}, which is current."
            found.append(warns("translation-stale", "source", message, action))
    return found


def _change(world: World, pinned: str, source: Revision, rulings: Rulings) -> ChangeClass | None:
    """What changed in a source since a translation was made from it; None where that isn't known here.

    What a translation inherits it has at once: only what it says in words of its own can be behind.
    """
    if pinned not in world.pinned:
        return None
    known, now = world.pinned[pinned], source.draft.content
    if known is not None:
        known = msgspec.structs.replace(known, **{name: getattr(now, name) for name in INHERITED})
    return change_class(known, now, rulings.default_locale)


def _distinct(issues: Sequence[Issue], waived: frozenset[tuple[str, str]], locale: str) -> tuple[Issue, ...]:
    """Each finding once, whatever the number of profiles that show it; a waived one warns."""
    found: dict[tuple[str, str, str, int | None], Issue] = {}
    for issue in issues:
        name = (issue.code, issue.field, issue.found, issue.start)
        told = msgspec.structs.replace(issue, locale=locale)
        if (issue.code, issue.field) in waived and issue.code in parity.WAIVABLE:
            told = msgspec.structs.replace(told, severity=Severity.WARNS, message=f"Waived: {issue.message}")
        found.setdefault(name, told)
    return tuple(found.values())
