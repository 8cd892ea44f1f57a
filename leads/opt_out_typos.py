"""Misspellings of the few words that an opt-out is made of, and words run together."""

import re
from string import ascii_lowercase

# A short word is near too many others (shop, step, top), so only the slips of two thumbs count:
# two letters swapped, one doubled or left out, or a neighbouring key.
_KEYS_BESIDE = {"s": "adwz", "t": "ry5g", "o": "i0lk", "p": "0ol"}
_SWAPPED_OR_SLIPPED = ("stop",)
# Longer words: any one letter swapped, changed, added or left out.
_ANY_ONE_LETTER = (
    *(
        "unsubscribe",
        "remove",
        "texting",
        "messaging",
        "messages",
        "message",
        "number",
        "numero",
        "wrong",
    ),
    "sending",
)
# Words of their own, and what a chiropractor's patients mean by them.
_OTHER_WORDS = {
    *("atop", "sop", "stool", "stoop", "top", "unsubscribed", "unsubscribes"),
    *("remote", "removed", "remover", "removes", "testing", "vexing", "messing"),
    *("massage", "massaged", "massages", "massaging", "messaged", "passage", "passages"),
    *(
        "numbed",
        "numbers",
        "numbered",
        "numeros",
        "lumber",
        "cumber",
        "wring",
        "prong",
        "wrung",
        "wrongs",
    ),
    *("bending", "ending", "mending", "lending", "tending", "fending", "spending", "sendings"),
    # Whoever breaks off in the middle may have meant it, or not.
    "sto",
}
_SPELLINGS = {
    typo: word
    for word, typos in {
        "stop": "stahp stawp stooop stip stob stpp",
        "quit": "qiut quti quiut qit",
        "dont": "dnt donot dotn donnt dun doont dontt",
        "more": "mroe moar mor",
        "text": "tex",
        "texting": "txtng txtn txting txtin textn",
        "number": "nmbr numbr nbr",
        "wrong": "rong",
        "unsubscribe": "unsub unsuscribe unscribe unsubscription",
        "remove": "rmv",
        "please": "plase pleas porfavor",
        "sorry": "sory",
        "your": "ypur yuor",
        "list": "lsit lits",
        "me": "mee",
        "numero": "num",
        "mensaje": "msj",
        "mensajes": "msjs",
        # Not misspelt, but said: in full.
        "out of": "outta",
        "let me": "lemme",
        "give me": "gimme",
        "want to": "wanna",
        "trying to": "tryna",
        "i dont": "ion",
    }.items()
    for typo in typos.split()
}
# Spanish as it sounds: v for b, k for qu.
_SPELT_AS_IT_SOUNDS = (
    (re.compile(r"^(?:equi|eki|eqi|ecui)[bv]oc"), "equivoc"),
    (re.compile(r"^escriv"), "escrib"),
    (re.compile(r"^e[mn][bv]i(?=[ae])"), "envi"),
    (re.compile(r"^vorr"), "borr"),
    (re.compile(r"^kien"), "quien"),
    (re.compile(r"^ki(?=t(?:en?|a|ar|em)(?:me|nos|n)|ten$)"), "qui"),
    (re.compile(r"^sak(?=en)"), "saqu"),
    (re.compile(r"^mensag"), "mensaj"),
)
_MAY_BE_SOUND = re.compile("e[qkcsmn]|vo|ki|sa|me")  # saves most words all of these
# Words that are found run together: "stoptexting", "leavemealone".
_PIECES = {
    *("stop", "quit", "dont", "do", "not", "no", "more", "now", "please", "pls", "again", "leave"),
    *("text", "texting", "texts", "txt", "txting", "message", "messaging", "messages", "send"),
    *("sending", "contact", "contacting", "call", "calling", "bother", "bothering", "remove"),
    *("take", "me", "us", "my", "off", "out", "opt", "from", "list", "your", "this", "it", "these"),
    *("alone", "wrong", "number", "person", "unsubscribe"),
}
_CUT_APART = re.compile(r"\b(do|does|did|is|wo|ca|was|are|have|would|could|should)(n) t\b")
# "Top texting me": the first letter went unheard; "quite texting me": a letter too many.
_HEARD_WRONG = re.compile(
    r"\b(?:top|quite) (?=(?:texting|sending|messaging|contacting|bothering|harassing|spamming)\b)"
)
_OP_OUT = re.compile(r"\b(?:op|otp|opt) (?:out|oit|ou|otu)\b")
_MEANT = {"top ": "stop", "quite ": "quit"}
_RUN_TOGETHER = range(6, 31)  # letters
_LONG_DRAWN = re.compile(r"([^\W\d])\1{2,}")  # STOPPPP, nooooo


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, spelt right."""
    words = _CUT_APART.sub(r"\1\2t", text).split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # S.T.O.P
    right = " ".join(_spelt_right(word) for word in words)
    right = _OP_OUT.sub("opt out", right)
    return _HEARD_WRONG.sub(lambda found: f"{_MEANT[found[0]]} ", right).split()


def _spelt_right(word: str) -> str:
    """The word that a misspelling stands for; any other word as it is."""
    if known := _TYPOS.get(word):
        return known
    word = _LONG_DRAWN.sub(r"\1", word)
    if known := _TYPOS.get(word):
        return known
    if len(word) in _RUN_TOGETHER and (pieces := _apart(word)):
        return pieces
    if _MAY_BE_SOUND.match(word):
        for sound, spelling in _SPELT_AS_IT_SOUNDS:
            word = sound.sub(spelling, word)
    return word


def _apart(word: str) -> str | None:
    """The known words that this one consists of, the longest first; None if it does not."""
    for end in range(len(word), 1, -1):
        piece = word[:end]
        if piece not in _PIECES:
            continue
        if end == len(word):
            return piece
        if rest := _apart(word[end:]):
            return f"{piece} {rest}"
    return None


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
