"""What a reply means, as far as single words and plain sentences go.

An opt-out is for the whole clinic and for good, and a missed one is a broken law, so a text
is read three ways: surely an opt-out, surely not, or `ambiguous`, which pauses the plan and
asks staff. Anything that merely contains one of these words is ambiguous.
"""

import re
import unicodedata
from enum import StrEnum


class Meaning(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"  # START, UNSTOP
    YES = "yes"  # lifts an opt-out only where Twilio means it so
    HELP = "help"
    CONFIRM = "confirm"  # C, to an appointment reminder
    RESCHEDULE = "reschedule"  # R, to an appointment reminder
    WRONG_NUMBER = "wrong_number"
    AMBIGUOUS = "ambiguous"
    REPLY = "reply"


OPT_OUT_WORDS = {
    *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"),
    *("optout", "opt out"),
}
# As a sentence among others ("Stop. I found somebody else.") only these leave no doubt:
# "Cancel. I can't make it." is about an appointment.
OPT_OUT_SENTENCES = OPT_OUT_WORDS - {"cancel", "end", "quit", "revoke"}
SINGLE_WORDS = {
    "start": Meaning.OPT_IN,
    "unstop": Meaning.OPT_IN,
    "yes": Meaning.YES,
    "help": Meaning.HELP,
    "info": Meaning.HELP,
    "c": Meaning.CONFIRM,
    "r": Meaning.RESCHEDULE,
}

_SEND = r"(?:text|texts|texting|message|messages|messaging|msg|msgs|sms|contact|contacting)"
_LIST = r"(?:your|the|this|ur|that) (?:text |texting |message |messaging |contact )?lists?"
# Each is a whole sentence, apart from polite words before and after it.
OPT_OUT_PHRASES = re.compile(
    r"(?:"
    rf"(?:stop|quit|cease|no more)(?: all)?(?: these| the| your| with the)? {_SEND}(?: me| us)?"
    r"|(?:stop|quit) (?:sending|writing)(?: to)?(?: me| us)?(?: any| these| your)?(?: more)?"
    rf"(?: {_SEND})?"
    rf"|(?:do not|dont|never)(?: ever)? {_SEND}(?: me| us| this number)?"
    rf"|(?:do not|dont|never)(?: ever)? send(?: me| us)?(?: any| these)?(?: more)? {_SEND}"
    rf"|take (?:me|us|my number|this number) (?:off|out)(?: of)?(?: {_LIST})?"
    rf"|(?:remove|delete) (?:me|us|my number|this number)(?: (?:from|off)(?: of)? {_LIST})?"
    r"|unsubscribe (?:me|us|my number)"
    r"|opt (?:me|us) out|i (?:want|wish|would like) to opt out|id like to opt out|i opt out"
    r"|(?:i )?(?:no longer|do not|dont) (?:want|wish)(?: to (?:get|receive))?(?: any| these| your)?"
    rf"(?: more)? {_SEND}(?: from you)?"
    r"|lose my number|leave me alone"
    r"|no mas(?: mensajes| textos)?"
    r"|no me (?:escriba|escriban|envie|envien|mande|manden)(?: mas)?(?: mensajes| textos)?"
    r"|(?:quiteme|quitenme|quitame|saqueme|saquenme|borreme|borrenme|borrame|eliminenme)"
    r"(?: de (?:la|su|tu|esta) lista)?"
    r")"
)
WRONG_NUMBER_PHRASES = re.compile(
    r"(?:(?:i think |i believe )?(?:(?:you|u) (?:have |have got |got )|youve (?:got )?)"
    r"|(?:this|it) is |its |thats )?(?:the |a )?wrong (?:number|person)"
    r"|i (?:called|dialed|dialled|had|have) (?:the|a) wrong number"
    r"|(?:es un |tiene (?:el|un) )?numero equivocado"
)
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u00b4\u02bc]")
_POLITE_BEFORE = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|no(?= stop| thank)|sorry|and|but|so|just|please|pls|plz|kindly"
    r"|thanks|thank you|can you|could you|will you|would you|you can|i want you to|i need you to"
    r"|por favor) )+"
)
_POLITE_AFTER = re.compile(
    r"(?: (?:please|pls|plz|thanks|thank you|thx|now|immediately|already|anymore"
    r"|any more|any longer|again|ever again|sorry|por favor|gracias))+$"
)
_ASKS_STAFF = re.compile(
    r"\b(?:stop(?:s|ped|ping|all)?|unsubscrib\w+|cancel\w*|end|ends|ended|ending|quit|quits|quitting|revok\w+"
    r"|optout|opt(?:ed|ing)? (?:\w+ )?out|remove|delete|take me off|no mas|alto|basta"
    r"|leave me alone|my number"
    r"|(?:do not|dont|never|no more|no longer) (?:\w+ ){0,3}" + _SEND + r"|off (?:\w+ ){0,2}list"
    r"|wrong (?:number|person)|numero equivocado)\b"
)
_SENTENCE = re.compile(r"(?:(?!\s[-\u2013\u2014]+\s)[^.!?;,\n\r…])+[.!?]*")
# A phone without tapbacks is sent 'Liked “Hi, this is … Reply STOP to opt out.”'.
_TAPBACK = re.compile(
    r"(?:liked|loved|disliked|laughed at|emphasized|questioned|reacted .{1,12} to"
    r"|removed an? .{1,20} from)\s*[\"“”].*[\"“”]",
    re.IGNORECASE | re.DOTALL,
)


