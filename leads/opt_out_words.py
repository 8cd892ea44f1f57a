"""What a reply means, as far as single words and plain sentences go.

An opt-out is for the whole clinic and for good, and a missed one is a broken law, so a text
is read three ways: surely an opt-out, surely not, or `ambiguous`, which pauses the plan and
asks staff. Anything that merely contains one of these words is ambiguous.
"""

import re
import unicodedata
from enum import StrEnum

from leads import opt_out_doubt
from leads import opt_out_phrases as english
from leads import opt_out_spanish as spanish
from leads.opt_out_typos import spelt_right


class Meaning(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"  # START, UNSTOP
    YES = "yes"  # lifts an opt-out only where Twilio means it so
    HELP = "help"
    CONFIRM = "confirm"  # C, to an appointment reminder
    RESCHEDULE = "reschedule"  # R, to an appointment reminder
    WRONG_NUMBER = "wrong_number"
    WHO = "who"  # asks who is texting
    AMBIGUOUS = "ambiguous"
    REPLY = "reply"


# A text that is one of these alone makes Twilio itself block the number, on a long code.
TWILIO_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
# As a sentence among others ("Stop. I found somebody else.") only these leave no doubt:
# "Cancel. I can't make it." is about an appointment.
OPT_OUT_SENTENCES = {
    *("stop", "stopall", "stop all", "unsubscribe", "optout", "opt out"),
    *("alto", "pare", "paren", "parar", "basta"),
}
OPT_OUT_WORDS = TWILIO_STOP_WORDS | OPT_OUT_SENTENCES | {"no mas", "baja", "detener", "desuscribir"}
SINGLE_WORDS = {
    "start": Meaning.OPT_IN,
    "unstop": Meaning.OPT_IN,
    "yes": Meaning.YES,
    "help": Meaning.HELP,
    "info": Meaning.HELP,
    "c": Meaning.CONFIRM,
    "r": Meaning.RESCHEDULE,
}
# "Ok stop now please": a sentence of these and one such word is the word.
_ADDRESS = {
    *("hi", "hello", "hey", "ok", "okay", "k", "sorry", "and", "but", "so", "just", "please"),
    *("pls", "plz", "plez", "kindly", "thanks", "thank", "thx", "ty", "you", "u", "can"),
    *("could", "will", "would", "guys", "yall", "all", "bro", "dude", "man", "sir", "maam"),
    *("lol", "omg", "wtf", "jesus", "god", "damn", "fuck", "fucking", "now", "immediately"),
    *("already", "anymore", "again", "ever", "seriously", "really", "literally", "fr", "asap"),
    *("no", "nope", "nah", "yes", "yeah", "ugh", "por", "favor"),
    *("porfa", "gracias", "ya", "oye", "mire", "disculpe", "senor", "senora"),
}
_NO_MORE_TEXTS = (*english.NO_MORE_TEXTS, *spanish.NO_MORE_TEXTS)
# A sentence that is excepted ("don't send anything to my insurance") is still for staff to read.
_STOPPING = (
    *(english.STOPPING_WORDS, spanish.STOPPING_WORDS),
    *(plea.says for plea in _NO_MORE_TEXTS),
)
_WRONG_NUMBER = (*english.WRONG_NUMBER, spanish.WRONG_NUMBER)
_WHO_IS_THIS = (english.WHO_IS_THIS, spanish.WHO_IS_THIS)
_UNFRIENDLY_SIGN = re.compile("[\U0001f6d1\U0001f6ab\U0001f595\u26d4\u270b\U0001f645]")
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u00b4\u02bc]")
_CLAUSE = re.compile(r"(?:(?!\s[-\u2013\u2014]+\s)[^.!?;:,()\n\r…])+[.!?]*")
# Capitals among small letters: "STOP ya no manden nada", "not interested STOP".
_SHOUTED_STOP = re.compile(
    r"\W*STOP (?!\w+(?:ing|in)\b)(?!(?:by|in|at|over|off|the|my|to|for|on|if|it|and|or|here)\b)"
    r"(?=.*[a-z])"
    r"|(?=.*[a-z])(?!.*\b(?:to|it|t|[wd]ont|cant|doesnt|will|not|never|the|a|bus|next|text|say"
    r"|reply|send|type|word)[ \"'“]+STOP\W*$).*\bSTOP\W*$",
    re.DOTALL,
)
_QUOTES = '"“”«»„'
# A phone without tapbacks is sent 'Liked “Hi, this is … Reply STOP to opt out.”'.
_TAPBACK = re.compile(
    r"(?:liked|loved|disliked|laughed at|emphasized|questioned|(?:reacted )?\W{1,12} (?:to|a)"
    r"|removed an? .{1,20} from|(?:no )?le (?:gust[oó]|encant[oó]|dio risa|hizo gracia)"
    r"|(?:se )?ri[oó] de|enfatiz[oó]|exclam[oó]|cuestion[oó]|pregunt[oó] (?:por|sobre)"
    rf"|reaccion[oó] .{{1,16}} a|(?:quit[oó]|elimin[oó]) .{{1,24}} de)\s*[{_QUOTES}].*[{_QUOTES}]",
    re.IGNORECASE | re.DOTALL,
)
# The end of our own text in a quote of it; as a text of its own it may well be meant.
_OUR_HINT = re.compile(
    rf"(?<=[.!?:…\n{_QUOTES}])\s{{0,4}}(?:reply|text|send|answer) \W?stop\W? to "
    r"(?:opt[ -]?out|end|stop|unsubscribe|cancel|quit)\b",
    re.IGNORECASE,
)


