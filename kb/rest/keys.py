"""REST of API keys: list them, make one, rotate its secret, revoke it."""

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.api_keys import Shown, make_key, may_see, revoke_key, rotate_key
from kb.accounts.key_format import KeyKind
from kb.accounts.key_queries import KeyFilter, KeyPage, page_of_keys, read_key
from kb.accounts.key_types import ApiKey, Scope, Wanted
from kb.base.errors import NotFound
from kb.base.hashing import instant
from kb.base.paging import decode
from kb.base.work import Right, Work
from kb.delivery.queries import etag
from kb.web.acting import Done, act, must_match
from kb.web.answers import Answer, json_answer
from kb.web.asking import one_of
from kb.web.bodies import read_body
from kb.web.door import Call, Parameter, Route, wrong

STATES = ("working", "expired", "revoked")
SORTS = ("made_at", "-made_at")


class KeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key to be made; without an owner it is the caller's own.

    `origins` are for publishable keys, such as `https://www.example.com`. A preview key's actions are read and preview.
    """

    kind: KeyKind
    name: str
    owner: str = ""
    scope: Scope = Scope()
    origins: tuple[str, ...] = ()
    expires_at: datetime | None = None


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when the old secret works beside the new one: at most 30 days; absent, it ends at once."""

    old_until: datetime | None = None


class MadeKey(msgspec.Struct, frozen=True):
    """A key and, this once, what its holder sends; a repeated request is answered with null in its place."""

    key: ApiKey
    token: str | None


async def listed(call: Call) -> Answer:
    """Keys in order of making: everyone's for those who handle keys, else one's own."""
    query = call.query
    wanted = KeyFilter(
        query.one("owner") if call.actor.may(Right.KEYS) else call.actor.id,
        one_of(call, "kind", tuple(KeyKind)),
        one_of(call, "state", STATES),
        one_of(call, "sort", SORTS) == "-made_at",
    )
    after, limit = decode(query.one("cursor"), (str, str)), query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        return json_answer(await page_of_keys(connection, wanted, after, limit, call.services.now()))


async def shown(call: Call) -> Answer:
    """One key."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await _there(call, connection), tag=True)


async def made(call: Call) -> Answer:
    """Make a key."""
    request = await read_body(call, KeyRequest)
    wanted = Wanted(
        kind=request.kind,
        name=request.name,
        owner=request.owner or call.actor.id,
        scope=request.scope,
        origins=request.origins,
        expires_at=_stored("/expires_at", request.expires_at),
    )

    async def do(work: Work) -> Done:
        return _once(await make_key(work, wanted), 201)

    return await act(call, do)


async def rotated(call: Call) -> Answer:
    """Give a key a new secret."""
    request = await read_body(call, Rotation)

    async def do(work: Work) -> Done:
        return _once(await rotate_key(work, call.path["id"], request.old_until), 200)

    return await act(call, do)


async def revoked(call: Call) -> Answer:
    """End a key at once. Its tag changes when it is used: `If-Match: *` revokes it whatever it has become."""

    async def do(work: Work) -> Done:
        key = await _there(call, work.connection)
        must_match(call, etag(json_answer(key).body))
        return Done(json_answer(await revoke_key(work, key.id)))

    return await act(call, do)


async def _there(call: Call, connection: AsyncConnection) -> ApiKey:
    """The key that the path names; somebody else's is as if it weren't there."""
    key = await read_key(connection, call.path["id"], call.services.now())
    if key is None or not may_see(call.actor, key):
        raise NotFound(f"there is no key {call.path['id']}")
    return key


def _once(shown: Shown, status: int) -> Done:
    """The answer with the secret in it, and the one without for whoever repeats the request."""

    def answer(token: str | None) -> Answer:
        location = (b"location", f"/v1/keys/{shown.key.id}".encode())
        sent = json_answer(MadeKey(shown.key, token), headers=(location,) if status == 201 else ())
        return msgspec.structs.replace(sent, status=status)

    return Done(answer(shown.token), replay=answer(None))


def _stored(name: str, moment: datetime | None) -> str | None:
    if moment is not None and moment.tzinfo is None:
        raise wrong(name, "give the time with its zone, such as 2026-11-22T10:00:00Z")
    try:
        return None if moment is None else instant(moment)
    except OverflowError as error:
        raise wrong(name, "this time has no year in UTC: give one between 0001 and 9999") from error


def _choice(name: str, about: str, known: tuple[str, ...]) -> Parameter:
    return Parameter(name, about, {"type": "string", "enum": [str(one) for one in known]})


LISTING = (
    Parameter("owner", "only keys of this person; who doesn't handle keys sees their own"),
    _choice("kind", "only keys of this kind", tuple(KeyKind)),
    _choice("state", "only keys in this state", STATES),
    _choice("sort", "the order: by time of making, or newest first", SORTS),
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of an earlier answer"),
)

ROUTES: tuple[Route, ...] = (
    Route("/v1/keys", listed, "API keys in order of making", "person", KeyPage, LISTING, tag="keys",
          statuses=(400, 401, 403, 429, 503), revalidates=False),
    Route("/v1/keys", made, "Make an API key; its secret is shown this once", "person", MadeKey, methods=("POST",),
          accepts=KeyRequest, tag="keys", statuses=(400, 401, 403, 404, 409, 413, 415, 422, 429, 503), success=201,
          headers=("Location",)),
    Route("/v1/keys/{id}", shown, "One API key", "person", ApiKey, tag="keys", statuses=(400, 401, 403, 404, 429, 503)),
    Route("/v1/keys/{id}", revoked, "Revoke an API key at once", "person", ApiKey, methods=("DELETE",), tag="keys",
          statuses=(400, 401, 403, 404, 409, 412, 422, 428, 429, 503)),
    Route("/v1/keys/{id}/rotate", rotated, "Give an API key a new secret, shown this once", "person", MadeKey,
          methods=("POST",), accepts=Rotation, tag="keys",
          statuses=(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)),
)  # fmt: skip
