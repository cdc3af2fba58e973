"""English words that the gate reads: numbers, units, and the marks of negation, modality and qualification."""

ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate([*ONES, *TEENS])},
    **{word: 10 * number for number, word in enumerate(TENS, start=2)},
}
SCALES: dict[str, int] = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "k": 1_000}

_SMALL = rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES[1:])}))?|{'|'.join(TEENS)}|{'|'.join(ONES)})"
_HUNDREDS = rf"(?:(?:{_SMALL}|an?)[ ]hundred(?:[ ](?:and[ ])?{_SMALL})?|{_SMALL})"
NUMBER = rf"(?:(?:{_HUNDREDS}|an?)[ ](?:thousand|million)(?:,?[ ](?:and[ ])?{_HUNDREDS})?|{_HUNDREDS})"
"""A number in words, up to millions. `a hundred` is one; a lone `a` is not."""

DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
GROUPING, POINT = ",", "."

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH_FORMS: dict[str, int] = {
    **{month: number for number, month in enumerate(MONTHS, start=1)},
    **{month[:3]: number for number, month in enumerate(MONTHS, start=1) if month != "may"},
    "sept": 9,
}

UNITS: dict[str, str] = {
    "minute": "minutes",
    "min": "minutes",
    "hour": "hours",
    "hr": "hours",
    "working day": "working-days",
    "business day": "working-days",
    "banking day": "working-days",
    "weekday": "working-days",
    "calendar day": "days",
    "day": "days",
    "night": "days",
    "week": "weeks",
    "calendar month": "months",
    "month": "months",
    "year": "years",
    "second": "seconds",
    "sec": "seconds",
}
UNIT_ENDING = r"(?:s|s['’]|['’]s)?"

CURRENCIES: dict[str, str] = {
    "pounds sterling": "GBP",
    "pounds": "GBP",
    "pound": "GBP",
    "quid": "GBP",
    "euros": "EUR",
    "euro": "EUR",
    "us dollars": "USD",
    "dollars": "USD",
    "dollar": "USD",
}
CENTS: dict[str, str] = {"pence": "GBP", "penny": "GBP", "p": "GBP", "cents": "EUR", "cent": "EUR"}
PERCENT = r"%|per[ ]?cent(?:age[ ]points?)?"
RANGE = r"to|or|and|up[ ]to|-|–|—"
RANGE_OPENERS = r"(?:between|from)\s+(?:[£€$]\s?)?$"
NOT_COUNTED = (
    r"(?:step|press|option|reply|version|page|section|article|note|ios|android|windows|visa|part|level|tier)\s+$"
)
INDEFINITE = (
    r"\b(within|in(?: under)?|after|under|less than|more than|over|for|at least|longer than|takes?|taking|lasts?|about"
    r"|around|nearly|almost|roughly|another|up to|wait)\s+$"
)
LASTING = r"\s+(?:or (?:two|less|more)|at (?:the )?(?:most|least)|before|beforehand|ahead|earlier|later|ago)\b"
"""What follows `a day` where it is a length of time after all, not a rate (`a day or two`)."""
FIXED_DURATIONS: dict[str, tuple[str, str]] = {"a fortnight": ("2", "weeks"), "half an hour": ("30", "minutes")}
IDIOMS = r"one or two(?! (?:{units}))|two-factor|two-step|one-time|zero-hour"
ROUND_THE_CLOCK = (
    r"24[ ]?/[ ]?7|(?:24|twenty-four)[ -]hours?(?:[ ]a[ ]day|[ ]every[ ]day)(?:,?[ ](?:7|seven)[ ]days[ ]a[ ]week)?"
    r"|round[ -]the[ -]clock|day[ ](?:and|or)[ ]night|(?:7|seven)[ ]days[ ]a[ ]week"
)
TIMES = (
    r"(?P<clock>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?[  ]?(?P<half>[ap])(?:m\b|\.[ ]?m\.)"
    r"|(?P<clock24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?!\d)"
    r"|(?P<sharp>\d{1,2}|\w+)[ ]o['’]clock"
)
OPENING_WORDS = ("a", "an", "round", "day", "half")
"""Words that open a quantity without being a number."""
TIME_WORDS: dict[str, str] = {"noon": "12:00", "midday": "12:00", "midnight": "24:00"}
HALVES: dict[str, bool] = {"a": False, "p": True}
CALLING = r"\b(?:call|dial|ring|phone|text|text \w+ to)\s+(?:us\s+(?:on|at)\s+)?$"
NATIONAL_PHONE = r"0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}"
COUNTRY_CODE, TRUNK = "44", "0"

