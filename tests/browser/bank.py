"""A small bank to try the ask page on: two answers that a question can't always tell apart, in two languages."""

import msgspec

from kb.channels.built_in import BUILT_IN
from kb.channels.types import Next, Placement
from kb.channels.values import Money, Phone, Url
from kb.entries.types import Draft
from tests.builders import (
    CHANNELS,
    Home,
    a_channels_document,
    a_claim,
    a_disclosure,
    a_fact,
    a_translation,
    an_answer,
    live,
)

SERVED = tuple(name for name, entry in BUILT_IN.items() if entry.output is not False)

ARRIVAL = an_answer(
    "card-arrival",
    "Your card arrives within {{fact:card.delivery}}. {{claim:free-delivery}} If it doesn't come, call {{fact:phone}}.\n\n"
    "{{disclosure:capital}}\n\n"
    "::: detail\nOpen **Cards** & look for:\n\n- the day it was sent\n- the [parcel]({{fact:tracking}})\n\n"
    "A new one costs {{fact:card.price}}.\n:::",
    phrasings=("when will my card come", "my new card has not arrived", "card still not here"),
    ask="Shall we track it?",
    next=(
        Next("track", "Track my card", "link:{{fact:tracking}}", say="To track your card"),
        Next("lost", "It was stolen", "entry:lost-card", say="If it was stolen"),
        Next("person", "Talk to us", "handover", say="To talk to one of us"),
    ),
)
LOST = an_answer(
    "lost-card",
    "Freeze the card in the app, then call {{fact:phone}}.",
    title="My card was stolen. What now?",
    phrasings=("my card is lost", "someone stole my card"),
)
UNSURE = an_answer("say-unsure", "Which of these do you mean?", title="More than one fits", topic="house")
NO_ANSWER = an_answer("say-no-answer", "We have no answer to that yet.", title="No answer", topic="house")


async def the_bank(home: Home) -> None:
    """Everything live, the first answer in Spanish too."""
    await live(home, a_channels_document(msgspec.structs.replace(CHANNELS, serve=SERVED)))
    await live(home, *_facts())
    await live(home, a_claim("free-delivery", "Delivery is free."))
    await live(home, a_disclosure("capital", "Your capital is at risk.", placement=Placement(must_hear=True)))
    await live(home, LOST, ARRIVAL, UNSURE, NO_ANSWER)
    spanish = "Roba o pierde: congela la tarjeta en la app y llama al {{fact:phone}}."
    await live(
        home,
        a_translation(
            LOST, spanish, title="Me han robado la tarjeta. ¿Qué hago?", phrasings=("me robaron la tarjeta",)
        ),
    )


def _facts() -> tuple[Draft, ...]:
    return (
        a_fact(),
        a_fact("phone", Phone("+448081570123"), title="Our number"),
        a_fact("card.price", Money("5.00", "GBP"), title="Price of a card"),
        a_fact("tracking", Url("https://larkfield.example/track"), title="Where cards are tracked"),
    )
