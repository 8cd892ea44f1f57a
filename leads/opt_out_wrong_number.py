"""English sentences that say that the number is wrong, or ask who texts.

Most are searched as `opt_out_phrases` are. A name is one only by its capital letter ("No Marcus
here", but "no parking here"), so those are searched in the text as it was written.
"""

import re

from leads.opt_out_parts import PHONE
from leads.opt_out_plea import plea

_WRONG = (
    "(?:wrong|incorrect) (?:(?:(?:phone )?number|person|phone|guy|gal|lady|woman|man|dude|girl"
    "|party|house|household|family|recipient|individual|contact|numero|digits)|one(?= |$))"
)
_REACHED = (
    "(?:have|has|had|got|gotten|text|reached|dialed|contacted|called|typed|texted|messaged|txted"
    "|messaging|contacting|texting|calling|sent(?: \\w+)? to)"
)
_NOT = "(?:is not|isnt|aint|was not|wasnt|not)"
_MESSAGE = "(?:text|message|msg|call)"
# What somebody else would buy a pizza or tires from.
_SHOP = (
    "(?:(?:pizza|burger|taco|sandwich|food|coffee|nail|auto|tire|car|hair|tattoo|flower|repair"
    "|body) (?:place|shop|store|parlor)|shop|store|restaurant|pizzeria|church|garage|salon|bar"
    "|warehouse|hotel|motel|bakery|dealership|deli|factory|school|bank|barbershop)(?: office)?"
)

WRONG_NUMBER = (
    plea(
        rf"(?:you|u|youve|yall|ya)(?: \w+){{0,3}} {_REACHED}(?: \w+)? {_WRONG}",
        f"(?:you|u|youve|{_REACHED}) (?:the |a )?{_WRONG}",
        "^(?!is |was )(?:(?:sorry|hi|hello|hey|i|think|believe|its|this|that|thats|it|is|the|a|no"
        f"|nope|oops|maam|sir|um|umm|very|prob\\w*|must|be|bro|man|lol) ){{0,5}}{_WRONG}",
        not_after="(?:is this|is it|did|do|if|gave|give|put|was it|isnt this)(?: you| i)?",
        not_before="on (?:file|my|the|record|your)|for (?!me|him|her|that)|in|down|of"
        "|so (?:my|the)|use|date|called|came|helped|took|was",
    ),
    plea(  # somebody else has, had or wants this number
        r"(?!i |we |you |u |they )\w+ (?:doesnt|does not|dont|no longer|do not)"
        r" (?:have|has|use|uses|own|owns) (?:this|that) (?:\w+ )?(?:number|phone|cell)",
        "(?:this|it|that) (?:number |phone )?(?:is not|isnt|aint|is no longer|not|no longer)"
        rf" (?:\w+s|her|his|their) (?:\w+ )?{PHONE}",
        f"(?:this|it|that) (?:number |phone )?{_NOT} the (?:number|phone) for",
        r"(?:this|it|that) (?:number |phone )?(?:no longer|does not|doesnt) belongs? to \w+"
        "|(?:this|the) number (?:now )?belongs to (?:someone|somebody) else",
        "(?:this|thats|its|im|i am|this is|youve) (?:isnt |not |definitely not )the"
        " (?:right|correct|intended) (?:person|number|phone|recipient)",
        r"^(?:not|isnt) the (?:right|correct|intended) (?:person|number|phone|recipient)",
        "(?:just|recently) (?:got|bought) this (?:phone )?number",
        "previous owner|used to be (?:her|his|\\w+s) (?:phone|number)|had (?:it|this (?:number"
        "|phone)) before me|this (?:number )?is mine now",
        "(?:keep|been) getting (?:her|his|their|(?:someone|somebody) elses) (?:calls|texts"
        "|messages)",
        r"(?:hasnt|has not) (?:had this (?:number|phone)|been (?:her|his|\w+s) (?:number|phone))",
        r"^not (?:her|his|(?!this|yours)\w+s) (?:phone|number|cell)$|no \w+ at this (?:number"
        r"|phone)",
        "mis ?dial(?:ed)?$|dialed wrong$|^(?:this |that )?numbers?(?: is)? wrong$",
        r"(?!i |we |you |u )\w+ (?:has )?(?:changed|switched) (?:his|her|their) (?:phone )?number",
        not_after=r"(?:^is|^did|if|why|says?|my|our)",
        not_before="but|on file|for (?:my|the)|saved",
    ),
    plea(  # meant for somebody else
        rf"(?:{_MESSAGE}|this|that|it)(?: (?:is|was|were|must|be|been|has)){{0,2}}"
        " (?:meant |intended |supposed to be )(?:for|to) (?:someone|somebody|another|a different)"
        "(?: else| person)?",
        rf"(?:{_MESSAGE}|this|that)(?: (?:is|was|must|be)){{1,2}} for (?:someone|somebody) else$",
        rf"(?:sure|think|believe|guess) (?:that )?(?:this )?(?:{_MESSAGE}|this) {_NOT} (?:meant )?"
        "for (?:me|us)",
        rf"(?:{_MESSAGE}|this|it)(?: \w+){{0,2}} sent to (?:me|us|this number)"
        " (?:by mistake|in error|by accident)",
        "(?:you|u|youre|ur|yall)(?: \\w+)? (?:looking for|want|mean|meant|need|after"
        "|trying to \\w+)(?: to (?:text|reach|call|contact"
        "|message))?(?: this)?(?: for)? (?:(?:someone|somebody) else|(?:another"
        "|a different) person)",
        r"not (?:the|who|whom) (?:person |one )?(?:that )?(?:you|u|youre|ur|your) (?:\w+ ){0,2}"
        r"(?:look\w*|want\w*|try\w*|think|need)",
        "(?:have|got|has) me (?:confused|mixed up|mistaken) (?:with|for)|confusing me (?:with|for)",
        "isnt who (?:you|u)(?: \\w+)? think (?:it|this|i)",
        "(?:texting|texted|reached|messaging|messaged) (?:someone|somebody) else",
        not_after=r"(?:is|do|did|are|if|can|could|would|should|why|says?|when|unless)(?: \w+)?",
        not_before="but|to|for (?:my|the)",
    ),
    plea(  # nobody of that name
        "(?:no ?one|nobody|anyone|anybody) (?:(?:is )?here )?(?:by (?:that name|the name of)"
        "|with that name|named|called)",
        r"(?!i |we )\w+ (?:doesnt|does not|no longer) lives? here",
        r"there(?: i)?s no \w+ at this number",
        r"my name (?:is not|isnt|aint) (?!on|in|spel|pronounc|listed|there|show|com|right"
        r"|under)\w+$",
        rf"^(?:(?:lol|um+|sorry|hi|hey|no|haha|bro|dude|hello) )*(?:this is|its|u got|you got"
        rf"|you have|youve|you|u)(?: reached| called| texted)? (?:a|an|the) (?:(?!great|good|nice"
        rf"|best)\w+ )?{_SHOP}(?: (?:lol|bro|haha|sorry|not \w+(?: \w+)?))?$",
        not_after="(?:^is|^did|if|why|says?|^do)",
        not_before="but|on file|for (?:my|the)|saved",
    ),
)
_NOBODY = re.compile(
    r"\b(?:not (?:a|your) patient|never been (?:there|to your|a patient)|dont know (?:you|u)\b"
    r"|never heard of (?:you|u)\b)"
)
_A_MIX_UP = re.compile(
    r"\b(?:mix ?up|mixed up|must be (?:a )?mistake\w*|somebody else|someone else)\b"
)

