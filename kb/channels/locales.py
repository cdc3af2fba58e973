"""The locales this program can speak and write; a new one is one data module and a line here."""

from collections.abc import Mapping

from kb.channels.language import Language
from kb.channels.locales_en import ENGLISH
from kb.channels.locales_es import SPANISH

LOCALES: Mapping[str, Language] = {language.locale: language for language in (ENGLISH, SPANISH)}


def language(locale: str) -> Language:
    """The language of a locale; an unknown one raises LookupError naming those that exist."""
    try:
        return LOCALES[locale]
    except KeyError:
        known = ", ".join(sorted(LOCALES))
        raise LookupError(f"unknown locale {locale!r}: use one of {known}, or add its data module") from None
