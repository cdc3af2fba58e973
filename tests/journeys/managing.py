"""People and programs that manage content over HTTP, as the journeys need them: each with their own credential."""

from typing import Any

import httpx

from tests.doors.program import Server
from tests.journeys.promised import assert_promised

COOKIE = "__Host-kb-session"
SIGN_IN = "sign in as an admin, once"


class Manager:
    """Somebody at the doors: a person with a session, or a program with a key; `id` is the person's, the key's owner's."""

    def __init__(self, server: Server, person: str, headers: dict[str, str]) -> None:
        self.server = server
        self.id = person
        self.headers = headers

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Whatever the server answers, as long as the contract promises it; a header's underscores stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.server.client.request(method, path, json=body, headers=self.headers | named)
        assert_promised(answer)
        return answer

    def get(self, path: str) -> Any:
        """The JSON of an answer that must be 200."""
        return _told(self.ask("GET", path), 200)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return _told(self.ask("POST", path, {} if body is None else body), status)

    def put(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        return _told(self.ask("PUT", path, body, **headers), status)

    def edited(self, key: str, locale: str, source: str = "", **content: Any) -> str:
        """Change fields of a text as it stands; the hash of the revision that this makes."""
        read = self.ask("GET", f"/v1/entries/{key}/{locale}")
        body = {"content": read.json()["content"] | content, **({"source": source} if source else {})}
        return str(self.put(f"/v1/entries/{key}/{locale}", body, if_match=read.headers["etag"])["hash"])

    def signed(self, hash_: str, role: str) -> str:
        """Sign in a role with the key the server keeps; the state that this leads to."""
        return str(self.post(f"/v1/reviews/{hash_}/sign", {"role": role})["state"])

    def key(self, *actions: str) -> "Manager":
        """A program that acts in this person's name."""
        body = {"kind": "secret", "name": "our content pipeline", "scope": {"actions": actions}}
        made = self.post("/v1/keys", body, 201)
        return Manager(self.server, self.id, {"Authorization": f"Bearer {made['token']}"})


def first_admin(server: Server) -> Manager:
    """Whoever opens the link that `kb up` prints."""
    (line,) = [line for line in server.told if line.startswith(SIGN_IN)]
    return signed_in(server, line.rpartition("#")[2])


def joined(admin: Manager, name: str, *roles: str) -> Manager:
    """A person whom an admin adds and sends a link; they sign in, and have a signing key made."""
    grants = [{"role": role, "topics": ["*"]} for role in roles]
    person = admin.post("/v1/people", {"name": name, "roles": grants}, 201)["id"]
    link = admin.post(f"/v1/people/{person}/link", {}, 201)["address"]
    one = signed_in(admin.server, link.rpartition("#")[2])
    assert one.id == person
    one.post("/v1/me/signing-keys", {}, 201)
    return one


def signed_in(server: Server, token: str) -> Manager:
    """The session that a one-time link opens; its cookie is sent as pages of this installation send it."""
    begun = server.client.post("/v1/sessions", json={"link": token})
    assert begun.status_code == 201, begun.text
    cookie = begun.headers["set-cookie"].split(";")[0]
    assert cookie.startswith(COOKIE)
    server.client.cookies.clear()
    return Manager(server, begun.json()["person"], {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})


def _told(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, (answer.request.method, answer.url, answer.text)
    return answer.json()
