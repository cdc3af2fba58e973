"""A machine that does to an installation whatever people and clocks do, in any order, beside a model that remembers."""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from kb.accounts.actions import trust
from kb.accounts.people import reinstate, suspend
from kb.accounts.queries import everyone
from kb.accounts.types import Role
from kb.base.work import OPERATOR, Actor, Right
from kb.channels.values import Duration, Unit
from kb.entries.actions import write
from kb.entries.types import Draft, Kind, Policy, PolicyRule, Revision
from kb.files.dump import dump
from kb.files.load import load
from kb.release import actions as releasing
from kb.release.due import run_due
from kb.release.prepare import prepare
from kb.release.retire import retire
from kb.release.rollback import plan_rollback, roll_back
from kb.release.scheduled import Schedule, pending
from kb.release.schedules import cancel, plan, plan_cancel, schedule
from kb.release.types import Released
from kb.release.withdraw import withdraw
from kb.release.zones import moment
from kb.review import actions as review
from kb.review import queries as reviews
from kb.review.comments import Remark
from kb.review.types import SignOff, State
from tests.builders import (
    ENGLISH,
    EVERY_AUDIENCE,
    POLICY,
    ROLES,
    a_fact,
    a_policy,
    a_signer,
    a_signoff,
    a_translation,
    an_answer,
    an_open_home,
    read,
)
from tests.governance.model import Signed
from tests.governance.watching import ANSWERS, SERVED, Watched

T = TypeVar("T")

TEXTS = (
    "Your card is on its way.",
    "Your card is on its way!",
    "Your card comes soon.",
    "Your card may come late.",
    "Your card never comes late.",
    "Your card comes within {{fact:delivery}}.",
    "We bring your card within {{fact:delivery}}.",
)
SPANISH_TEXTS = ("Tu tarjeta está en camino.", "Tu tarjeta llega pronto.")
POLICIES: dict[str, Policy] = {
    "one lawyer": POLICY,
    "two lawyers": Policy(
        rules=(
            PolicyRule("content", {"legal": 2}, kinds=tuple(kind for kind in Kind if kind is not Kind.HOUSE)),
            PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
        )
    ),
    "brand for words": Policy(
        rules=(
            PolicyRule(
                "law", {"legal": 1}, kinds=(Kind.ANSWER, Kind.FACT), classes=("value", "disclosure", "modality")
            ),
            PolicyRule("brand", {"brand": 1}, kinds=(Kind.ANSWER,), classes=("value", "modality", "wording")),
            PolicyRule("commas", {"brand": 1}, kinds=(Kind.ANSWER,), classes=("typo", "metadata")),
            PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
        )
    ),
}
PEOPLE = tuple(ROLES)
AUTHORS = st.sampled_from(("ana", "ben"))


def acting(person: str) -> Actor:
    """A person with every right a role can give: what they may do is for the rooms to say."""
    return Actor(person, EVERY_AUDIENCE, frozenset(Right))


