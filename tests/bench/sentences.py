"""The words of the generated content: sentences as a bank writes them, put together by chance."""

import random

THINGS = (
    "debit card", "spare card", "savings account", "joint account", "virtual card", "standing order", "direct debit",
    "monthly statement", "travel plan", "family plan", "business account", "overdraft", "payment link", "money pot",
    "exchange order", "cheque deposit", "salary account", "student account", "gift card", "insurance cover",
)  # fmt: skip
ACTS = (
    "order", "open", "change", "close", "pause", "renew", "replace", "share", "move", "cancel", "check", "rename",
    "upgrade", "correct", "confirm", "find",
)  # fmt: skip
PLACES = ("the app", "your account settings", "the card page", "the help page", "your profile", "the payments page")
REASONS = (
    "your plans have changed", "your name has changed", "your phone is lost", "something doesn't look right",
    "you are going abroad", "a payment is late", "you share it with somebody", "your address is new",
)  # fmt: skip
STARTS = (
    "how to",
    "I want to",
    "can I",
    "where do I",
    "help me",
    "is it possible to",
    "what do I need to",
    "why can't I",
)
TOPICS = ("cards", "payments", "account", "top-ups", "transfers")

DETAIL = (
    "You find your {thing} at the top of {place}, beside the name of the product.",
    "The page shows what has happened to your {thing} so far and what comes next, step by step.",
    "We keep the old details of your {thing} for our records, and they stay on your former statements.",
    "If you use more than one phone, the change to your {thing} shows on each of them at once.",
    "Our team looks at every request about a {thing} in the order in which it reaches us.",
    "A {thing} that you share shows the same information to each person who holds it.",
    "When you {act} a {thing}, have a document with your picture at hand, such as a passport or a driving licence.",
    "A message in {place} tells you as soon as we have looked at your {thing}.",
    "To see how to {act} a {thing}, read the help page, which explains each step with pictures, in plain words.",
    "Messages about your {thing} come from us only, and they never ask for your passcode.",
)

CLAIM = """\
---
kind: claim
title: "Claim {number}: it can be changed in the app"
topic: cards
owner: team
author: {author}
evidence:
  - {{title: Release test {number}, document: test/{number:03d}, valid_until: 2035-12-31}}
---

You can look at it in the app at any time.
"""

MINUTES, MONEY, PERCENTAGE, WORKING_DAYS, LARGE_MONEY = range(5)
"""Facts by their number modulo five."""


def fact(number: int) -> tuple[str, str, str]:
    """The YAML lines of a fact."""
    kind, size = number % 5, number // 5 + 1
    value = {
        MINUTES: f"{{type: duration, low: {size}, unit: minutes}}",
        MONEY: f'{{type: money, amount: "{size}.50", currency: GBP}}',
        PERCENTAGE: f'{{type: percentage, value: "{size}.25"}}',
        WORKING_DAYS: f"{{type: duration, low: {size}, high: {size + 2}, unit: working-days}}",
        LARGE_MONEY: f'{{type: money, amount: "{size * 100}.00", currency: GBP}}',
    }[kind]
    return f"  fact.{number:03d}:", f"    title: The value of number {number}", f"    value: {value}"


def answer(chance: random.Random, number: int, facts: int, claims: int) -> str:
    """A whole file: about 120 words, three facts, a claim in every fifth."""
    thing, act, place, reason = (chance.choice(words) for words in (THINGS, ACTS, PLACES, REASONS))
    days, fee, limit = (
        f"{{{{fact:fact.{chance.randrange(facts // 5) * 5 + kind:03d}}}}}"
        for kind in (WORKING_DAYS, MONEY, LARGE_MONEY)
    )
    title = f"How do I {act} my {thing} when {reason}, case {_letters(number)}?"
    claim = f" {{{{claim:claim-{chance.randrange(claims):03d}}}}}" if number % 5 == 0 else ""
    said = "\n".join(f"  - {start} {act} my {thing}, {reason}" for start in chance.sample(STARTS, 5))
    detail = " ".join(text.format(thing=thing, act=act, place=place) for text in chance.sample(DETAIL, 4))
    return (
        f'---\nkind: answer\ntitle: "{title}"\ntopic: {chance.choice(TOPICS)}\nproduct: {thing.replace(" ", "-")}\n'
        f"owner: team\nauthor: p-ana\nphrasings:\n{said}\n"
        "next:\n  - {id: person, label: Talk to us, say: To talk to one of us, phrases: [a person], to: handover}\n---\n\n"
        f"To {act} your {thing}, open {place} and follow the steps that you see there. We do it within {days}, and we "
        f"charge {fee} for it. You can't {act} more than {limit} worth a month this way. If {reason}, tell us in the app "
        f"first, and we may ask you for a document before we go on.{claim}\n\n::: detail\n{detail}\n:::\n\n"
        f"## short\n\nTo {act} your {thing}, open {place}. We do it within {days}, and we charge {fee} for it. You can't "
        f"{act} more than {limit} worth a month this way. If {reason}, tell us in the app first, and we may ask you for a "
        f"document before we go on.{claim}\n"
    )


def _letters(number: int) -> str:
    """A number as letters, so that a title has no figure that would have to be a fact."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters = chr(97 + rest) + letters
    return letters
