"""Rules of signing in with OpenID Connect: what is asked of the provider, and when what it answers holds.

OpenID Connect Core 1.0 with PKCE (RFC 7636, S256) and the answer's issuer (RFC 9207). Nothing here reads a clock or a network.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kb.base.errors import Forbidden, Unknown
from kb.base.hashing import to_base64url

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Signatures that count; `Ed25519` is the name that RFC 9864 gives EdDSA."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""

PATIENCE = timedelta(minutes=10)
"""How long a person may take at the provider."""

OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}")
ERROR = re.compile(r"[a-z_]{1,40}")


class Attempt(msgspec.Struct, frozen=True):
    """One attempt to sign in, sealed into a cookie of the browser that began it.

    `to` is the page it goes on to, `session` the session whose owner proves again who they are (empty: signs in).
    """

    state: str
    nonce: str
    verifier: str
    began: int
    to: str = "/"
    session: str = ""


class Proven(msgspec.Struct, frozen=True):
    """Who somebody is, as their provider says: `email` is one that the provider has verified, else empty.

    `authenticated` is when they last proved it there, in seconds of the epoch; 0 where the provider doesn't tell.
    """

    issuer: str
    subject: str
    email: str = ""
    authenticated: int = 0


def begin(now: datetime, to: str = "/", session: str = "") -> Attempt:
    """A fresh attempt; a `to` that leads elsewhere than to a page of ours is the first page."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, int(now.timestamp()), to if OWN_PATH.fullmatch(to) else "/", session)


def asked(attempt: Attempt, client_id: str, redirect_uri: str) -> dict[str, str]:
    """The parameters of the authorization request.

    Whoever is to prove again who they are is asked for more than a cookie. `max_age` makes the provider say when they did; it
    is no less than the leeway, since with 0 some providers ask for ever.
    """
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    again = {"prompt": "login", "max_age": str(LEEWAY)} if attempt.session else {}
    return {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": to_base64url(challenge),
        "code_challenge_method": "S256",
        **again,
    }


def must_answer(attempt: Attempt, state: str, now: datetime) -> None:
    """Raise Unknown unless the answer belongs to this attempt, and came in time."""
    late = now.timestamp() > attempt.began + PATIENCE.total_seconds()
    if late or not compare_digest(attempt.state.encode(), state.encode()):
        raise Unknown("this sign-in wasn't begun in this browser, or took too long: begin it again")


def refused(error: str) -> Forbidden:
    """What is said when the provider answers with an error in place of a code."""
    name = error if ERROR.fullmatch(error) else "an error"
    return Forbidden(f"the sign-in provider didn't sign you in ({name}): try again, or ask whoever runs it")


def claims_of(token: str, keys: KeySet, issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token that holds (OpenID Connect Core §3.1.3.7).

    Raises joserfc's InvalidKeyIdError for a key that isn't among `keys`, Unknown for all else that is wrong.
    """
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        _rules(issuer, client_id, nonce, now).validate(claims)
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _doubtful() from error
    authorised = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or authorised is not None) and authorised != client_id:
        raise _doubtful()
    if not 0 < len(claims["sub"]) <= 255:
        raise _doubtful()
    return claims


def proven_by(claims: dict[str, Any], told: dict[str, Any]) -> Proven:
    """Who this is; the address comes from the ID token or, where it has none, from what the provider `told` about them.

    Unknown when that is about somebody else (OpenID Connect Core §5.3.2).
    """
    if told and told.get("sub") != claims["sub"]:
        raise _doubtful()
    source = claims if "email" in claims else told
    email, verified = source.get("email"), source.get("email_verified")
    holds = isinstance(email, str) and (
        verified is True or verified == "true"
    )  # some providers write text for booleans
    authenticated = claims.get("auth_time")
    return Proven(
        claims["iss"],
        claims["sub"],
        str(email).strip().lower() if holds else "",
        int(authenticated) if isinstance(authenticated, int | float) else 0,
    )


def must_be_fresh(proven: Proven, attempt: Attempt) -> None:
    """Raise Unknown unless they proved who they are after this attempt began, and not only once before."""
    if proven.authenticated < attempt.began - LEEWAY:
        raise Unknown("the provider didn't ask you who you are: sign in there anew, and try again")


def _rules(issuer: str, client_id: str, nonce: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _doubtful() -> Unknown:
    return Unknown("what the sign-in provider says about you doesn't hold: sign in again, or ask whoever runs it")
