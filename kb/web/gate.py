"""Who passes: the caller of a request, from where a browser may send it, how often, and whether the route is for them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Forbidden, Unknown
from kb.base.work import Actor, Right
from kb.delivery.node import View
from kb.web.addresses import address_of, group_of, networks_of
from kb.web.answers import Header
from kb.web.credentials import (
    NOBODY,
    PERSONS,
    REFUSED,
    SESSION_COOKIE,
    Caller,
    Kind,
    Shown,
    judged,
    shown_in,
)
from kb.web.door import GUEST, PERSON, PUBLIC, Again, Route, Services
from kb.web.limits import Quota
from kb.web.origins import refuse_cross_site, refuse_foreign_page, shared_with

NOT_FOR_YOU = "this can't be done with the credential that was shown: ask an admin for a role or a key that may"
"""The one sentence of every 403 that comes before a resource is looked at, so that it tells nothing of it."""

FORGET_SESSION = (
    b"set-cookie",
    SESSION_COOKIE + b"=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
)
"""What a browser whose session is over is told beside its 401, or it would go on being refused, the sign-in page too."""


class Arrival(msgspec.Struct, frozen=True):
    """A request on its way to its handler; `told` gathers headers for whatever the answer becomes."""

    path: str
    scope: Any
    headers: Mapping[bytes, bytes]
    receive: Any
    view: View
    told: list[Header]

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method


class Gate:
    """What stands before the handlers of one door."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._trusted = networks_of(services.settings.trusted_proxies)
        self._managing = Quota("management", services.settings.rate_limit)
        self._guessing = Quota("sign-in", services.settings.sign_in_limit)

    def address(self, scope: Any) -> str:
        """The client's address."""
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusted:
            return peer
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return address_of(peer, forwarded, self._trusted)

    async def caller(self, arrival: Arrival) -> tuple[Caller, Shown | None]:
        """Who is asking; a credential that doesn't hold is Unknown on every route, and Limited when it comes too often.

        A token that was good once is judged again however many others were refused at its address.
        """
        limits, address = self._services.limits, f"address {group_of(self.address(arrival.scope))}"
        try:
            shown = shown_in(arrival.scope["headers"])
            if shown is None:
                return NOBODY, None
            if not self._services.credentials.held_before(shown):
                limits.look(self._guessing, address).must()
            caller = await self._services.credentials.caller(shown, arrival.view.position)
        except Unknown:
            if SESSION_COOKIE in arrival.headers.get(b"cookie", b""):
                arrival.told.append(FORGET_SESSION)
            limits.take(self._guessing, address).must()
            raise
        if shown.by_cookie:
            refuse_cross_site(arrival.method, arrival.headers, self._services.settings.base_url)
        elif caller.kind is Kind.PUBLISHABLE:
            arrival.told.extend(shared_with(shown.origin))
        return caller, shown

    def admit(self, route: Route, caller: Caller, arrival: Arrival) -> None:
        """Raise unless the route is for this caller, now; requests of managing and of signing in are counted."""
        if route.access != PUBLIC:
            self._count(route, caller, arrival)
        if route.access == GUEST and caller is NOBODY:
            refuse_foreign_page(arrival.method, arrival.headers, self._services.settings.base_url)
        must_be_for(route, caller)

    def again(self, route: Route, shown: Shown | None) -> Again:
        """Judges the caller once more in the transaction that acts, so that nobody acts who was suspended meanwhile."""
        if shown is None:
            return _nobody

        async def judge(connection: AsyncConnection) -> Actor:
            caller = await judged(connection, shown, self._services.clock.now())
            must_be_for(route, caller)
            return caller.actor

        return judge

    def _count(self, route: Route, caller: Caller, arrival: Arrival) -> None:
        quota = self._guessing if route.access == GUEST else self._managing
        known = caller is not NOBODY and route.access != GUEST
        who = f"credential {caller.name}" if known else f"address {group_of(self.address(arrival.scope))}"
        taken = self._services.limits.take(quota, who)
        arrival.told.extend(taken.headers)
        taken.must()


async def _nobody(_: AsyncConnection) -> Actor:
    return NOBODY.actor


def must_be_for(route: Route, caller: Caller) -> None:
    """Raise Unknown or Forbidden unless a route is for a caller, whatever resource is asked for."""
    if route.access == GUEST:
        return
    if route.access == PUBLIC:
        allowed = Right.READ in caller.actor.rights
    elif caller.kind is Kind.NOTHING:
        raise Unknown(REFUSED)
    elif route.access == PERSON:
        allowed = caller.kind in PERSONS
    else:
        allowed = caller.actor.may(route.access)
    if not allowed:
        raise Forbidden(NOT_FOR_YOU)