# --- With a name -------------------------------------------------------------------------------

_NAME = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:day)?\b|Medicare|Medicaid|Spanish|English|Dr\b"
    r"|Doctor|\w+(?:olic|ish|ese|ican)\b|Ok\b|Yes\b|No\b|The\b|Sure|Yet|Available|Today|Tomorrow)"
    r"(?:(?:Mr|Mrs|Ms|Miss)\.? )?[A-Z][a-z]+(?: [A-Z][a-z]+)?"
)
_END = r"\W*(?:(?:sorry|anymore|lol|dear|dude|bro|hun|here)\W*){0,2}(?:$|[.,;!\n])"
NAMES_SOMEBODY_ELSE = re.compile(
    rf"\b(?:this|This) (?:is not|isn'?t|ain'?t|is definitely not) {_NAME}{_END}|\b(?:[Ii]'?m"
    rf"|[Ii] am) not {_NAME}{_END}|(?:^|[.!,;\n] ?)[Nn]ot {_NAME}[.!,;]* (?:wrong|\w+ (?:getting"
    rf"|got) )|\b(?:[Nn]o|[Nn]obody named|[Nn]o one named|[Aa]in'?t no) {_NAME} (?:here"
    rf"|at this (?:number|phone))\b|\b(?:[Yy]ou|[Uu])\b\W?(?:ve|have|got|texted|reached"
    rf"|called)?(?: \w+)?(?: \w+)? wrong {_NAME}\b(?! (?:on|in) (?:file|my))|\b(?:don'?t"
    rf"|do not) know (?:a|an|any|anyone named|anybody named|who|no) {_NAME}(?: is)?{_END}"
    rf"|\b[Ii]dk (?:a|any|who|no) {_NAME}(?: is)?{_END}|\b[Nn]o soy {_NAME}{_END}"
    rf"|\b[Nn]o conozco a {_NAME}{_END}|\b[EeÉé]st?[aeo] no es {_NAME}{_END}"
)


def is_for_somebody_else(written: str, plain: str) -> bool:
    """They are not the person named, or know nothing of us and think of a mix-up."""
    return bool(
        NAMES_SOMEBODY_ELSE.search(written) or (_NOBODY.search(plain) and _A_MIX_UP.search(plain))
    )


# --- Who are you -------------------------------------------------------------------------------

_HELL = "(?:(?:the hell|the heck|tf|the fuck|in the world|exactly|now) )?"
WHO_IS_THIS = plea(
    f"who ?(?:is|s|are|r|am i|m i|the)? ?{_HELL}(?:is )?"
    "(?:this|dis|dat|that|it|you|u|ya|yall|these people)(?= |$)",
    f"who ?(?:is|s|are|r|am i|m i|you|u)? ?{_HELL}(?:texting|text|texted|messaging|messaged"
    "|calling|called|contacting|speaking|talking|sent|sending|writing|chatting)",
    "who (?:this|that|you|u) (?:is|are|r)(?= |$)|^who(?: me)?$|pleasure of (?:speaking|talking)",
    "(?:whose|whos|what) (?:phone )?number (?:is )?(?:this|that)|do i know (?:you|u|this number)",
    "(?:what|which) (?:company|office|place|business|clinic|practice) (?:is|are|r) (?:this|you|u)",
    "identify yourself|(?:dont|do not) recogni[sz]e (?:this|the|your) number",
    "^(?:what|whats)(?: is)? this(?: number| about| regarding)?$",
    not_after="(?:knows?|matter|see|saw)",
    not_before=r"for|about|open|seeing|with (?:today|tomorrow)|going|taking|accept\w*|referr\w+"
    "|recommend|doctor|dr|guy|lady|new|appointment|appt|visit|have|got|think|see|use",
)
