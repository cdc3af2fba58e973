"""REST of signing in and of one's own account: sessions, password, signing keys."""

import msgspec

from kb.accounts import first_link, signing
from kb.accounts.directory import Account, SigningKey, account_of
from kb.accounts.links import owner_of, use_link
from kb.accounts.passwords import hash_password, prove, set_password
from kb.accounts.rules import LONGEST
from kb.accounts.sign_in import Started, confirm_session, end_all_sessions, end_session, fresh, start_session
from kb.accounts.signing import KeyProof
from kb.base.errors import Code, Detail, Forbidden, Invalid, NotFound, Unknown
from kb.base.work import Actor, Work
from kb.web.acting import Done, act
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.credentials import REFUSED, SESSION_COOKIE
from kb.web.door import Call, Route
from kb.web.gate import FORGET_SESSION


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who one is: the token of a one-time link, or a password with the person's id or e-mail address."""

    link: str = ""
    person: str = ""
    email: str = ""
    password: str = ""


class Session(msgspec.Struct, frozen=True):
    """A browser session: its public id and whose it is. The cookie that comes with it is all that opens it."""

    session: str
    person: str


class OwnPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password: at least 12 characters, at most 1,024 bytes."""

    password: str


class Me(msgspec.Struct, frozen=True):
    """Who is signed in: their account, what they may do (with the topics a right is limited to), and by what credential.

    `fresh` tells that they proved who they are within five minutes, which signing with a kept key may ask for.
    """

    account: Account
    rights: tuple[str, ...]
    limits: dict[str, tuple[str, ...]]
    credential: str
    fresh: bool


class NewSigningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to sign with: without a proof one that the server makes and keeps, sealed, in place of the one it kept before.

    With a proof one's own: its Ed25519 signature over RFC 8785 JSON of {format, person, public_key, at}, five minutes old
    at most; `format` is `kb.key-proof/1`.
    """

    proof: KeyProof | None = None


class SigningKeys(msgspec.Struct, frozen=True):
    """One's signing keys, those that were retired too."""

    items: tuple[SigningKey, ...]


class KeyRetirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key that signs nothing more."""

    public_key: str


async def begun(call: Call) -> Answer:
    """Sign in: the answer sets the session's cookie."""
    request = await read_body(call, SignIn)
    who = request.person or request.email
    if bool(request.link) == bool(who) or bool(request.person and request.email):
        raise _unclear()
    person = "" if request.link else await prove(call.services.sessions, who, request.password)

    async def do(work: Work) -> Done:
        if request.link:
            started = await start_session(work, await _by_link(work, call, request.link), "link")
        else:
            work.actor = Actor(person)
            started = await start_session(work, person, "password")
        answer = json_answer(Session(started.session, started.person))
        answer = msgspec.structs.replace(answer, status=201)
        return Done(msgspec.structs.replace(answer, headers=(_cookie(started),)), replay=answer)

    return await act(call, do)


async def _by_link(work: Work, call: Call, token: str) -> str:
    """Whose link it is, using it up; the act is theirs."""
    sealer = call.services.sealer
    if first_link.is_first(token):
        owner = await first_link.owner_of(work.connection, sealer, token, work.now)
        work.actor = Actor(owner or work.actor.id)
        return await first_link.use_first_link(work, sealer, token)
    work.actor = Actor(await owner_of(work.connection, token, work.now) or work.actor.id)
    return await use_link(work, token)


async def confirmed(call: Call) -> Answer:
    """Prove again who one is, by one's password."""
    _must_be_session(call)
    request = await read_body(call, OwnPassword)
    person = await prove(call.services.sessions, call.actor.id, request.password)

    async def do(work: Work) -> Done:
        await confirm_session(work)
        return Done(json_answer(Session(work.actor.credential, person)))

    return await act(call, do)


async def ended(call: Call) -> Answer:
    """Sign out."""

    async def do(work: Work) -> Done:
        await end_session(work)
        return Done(json_answer(Session(work.actor.credential, work.actor.id), headers=(FORGET_SESSION,)))

    return await act(call, do)


async def ended_everywhere(call: Call) -> Answer:
    """Sign out of every browser at once."""

    async def do(work: Work) -> Done:
        await end_all_sessions(work)
        return Done(json_answer(Session(work.actor.credential, work.actor.id), headers=(FORGET_SESSION,)))

    return await act(call, do)


async def me(call: Call) -> Answer:
    """Who is signed in."""
    actor = call.actor
    async with call.services.sessions.reading() as connection:
        account = await account_of(connection, actor.id)
        was_there = await fresh(connection, actor, call.services.clock.now())
    if account is None:
        raise NotFound("nobody of this id")
    limits = {right: tuple(sorted(topics)) for right, topics in sorted(actor.limits.items())}
    return json_answer(Me(account, tuple(sorted(actor.rights)), limits, actor.credential, was_there))


