"""Outside experts: people who are shown one revision by a link, and may comment on it and sign it until the link ends."""

from datetime import datetime, timedelta

import msgspec

from kb.accounts.actions import grant
from kb.accounts.links import add_link
from kb.accounts.rules import checked_email, checked_name
from kb.accounts.signing import Sealer, add_kept_key
from kb.accounts.tables import people, person_details
from kb.accounts.types import Origin, Role, RoleGrant
from kb.base.errors import Code, Detail, Invalid
from kb.base.hashing import instant
from kb.base.work import Work

LONGEST = timedelta(days=30)
ASKED = frozenset({Role.LEGAL, Role.BRAND, Role.PRODUCT})
"""The roles an expert may sign in: those that judge a text."""


class Invited(msgspec.Struct, frozen=True):
    """An expert who was invited: their id, their link's id and the token that opens it, which nobody will see again."""

    person: str
    link: str
    token: str
    expires_at: str


async def invite_expert(
    work: Work,
    hash_: str,
    role: str,
    expires_at: datetime,
    sealer: Sealer,
    *,
    name: str = "",
    email: str = "",
) -> Invited:
    """Let somebody from outside judge the revision with this content hash, in one role, until a time within 30 days.

    They become a person of origin `expert` who holds the role on `#<hash>` alone, with a key that the server keeps. The
    link works as often as it is opened until then, or until `kb.accounts.links.revoke_link`. Whether the actor may invite
    is for the caller to judge. Invalid for another role, or a time that is past or too far.
    """
    if role not in ASKED:
        raise _wrong("/role", f"an outside expert signs as one of: {', '.join(sorted(ASKED))}")
    if not work.now < expires_at <= work.now + LONGEST:
        raise _wrong("/expires_at", f"the link ends within {LONGEST.days} days from now: give a time before then")
    person = f"p-{work.ids.new()}"
    grants = (RoleGrant(Role(role), (f"#{hash_}",)),)
    data = {"person": person, "origin": Origin.EXPERT.value, "hash": hash_, "role": role, "until": instant(expires_at)}
    position = await work.record("account.invited", data)
    row = {"id": person, "origin": Origin.EXPERT.value, "position": position}
    await work.connection.execute(people.insert().values(**row))
    if name or email:
        details = {"person": person, "name": checked_name(name or email), "email": checked_email(email)}
        await work.connection.execute(person_details.insert().values(**details))
    await grant(work, person, grants, until=instant(expires_at))
    public_key = await add_kept_key(work, sealer, person)
    link = await add_link(work, person, expires_at, subject=hash_)
    await work.record("link.made", {"person": person, "link": link.id, "hash": hash_, "public_key": public_key})
    return Invited(person, link.id, link.token, link.expires_at)


def _wrong(pointer: str, message: str) -> Invalid:
    return Invalid(message, errors=(Detail(pointer, Code.INVALID.value, message),))
