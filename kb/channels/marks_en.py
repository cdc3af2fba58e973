"""English marks of meaning: the words and phrases that negate, permit, oblige, recommend, limit, except and hedge."""

MARKS = """
neutral: from # on * to # / from # on * until # / so that we can / so that you can / if it helps /
    if you prefer / if you would rather / if you would like / if you would like to / do not forget to /
    do not forget / had to / as soon as we can / as quickly as we can / as quickly as possible / to be able to /
    not only / not just / do not worry / no worries / no problem / feel free / why not / could you / can you /
    can i / may be able / as soon as possible / not to worry / in no time / can see / can find / can expect /
    will see / will find / can also see / can also find / in full / as well as / not sure / only just /
    no doubt / can you not / last only / may we / if you like / if you want / in advance / after all /
    if you wish / in total / from # to # / between # and # / up to date / only problem / whenever you like /
    need it / need them
not: not ever / by no means / under no circumstances / in no case / not one / not a / no way /
    recommended against / recommend against / advised against / advise against / not / no / never / none /
    nobody / no one / nothing / neither / nor / nowhere / unable / impossible / unavailable / ineligible /
    no longer / non / non-refundable / nonrefundable / hardly ever / not yet / not any / not at all / not even /
    cease to / irreversible
without: minus / free of / with no / without
free: without cost / not pay a thing / without extra cost / at no extra charge / at no charge /
    no extra charge / no extra cost / not charge you anything / not charge you / not cost a thing /
    not cost anything / not cost you anything / with no charge / with no fees / with no fee / without any fee /
    without fees / without a fee / without a charge / without charge / free / free of charge / for free /
    at no cost / at no extra cost / no cost to you / complimentary / nothing to pay / costs nothing /
    cost nothing / fee-free / on us / on the house / nothing for / pay nothing / charge nothing /
    not pay anything / not pay for / without paying
may: it may be / it could be / it is possible that / could well / might well / may well / there is a chance /
    might possibly / could possibly / have the right to change / reserve the right to / may / might / could /
    perhaps / possibly / maybe / potentially / is possible that / a chance / some chance / may be able to /
    might be able to
maybe: once in a while / in rare cases / in certain cases / from time to time / now and again / several /
    a number of / certain / some / sometimes / whether / depending on / depends on / depend on / in some cases /
    occasionally / now and then / at times / not always
can: it is ok to / it is okay to / it is fine to / is able to / be able / in a position to / get the chance to /
    permit / permits / allow you to / let us / lets us / can / able to / are able to / be able to /
    is possible to / possible to / possible / allowed to / are allowed to / permitted to / are free to /
    lets you / let you / allows you to / have the option to / entitled to / have the right to / capable of /
    the option of / welcome to
instead: rather than / instead of / in place of
otherwise: otherwise / or else / if not
asked: the law says / the law asks / by law / ask you to / be asked to / asks you to / ask you for /
    be asked for
enough: on its own / by itself / is enough / are enough / enough / will do / suffices / all it takes is
unpromised: not guarantee / not promise / no guarantee / not be sure that / not certain that / not commit to /
    no promise
together: at the same time / simultaneously
supposed: you think / you believe / you suspect / we think / we suspect / you feel
aim: our aim / we will always try to / we always try to / we will try to / aim to / aim for / aims to /
    we try to / do our best to / hope to / intend to / our aim is / our goal is / best efforts / strive to /
    endeavour to / our target is / we plan to / do our best / will do our best / do everything we can
must: you will have to / do need to / insist on / it is compulsory / it is mandatory / it is required /
    it is necessary to / a condition / it is vital / it is crucial / obligatory / crucial / you will need /
    we ask that / have no choice / requirement / a requirement / must always / need you to /
    it is essential to / be sure you / must / have to / has to / need to / needs to / need / needs / required /
    requires / require / necessary / obliged to / compulsory / mandatory / make sure / be sure to / got to /
    required to / essential / a must / vital / it is important to / needed / have got to
unneeded: no longer required / no longer needed / no longer have to / no longer need to / no longer need /
    entirely optional / voluntary / not having to / not needing to / without the need to / without any need to /
    not insist / at your discretion / under no obligation / no requirement / no obligation / not a requirement /
    not obligatory / free to refuse / be required to not / nonessential / non-essential / not have to /
    not need to / not need / need not / needn't / no need to / no need for / not required / not necessary /
    unnecessary / optional / no need / not be required / not required to / nothing to do / no action needed /
    no action is needed / not needed / not obliged to / not be needed / without having to / without needing to /
    not require / not requires / not compulsory / not mandatory / nothing you need to do /
    nothing you have to do / up to you / not have to do anything / not need to do anything / not be asked for /
    no * required / no * needed / no * necessary / not needed to
should: we would suggest / we would advise / we would recommend / ideally / it makes sense to / it is wise to /
    it is advisable / had better / it is worth / should / ought to / recommend / recommended / advise /
    advisable / best to / we suggest / suggest / expected to / is best / a good idea / due to arrive /
    likely to / likely / probably / advised to / is wise
will: will / shall / going to / are certain to / is certain to / definitely / always / guaranteed to /
    guarantee / guaranteed / certainly / bound to / sure to
at-most: till the age of # / until the age of # / until age # / up to age # / up to the age of # / or under /
    or fewer / or less / no more than once / up to # / not be charged more than / not charge more than /
    not charge you more than / not cost more than / not pay more than / up to a maximum of / up to a total of /
    at most / at the most / no more than / not more than / a maximum of / maximum of / maximum / as many as /
    as much as / # or less / # or fewer / # or under / # at most / # at the most / not exceeding / not exceed /
    no longer than / not longer than / never more than / # maximum / # max / limited to / not go over /
    not take longer than / not take more than / no greater than / the limit is / is capped at / capped at /
    as long as # / # tops / never exceed / not be more than / never exceeds / limit is / limit of /
    most you can / the most / # is the most / not over / # is the limit / # is the maximum / a limit of /
    # limit / never takes longer than / never take longer than / # is our limit / # per * limit
within: within / no later than / not later than / inside / by # / in under # / in less than # / under # /
    less than # / before # have passed / before # are up / in at most / until # / till # / by the end of # /
    at the latest / on or before / before # / # or sooner / in # or less / # at the latest / # or earlier /
    below # / fewer than # / within the first / before the end of # / cheaper than # / younger than # /
    less than / fewer than / smaller than # / lower than # / sooner than # / before the # are up /
    before the # is up / up until # / anything under # / beneath #
in: in # / in the next # / have # to / has # to / during # / in the # after / for the next # / have # from /
    there is # to / the next #
at-least: from age # / from the age of # / or longer / or older / or over / or more / or newer /
    or anything newer / or higher / or above / or later / at least / no less than / not less than /
    no fewer than / a minimum of / minimum of / minimum / # or more / # or over / # or older / # minimum /
    from # upwards / # and over / # and above / # or above / from # / upwards of / starts at / starting at /
    starting from / starts from / not under / not sooner than / no sooner than / not below / not before # /
    no earlier than / # or later / # at least / at the very least / # upwards / a # minimum / # or longer /
    # and older
more: beyond this / above this / over that / beyond that / above that / older * than / longer * than /
    bigger * than / larger * than / higher * than / that exceeds / that exceed / larger than # / bigger than # /
    upwards of # / exceeding # / more than / over # / above # / exceeds / exceed / exceeding / longer than /
    beyond # / greater than / higher than # / bigger than / larger than / older than # / later than # /
    in excess of / worth over / any more than / anything over # / dearer than / upward of / beyond the first #
after: from # onwards / once # is up / once # are up / # afterwards / following # / after # / past # /
    after the first # / once # have passed / after those # / after the # are up / after the # window /
    after that # / after the # / wait #
only: confined to / on condition / only ever / not anyone except / nothing except / none but / no one except /
    nobody except / not unless / purely / strictly / exclusive to / restricted to / reserved for / just one /
    only / solely / exclusively / just / nothing but / all we need / all you need / all it takes / no one else /
    nobody else / nowhere else / nothing else / no other / no one but / nobody but / the sole / alone /
    not * else / the one place / the one way
except: other than on / with the exception / but in / but for / but on / but weekends / but sundays /
    but sunday / but saturdays / but saturday / but fridays / but friday / but thursdays / but thursday /
    but wednesdays / but wednesday / but tuesdays / but tuesday / but mondays / but monday / everything but /
    everywhere but / anything but / everybody but / anyone but / everyone but / all but / every * but /
    not apply to / not counting / leaving out / with one exception / except / except for / except when /
    except if / apart from / other than / unless / excluding / save for / with the exception of /
    not including / aside from / exception / exceptions / besides / other than if / bar
even: even while / even on / even in / even with / even for / even before / even once / even after / although /
    in spite of / despite / irrespective / even where / even if / even when / even though / even without /
    whether or not / regardless / no matter / in any case
if: just in case / if / provided / provided that / as long as / so long as / on condition that / in case /
    should you / in the event / assuming / providing / where possible / so as long as / on the condition that
when: when / once / whenever / after you / after we / after it / as soon as / while / after / every time /
    each time / upon / for payments / with / for anyone / anyone who / those who / customers who / who / where /
    by
until: up to when / up to the point / ahead of / until / till / before / prior to
usually: most commonly / most frequently / most likely / most frequent / most common / by and large / broadly /
    on the whole / habitually / in the main / more or less always / as a rule of thumb / tends / more often /
    as a general rule / for the most part / most of the time / usually / normally / typically / generally /
    mostly / most / in most cases / as a rule / tend to / tends to / often / ordinarily / on average /
    nearly always / almost always / more often than not / in general / as standard / nearly all /
    the majority of / usual / normal / typical / many / commonly / frequently
about: or thereabouts / round about # / somewhere around # / approximately # / roughly # / about # / around # /
    roughly / approximately / approx / nearly # / almost # / close to / some # / in the region of / or so /
    more or less / # or so / give or take / an average of / around / on average
same-day: later in the day / later today / same day / same working day / today
next-day: day after that / the day that follows / working day after / next day / following day / the day after /
    tomorrow / next working day / following working day
at-once: this very moment / in moments / within moments / without waiting / promptly / in a moment /
    in an instant / at that instant / without delay / that very moment / at that moment / in real time /
    on the spot / instantly / immediately / straight away / right away / at once / instant / immediate /
    there and then / the moment / as soon as / within seconds / in seconds
all: all / every / each / everything / everyone / in all cases / in every case / any and all
per-day: in 24 hours / each calendar day / in any one day / on any one day / on any day / every single day /
    once a day / a day / per day / daily / each day / every day / in one day / in a day / a calendar day /
    any one day / in a single day
per-week: a week / per week / weekly / each week / every week / in any one week
per-month: a month / per month / monthly / each month / every month / a calendar month / in a month /
    any one month / in any month / each calendar month / every calendar month / per calendar month
per-year: a year / per year / yearly / annually / each year / every year / annual / per annum /
    a calendar year / once a year / in a year
"""
"""One mark a paragraph, its phrases divided by `/`; contractions are written out.

`#` is a figure or a fact, `*` any one word. `neutral` phrases look like a mark and are none."""

OPPOSITES = """
freeze froze frozen freezing / unfreeze unfroze unfrozen unfreezing
lock locked / unlock unlocked
block blocked / unblock unblocked
accept accepts accepted / refuse refuses refused decline declines declined
approve approves approved / reject rejects rejected decline declines declined
refundable / non-refundable nonrefundable
valid / invalid
increase increases rise rises / decrease decreases fall falls drop drops
sender payer / recipient payee
inside within / outside beyond
included includes including inclusive / excluded excludes excluding plus
enable enabled / disable disabled
possible / impossible
reversible / irreversible
weekends weekend / weekdays weekday
credit / debit
personal / business
higher above / lower below
"""
"""Words that say the opposite of each other, one pair of groups a line."""
