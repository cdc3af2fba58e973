"""Watching from outside what is served: everything at once, and what the change feed says of the difference."""

import json
import time

import msgspec

from tests.doors.program import Server

CHANNELS = ("voice", "chat", "social", "sms", "email", "faq", "agent")
Place = tuple[str, str, str, str]
"""Key, channel, profile, locale."""


class Rendition(msgspec.Struct, frozen=True):
    """One payload as it is served: its bytes, the position it opened at, and the version of each fact in it."""

    body: bytes
    position: int
    facts: dict[str, int]


class Change(msgspec.Struct, frozen=True):
    """One line of the change feed."""

    position: int
    change: str
    place: Place


def everything(server: Server) -> dict[Place, Rendition]:
    """All that is served to the public."""
    found: dict[Place, Rendition] = {}
    for channel in CHANNELS:
        for line in server.get(f"/v1/snapshot?channel={channel}").content.splitlines():
            payload = json.loads(line)
            place = (payload["key"], channel, payload["profile"], payload["locale"])
            versions = {fact: used["version"] for fact, used in payload["facts"].items()}
            found[place] = Rendition(line, payload["position"], versions)
    return found


def position(server: Server) -> int:
    """How far the server has come."""
    return int(server.get("/v1/changes?limit=1").headers["kb-position"])


def what_changed(server: Server, after: int) -> set[Change]:
    """The change feed behind a position, to its end."""
    found: set[Change] = set()
    page = server.payload(f"/v1/changes?after={after}&limit=17")
    while page["items"]:
        for item in page["items"]:
            place = (item["key"], item["channel"], item["profile"], item["locale"])
            found.add(Change(item["position"], item["change"], place))
        page = server.payload(f"/v1/changes?cursor={page['next']}&limit=17")
    return found


def indexed(server: Server, position: int, within: float = 5.0) -> bool:
    """Whether search comes as far as a position within so many seconds: new words may take a moment, others may not."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if server.payload("/readyz")["indexed"] >= position:
            return True
        time.sleep(0.02)
    return False
