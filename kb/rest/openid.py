"""REST of signing in with OpenID Connect: the way to the provider, and the way back.

The two are pages of a browser more than resources: they answer with redirects, and with a page where something is wrong.
"""

from functools import lru_cache
from html import escape

import msgspec

from kb.accounts.openid import Provider
from kb.accounts.openid_rules import PATIENCE, Attempt, begin, must_answer, refused
from kb.accounts.openid_sign_in import confirm, sign_in
from kb.accounts.rules import LONGEST
from kb.base.errors import KbError, NotFound, Unavailable, Unknown
from kb.base.hashing import from_base64url, to_base64url
from kb.base.work import Work
from kb.rest.pages import SECURITY
from kb.settings import Settings
from kb.web.acting import Done, act
from kb.web.answers import HTML, Answer, Headers
from kb.web.credentials import SESSION_COOKIE
from kb.web.door import Call, Handle, Parameter, Route, wrong
from kb.web.problems import problem_of

BEGIN = "/v1/sign-in/openid"
BACK = f"{BEGIN}/callback"
COOKIE = b"__Host-kb-openid"
ABOUT = b"kb.openid/1"
"""What the sealed cookie is for, so that nothing else that was sealed passes for one."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>You are not signed in</title><link rel="icon" href="data:,">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style></head>
<body><h1>You are not signed in</h1><p>{meaning}</p><p><a href="/sign-in">Back to signing in</a></p></body></html>
"""


def as_page(handle: Handle) -> Handle:
    """What goes wrong as a page that says what to do, for whoever asks with a browser."""

    async def handled(call: Call) -> Answer:
        try:
            return await handle(call)
        except KbError as error:
            if b"text/html" not in call.headers.get(b"accept", b"") or isinstance(error, NotFound):
                raise
            return _page(error)

    return handled


@as_page
async def begun(call: Call) -> Answer:
    """Send the browser to the provider, with a sealed cookie that knows it when it comes back."""
    provider, now = _provider(call.services.settings), call.services.clock.now()
    again = call.query.one("again")
    if again not in ("", "true"):
        raise wrong("again", "again is true, or left out")
    session = call.actor.credential if again else ""
    if again and not session:
        raise Unknown("sign in first: only who is signed in can prove again who they are")
    attempt = begin(now, call.query.one("to"), session)
    where = await provider.address(attempt, _back(call), now)
    sealed = call.services.sealer.seal(msgspec.json.encode(attempt), ABOUT)
    return _redirect(where, _cookie(COOKIE, to_base64url(sealed), int(PATIENCE.total_seconds())))


@as_page
async def back(call: Call) -> Answer:
    """Take the provider's answer: sign in whom it is about, or note that they proved again who they are."""
    provider, now, query = _provider(call.services.settings), call.services.clock.now(), call.query
    attempt = _attempt(call)
    must_answer(attempt, query.one("state"), now)
    if query.one("error") or not query.one("code"):
        raise refused(query.one("error"))
    proven = await provider.proven(query.one("code"), query.one("iss"), attempt, _back(call), now)

    async def do(work: Work) -> Done:
        over = _cookie(COOKIE, "", 0)
        if attempt.session:
            await confirm(work, proven, attempt)
            return Done(_redirect(attempt.to, over))
        started = await sign_in(work, proven)
        cookie = _cookie(SESSION_COOKIE, started.token, int(LONGEST.total_seconds()))
        return Done(_redirect(attempt.to, over, cookie))

    return await act(call, do)


@lru_cache(maxsize=4)
def _provider(settings: Settings) -> Provider:
    """The provider of an installation, with what this process has read of it."""
    if not settings.oidc_issuer:
        raise NotFound("no OpenID provider")
    path = settings.oidc_client_secret_file
    try:
        secret = path.read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        message = "the client secret can't be read: give KB_OIDC_CLIENT_SECRET_FILE a file that this program may read"
        raise Unavailable(message, retry_after=60) from error
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret)


def _attempt(call: Call) -> Attempt:
    """The attempt that this browser began; Unknown where it began none."""
    pairs = (pair.strip().partition(b"=") for pair in call.headers.get(b"cookie", b"").split(b";"))
    sealed = next((value for name, _, value in pairs if name == COOKIE), b"")
    try:
        opened = call.services.sealer.open(from_base64url(sealed.decode("ascii")), ABOUT)
        return msgspec.json.decode(opened, type=Attempt)
    except (ValueError, Unavailable, msgspec.DecodeError) as error:
        raise Unknown("no sign-in was begun in this browser, or it took too long: begin it again") from error


def _back(call: Call) -> str:
    """The address that the provider sends the browser back to, as it is registered there."""
    base = call.services.settings.base_url.rstrip("/")
    return (base or f"http://{call.headers.get(b'host', b'').decode('latin-1')}") + BACK


def _cookie(name: bytes, value: str, seconds: int) -> tuple[bytes, bytes]:
    """A cookie that only our own server reads; Lax, since it has to come along when the provider sends the browser back."""
    rules = f"={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
    return (b"set-cookie", name + rules.encode())


def _redirect(where: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(b"", status=303, headers=((b"location", where.encode("latin-1")), *headers))


def _page(error: KbError) -> Answer:
    """The error as a page, with the status and the headers its problem document has."""
    problem = problem_of(error)
    text = PAGE.format(meaning=escape(error.message))
    security: Headers = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY.items())
    kept = [one for one in security if one[0] == b"content-security-policy"]
    return Answer(text.encode(), status=problem.status, media=HTML, headers=(*problem.headers, *kept))


CHOICES = (
    Parameter("to", "the page of ours to go on to, such as /console"),
    Parameter("again", "prove again who you are, for the session that asks", {"type": "string", "enum": ["true"]}),
)
TOLD = tuple(
    Parameter(name, f"`{name}` of the provider's answer")
    for name in (
        "code", "state", "iss", "error", "error_description", "error_uri", "session_state", "scope", "authuser", "hd",
        "prompt",
    )
)  # fmt: skip
STATUSES = (400, 401, 403, 404, 429, 503)

ROUTES: tuple[Route, ...] = (
    Route(BEGIN, begun, "Go to the OpenID provider to sign in", "guest", parameters=CHOICES, tag="people",
          statuses=STATUSES, revalidates=False, success=303, headers=("Location", "Set-Cookie")),
    Route(BACK, back, "Come back from the OpenID provider, signed in", "guest", parameters=TOLD, tag="people",
          statuses=STATUSES, revalidates=False, success=303, headers=("Location", "Set-Cookie")),
)  # fmt: skip
