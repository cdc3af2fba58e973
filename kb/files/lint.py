"""Everything that can be said of content files without a database, each finding with its file and line."""

from collections.abc import Iterator
from pathlib import Path

from kb.channels.types import Issue, Severity
from kb.entries.texts import fields_of
from kb.entries.types import DELIVERED, NO_LOCALE
from kb.files.places import Places
from kb.files.plan import At
from kb.files.read import read_with_places
from kb.files.types import Finding, ReadDraft
from kb.files.world import Files, content_issues, files_of
from kb.review.policy import asked
from kb.review.rules import missing
from kb.review.types import ChangeClass, SignOff


def lint(folder: Path) -> tuple[Finding, ...]:
    """The findings of a folder by file and line; FileNotFoundError when there is none.

    What blocks would keep the entry from going live, were everything else in the folder live; the rest warns.
    """
    reading, places = read_with_places(folder)
    files = files_of(reading)
    drafts = {one.place: one for one in reading.drafts}
    found = [Finding(one.file, one.line, one.code, Severity.BLOCKS, one.message, one.action) for one in reading.faults]
    found += [_placed(one, places[one.place], issue) for one, issue in files.house_issues]
    found += [
        _placed(drafts[at], places[at], issue)
        for at, issue in content_issues(files, sorted(drafts))
        if issue.code != "translation-stale" or drafts[at].draft.source  # an unpinned one is told of below
    ]
    found += _translations(files, drafts)
    found += _signatures(files, drafts)
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.code)))


def _placed(read: ReadDraft, places: Places, issue: Issue) -> Finding:
    line = places.line(issue.field) if issue.field else read.line
    if issue.start is not None and issue.field in places.sections:
        text = dict(fields_of(read.draft.content)).get(issue.field, "")
        line += text.count("\n", 0, issue.start)
    return Finding(read.file, line, issue.code, issue.severity, issue.message, issue.action, issue.field, issue.where)


def _translations(files: Files, drafts: dict[At, ReadDraft]) -> Iterator[Finding]:
    """Pins and translations that are missing."""
    source_locale = files.reading.source_locale
    for (key, locale), one in drafts.items():
        if locale not in {NO_LOCALE, source_locale} and not one.draft.source:
            message = "The translation doesn't say which source it was made from, so nobody can sign it."
            yield _warning(one, "translation-unpinned", message, "Run `kb content pin` when it is up to date.")
        if locale == source_locale and one.draft.kind in DELIVERED:
            for other in files.rulings.profiles.locales:
                if other != locale and (key, other) not in drafts:
                    message = f"There is no {key} in {other}: readers there get it in another language, or not at all."
                    yield _warning(one, "translation-missing", message, f"Write {key}.{other}.md beside it.")


def _signatures(files: Files, drafts: dict[At, ReadDraft]) -> Iterator[Finding]:
    """Sign-offs of nothing that is here, and drafts that lack the sign-offs the policy asks for."""
    by_place: dict[At, list[SignOff]] = {}
    for one in files.reading.signoffs:
        place = (one.value.key, one.value.locale)
        by_place.setdefault(place, []).append(one.value)
        if place not in drafts:
            message = f"There is no file of {one.value.key} in {one.value.locale} that this could sign."
            action = "Restore the file; or leave the line, which does no harm."
            yield Finding(one.file, one.line, "signoff-without-entry", Severity.WARNS, message, action)
    for place, read in drafts.items():
        signed = by_place.get(place, [])
        current = [one for one in signed if one.hash == read.hash]
        if lacking := _lacking(files, read, current, first=len(current) == len(signed)):
            said = ", ".join(f"{count} × {role}" for role, count in lacking.items())
            changed = " as it stands now" if signed and not current else ""
            message = f"This isn't fully signed{changed}: the policy asks for {said}."
            yield _warning(read, "unsigned", message, f"Have it signed: `kb content sign {place[0]} --role …`.")


def _lacking(files: Files, read: ReadDraft, signed: list[SignOff], *, first: bool) -> dict[str, int]:
    """The sign-offs lacking in a text that was never signed before. Files alone don't tell the class of a change of one
    that was: there only a text without any sign-off is told of."""
    if signed and not first:
        return {}
    draft = read.draft
    source = files.world.get(draft.key, files.reading.source_locale)
    content = draft.content if source is None or draft.locale == NO_LOCALE else source.draft.content
    return missing(asked(files.policy, draft.kind, content, ChangeClass.VALUE), signed, draft.author)


def _warning(read: ReadDraft, code: str, message: str, action: str) -> Finding:
    return Finding(read.file, read.line, code, Severity.WARNS, message, action)
