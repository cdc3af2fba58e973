"""Who may see what, as a table for people to read: for each surface and actor, the states whose words may appear there.

Each state has a text of its own with an invented word in its title, text and phrasings; the test asks every surface as
every actor and looks for the words. A state that isn't in the actor's row appears nowhere on that surface, and one that
is does appear: the table says exactly what is seen.
"""

from dataclasses import dataclass

WORDS = {
    "draft": "quorvex",
    "in_review": "blimtor",
    "staff_review": "drusqual",
    "changes_requested": "fendrop",
    "approved": "gralwick",
    "scheduled": "hobzarn",
    "live": "jundelp",
    "customer": "kwimbor",
    "staff": "lorvant",
    "translated": "mexubra",
    "superseded": "nalfrix",
    "successor": "ospergul",
    "edited": "pravdoon",
    "suspended": "quimzel",
    "expired": "rundiwok",
    "withdrawn": "skelvorb",
    "retired": "tuvmarsh",
    "replacement": "umbexal",
    "redacted": "vortimey",
    "elsewhere": "wexlimp",
    "remark": "xandrove",
    "advice": "yolmecki",
    "demand": "zurbafin",
    "reason": "achtomil",
    "erased_remark": "bonvexti",
}
"""The invented word of each state; `elsewhere` is a draft of another topic, and the last ones are what people said:
a comment on the draft, one on the text in review, why changes were asked for, why a text was withdrawn, and a comment on
the text that was redacted."""

KEYS = {state: f"k-{word}" for state, word in WORDS.items()} | {
    "translated": f"k-{WORDS['live']}",
    "successor": f"k-{WORDS['superseded']}",
    "edited": f"k-{WORDS['superseded']}",
}
"""The entry of each state: the superseded text, its successor and a newer draft are revisions of one."""

SPOKEN = frozenset({"remark", "advice", "demand", "reason", "erased_remark"})
"""Words that are no entry's."""

# ---- actors ----------------------------------------------------------------------------------------------------------

EVERYONE = (
    "anonymous",
    "key",
    "key for chat",
    "key for es-ES",
    "key for customers",
    "key with history",
    "page's key",
    "preview key",
    "person without a role",
    "author",
    "editor",
    "legal",
    "brand",
    "product",
    "publisher",
    "auditor",
    "admin",
    "author elsewhere",
    "publisher elsewhere",
    "legal elsewhere",
    "program for public drafts",
    "program for es-ES drafts",
    "outside expert",
)
REFUSED = (
    "page's key on another page",
    "page's key without a page",
    "suspended owner's key",
    "suspended person's session",
    "expired key",
    "revoked key",
    "garbage",
)
"""Whose credential doesn't hold: 401 and nothing else, on every surface."""

PROGRAMS = ("key", "key for customers", "key with history", "page's key", "preview key")
WRITERS = ("author", "editor")
SIGNERS = ("legal", "brand", "product")
ROLES = (*WRITERS, *SIGNERS, "publisher", "auditor", "admin")
"""The roles, each held on every topic."""
ELSEWHERE = ("author elsewhere", "publisher elsewhere", "legal elsewhere")
"""Roles held on another topic alone."""
PEOPLE = ("person without a role", *ROLES, *ELSEWHERE)

# ---- states ----------------------------------------------------------------------------------------------------------

PUBLIC = frozenset({"live", "successor", "replacement"})
FOR_CUSTOMERS = PUBLIC | {"customer"}
FOR_STAFF = FOR_CUSTOMERS | {"staff"}
ONCE = frozenset({"suspended", "expired", "withdrawn", "retired"})
"""What was public once and is live no more."""
WAITING = frozenset({"draft", "in_review", "changes_requested", "approved", "scheduled", "edited"})
"""What was never released, for the public once it is."""
WRITTEN = WAITING | FOR_STAFF | ONCE | {"staff_review", "superseded", "translated", "elsewhere"}
"""Every text there is but the one that was redacted, which nobody reads again."""
FOR_NARROWER = frozenset({"customer", "staff", "staff_review"})
"""What is for fewer than the public, or will be."""
NOTHING: frozenset[str] = frozenset()

WORKED_ON: dict[str, frozenset[str]] = {
    "drafts": NOTHING,
    "reviews": frozenset({"remark", "advice", "demand"}),
    "history": frozenset({"reason"}),
    "effects": NOTHING,
}
"""Surfaces of what is being worked on, and what they tell beside the texts."""


@dataclass(frozen=True)
class Row:
    """On `surface`, each of these actors sees the words of exactly these states, and at most the keys of these and `named`."""

    surface: str
    actors: tuple[str, ...]
    states: frozenset[str]
    named: frozenset[str] = frozenset()