def classify(body: str) -> Meaning:
    """The meaning of one incoming text.

    1. The whole text is one of the words, in any case, spacing, punctuation or script form.
    2. One of its sentences is a plain opt-out, or says that the number is wrong.
    3. It contains such a word: ambiguous. 4. Anything else is a reply.
    """
    visible = _visible(body)
    if _TAPBACK.fullmatch(visible.strip()):
        return Meaning.REPLY
    whole = _plain(visible)
    if whole in OPT_OUT_WORDS:
        return Meaning.OPT_OUT
    if whole in SINGLE_WORDS:
        return SINGLE_WORDS[whole]
    sentences = _SENTENCE.findall(visible)
    if any(_is_opt_out(_plain(sentence)) for sentence in (visible, *sentences)):
        return Meaning.OPT_OUT
    if any(_is_wrong_number(sentence) for sentence in sentences):
        return Meaning.WRONG_NUMBER
    return Meaning.AMBIGUOUS if _ASKS_STAFF.search(whole) else Meaning.REPLY


def _visible(body: str) -> str:
    """One form for full-width letters and the like, without characters that nobody sees."""
    text = unicodedata.normalize("NFKC", body)
    return "".join(c for c in text if unicodedata.category(c) != "Cf").replace("¿", "")


def _plain(text: str) -> str:
    """Lower-case words with single spaces, without accents, apostrophes or punctuation."""
    text = _APOSTROPHES.sub("", text)
    letters = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in letters if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", " ", text).split()
    if len(words) > 1 and all(len(word) == 1 for word in words):
        return "".join(words)  # S.T.O.P
    if len(set(words)) == 1:
        return words[0]  # STOP STOP STOP
    return " ".join(words)


def _bare(sentence: str) -> str:
    return _POLITE_AFTER.sub("", _POLITE_BEFORE.sub("", sentence))


def _is_wrong_number(sentence: str) -> bool:
    # "Wrong number?" is for a person to answer.
    plain = _bare(_plain(sentence))
    return "?" not in sentence and WRONG_NUMBER_PHRASES.fullmatch(plain) is not None


def _is_opt_out(sentence: str) -> bool:
    bare = _bare(sentence)
    return bare in OPT_OUT_SENTENCES or OPT_OUT_PHRASES.fullmatch(bare) is not None
