"""Misspellings of the few words that an opt-out is made of."""

import re
from string import ascii_lowercase

# A short word is near too many others (shop, step, top), so only the slips of two thumbs count:
# two letters swapped, one doubled or left out, or a neighbouring key.
_KEYS_BESIDE = {"s": "adwz", "t": "ry5g", "o": "i0lk", "p": "0ol"}
_SWAPPED_OR_SLIPPED = ("stop",)
# Longer words: any one letter swapped, changed, added or left out.
_ANY_ONE_LETTER = ("unsubscribe", "remove", "texting", "messaging", "messages", "message")
# Words of their own, and what a chiropractor's patients mean by them.
_OTHER_WORDS = {
    *("atop", "sop", "stool", "stoop", "top", "unsubscribed", "unsubscribes"),
    *("remote", "removed", "remover", "removes", "testing", "vexing", "messing"),
    *("massage", "massaged", "massages", "massaging", "messaged", "passage", "passages"),
}
_SPELLINGS = {"stahp": "stop", "stawp": "stop", "unsuscribe": "unsubscribe", "porfavor": "please"}
_LONG_DRAWN = re.compile(r"(\w)\1{2,}")  # STOPPPP, nooooo


def spelt_right(word: str) -> str:
    """The word that a misspelling stands for; any other word as it is."""
    return _TYPOS.get(word) or _TYPOS.get(drawn := _LONG_DRAWN.sub(r"\1", word), drawn)


def _swapped(word: str) -> set[str]:
    pairs = range(len(word) - 1)
    return {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in pairs}


def _slips(word: str) -> set[str]:
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    missing = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    beside = {
        word[:i] + key + word[i + 1 :]
        for i, letter in enumerate(word)
        for key in _KEYS_BESIDE[letter]
    }
    return _swapped(word) | doubled | missing | beside


def _one_letter_off(word: str) -> set[str]:
    missing = {word[:i] + word[i + 1 :] for i in range(len(word))}
    added = {word[:i] + c + word[i:] for i in range(len(word) + 1) for c in ascii_lowercase}
    changed = {word[:i] + c + word[i + 1 :] for i in range(len(word)) for c in ascii_lowercase}
    return _swapped(word) | missing | added | changed


def _typos() -> dict[str, str]:
    found = {typo: word for word in _SWAPPED_OR_SLIPPED for typo in _slips(word)}
    found |= {typo: word for word in _ANY_ONE_LETTER for typo in _one_letter_off(word)}
    known = {*_SWAPPED_OR_SLIPPED, *_ANY_ONE_LETTER, *_OTHER_WORDS}
    return {typo: word for typo, word in found.items() if typo not in known} | _SPELLINGS


_TYPOS = _typos()
