"""Drafts of every kind for property tests: only such as the program itself can store and a file can say."""

import string
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from kb.base.hashing import normal
from kb.channels import values
from kb.channels.markup import problems
from kb.channels.profiles import ProfileEntry, ProfilesDocument
from kb.channels.types import (
    EmailParts,
    Link,
    Next,
    Place,
    Placement,
    Slot,
    SlotType,
    Staff,
    Variant,
    VoicePrompts,
    When,
    Wording,
)
from kb.entries.faults import HEADING
from kb.entries.types import (
    Audience,
    Content,
    Draft,
    Evidence,
    Glossary,
    GlossaryTerm,
    House,
    Kind,
    NoticeTerms,
    Policy,
    PolicyRule,
    PromiseTerms,
    Stage,
    Synonyms,
    SynonymSet,
)

Strategy = st.SearchStrategy[Any]

LETTERS = string.ascii_letters + string.digits + " .,:;!?'\"-–—…“”‘’/%&@#()[]{}*_+=~|\\€£éñÁüß中😀ﬁ\u00a0"

names = st.text(string.ascii_lowercase, min_size=1, max_size=6)
keys = st.builds("".join, st.lists(names, min_size=1, max_size=3).map(lambda parts: [".".join(parts)]))
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
people = st.builds(lambda name: f"p-{name}", names)
lines = (
    st.one_of(
        st.text(LETTERS, min_size=1, max_size=30),
        st.sampled_from(
            ["no", "null", "~", "1", "-1.5", "0x1F", "2026-11-22", "08:30", "a: b", "a #b", "- a", "on", "{{fact:a.b}}"]
        ),
    )
    .map(normal)
    .filter(bool)
    .filter(lambda text: not problems(text))
)
paragraphs = (
    st.lists(lines, min_size=1, max_size=3)
    .map("\n\n".join)
    .flatmap(lambda text: st.sampled_from([text, f"{text}\n\n::: detail\n{text}\n:::"]))
    .map(normal)
    .filter(lambda text: bool(text) and not HEADING.search(text) and not problems(text))
)
locale_tags = st.sampled_from(["en-GB", "es-ES", "de", "zh-Hant-TW"])
targets = st.sampled_from(
    ["handover", "handover:cards", "callback", "end", "entry:a.b-c", "link:https://larkfield.example/x"]
)


def some(strategy: Strategy, size: int = 2) -> Strategy:
    return st.lists(strategy, max_size=size).map(tuple)


def either(strategy: Strategy, default: object) -> Strategy:
    return st.one_of(st.just(default), strategy)


