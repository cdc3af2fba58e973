"""`kb history`: what was said when, what changed, and what is missing where."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import rich_click as click

from kb.app import House
from kb.base.errors import Invalid, NotFound
from kb.base.hashing import instant
from kb.base.work import EVERY_AUDIENCE
from kb.channels.profiles import CHANNELS, Profiles
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.delivery import queries
from kb.delivery.queries import Instant
from kb.delivery.types import Asked, Delivered
from kb.entries.types import DELIVERED
from kb.release.coverage import SOON, Cell, CellState, Coverage, Wanted
from kb.release.coverage import coverage as coverage_of
from kb.release.intervals import Interval
from kb.release.intervals import intervals as intervals_of
from kb.release.places import Entries
from kb.release.timeline import Happening
from kb.release.timeline import timeline as timeline_of
from kb.release.translations import Translation, Translations, TranslationState
from kb.release.translations import translations as translations_of

RUN = 100

kind_option = click.option(
    "--kind", default=None, type=click.Choice([kind.value for kind in sorted(DELIVERED)]), help="Only this kind."
)
topic_option = click.option("--topic", default="", help="Only this topic.")
locale_option = click.option("--locale", default="", help="Only this locale.")


@click.group()
def history() -> None:
    """What was said when, what changed, and what is missing where."""


@history.command("as-of")
@click.argument("key")
@click.option("--at", "when", required=True, help="A time (2026-11-22T10:00:00Z) or a position of the journal (42).")
@click.option("--channel", required=True, type=click.Choice(list(CHANNELS)))
@click.option("--locale", default="", help="Without one, the first of the channel profiles of then.")
@click.option("--profile", default="", help="Without one, the channel's default.")
@home_options
@json_option
def as_of(key: str, when: str, channel: str, locale: str, profile: str, *, as_json: bool, **flags: object) -> None:
    """What KEY said then, withdrawn or not: the very payload that a channel was sent."""

    async def look(house: House) -> Delivered:
        reader = house.node.reader
        then = await _instant(house, when)
        profiles = await house.node.profiles_at(then.position) if then else None
        if then is None or profiles is None:
            raise NotFound("nothing was released by then")
        name = _profile(profiles, channel, profile)
        chain = profiles.chain(locale or profiles.locales[0])
        found = await queries.get_then(reader, key, Asked(channel, name, chain, EVERY_AUDIENCE), then)
        if found is None:
            raise NotFound(f"{key} said nothing then, in {channel}, {' or '.join(chain)}")
        return found

    found = with_house(settings_of(**flags), look)
    told = msgspec.json.decode(found.body)
    emit(
        msgspec.Raw(found.body),
        [f"{found.key} ({found.locale}), number {found.version}:", told["text"]],
        as_json=as_json,
    )


@history.command()
@click.argument("key")
@home_options
@json_option
def intervals(key: str, *, as_json: bool, **flags: object) -> None:
    """From when until when KEY was live, suspended, withdrawn, expired or superseded."""

    async def look(house: House) -> tuple[Interval, ...]:
        async with house.sessions.reading() as connection:
            return await intervals_of(connection, key, house.services.now())

    found = with_house(settings_of(**flags), look)
    emit(found, [_interval(one) for one in found], as_json=as_json)


@history.command()
@click.argument("key")
@home_options
@json_option
def timeline(key: str, *, as_json: bool, **flags: object) -> None:
    """Everything that happened to KEY, in order."""

    async def look(house: House) -> list[Happening]:
        found: list[Happening] = []
        after: int | None = 0
        async with house.sessions.reading() as connection:
            while after is not None:
                page = await timeline_of(connection, key, after=after, limit=RUN)
                found += page.items
                after = page.next
        return found

    happened = with_house(settings_of(**flags), look)
    lines = [f"{one.position:>6}  {one.at}  {one.words} ({one.name or one.by})" for one in happened]
    emit(happened, lines, as_json=as_json)


@history.command()
@click.option(
    "--state", default=None, type=click.Choice([state.value for state in CellState]), help="Only places in this state."
)
@click.option("--channel", default=None, type=click.Choice(list(CHANNELS)), help="Only this channel.")
@locale_option
@topic_option
@kind_option
@click.option("--judge", is_flag=True, help="Say what would block the revisions that wait.")
@click.option("--days", default=SOON, show_default=True, type=click.IntRange(0, 365), help="How soon is expiring.")
@home_options
@json_option
def coverage(
    state: str | None,
    channel: str | None,
    locale: str,
    topic: str,
    kind: str | None,
    *,
    judge: bool,
    days: int,
    as_json: bool,
    **flags: object,
) -> None:
    """How every entry stands in every channel, profile and locale."""
    wanted = Wanted(_entries(kind, topic, locale), state or "", channel or "", frozenset(), judge, days)

    async def look(house: House) -> Coverage:
        async with house.sessions.reading() as connection:
            return await coverage_of(connection, wanted, house.services.clock.now(), limit=1_000_000)

    found = with_house(settings_of(**flags), look)
    emit(found, [*map(_cell, found.items), _counts(found.counts)], as_json=as_json)


@history.command()
@click.option(
    "--state",
    default=None,
    type=click.Choice([state.value for state in TranslationState]),
    help="Only translations in this state.",
)
@locale_option
@topic_option
@kind_option
@home_options
@json_option
def translations(
    state: str | None, locale: str, topic: str, kind: str | None, *, as_json: bool, **flags: object
) -> None:
    """How every translation stands against its source."""

    async def look(house: House) -> Translations:
        async with house.sessions.reading() as connection:
            wanted = _entries(kind, topic, locale)
            return await translations_of(connection, wanted, state=state or "", limit=1_000_000)

    found = with_house(settings_of(**flags), look)
    emit(found, [*map(_translation, found.items), _counts(found.counts)], as_json=as_json)


async def _instant(house: House, when: str) -> Instant | None:
    if when.isascii() and when.isdigit():
        return await queries.instant_of(house.node.reader, int(when[:18]))
    try:
        moment = datetime.fromisoformat(when)
        stamp = instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise Invalid("--at is a position of the journal (42) or a time (2026-11-22T10:00:00Z)") from error
    return await queries.instant_at(house.node.reader, stamp)


def _profile(profiles: Profiles, channel: str, name: str) -> str:
    if not name:
        return profiles.default(channel).name
    known = [one.name for one in profiles.served if one.channel == channel]
    if name not in known:
        raise Invalid(f"unknown profile {name!r} of {channel}; use one of: {', '.join(known)}")
    return name


def _entries(kind: str | None, topic: str, locale: str) -> Entries:
    return Entries(kind=kind or "", topic=topic, locales=frozenset({locale}) if locale else frozenset())


def _interval(one: Interval) -> str:
    until = one.until or "now"
    at = f" (position {one.position})" if one.position else ""
    return f"{one.locale}  number {one.number}  {one.state:<10}  {one.since} – {until}{at}"


def _cell(one: Cell) -> str:
    more = _listed([one.pending, *one.issues])
    return f"{one.key} ({one.locale})  {one.channel}/{one.profile}  {one.state}{more}"


def _translation(one: Translation) -> str:
    more = _listed([f"{one.change} changed" if one.change else "", one.review])
    return f"{one.key} ({one.locale})  {one.state}{more}"


def _listed(words: Sequence[str]) -> str:
    told = ", ".join(word for word in words if word)
    return f"  ({told})" if told else ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "nothing"
