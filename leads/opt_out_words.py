"""What a reply means, as far as single words and plain sentences go.

An opt-out is for the whole clinic and for good, and a missed one is a broken law, so a text
is read three ways: surely an opt-out, surely not, or `ambiguous`, which pauses the plan and
asks staff. Anything that merely contains one of these words is ambiguous.
"""

import re
import unicodedata
from enum import StrEnum

from leads import opt_out_doubt as doubt
from leads import opt_out_phrases as english
from leads import opt_out_spanish as spanish
from leads import opt_out_wrong_number as wrong_number
from leads.opt_out_typos import words_of


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
    *("cease", "desist", "halt", "discontinue"),
    *("alto", "pare", "paren", "parar", "basta", "parenle", "parele", "parale"),
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
    "confirm": Meaning.CONFIRM,
    "confirmed": Meaning.CONFIRM,
    "confirmo": Meaning.CONFIRM,
    "reschedule": Meaning.RESCHEDULE,
}
# "Help pls" is HELP. START and YES lift an opt-out, so they are taken only alone, as Twilio does.
_POLITELY = re.compile(r"(?:please|pls|plz|thanks|thank you|thx|ty|por favor)")
_POLITE_WORDS = frozenset(SINGLE_WORDS) - {"start", "unstop", "yes"}
# "Ok stop now please": a sentence of these and one such word is the word.
_ADDRESS = {
    *("hi", "hello", "hey", "ok", "okay", "k", "sorry", "and", "but", "so", "just", "please"),
    *("pls", "plz", "plez", "kindly", "thanks", "thank", "thx", "ty", "you", "u", "can"),
    *("could", "will", "would", "guys", "yall", "all", "bro", "dude", "man", "sir", "maam"),
    *("lol", "omg", "wtf", "jesus", "god", "damn", "fuck", "fucking", "now", "immediately"),
    *("bruh", "forever", "right"),
    *("already", "anymore", "again", "ever", "seriously", "really", "literally", "fr", "asap"),
    *("no", "nope", "nah", "yes", "yeah", "ugh", "por", "favor"),
    *("porfa", "gracias", "ya", "oye", "mire", "disculpe", "senor", "senora"),
}
_NO_MORE_TEXTS = (*english.NO_MORE_TEXTS, *spanish.NO_MORE_TEXTS)
# A sentence that is excepted ("don't send anything to my insurance") is still for staff to read.
_STOPPING = (*doubt.STOPPING_WORDS, *(plea.says for plea in _NO_MORE_TEXTS))
_WRONG_NUMBER = (*wrong_number.WRONG_NUMBER, spanish.WRONG_NUMBER)
_WHO_IS_THIS = (wrong_number.WHO_IS_THIS, spanish.WHO_IS_THIS)
_COURTESY = re.compile(
    r"^(?:(?:please|pls|plz|hi|hello|hey|yo|ok|okay|um+|and|but|so|just|no thx|no thanks|sorry"
    r"|kindly|bro|dude|man|lol) ){1,4}|(?: (?:please|pls|plz|thx|thanks|thank you|ty|ok|lol|omg"
    r"|fr|bro|dude|bruh|man|sir|maam|dear|hun|asap|now|immediately|already|bitch|assholes?"
    r"|por favor|porfa|gracias)){1,4}$"
)
# Beside "wrong number" or "how did you get my number": the same as to stop.
_DELETE_IT = re.compile(
    r"(?:^|wrong \w+ |equivocado )(?:please )?(?:(?:remove|delete|erase|lose)(?: it| this)?"
    r"|(?:borr|quit|elimin)\w{1,2}lo)(?: please| por favor)?$"
)
_UNFRIENDLY_SIGN = re.compile("[\U0001f6d1\U0001f6ab\U0001f595\u26d4\u270b\U0001f645]")
_NUMBER_SIGN = re.compile(r"\b(my|ur|this|the|wrong|that) ?#(?!\d)", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u00b4\u02bc]")
# A dash stands between clauses, or before the name of who writes: "stop -Bob".
_CLAUSE = re.compile(r"(?:(?!\s[-\u2013\u2014~]+(?:\s|[A-Za-z]+\W*$))[^.!?;:,()\n\r…])+[.!?]*")
# Said to a telephone: "stop texting me period". In the middle a period may be a patient's own.
_DICTATED = re.compile(
    r"\b(?:comma|(?:period|question mark|exclamation (?:point"
    r"|mark))(?=\W*(?:thank\w*( you)?\W*)?$))",
    re.IGNORECASE,
)
# Capitals among small letters: "STOP ya no manden nada", "not interested STOP".
_SHOUTED_STOP = re.compile(
    r"\W*STOP (?!\w+(?:ing|in)\b)(?!(?:by|in|at|over|off|the|my|to|for|on|if|it|and|or|here)\b)"
    r"(?=.*[a-z])"
    r"|(?=.*[a-z])(?!.*\b(?:to|it|t|[wd]ont|cant|doesnt|will|not|never|the|a|bus|next|text|say"
    r"|reply|send|type|word|that|ignore)[ \"'“]+STOP\W*$).*\bSTOP\W*$",
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
    3. One of its clauses is a plain opt-out that no other takes back or narrows, or says that the
       number is wrong.
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
    if (word := _single_word(whole)) is not None:
        return SINGLE_WORDS[word]
    sentences = [(found.group(), _plain(found.group())) for found in _CLAUSE.finditer(visible)]
    clauses = list(dict.fromkeys([whole, *(plain for _, plain in sentences)]))
    if _SHOUTED_STOP.match(visible) or any(map(_is_stop, clauses)):
        return Meaning.AMBIGUOUS if doubt.TAKEN_BACK.search(whole) else Meaning.OPT_OUT
    if any(map(_asks_for_no_more, clauses)) or _is_sign_of_stopping(body):
        return Meaning.AMBIGUOUS if _any_in([whole], doubt.NARROWED) else Meaning.OPT_OUT
    delete_it = _any_in(clauses, (_DELETE_IT,))
    # "Wrong number?" is for a person to answer.
    if any(_is_wrong_number(plain) for text, plain in sentences if "?" not in text) or (
        "?" not in visible and wrong_number.is_for_somebody_else(visible, whole)
    ):
        return Meaning.OPT_OUT if delete_it else Meaning.WRONG_NUMBER
    if delete_it and "number" in whole:
        return Meaning.OPT_OUT
    if _any_in([whole], _STOPPING):
        return Meaning.AMBIGUOUS
    if any(who.is_in(clause) for who in _WHO_IS_THIS for clause in clauses):
        return Meaning.WHO
    refuses = whole in doubt.BARE_NO or _UNFRIENDLY_SIGN.search(body)
    if refuses or _any_in(clauses, (*doubt.REFUSALS, *doubt.MAYBE)):
        return Meaning.AMBIGUOUS
    return Meaning.REPLY


def _visible(body: str) -> str:
    """One form for full-width letters and the like, without characters that nobody sees."""
    text = unicodedata.normalize("NFKC", body)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").replace("¿", "")
    text = re.sub(r"(?<=n);(?=t\b)", "", text)  # don;t
    return _DICTATED.sub(",", text)


def _plain(text: str) -> str:
    """Lower-case words, spelt right, with single spaces and no accents or punctuation."""
    text = _APOSTROPHES.sub("", _NUMBER_SIGN.sub(r"\1 number", text))
    letters = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in letters if not unicodedata.combining(c))
    words = words_of(re.sub(r"[\W_]+", " ", text))
    if len(set(words)) == 1:
        return words[0]  # STOP STOP STOP
    return " ".join(words)