channels = st.sampled_from(["sms", "voice", "social/x", "social/bluesky", "agent"])
wordings = st.builds(
    Wording,
    text=paragraphs,
    short=either(paragraphs, ""),
    spoken=either(paragraphs, ""),
    overrides=st.dictionaries(channels, paragraphs, max_size=2),
)
conditions = st.sets(names, min_size=1, max_size=2).map(lambda words: tuple(sorted(words)))
whens = st.builds(
    When,
    product=either(conditions, ()),
    stage=either(conditions, ()),
    tone=either(conditions, ()),
    visibility=either(conditions, ()),
)
variants = st.lists(
    st.builds(Variant, when=whens, wording=wordings, alternates=some(wordings)),
    max_size=2,
    unique_by=lambda one: one.when,
).map(tuple)
moments = either(
    st.datetimes(
        datetime(2020, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds beside its time zones)
        datetime(2040, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
    ).map(lambda moment: moment.replace(microsecond=0)),
    None,
)
slots = st.dictionaries(
    keys,
    st.builds(
        Slot, type=st.sampled_from(SlotType), max=st.integers(1, 99), required=st.booleans(), fallback=either(lines, "")
    ),
    max_size=2,
)
staff = st.builds(
    Staff,
    steps=some(paragraphs),
    notes=either(paragraphs, ""),
    do_not_say=some(lines),
    identity_check=either(lines, ""),
)


def contents(translation: bool, **own: Strategy) -> Strategy:
    words: dict[str, Strategy] = {
        "title": lines,
        "wording": wordings,
        "alternates": some(wordings),
        "variants": variants,
        "phrasings": some(lines, 3),
        "ask": either(lines, ""),
        "next": st.lists(
            st.builds(
                Next,
                id=names,
                label=lines,
                to=st.just("") if translation else targets,
                say=either(lines, ""),
                phrases=some(lines),
            ),
            max_size=2,
            unique_by=lambda option: option.id,
        ).map(tuple),
        "links": some(
            st.builds(Link, label=lines, url=st.just("") if translation else st.just("https://larkfield.example/a"))
        ),
        "email": either(st.builds(EmailParts, subject=lines, preheader=either(lines, "")), None),
        "voice": either(st.builds(VoicePrompts, no_input=some(lines), no_match=st.tuples(lines)), None),
        "staff": either(staff.filter(lambda one: one != Staff()), None),
    }
    rest: dict[str, Strategy] = {
        "topic": either(names, ""),
        "product": either(names, ""),
        "stage": either(st.sampled_from(Stage), None),
        "owner": names,
        "audience": st.sampled_from(Audience),
        "valid_from": moments,
        "valid_until": moments,
        "cadence_days": either(st.integers(1, 999), None),
        "slots": slots,
    }
    return st.builds(Content, **words, **({} if translation else rest), **own)


OWN: dict[Kind, dict[str, Strategy]] = {
    Kind.CLAIM: {
        "evidence": st.tuples(
            st.builds(
                Evidence,
                title=lines,
                url=st.just("https://larkfield.example/e"),
                valid_until=either(st.dates(date(2020, 1, 1), date(2040, 1, 1)), None),
            )
        )
    },
    Kind.DISCLOSURE: {
        "placement": st.builds(Placement, place=st.sampled_from(Place), channels=some(names), must_hear=st.booleans())
    },
    Kind.ANSWER: {},
    Kind.PROMISE: {"promise": st.builds(PromiseTerms, target=paragraphs, measure=lines, period=lines, remedy=lines)},
    Kind.NOTICE: {
        "notice": st.builds(
            NoticeTerms,
            purpose=lines,
            consent=st.sampled_from(["service", "marketing"]),
            quiet_from=st.sampled_from(["", "21:00"]),
            replies=st.dictionaries(lines, lines, max_size=2),
        )
    },
}


def _entry(kind: Kind) -> Strategy:
    return st.one_of(
        st.builds(
            Draft,
            key=keys,
            kind=st.just(kind),
            locale=st.just("en-GB"),
            author=people,
            editors=some(people),
            again=st.integers(0, 2),
            content=contents(False, **OWN[kind]),
        ),
        st.builds(
            Draft,
            key=keys,
            kind=st.just(kind),
            locale=st.sampled_from(["es-ES", "de", "zh-Hant-TW"]),
            author=people,
            editors=some(people),
            again=st.integers(0, 2),
            source=either(hashes, ""),
            content=contents(True, **({"promise": OWN[kind]["promise"]} if kind is Kind.PROMISE else {})),
        ),
    )


entries = st.sampled_from(list(OWN)).flatmap(_entry)
said = st.builds(values.Said, text=lines.filter(lambda text: "{{" not in text), spoken=st.just(""))
fact_values = st.one_of(
    st.builds(values.Integer, value=st.integers(-(10**14), 10**14)),
    st.builds(values.Money, amount=st.decimals(0, 999, places=2).map(str), currency=st.just("GBP")),
    st.builds(values.Percentage, value=st.decimals(0, 99, places=1).map(str)),
    st.builds(
        values.Duration,
        low=st.integers(1, 9),
        unit=st.sampled_from(values.Unit),
        high=either(st.integers(10, 99), None),
    ),
    st.builds(values.Date, value=st.dates().map(str)),
    st.builds(values.Time, value=st.just("08:30")),
    st.builds(
        values.OpeningHours,
        lines=st.tuples(
            st.builds(values.Hours, days=st.just(("mon", "tue")), opens=st.just("08:00"), closes=st.just("24:00"))
        ),
    ),
    st.builds(values.Phone, value=st.just("+448081570123")),
    st.builds(values.Term, locales=st.dictionaries(locale_tags, said, min_size=1)),
)
facts = st.builds(
    Draft,
    key=keys,
    kind=st.just(Kind.FACT),
    locale=st.just("und"),
    author=people,
    editors=some(people),
    again=st.integers(0, 2),
    content=st.builds(
        Content,
        title=either(lines, ""),
        topic=either(names, ""),
        owner=either(names, ""),
        cadence_days=either(st.integers(1, 999), None),
        valid_until=moments,
        fact=fact_values,
    ),
)
houses = st.one_of(
    st.builds(
        House,
        policy=st.builds(
            Policy,
            rules=some(
                st.builds(
                    PolicyRule,
                    name=lines,
                    roles=st.dictionaries(names, st.integers(1, 3)),
                    kinds=some(st.sampled_from(Kind)),
                    classes=some(names),
                )
            ),
            waivers=some(names),
        ),
    ),
    st.builds(
        House,
        channels=st.builds(
            ProfilesDocument,
            locales=st.just(("en-GB", "es-ES")),
            fallbacks=st.dictionaries(locale_tags, some(locale_tags)),
            profiles=st.dictionaries(
                channels,
                st.builds(
                    ProfileEntry,
                    inherits=either(names, ""),
                    max_parts=either(st.integers(1, 9), None),
                    output=either(st.booleans(), None),
                ),
                max_size=1,
            ),
        ),
    ),
    st.builds(
        House,
        glossary=st.builds(
            Glossary,
            locales=st.dictionaries(
                locale_tags, some(st.builds(GlossaryTerm, term=lines, status=names, forms=some(lines)))
            ),
        ),
    ),
    st.builds(
        House,
        synonyms=st.builds(
            Synonyms, locales=st.dictionaries(locale_tags, some(st.builds(SynonymSet, words=some(lines))))
        ),
    ),
)


@st.composite
def house_documents(draw: st.DrawFn) -> Draft:
    house = draw(houses)
    key = next(name for name in House.__struct_fields__ if getattr(house, name) is not None)
    content = Content(title=draw(lines), owner=draw(names), house=house)
    return Draft(key=key, kind=Kind.HOUSE, locale="und", author=draw(people), content=content)