def is_twilio_stop_word(body: str) -> bool:
    """Whether Twilio itself answers this text on a long code and blocks the number.

    Twilio takes the word alone, in any case: "stop please" and "Stop." are left to us.
    """
    return body.strip().casefold() in TWILIO_STOP_WORDS


def classify(body: str) -> Meaning:
    """The meaning of one incoming text.

    1. A tapback, or our own text quoted, says nothing about stopping.
    2. The whole text is one of the words, in any case, spacing, punctuation or script form.
    3. One of its clauses is a plain opt-out, or says that the number is wrong.
    4. It contains a word of stopping, or an excepted sentence: ambiguous.
    5. It asks who texts. 6. It sounds like refusing, or merely might: ambiguous.
    7. Anything else is a reply.
    """
    visible = _visible(body)
    if _TAPBACK.fullmatch(visible.strip()):
        return Meaning.REPLY
    visible = _OUR_HINT.sub("", visible)
    whole = _plain(visible)
    if whole in OPT_OUT_WORDS:
        return Meaning.OPT_OUT
    if whole in SINGLE_WORDS:
        return SINGLE_WORDS[whole]
    sentences = [(found.group(), _plain(found.group())) for found in _CLAUSE.finditer(visible)]
    clauses = list(dict.fromkeys([whole, *(plain for _, plain in sentences)]))
    if _SHOUTED_STOP.match(visible) or any(map(_is_opt_out, clauses)):
        return Meaning.OPT_OUT
    # "Wrong number?" is for a person to answer.
    if any(_is_wrong_number(plain) for text, plain in sentences if "?" not in text):
        return Meaning.WRONG_NUMBER
    if _any_in([whole], _STOPPING):
        return Meaning.AMBIGUOUS
    if any(who.is_in(clause) for who in _WHO_IS_THIS for clause in clauses):
        return Meaning.WHO
    refuses = whole in english.BARE_NO or _UNFRIENDLY_SIGN.search(body)
    if refuses or _any_in(clauses, (english.REFUSALS, spanish.REFUSALS)):
        return Meaning.AMBIGUOUS
    if _any_in([whole], (opt_out_doubt.ENGLISH, opt_out_doubt.SPANISH)):
        return Meaning.AMBIGUOUS
    return Meaning.REPLY


def _visible(body: str) -> str:
    """One form for full-width letters and the like, without characters that nobody sees."""
    text = unicodedata.normalize("NFKC", body)
    return "".join(c for c in text if unicodedata.category(c) != "Cf").replace("¿", "")


def _plain(text: str) -> str:
    """Lower-case words, spelt right, with single spaces and no accents or punctuation."""
    text = _APOSTROPHES.sub("", text.replace("wrong #", "wrong number"))
    letters = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in letters if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", " ", text).split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # S.T.O.P
    words = [spelt_right(word) for word in words]
    if len(set(words)) == 1:
        return words[0]  # STOP STOP STOP
    return " ".join(words)


def _is_opt_out(clause: str) -> bool:
    bare = " ".join(word for word in clause.split() if word not in _ADDRESS)
    return bare in OPT_OUT_SENTENCES or any(plea.is_in(clause) for plea in _NO_MORE_TEXTS)


def _is_wrong_number(clause: str) -> bool:
    return any(plea.is_in(clause) for plea in _WRONG_NUMBER)


def _any_in(clauses: list[str], patterns: tuple[re.Pattern[str], ...]) -> bool:
    return any(pattern.search(clause) for pattern in patterns for clause in clauses)