TABLE = (
    # What is live, for those whom it is for: the words of delivery, whatever is asked.
    Row("now, in chat", ("anonymous", "key", "key for chat", "key with history", "page's key", "preview key",
                         "program for public drafts"), PUBLIC | {"translated"}),
    Row("now, in chat", ("key for customers",), FOR_CUSTOMERS | {"translated"}),
    Row("now, in chat", PEOPLE, FOR_STAFF | {"translated"}),
    Row("now, in chat", ("key for es-ES", "program for es-ES drafts"), frozenset({"translated"})),
    Row("now, in sms", ("anonymous", "key", "key with history", "page's key", "preview key",
                        "program for public drafts"), PUBLIC | {"translated"}),
    Row("now, in sms", ("key for customers",), FOR_CUSTOMERS | {"translated"}),
    Row("now, in sms", PEOPLE, FOR_STAFF | {"translated"}),
    Row("now, in sms", ("key for es-ES", "program for es-ES drafts"), frozenset({"translated"})),
    # The feed tells keys and never words; what ended is told to those who could read it while it was live.
    Row("changes", ("anonymous", "key", "key for chat", "key with history", "page's key", "preview key",
                    "program for public drafts"), NOTHING, PUBLIC | ONCE | {"redacted"}),
    Row("changes", ("key for customers",), NOTHING, FOR_CUSTOMERS | ONCE | {"redacted"}),
    Row("changes", PEOPLE, NOTHING, FOR_STAFF | ONCE | {"redacted"}),
    Row("changes", ("key for es-ES", "program for es-ES drafts"), NOTHING, frozenset({"translated"})),
    # The past of what is live still is for everyone it is for; all of it is for those who may read history (law 7).
    Row("as it was", ("anonymous", "key", "key for chat", "page's key", "preview key", "program for public drafts"),
        PUBLIC | {"translated", "superseded"}),
    Row("as it was", ("key for customers",), FOR_CUSTOMERS | {"translated", "superseded"}),
    Row("as it was", ("person without a role", *WRITERS, *ELSEWHERE), FOR_STAFF | {"translated", "superseded"}),
    Row("as it was", ("key for es-ES", "program for es-ES drafts"), frozenset({"translated"})),
    Row("as it was", ("key with history",), PUBLIC | ONCE | {"translated", "superseded"}),
    Row("as it was", (*SIGNERS, "publisher", "auditor", "admin"), FOR_STAFF | ONCE | {"translated", "superseded"}),
    # What is being worked on: by topic for people; their programs keep to their audiences and locales, too.
    *(Row(surface, ROLES, WRITTEN | more, frozenset({"redacted"})) for surface, more in WORKED_ON.items()),
    *(Row(surface, ELSEWHERE, frozenset({"elsewhere"})) for surface in WORKED_ON),
    *(Row(surface, ("program for public drafts",), (WRITTEN | more) - FOR_NARROWER, frozenset({"redacted"}))
      for surface, more in WORKED_ON.items()),
    *(Row(surface, ("program for es-ES drafts",), frozenset({"translated"})) for surface in WORKED_ON),
    Row("previews", ROLES, FOR_STAFF | WAITING | {"staff_review", "translated", "elsewhere"}),
    Row("previews", ("preview key", "program for public drafts"), PUBLIC | WAITING | {"translated", "elsewhere"}),
    Row("previews", ELSEWHERE, frozenset({"elsewhere"})),
    Row("previews", ("program for es-ES drafts",), frozenset({"translated"})),
    # What was released, and when: keys and reasons, for those who release; the texts themselves only in a bundle.
    Row("releases", ("publisher",), frozenset({"reason"}), WRITTEN | {"redacted"}),
    Row("releases", ("publisher elsewhere",), NOTHING, frozenset({"elsewhere"})),
    Row("bundles", ("publisher",), FOR_STAFF | ONCE | {"translated", "superseded"}, frozenset({"redacted"})),
    # Proof: the journal holds keys and hashes alone, a receipt what was said.
    Row("journal", ("auditor", "admin"), NOTHING, WRITTEN | {"redacted"}),
    Row("receipts", ("auditor", "admin"), FOR_STAFF | ONCE | {"translated", "superseded"}),
    Row("redactions", ("admin",), NOTHING, frozenset({"redacted"})),
    Row("invited", ("outside expert",), frozenset({"in_review", "advice"})),
)  # fmt: skip
"""Whoever isn't in a row of a surface sees nothing on it; the outside expert nothing at all but what they were invited to.

No row is about `refusals` (the texts of problems) or `pages and contract`: no state's word appears in them for anyone."""


def row_of(surface: str, actor: str) -> Row:
    """The row that says what an actor sees on a surface."""
    found = [row for row in TABLE if row.surface == surface and actor in row.actors]
    assert len(found) < 2, f"two rows say what {actor} sees of {surface}"
    return found[0] if found else Row(surface, (actor,), NOTHING)
