"""Law 1: only delivery lets text leave, and what may not leave can't be told from what isn't there."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

import kb
from kb.delivery.tables import findable, payloads, renditions, rulings
from kb.entries.types import Audience
from kb.rest.routes import ROUTES
from kb.web.door import GUEST, PUBLIC
from tests.builders import Home, a_claim, a_live_answer, an_answer, changed, live, signed, withdrawn, written
from tests.laws.doors import open_doors

SECRET = "Nobody may read this sentence"
HIDDEN = ("unknown", "draft", "approved", "gone", "leaning", "for-staff", "for-customer", "over", "policy")


async def a_house_with_secrets(house: Home) -> None:
    """Entries of which none may be seen by the public, each hidden for another reason."""
    text = f"{SECRET}."
    await written(house, an_answer("draft", text, phrasings=("secret",)))
    assert await signed(house, *await written(house, an_answer("approved", text, title=SECRET))) == ()
    await live(
        house, an_answer("gone", text), a_claim("base", text), an_answer("leaning", f"{text} {{{{claim:base}}}}")
    )
    await withdrawn(house, "gone", "base")
    for audience in (Audience.STAFF, Audience.CUSTOMER):
        await live(house, an_answer(f"for-{audience}", text, audience=audience))
    await live(house, an_answer("over", text, valid_until=house.clock.now()))


async def test_delivery_holds_released_renditions_only(house: Home) -> None:
    (revision,) = await written(house, an_answer("draft", f"{SECRET}.", title=SECRET, phrasings=(SECRET,)))
    await signed(house, revision)
    await a_live_answer(house)
    async with house.reading() as connection:
        for table in (payloads, renditions, findable, rulings):
            for row in await connection.execute(sa.select(table)):
                assert SECRET not in " ".join(
                    value.decode() if isinstance(value, bytes) else str(value) for value in row
                )


async def test_a_new_revision_of_a_live_answer_is_hidden_until_it_is_released(house: Home) -> None:
    draft = await a_live_answer(house)
    await signed(house, *await written(house, changed(draft, text=f"{SECRET}.")))
    async with house.reading() as connection:
        bodies = (await connection.execute(sa.select(payloads.c.body))).scalars().all()
    assert not any(SECRET.encode() in bytes(body) for body in bodies)


@pytest.mark.parametrize("path", ["entries/{}", "entries/{}?pick=1", "entries/{}/explain", "entries/{}?locale=en-GB"])
async def test_whatever_may_not_be_seen_is_the_same_404_byte_for_byte(house: Home, tmp_path: Path, path: str) -> None:
    await a_house_with_secrets(house)
    async with open_doors(house, tmp_path) as (client, _):
        for channel in ("chat", "agent"):
            answers = [await client.get(f"/v1/channels/{channel}/{path.format(key)}") for key in HIDDEN]
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1
            names = [
                {name: value for name, value in answer.headers.items() if name != "x-request-id"} for answer in answers
            ]
            assert all(headers == names[0] for headers in names)


@pytest.mark.parametrize(
    "path",
    [
        "channels/chat/entries?limit=100",
        "channels/chat/lookup?" + "&".join(f"key={key}" for key in HIDDEN),
        "channels/chat/search?q=nobody+may+read+this+secret+sentence",
        "channels/chat/suggest?q=nobody",
        "channels/chat/match?q=nobody+may+read+this+sentence",
        "changes?limit=1000",
        "snapshot?channel=agent",
    ],
)
async def test_no_door_shows_or_counts_it(house: Home, tmp_path: Path, path: str) -> None:
    await a_house_with_secrets(house)
    async with open_doors(house, tmp_path) as (client, _):
        answer = await client.get(f"/v1/{path}")
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text
    if "lookup" not in path:
        for key in ("draft", "approved", "for-staff", "for-customer"):
            assert f'"{key}"' not in answer.text
    if "search" in path:
        assert answer.json()["total"] == 0


def test_nothing_that_serves_channels_knows_where_unreleased_text_is_kept() -> None:
    """Managing does, behind a right of its own: what it tells to whom is in the table of `tests/governance`."""
    root = Path(kb.__file__).parent
    homes_of_text = ("kb.entries.tables", "kb.entries.queries", "kb.review", "kb.release", "kb.files")
    serving = [module for room in ("search", "web", "site") for module in (root / room).rglob("*.py")]
    serving += [root / "rest" / f"{name}.py" for name in ("delivery", "feed", "search")]
    for module in serving:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in names if name.startswith(homes_of_text)], module


def test_every_other_route_asks_for_a_right() -> None:
    serving = {
        "kb.rest.delivery",
        "kb.rest.feed",
        "kb.rest.search",
        "kb.rest.routes",
        "kb.rest.sign_in",
        "kb.rest.openid",
    }
    managing = [route for route in ROUTES if route.handle.__module__ not in serving]
    assert len(managing) > 50
    assert not [route.path for route in managing if route.access in {PUBLIC, GUEST}]