async def given_password(call: Call) -> Answer:
    """Set one's password; other sessions end."""
    request = await read_body(call, OwnPassword)
    async with call.services.sessions.reading() as connection:
        if not await fresh(connection, call.actor, call.services.clock.now()):
            raise signing.not_fresh()  # before the hashing, which costs more than it does
    hashed = await hash_password(request.password)

    async def do(work: Work) -> Done:
        await set_password(work, hashed)
        return Done(json_answer(Session(work.actor.credential, work.actor.id)))

    return await act(call, do)


async def keys(call: Call) -> Answer:
    """One's signing keys."""
    async with call.services.sessions.reading() as connection:
        account = await account_of(connection, call.actor.id)
    return json_answer(SigningKeys(account.keys if account else ()))


async def made_key(call: Call) -> Answer:
    """Have a signing key made and kept, or bring one's own."""
    request = await read_body(call, NewSigningKey)

    async def do(work: Work) -> Done:
        if request.proof is not None:
            await signing.bring_key(work, request.proof)
            public_key = request.proof.public_key
        else:
            public_key = await signing.make_key(work, call.services.sealer)
        account = await account_of(work.connection, work.actor.id)
        made = next(key for key in (account.keys if account else ()) if key.public_key == public_key)
        return Done(msgspec.structs.replace(json_answer(made), status=201))

    return await act(call, do)


async def retired_key(call: Call) -> Answer:
    """Retire one of one's signing keys: what it signed stands."""
    request = await read_body(call, KeyRetirement)

    async def do(work: Work) -> Done:
        await signing.retire_key(work, request.public_key)
        account = await account_of(work.connection, work.actor.id)
        return Done(json_answer(SigningKeys(account.keys if account else ())))

    return await act(call, do)


def _must_be_session(call: Call) -> None:
    """Raise before a password is compared, so that an API key is no way to guess its owner's."""
    if not call.actor.credential:
        raise Unknown(REFUSED)
    if not call.actor.credential.startswith("s-"):
        raise Forbidden("this is for browser sessions: sign in")


def _unclear() -> Invalid:
    message = "give the token of a link; or a password with the person's id or e-mail address"
    return Invalid(message, errors=(Detail("", Code.INVALID.value, message),))


def _cookie(started: Started) -> tuple[bytes, bytes]:
    """The cookie of a session: of this host alone, over TLS or loopback, out of reach of scripts (RFC 6265bis §4.1.3.2)."""
    rules = f"; Path=/; Max-Age={int(LONGEST.total_seconds())}; Secure; HttpOnly; SameSite=Lax"
    return (b"set-cookie", SESSION_COOKIE + f"={started.token}{rules}".encode())


READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
POST = ("POST",)
MY_KEYS = "/v1/me/signing-keys"

ROUTES: tuple[Route, ...] = (
    Route("/v1/me", me, "Who is signed in", "person", Me, tag="people", statuses=READ, revalidates=False),
    Route("/v1/me/password", given_password, "Set one's password", "person", Session, methods=("PUT",),
          accepts=OwnPassword, tag="people", statuses=WRITE),
    Route(MY_KEYS, keys, "One's signing keys", "person", SigningKeys, tag="people", statuses=READ, revalidates=False),
    Route(MY_KEYS, made_key, "Have a signing key made and kept, or bring one", "person", SigningKey, methods=POST,
          accepts=NewSigningKey, tag="people", statuses=WRITE, success=201),
    Route(f"{MY_KEYS}/retire", retired_key, "Retire a signing key", "person", SigningKeys, methods=POST,
          accepts=KeyRetirement, tag="people", statuses=WRITE),
    Route("/v1/sessions", begun, "Sign in by a link or a password", "guest", Session, methods=POST, accepts=SignIn,
          tag="people", statuses=WRITE, success=201, headers=("Set-Cookie",)),
    Route("/v1/sessions", ended_everywhere, "Sign out of every browser", "person", Session, methods=("DELETE",),
          tag="people", statuses=(*READ, 409, 422), headers=("Set-Cookie",)),
    Route("/v1/sessions/current", ended, "Sign out", "person", Session, methods=("DELETE",), tag="people",
          statuses=(*READ, 409, 422), headers=("Set-Cookie",)),
    Route("/v1/sessions/current/reauthenticate", confirmed, "Prove again who one is", "guest", Session,
          methods=POST, accepts=OwnPassword, tag="people", statuses=WRITE),
)  # fmt: skip
