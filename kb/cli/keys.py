"""`kb keys`: API keys."""

from datetime import UTC, datetime, timedelta

import rich_click as click

from kb.accounts.api_keys import Shown, make_key, revoke_key, rotate_key
from kb.accounts.key_format import KeyKind
from kb.accounts.key_queries import KeyFilter, page_of_keys
from kb.accounts.key_rules import GRANTED
from kb.accounts.key_types import ApiKey, Scope, Wanted
from kb.app import House
from kb.base.hashing import instant
from kb.base.paging import decode
from kb.base.work import OPERATOR, Right, open_work
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house

KINDS = [kind.value for kind in KeyKind]
ACTIONS = [right.value for right in GRANTED]


@click.group()
def keys() -> None:
    """API keys: secret ones act as their owner, publishable ones may lie in a page, preview ones see unreleased texts."""


@keys.command()
@click.argument("name")
@click.option("--owner", required=True, help="The person the key acts for; it dies with their account.")
@click.option("--kind", type=click.Choice(KINDS), default=KeyKind.SECRET.value, show_default=True, help="What it is.")
@click.option(
    "--may", "actions", multiple=True, type=click.Choice(ACTIONS), help="An action; repeat it. Default: read."
)
@click.option("--channel", "channels", multiple=True, help="Only this channel; repeat it.")
@click.option("--locale", "locales", multiple=True, help="Only this locale; repeat it.")
@click.option("--audience", "audiences", multiple=True, help="An audience that it reads; repeat it. Default: public.")
@click.option("--origin", "origins", multiple=True, help="A page's origin, for publishable keys; repeat it.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends; without, it works until revoked.")
@home_options
@json_option
def make(
    *,
    name: str,
    owner: str,
    kind: str,
    actions: tuple[str, ...],
    channels: tuple[str, ...],
    locales: tuple[str, ...],
    audiences: tuple[str, ...],
    origins: tuple[str, ...],
    days: int | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Make a key and print its secret, this once. NAME says what uses it."""
    scope = Scope(
        actions=tuple(Right(one) for one in actions) or (Right.READ,),
        channels=channels,
        locales=locales,
        audiences=audiences or ("public",),
    )
    expires_at = instant(datetime.now(UTC) + timedelta(days=days)) if days else None
    wanted = Wanted(kind=KeyKind(kind), name=name, owner=owner, scope=scope, origins=origins, expires_at=expires_at)

    async def run(house: House) -> Shown:
        async with open_work(house.sessions, OPERATOR) as work:
            return await make_key(work, wanted)

    shown = with_house(settings_of(**flags), run)
    emit(shown, [f"key {shown.key.id}, shown this once:", shown.token], as_json=as_json)


@keys.command("list")
@click.option("--owner", default="", help="Only keys of this person.")
@home_options
@json_option
def list_keys(*, owner: str, as_json: bool, **flags: object) -> None:
    """List keys in order of making, without their secrets."""

    async def run(house: House) -> list[ApiKey]:
        found: list[ApiKey] = []
        cursor: str | None = ""
        async with house.sessions.reading() as connection:
            while cursor is not None:
                place = decode(cursor, (str, str))
                page = await page_of_keys(connection, KeyFilter(owner), place, 100, house.services.now())
                found, cursor = [*found, *page.items], page.next
        return found

    found = with_house(settings_of(**flags), run)
    emit(found, [_line(key) for key in found] or ["no keys"], as_json=as_json)


@keys.command()
@click.argument("key")
@click.option(
    "--overlap", type=click.FloatRange(0, 720), default=0.0, help="Hours for which the old secret still works."
)
@home_options
@json_option
def rotate(*, key: str, overlap: float, as_json: bool, **flags: object) -> None:
    """Give KEY a new secret and print it, this once."""

    async def run(house: House) -> Shown:
        async with open_work(house.sessions, OPERATOR) as work:
            return await rotate_key(work, key, work.now + timedelta(hours=overlap))

    shown = with_house(settings_of(**flags), run)
    emit(shown, [f"new secret of key {shown.key.id}, shown this once:", shown.token], as_json=as_json)


@keys.command()
@click.argument("key")
@home_options
@json_option
def revoke(*, key: str, as_json: bool, **flags: object) -> None:
    """End KEY at once."""

    async def run(house: House) -> ApiKey:
        async with open_work(house.sessions, OPERATOR) as work:
            return await revoke_key(work, key)

    revoked = with_house(settings_of(**flags), run)
    emit(revoked, [f"key {revoked.id} works no more"], as_json=as_json)


def _line(key: ApiKey) -> str:
    ends = f"revoked {key.revoked_at}" if key.revoked_at else f"until {key.expires_at or 'revoked'}"
    may = " ".join(key.scope.actions)
    return f"{key.id}  {key.kind:<11}  {key.owner}  {ends}  used {key.last_used_at or 'never'}  may {may}  {key.name}"