class Installation(Watched):
    """Rules are acts: those of people, then those of the house."""

    # ---- what people do ----------------------------------------------------------------------------------------------

    @initialize()
    def a_house_with_people(self) -> None:
        self.run(self._remember_the_house())
        self.everything_holds()

    @rule(key=st.sampled_from(ANSWERS), text=st.sampled_from(TEXTS), author=AUTHORS)
    def edit(self, key: str, text: str, author: str) -> None:
        self._write(an_answer(key, text, author=author))

    @rule(low=st.integers(2, 6), author=AUTHORS)
    def edit_the_fact(self, low: int, author: str) -> None:
        self._write(a_fact("delivery", Duration(low, Unit.WORKING_DAYS, 7), author=author))

    @rule(key=st.sampled_from(ANSWERS), text=st.sampled_from(SPANISH_TEXTS), author=AUTHORS)
    def translate(self, key: str, text: str, author: str) -> None:
        source = self._newest(key, ENGLISH)
        if source is not None:
            self._write(a_translation(source.draft, text, author=author))

    @rule(name=st.sampled_from(sorted(POLICIES)), author=st.sampled_from(("ana", "ada")))
    def propose_a_policy(self, name: str, author: str) -> None:
        self._write(a_policy(POLICIES[name], author=author))

    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def submit(self, data: st.DataObject, person: str) -> None:
        if revision := self._any(data):
            self.attempt(self._as(person, review.submit_draft, revision.hash))

    @rule(data=st.data())
    def submit_and_have_it_signed(self, data: st.DataObject) -> None:
        """The usual way, so that much goes live."""
        if revision := self._any(data):
            self._have_signed(revision)

    @rule(
        key=st.sampled_from(ANSWERS),
        text=st.sampled_from(TEXTS),
        low=st.integers(2, 6),
        author=AUTHORS,
        regretted=st.booleans(),
    )
    def publish(self, key: str, text: str, low: int, author: str, regretted: bool) -> None:
        """The whole way at once, as a calm day has it, the fact first where the text needs it; and perhaps back again."""
        drafts = [a_fact("delivery", Duration(low, Unit.WORKING_DAYS, 7), author=author)] if "fact" in text else []
        written = [one for draft in (*drafts, an_answer(key, text, author=author)) for one in self._write(draft)]
        for revision in written:
            self._have_signed(revision)
        released = self.attempt(self._release([one.hash for one in written]))
        self._note(released)
        if regretted and released is not None:
            self._note(self._did("rollback", self.attempt(self._roll_back(released.id))))

    @rule(key=st.sampled_from(ANSWERS), text=st.sampled_from(SPANISH_TEXTS), author=AUTHORS)
    def publish_a_translation(self, key: str, text: str, author: str) -> None:
        source = self._newest(key, ENGLISH)
        if source is not None:
            for revision in self._write(a_translation(source.draft, text, author=author)):
                self._have_signed(revision)
                self._note(self.attempt(self._release([revision.hash])))

    @rule(name=st.sampled_from(sorted(POLICIES)))
    def let_another_policy_rule(self, name: str) -> None:
        for revision in self._write(a_policy(POLICIES[name], author="ana")):
            self._have_signed(revision)
            self._note(self.attempt(self._release([revision.hash])))

    @rule(data=st.data(), person=st.sampled_from(PEOPLE), role=st.sampled_from(("author", "legal", "brand", "admin")))
    def sign(self, data: st.DataObject, person: str, role: str) -> None:
        if revision := self._any(data):
            self._sign(revision, role, person)

    @rule(data=st.data(), person=st.sampled_from(PEOPLE), blocks=st.booleans())
    def comment(self, data: st.DataObject, person: str, blocks: bool) -> None:
        if revision := self._any(data):
            self.attempt(self._as(person, review.comment, revision.hash, Remark(text="Look again.", blocks=blocks)))

    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def request_changes(self, data: st.DataObject, person: str) -> None:
        if revision := self._any(data):
            self.attempt(self._as(person, review.request_changes, revision.hash, "Say it again."))

    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def take_back(self, data: st.DataObject, person: str) -> None:
        if revision := self._any(data):
            self.attempt(self._as(person, review.take_back, revision.hash))

    @rule(person=st.sampled_from(PEOPLE[:5]), suspended=st.booleans())
    def suspend_or_reinstate(self, person: str, suspended: bool) -> None:
        self.attempt(self._work(suspend if suspended else reinstate, person))
        self.model.suspended = self.run(self._suspended())

    @rule(
        person=st.sampled_from(("ben", "lea", "leo", "bea")),
        roles=st.sets(st.sampled_from(("author", "legal", "brand"))),
    )
    def change_roles(self, person: str, roles: set[str]) -> None:
        if self.attempt(self._trust({**self.model.roles, person: roles})) is not None:
            self.model.roles[person] = roles

    # ---- what the house does -----------------------------------------------------------------------------------------

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        ready = self.run(self._in_states(State.APPROVED))
        if ready:
            chosen = data.draw(st.lists(st.sampled_from(ready), min_size=1, unique=True))
            self._note(self.attempt(self._release(chosen)))

    @rule(data=st.data(), hours=st.integers(1, 60), hard=st.booleans())
    def schedule(self, data: st.DataObject, hours: int, hard: bool) -> None:
        if ready := self.run(self._in_states(State.APPROVED)):
            chosen = data.draw(st.lists(st.sampled_from(ready), min_size=1, max_size=2, unique=True))
            self._did("schedule", self.attempt(self._schedule(chosen, hours, hard)))

    @rule(
        key=st.sampled_from(ANSWERS),
        text=st.sampled_from(TEXTS[:5]),
        hours=st.integers(1, 40),
        hard=st.booleans(),
        waits=st.booleans(),
    )
    def publish_later(self, key: str, text: str, hours: int, hard: bool, waits: bool) -> None:
        """Something signed gets its time, and either the time passes or life goes on before it."""
        for revision in self._write(an_answer(key, text, author="ana")):
            self._have_signed(revision)
            self._did("schedule", self.attempt(self._schedule([revision.hash], hours, hard)))
        if not waits:
            self.let_time_pass(hours)

    @rule(data=st.data())
    def cancel_a_schedule(self, data: st.DataObject) -> None:
        if known := self.run(read(self.home, pending)):
            self.attempt(self._cancel(data.draw(st.sampled_from([one.id for one in known]))))

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self._note(
            self._did("rollback", self.attempt(self._roll_back(data.draw(st.sampled_from(self.releases[::-1])))))
        )

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        before = dict(self.model.live)
        if keys := sorted({key for key, _ in before if key in SERVED}):
            key = data.draw(st.sampled_from(keys))
            if self._did("withdrawal", self.attempt(self._work(withdraw, [key], "a test"))) is not None:
                self.model.gone |= {hash_ for at, hash_ in before.items() if at[0] == key}

    @rule(key=st.sampled_from(ANSWERS), replacement=st.sampled_from(ANSWERS))
    def retire(self, key: str, replacement: str) -> None:
        before = dict(self.model.live)
        if self._did("retirement", self.attempt(self._work(retire, key, replacement, "a test"))) is not None:
            self.model.gone |= {hash_ for at, hash_ in before.items() if at[0] == key}
            self.model.retired.add(key)

    @rule()
    def dump_and_load_files(self) -> None:
        """Files of now, and files of an earlier day: loading never undoes what other doors did."""
        folder = Path(self.folder.name) / "content"
        self.run(load(self.home.sessions, OPERATOR, folder)) if folder.exists() else None
        self.run(dump(self.home.sessions, folder))

    @rule(hours=st.integers(-5, 80))
    def move_the_clock(self, hours: int) -> None:
        self.home.clock.move(hours=hours)

    @rule(hours=st.integers(1, 50))
    def let_time_pass(self, hours: int) -> None:
        self.move_the_clock(hours)
        self.do_what_is_due()

    @rule()
    def do_what_is_due(self) -> None:
        done = self.run(run_due(self.home.sessions, OPERATOR))
        self.done["due"] += len(done.released)
        self.done["lapse"] += done.lapsed is not None

    @rule()
    def restart(self) -> None:
        clock = self.home.clock
        self.run(self.stack.aclose())
        self.stack = AsyncExitStack()
        self.home = self.run(self.stack.enter_async_context(an_open_home(self.url)))
        self.home.clock.move(seconds=(clock.now() - self.home.clock.now()).total_seconds())

    # ---- how it is done ----------------------------------------------------------------------------------------------

    def _have_signed(self, revision: Revision) -> None:
        """Submit it, and let everybody sign who may: whoever may not is refused."""
        self.attempt(self._as("ana", review.submit_draft, revision.hash))
        able = [
            (role, person)
            for role in self.model.asked(revision.hash)
            for person in PEOPLE
            if self.model.may_sign(revision.hash, role, person)
        ]
        statements = [a_signoff(self.home, revision, role, person) for role, person in able]
        self.model.signed += self.attempt(self._hand_in(revision.hash, statements)) or []

    def _write(self, draft: Draft) -> list[Revision]:
        async def act() -> list[Revision]:
            async with self.home.work() as work:
                return await write(work, [draft])

        written = self.run(act())
        for one in written:
            self.model.write(one.draft, one.hash, one.number)
            house = one.draft.content.house
            if house is not None and house.policy is not None:
                self.model.policies[one.hash] = house.policy
        return written

    def _sign(self, revision: Revision, role: str, person: str) -> None:
        """Hand in a sign-off; one that is taken must be one that the model would take."""
        statement = a_signoff(self.home, revision, role, person)

        before = self.model.may_sign(revision.hash, role, person)
        if taken := self.attempt(self._hand_in(revision.hash, [statement])):
            assert before, (role, person)
            self.model.signed += taken

    async def _hand_in(self, hash_: str, statements: list[SignOff]) -> list[Signed]:
        """Hand them in together; those that were taken and are news."""
        async with self.home.work() as work:
            before = (await reviews.signoffs_of(work.connection, [hash_])).get(hash_, [])
            await review.sign(work, statements)
            after = (await reviews.signoffs_of(work.connection, [hash_])).get(hash_, [])
        return [Signed(one.hash, one.role, one.by) for one in after if one not in before]

    def _any(self, data: st.DataObject) -> Revision | None:
        """Some revision that was written since the house was built, the newest first."""
        known = self.run(self._revisions())[::-1]
        return data.draw(st.sampled_from(known)) if known else None

    def _newest(self, key: str, locale: str) -> Revision | None:
        known = [one for one in self.run(self._revisions()) if (one.draft.key, one.draft.locale) == (key, locale)]
        return known[-1] if known else None

    async def _in_states(self, *states: State) -> list[str]:
        async with self.home.reading() as connection:
            found = [one.hash for state in states for one in await reviews.in_state(connection, state)]
        return sorted(found)

    async def _as(self, person: str, act: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        async with self.home.work(acting(person)) as work:
            return await act(work, *arguments)

    async def _work(self, act: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        async with self.home.work() as work:
            return await act(work, *arguments)

    async def _trust(self, roles: dict[str, set[str]]) -> int:
        signers = [a_signer(name, *(Role(role) for role in sorted(held))) for name, held in roles.items() if held]
        async with self.home.work() as work:
            return await trust(work, signers, "trust-file")

    async def _suspended(self) -> set[str]:
        async with self.home.reading() as connection:
            return {name for name, person in (await everyone(connection)).items() if person.suspended}

    async def _release(self, hashes: list[str]) -> Released | None:
        async with self.home.reading() as connection:
            ready = await prepare(connection, hashes, self.home.clock.now())
        async with self.home.work() as work:
            return await releasing.release(work, ready)

    async def _schedule(self, hashes: list[str], hours: int, hard: bool) -> Schedule:
        now = self.home.clock.now()
        at = moment((now + timedelta(hours=hours)).isoformat(), "Europe/London", now)
        async with self.home.reading() as connection:
            planned = await plan(connection, hashes, at, now, hard=hard)
        async with self.home.work() as work:
            return await schedule(work, planned)

    async def _cancel(self, id_: str) -> None:
        async with self.home.reading() as connection:
            planned = await plan_cancel(connection, id_, self.home.clock.now())
        async with self.home.work() as work:
            await cancel(work, id_, planned)

    async def _roll_back(self, release_id: str) -> Released | None:
        async with self.home.reading() as connection:
            planned = await plan_rollback(connection, release_id, self.home.clock.now(), self.releases)
        async with self.home.work() as work:
            return await roll_back(work, planned)

    def _did(self, what: str, outcome: T | None) -> T | None:
        """Count what was really done, so that a machine that does nothing is noticed."""
        self.done[what] += outcome is not None
        return outcome

    def _note(self, released: Released | None) -> None:
        if released is not None:
            self.releases.append(released.id)
            self.done["release"] += 1