# ---- sentences -------------------------------------------------------------------------------------------------------

ABBREVIATIONS = """
e.g i.e etc no nos mr mrs ms dr st approx vs incl a.m p.m am pm ltd plc tel
"""
"""Words after which a full stop may not end a sentence; `etc`, `am` and `pm` end one before a capital."""

CONTRACTIONS: dict[str, tuple[str, ...]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "let's": ("let", "us"),
}
CONTRACTED_ENDINGS: dict[str, str] = {
    "n't": "not",
    "'ll": "will",
    "'re": "are",
    "'ve": "have",
    "'d": "would",
    "'m": "am",
    "'s": "",
}

STOP_WORDS = """
a an the and or but so of to in on at by for from with as is are was were be been being am it its this that these
those there here you your yours we our ours us they their them he she his her i my me do does did done have has had
will would shall can could may might must should not no if when once then than also too just any some all each every
out up into about over after before which who what where how while because please get got very more most much such
only until unless
"""

COST_STEMS = ("fee", "charg", "cost", "commiss")

VERB_NEGATIONS = frozenset({"nobody", "no one", "nothing", "not", "never", "no longer", "unable"})
"""Negations that govern the verb after them; `no`, `nothing` and their like govern a noun or stand alone."""

PAIRED_NEGATIONS: frozenset[str] = frozenset()
LICENSING: frozenset[str] = frozenset()
CLITICS: frozenset[str] = frozenset()
"""English negates once: nothing goes in pairs."""

SOFT_NEGATIONS = """
refuse refusal decline fail failure reject forbid forbidden prohibit prevent avoid lack miss block stop unlimited invalid
instead rather exclude delay restrict expire unlikely rare unfortunately freeze frozen lock wrong incorrect late ban
imposs unable unavailable ineligible nonrefundable nil unusual unauthoris unauthor unrecognised unrecognis unsafe
missing lost same unchanged remain close shut lose hide hidden against forget forgot remember ignore deny denied differ
different illegal unlawful empty absent cease discard throw away disappear vanish stick stuck incomplete unsuccessful
insufficient inactive disable dormant void useless unused exempt waive discourage dissuade beware void spare unchecked
unsure unknown unclear
"""
"""Words that say no without a negation: one of them may stand in another form for a `not`."""

IRREGULAR_VERBS = """
take took taken taking / give gave given giving / send sent / get got gotten getting / pay paid / keep kept / leave left
leaving / lose lost losing / see saw seen / know knew known / tell told / say said / come came coming / go went gone /
make made making / find found / buy bought / bring brought / think thought / write wrote written writing / speak spoke
spoken / choose chose chosen choosing / break broke broken / steal stole stolen / freeze froze frozen / hold held /
lend lent / spend spent / sell sold / meet met / hear heard / feel felt / stand stood / understand understood / begin began
begun / run ran running / withdraw withdrew withdrawn / show showed shown / grow grew grown / wear wore worn / throw threw
thrown / catch caught / forget forgot forgotten / rise rose risen / fall fell fallen / drive drove driven / mean meant /
build built / win won / lie lay lain / refund refunded refunds / own owned
"""
"""Verbs whose forms have no common stem, one between two signs: the verb itself, then its forms."""

INFLECTIONS = ("s", "ed", "ing")
"""Endings that no verb has that tells somebody to act."""

IMPERATIVES = """
tap open go call check choose select send tell contact ask log sign enter keep wait try use add change report freeze
order pay visit see look read write allow make follow confirm update top transfer set turn switch download remember
note give let message reply cancel activate move bring show take press find track start scan upload verify quote ring
speak talk delete remove stop unfreeze lock unlock block copy fill withdraw exchange buy request apply get have hand
insert restart reinstall raise dispute complete return put leave submit review compare repeat type email text dial
spend be do don't never hold swap link connect save share come claim arrive collect pick book agree accept approve
arrange attach avoid answer begin break carry cash charge clear click close consider continue cut deposit decide
describe destroy discuss dispose donate drop earn empty enable ensure explain extend forward forget hang help hide ignore
include inform install invest invite join learn lend lift limit listen live lower mail manage mark mind mention name notify
nominate opt overpay pack pass post prepare print prove provide protect pull push quit receive recharge recycle redeem
refer refresh refund register reject renew rent replace reset resend respond restore retry round schedule search secure
sell settle slide spread stay store subscribe swipe switch tick time transact travel trust understand unlink unsubscribe
view watch withhold work allow simply just plan expect mute
"""
"""Verbs that a clause may begin with when it tells the reader to act."""