def _single_word(whole: str) -> str | None:
    if whole in SINGLE_WORDS:
        return whole
    bare = _POLITELY.sub("", whole).strip()
    return bare if bare in _POLITE_WORDS else None


def _is_stop(clause: str) -> bool:
    words = [word for word in clause.split() if word not in _ADDRESS]
    if len(words) > 1 and "stop" in words and {*words} <= TWILIO_STOP_WORDS | {"remove", "delete"}:
        return True  # STOP END QUIT
    return " ".join(words) in OPT_OUT_SENTENCES


def _asks_for_no_more(clause: str) -> bool:
    # Once as it stands, once without the courtesies around it: "no texts thx".
    core = _COURTESY.sub("", clause)
    return any(plea.is_in(c) for plea in _NO_MORE_TEXTS for c in {clause, core})


def _is_sign_of_stopping(body: str) -> bool:
    """A sign for the word: "\U0001f6d1 texting me". Alone it is for staff."""
    says, signs = _UNFRIENDLY_SIGN.subn(" stop ", body)
    return signs > 0 and _asks_for_no_more(_plain(re.sub(r"(?:stop\s*)+", "stop ", says)))


def _is_wrong_number(clause: str) -> bool:
    return any(plea.is_in(clause) for plea in _WRONG_NUMBER)


def _any_in(clauses: list[str], patterns: tuple[re.Pattern[str], ...]) -> bool:
    return any(pattern.search(clause) for pattern in patterns for clause in clauses)
