"""Speech markup in the tags that every engine takes: written, cut to what one engine takes, measured, and checked."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from xml.sax.saxutils import escape as _escape

from kb.channels.limits import Ssml

PARAGRAPH_PAUSE = '<break time="500ms"/>'


# ---- writing ---------------------------------------------------------------------------------------------------------


def speak(paragraphs: Iterable[Iterable[str]]) -> str:
    """A complete document of paragraphs of sentences, each sentence a fragment that is escaped already."""
    written = (f"<p>{''.join(f'<s>{sentence}</s>' for sentence in sentences)}</p>" for sentences in paragraphs)
    return f"<speak>{PARAGRAPH_PAUSE.join(written)}</speak>"


def substitute(written: str, said: str) -> str:
    """Text that is said in other words than it is written in."""
    return f'<sub alias="{escape(said)}">{escape(written)}</sub>'


def escape(text: str) -> str:
    """Text as XML content or as an attribute's value."""
    return _escape(clean(text), {'"': "&quot;"})


def clean(text: str) -> str:
    """Without the characters that XML 1.0 (§2.2) has no way to write."""
    return text if text.isascii() and text.isprintable() else _REFUSED.sub("", text)


_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# ---- cutting to an engine --------------------------------------------------------------------------------------------

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w:-]*)(?P<attributes>[^<>]*?)(?P<empty>/?)>")
_SUBSTITUTE = re.compile(r'<sub alias="([^"]*)">[^<]*</sub>')
_ATTRIBUTE = re.compile(r"[\w:-]+=(?:\"[^\"]*\"|'[^']*')")
_PAUSE = re.compile(r"<break time=\"(?P<time>[0-9.]+)(?P<unit>ms|s)\"/>")


def fit(ssml: str, engine: Ssml) -> str:
    """The markup without the tags an engine refuses, attributes beyond its number, and pauses beyond its longest.

    The words stay: of a refused `sub` those that are said, and a space where a refused tag parted two sentences.
    """
    if "sub" not in engine.tags:
        ssml = _SUBSTITUTE.sub(r"\1", ssml)
    refused = {"speak", "p", "s", "break", "sub", "say-as", "phoneme"} - set(engine.tags)
    if refused or engine.attributes_per_tag < 1:
        ssml = _TAG.sub(lambda tag: _kept(tag, engine), ssml)
        ssml = re.sub(r"(?<=<speak>) +| +(?=</speak>)", "", re.sub(r" {2,}", " ", ssml)).strip()
    return _PAUSE.sub(lambda pause: _shortened(pause, engine), ssml)


def _kept(tag: re.Match[str], engine: Ssml) -> str:
    if tag["name"] not in engine.tags:
        return " " if tag["name"] in ("p", "s", "break") else ""
    attributes = _ATTRIBUTE.findall(tag["attributes"])[: engine.attributes_per_tag]
    return f"<{tag['close']}{' '.join((tag['name'], *attributes))}{tag['empty']}>"


def _shortened(pause: re.Match[str], engine: Ssml) -> str:
    return (
        pause[0]
        if _milliseconds(pause) <= engine.break_milliseconds
        else f'<break time="{engine.break_milliseconds}ms"/>'
    )


def _milliseconds(pause: re.Match[str]) -> float:
    return float(pause["time"]) * (1000 if pause["unit"] == "s" else 1)


# ---- measuring and checking ------------------------------------------------------------------------------------------


def without_tags(ssml: str) -> str:
    """What an engine bills: the text without its tags, entities as the character they stand for."""
    return unescape(_TAG.sub("", ssml))


def pauses(ssml: str) -> float:
    """The seconds of all pauses together."""
    return sum(_milliseconds(pause) for pause in _PAUSE.finditer(ssml)) / 1000


def refusals(ssml: str, engine: Ssml) -> Iterator[str]:
    """Everything in the markup that an engine refuses, in words: tags, attributes and pauses; each once, in order."""
    seen: set[str] = set()
    for tag in _TAG.finditer(ssml):
        for refusal in _refusals(tag, engine):
            if refusal not in seen:
                seen.add(refusal)
                yield refusal


def _refusals(tag: re.Match[str], engine: Ssml) -> Iterator[str]:
    if tag["name"] not in engine.tags:
        yield f"the tag {tag['name']}"
    elif len(_ATTRIBUTE.findall(tag["attributes"])) > engine.attributes_per_tag:
        yield f"more than {engine.attributes_per_tag} attribute in the tag {tag['name']}"
    pause = _PAUSE.fullmatch(tag[0])
    if pause and _milliseconds(pause) > engine.break_milliseconds:
        yield f"a pause of {_milliseconds(pause) / 1000:g} s (at most {engine.break_milliseconds / 1000:g} s)"
