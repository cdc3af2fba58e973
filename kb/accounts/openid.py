"""Talking to an OpenID provider: its discovery document, its keys, and trading a code for who somebody is.

Whatever a provider does wrong ends as an error with a sentence: Unavailable when it can't answer, Unknown when what it says
doesn't hold, Forbidden when it says no.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import msgspec
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kb.accounts.openid_rules import Attempt, Proven, asked, claims_of, proven_by, refused
from kb.base.errors import Unavailable, Unknown

T = TypeVar("T")

LARGEST = 262_144
"""Bytes of an answer that are read at most."""
SECONDS = 10.0
"""How long one question to the provider may take."""
KEPT = timedelta(hours=1)
"""How long the discovery document and the keys are kept."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Discovery(msgspec.Struct, frozen=True):
    """What we use of a discovery document (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """What a code is traded for."""

    id_token: str
    access_token: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a code is traded for nothing (RFC 6749 §5.2)."""

    error: str


class Provider:
    """One provider, with what this process has read of it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str = "") -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._read: tuple[datetime, Discovery, KeySet] | None = None

    async def address(self, attempt: Attempt, redirect_uri: str, now: datetime) -> str:
        """Where to send the browser of whoever signs in."""
        discovery, _ = await self._known(now)
        mark = "&" if urlsplit(discovery.authorization_endpoint).query else "?"
        return discovery.authorization_endpoint + mark + urlencode(asked(attempt, self._client_id, redirect_uri))

    async def proven(self, code: str, issuer: str, attempt: Attempt, redirect_uri: str, now: datetime) -> Proven:
        """Who the code is about; `issuer` is the one that the answer itself names, empty where it names none."""
        discovery, keys = await self._known(now)
        if issuer != self._issuer and (issuer or discovery.authorization_response_iss_parameter_supported):
            raise Unknown("the answer came from another provider than was asked: begin the sign-in again")
        tokens = await self._trade(discovery, code, attempt, redirect_uri)
        try:
            claims = self._claims(tokens, keys, attempt, now)
        except InvalidKeyIdError:
            self._read = None  # the provider may have changed its keys: they are read anew, once
            discovery, keys = await self._known(now)
            claims = self._claims_or_refuse(tokens, keys, attempt, now)
        return proven_by(claims, await self._told(discovery, tokens) if "email" not in claims else {})

    def _claims_or_refuse(self, tokens: Tokens, keys: KeySet, attempt: Attempt, now: datetime) -> dict[str, Any]:
        try:
            return self._claims(tokens, keys, attempt, now)
        except InvalidKeyIdError as error:
            raise Unknown("the sign-in provider signed with a key that it doesn't publish: try again later") from error

    def _claims(self, tokens: Tokens, keys: KeySet, attempt: Attempt, now: datetime) -> dict[str, Any]:
        return claims_of(tokens.id_token, keys, self._issuer, self._client_id, attempt.nonce, now)

    async def _known(self, now: datetime) -> tuple[Discovery, KeySet]:
        """The discovery document and the keys, at most an hour old."""
        if self._read is None or not timedelta(0) <= now - self._read[0] <= KEPT:
            where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            discovery = _decoded(await _ask("GET", where), Discovery)
            if discovery.issuer != self._issuer:
                raise Unavailable(
                    "the sign-in provider calls itself by another name than KB_OIDC_ISSUER: set that right"
                )
            _checked(discovery.authorization_endpoint)
            self._read = (now, discovery, _keys(_decoded(await _ask("GET", discovery.jwks_uri), dict[str, Any])))
        return self._read[1:]

    async def _trade(self, discovery: Discovery, code: str, attempt: Attempt, redirect_uri: str) -> Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        methods = discovery.token_endpoint_auth_methods_supported
        basic = self._client_secret and "client_secret_basic" in methods
        if not basic:
            form |= {"client_id": self._client_id}
            form |= {"client_secret": self._client_secret} if self._client_secret else {}
        # RFC 6749 §2.3.1 has both parts encoded like a form's fields
        auth = httpx.BasicAuth(quote_plus(self._client_id), quote_plus(self._client_secret)) if basic else None
        status, body = await _send("POST", discovery.token_endpoint, data=form, auth=auth)
        if status in {400, 401}:
            raise refused(_decoded(body, Refusal).error)
        return _decoded(_whole(status, body), Tokens)

    async def _told(self, discovery: Discovery, tokens: Tokens) -> dict[str, Any]:
        """What the provider tells about the person beside the ID token; nothing where it has no such place."""
        if not discovery.userinfo_endpoint or not tokens.access_token:
            return {}
        bearer = {"Authorization": f"Bearer {tokens.access_token}"}
        return _decoded(await _ask("GET", discovery.userinfo_endpoint, headers=bearer), dict[str, Any])


async def _ask(method: str, url: str, **how: Any) -> bytes:
    return _whole(*await _send(method, url, **how))


async def _send(method: str, url: str, **how: Any) -> tuple[int, bytes]:
    """The status and body of an answer; no redirects, and neither more bytes nor more time than a provider needs."""
    away = urlsplit(_checked(url)).hostname not in LOOPBACK
    received = b""
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(trust_env=away, timeout=SECONDS) as client,
            client.stream(method, url, **how) as answer,
        ):
            async for chunk in answer.aiter_bytes():
                received += chunk
                if len(received) > LARGEST:
                    raise _unreachable()
            return answer.status_code, received
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise _unreachable() from error


def _whole(status: int, body: bytes) -> bytes:
    if status != 200:
        raise _unreachable()
    return body


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreachable() from error


def _keys(published: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": published["keys"]})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreachable() from error


def _checked(url: str) -> str:
    """The address, which is https, or this very machine's."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise Unavailable("the sign-in provider has an address that isn't https: set KB_OIDC_ISSUER to one that is")


def _unreachable() -> Unavailable:
    return Unavailable(
        "the sign-in provider can't be reached, or answers nonsense: try again in a minute", retry_after=60
    )
