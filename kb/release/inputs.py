"""What a wording leans on, gathered from the world: facts, claims and disclosures transitively, and the `say-*` entries."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

import msgspec

from kb.base.hashing import instant
from kb.channels.references import references
from kb.channels.types import ClaimInput, DisclosureInput, FactInput, Inputs, Issue, SayInput, Wording, blocks
from kb.entries.rules import cycle
from kb.entries.texts import fields_of
from kb.entries.translation import inherit
from kb.entries.types import NO_LOCALE, Content, Kind, Revision
from kb.release.types import At, World

SAYS = ("say-repeat", "say-handover")


class Gathered(msgspec.Struct, frozen=True):
    """Inputs with the places and hashes they came from, what is wrong with the references, and the earliest end of all."""

    inputs: Inputs
    leans_on: frozenset[At]
    hashes: tuple[str, ...]
    issues: tuple[Issue, ...]
    valid_until: str | None


def gather(world: World, key: str, locale: str, content: Content, default_locale: str) -> Gathered:
    """Everything that `content` refers to in a locale; a reference that can't be filled is an issue with its place."""
    found: dict[tuple[str, str], Revision] = {}
    issues: list[Issue] = []
    edges: dict[str, set[str]] = {}
    waiting: list[tuple[str, Content, bool]] = [(key, content, True)]
    seen = {key}
    ends: list[str | None] = [end_of(content), *_caps(world, key, locale, default_locale)]
    while waiting:
        owner, text, direct = waiting.pop()
        for field, kind, target, start, end in _references(text):
            edges.setdefault(owner, set()).add(target)
            if direct and (problem := _problem(world, kind, target, locale, field, start, end)):
                issues.append(problem)
                continue
            revision = world.get(target, NO_LOCALE if kind == Kind.FACT else locale)
            if revision is None or target in seen:
                continue
            seen.add(target)
            found[kind, target] = revision
            whole = whole_content(world, revision, default_locale)
            ends += [end_of(whole), *_caps(world, target, revision.draft.locale, default_locale)]
            waiting.append((target, whole, False))
    if path := cycle(key, dict(edges)):
        issues.append(_circular(path))
    says = {say: revision for say in SAYS if say != key and (revision := world.get(say, locale))}
    used = [*found.values(), *says.values()]
    places = frozenset((one.draft.key, one.draft.locale) for one in used)
    return Gathered(
        inputs=_inputs(found, says, world, default_locale),
        leans_on=places,
        hashes=tuple(sorted(one.hash for one in used)),
        issues=tuple(issues),
        valid_until=min((end for end in ends if end), default=None),
    )


def whole_content(world: World, revision: Revision, default_locale: str) -> Content:
    """A revision's content; a translation's with what it inherits from the source that would be live."""
    draft = revision.draft
    if draft.locale in {NO_LOCALE, default_locale}:
        return draft.content
    source = world.get(draft.key, default_locale)
    return inherit(source.draft.content, draft.content) if source else draft.content


def _caps(world: World, key: str, locale: str, default_locale: str) -> Iterable[str]:
    """The instants at which a place ends for a reason outside its content; a translation ends with its source."""
    places = {(key, locale)} if locale == NO_LOCALE else {(key, locale), (key, default_locale)}
    return (world.caps[at] for at in places if at in world.caps)


def end_of(content: Content) -> str | None:
    """When a content lapses of itself: its validity, or the day its first evidence ends (to the end of that day, UTC)."""
    ends = [content.valid_until] if content.valid_until else []
    ends += [
        datetime.combine(evidence.valid_until, time.max, UTC) for evidence in content.evidence if evidence.valid_until
    ]
    return min((instant(end) for end in ends), default=None)


def _references(content: Content) -> Iterable[tuple[str, str, str, int, int]]:
    for field, text in fields_of(content):
        for ref in references(text):
            if ref.kind != "slot":
                yield field, ref.kind, ref.key, ref.start, ref.end


def _problem(world: World, kind: str, target: str, locale: str, field: str, start: int, end: int) -> Issue | None:
    place = NO_LOCALE if kind == Kind.FACT else locale
    revision = world.get(target, place)
    found = f"{{{{{kind}:{target}}}}}"
    if revision is None:
        other = any(key == target for key, _ in (*world.candidates, *world.live))
        message = f"{found} isn't there in {place}." if other else f"{found} is neither live nor in this release."
        action = "Translate it first." if other else "Release it first or with this, or refer to something else."
        return blocks("reference-not-live", field, message, action, found=found, start=start, end=end)
    if revision.draft.kind != kind:
        message = f"{target} is a {revision.draft.kind}, not a {kind}."
        action = f"Write {{{{{revision.draft.kind}:{target}}}}} if that is what you mean."
        return blocks("reference-kind", field, message, action, found=found, start=start, end=end)
    return None


def _inputs(
    found: Mapping[tuple[str, str], Revision], says: Mapping[str, Revision], world: World, default_locale: str
) -> Inputs:
    facts, claims, disclosures = {}, {}, {}
    for (_, key), revision in found.items():
        content = whole_content(world, revision, default_locale)
        wording = content.wording or Wording(text="")
        if content.fact is not None:
            facts[key] = FactInput(key, content.fact, revision.number, revision.hash)
        elif content.placement is not None:
            disclosures[key] = DisclosureInput(
                key, content.title, wording, content.placement, revision.number, revision.hash
            )
        else:
            claims[key] = ClaimInput(key, content.title, wording, revision.number, revision.hash)
    spoken = {
        key: SayInput(
            key,
            one.draft.content.title,
            one.draft.content.wording or Wording(text=""),
            one.draft.content.phrasings,
            one.number,
            one.hash,
        )
        for key, one in says.items()
    }
    return Inputs(facts, claims, disclosures, spoken)


def _circular(path: tuple[str, ...]) -> Issue:
    return blocks(
        "reference-circular",
        "text",
        f"The references go round in a circle: {' → '.join(path)}.",
        "Take one of them out: a text can't contain itself.",
        found=" → ".join(path),
    )
