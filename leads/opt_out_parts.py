"""What English sentences about texts are built from: whose phone, which texts, which verbs.

Each is a piece of a pattern. Repetitions are bounded, so that no text can make the search slow.
"""

PHONE = (
    "(?:phone |cell |telephone |mobile |ph )?(?:number|phone|cell|cellphone|telephone|line|mobile)"
)
ME = rf"(?:me|us|(?:this|my|our|her|his|their|that) (?:\w+ ){{0,2}}{PHONE})"
WHOSE = (
    "(?:my|this|our|that|the|her|his|all my|(?:my )?(?:moms?|dads?|wifes|husbands|mothers|fathers))"
)
MY_NUMBER = (
    rf"(?:me|us|{WHOSE} (?:name|(?:contact )?info|(?:contact )?information|data|digits|contact"
    rf"|{PHONE})(?: and {PHONE})?|(?:(?:both|all|my|our|these) ){{0,2}}numbers|number|m[yi] numero"
    r"|my \w+ and (?:me|i|myself)"
    rf"|\d{{3}} \d{{3}} \d{{4}}|\d{{10}})"
)
# "… and my wife Carol"
AND_OTHERS = r"(?: and (?:\w+ ){0,3}\w+)?"
SWEARING = (
    r"(?:f\w{0,2}k\w{0,4}|f+ing|effing|freak\w{2,4}|damn|goddamn|dang|darn|bloody|stupid|annoying"
    "|dumb|silly|endless|constant|ridiculous|useless|pointless|crappy|shitty)"
)
NOUN = (
    "(?:(?:text|phone|sms|automated|automatic|marketing|reminder|spam|unwanted|further|future)"
    " ){0,2}(?:texts?|txts?|messages?|msgs?|sms|communications?|correspondence|contact"
    "|notifications?|alerts?|reminders?|spam|blasts?|follow ?ups?|mensajes?|textos)"
)
TEXTS = "(?:(?:text |sms )?messages|texts|txts|msgs|sms|texting|messaging)"
THINGS = f"(?:{NOUN}|anything|stuff|things|crap|shit|bs|junk|nonsense|garbage)"
THESE = (
    "(?:(?:all|any|of|with|wit|w|them|dem|thes|these|those|the|this|that|your|ur|my|more|other"
    "|another|one|such"
    rf"|out|me|us|to|from|no|{SWEARING}) ){{0,4}}"
)
ADVERB = (
    r"(?:(?:(?:u|you|yall) )?(?:ever|even|dare|please|pls|just|all|already|now|it|keep|trying to"
    rf"|bother|{SWEARING}) ){{0,3}}"
    "(?:(?:call|email|mail)(?:ing)?(?: me)? (?:and|or|nor|n) )?"
)
AND_CALLS = "(?: (?:and|or|nor|n) (?:call|email|contact|text|messag|write|bother)(?:e|ing)?){0,2}"
WHERE = (
    f"(?: (?:at|on|to|from) (?:this|my|our) {PHONE}| at this| at all| in (?:the )?future"
    "| from now on| for good| on here| any ?more| again| ever again| please| now){0,3}"
)
GET = "(?:get|getting|receive|receiving|have)"
STOP = (
    "(?:stop|quit|cease|discontinue|halt|(?:refrain|desist|abstain) from|stop and desist"
    "|cease and desist(?: from)?)"
)
# "Knock it off with the texts"
DROP_IT = (
    "(?:(?:knock|chill|cut|cool|quit|stop|end|drop) (?:it |that )?(?:off |out )?"
    "|give it a (?:rest|break) |(?:lay|ease|back) off |enough (?:already )?)(?:with |w |of |on )?"
)
TEXT = (
    "(?:text|txt|message|msg|sms|contact|write(?: to)?|spam|bother|harass|disturb|hmu"
    "|reach out(?: to)?|hit up)"
)
TEXTING = (
    "(?:(?:text|txt|messag|msg|sms|contact|writ|spamm|bother|bugg|har+as+|hassl|pester|annoy"
    "|disturb|solicit|ping|remind|notify|bombard|flood|communicat|reach)(?:ing|in"
    "|n)(?: (?:out )?to| with| out)?|follow(?:ing|in) up(?: with)?|hmu"
    f"|(?:blow|hitt|hit)(?:ing|in|) (?:me up|us up|up my {PHONE}|my {PHONE}(?: up)?))"
)
DO_NOT = "(?:do not|dont|never|not to)"
OFF = "(?:off of|off|from|form|frm|fron|out of|of)"
LIST = (
    "(?:(?:your|you|the|this|ur|that|these|those|all|any|of|every|yall|ya|la|su) ){0,3}"
    "(?:(?:text|texting|txt|sms|message|messaging|msg|contact|contacts|phone|call|calling|mailing"
    rf"|marketing|distribution|reminder|notification|spam|group|whole|future|{SWEARING}) ){{0,3}}"
    "(?:lists?|lista|systems?|sistema|database|data base|records|rolls?|roster|contacts?"
    "|directory|rolodex|phone ?book|computers?|(?<=your )files|(?<=your )phones?|(?<=ur )phones?"
    "|texts?|txts?|msgs?|messages?|texting|messaging|thread|chat|(?:text|texting|message"
    "|messaging|reminder) (?:program|service)|(?:text |texting |messaging )?thing|alerts"
    "|notifications|reminders|whatever(?: \\w+){0,4}|(?:this|these|those)(?= please| now| pls"
    "| plz| thx|$))"
)
AT_END = (
    r"(?= (?:please|now|asap|immediately|at once|today|already|anymore|again|i|im|we|you|u)\b|$)"
)

# --- What turns them round, what narrows them -------------------------------------------------

YOU = "(?: (?:you|u|yall|ever|please|pls|just|to|really|guys)){0,3}"
NOT_STOPPING = (
    # "If you don't stop texting me" and "why won't you stop texting me" mean it all the more.
    rf"(?<!if you )(?<!if u )(?<!why )(?:dont|do not|didnt|did not|wouldnt){YOU}"
    rf"|(?<!why )(?<!you )(?<!u )wont{YOU}"
    rf"|(?:never|cant|cannot|doesnt|shouldnt|not|without|did|does|has|have|had){YOU}"
    "|(?:should|if|when|will|until|till|before|after|since)(?: i| we| you| u| he| she| they)?"
    "|(?:he|she|they|i|ill|we|it|who)(?: will| would| had to| gotta)?|my \\w+ to"
    "|(?:make|tell|told|ask|get) (?:him|her|them|my \\w+) to|make (?:him|her|them)"
    "|(?:i|im|we|i am|we are) (?:going to|gonna|want to|need to|have to|had to|should|can)"
)
ONLY_THEN = (
    "at (?!this|my|our|all|once)|in (?!the future|future|your|my)|on (?!this|my|our|here)|by"
    "|before|after|during|until|till?|unless|about|when|while|if|every|twice|only|except"
    "|regarding|early|late|tonight|today|yet|back|the|a|an|my|two|three|both|e ?mails?"
    "|so (?:early|late|much|often|many|damn|freaking)|too|right now|company|carrier|instead of"
    r"|for (?!real|good|ever|god|christ|texts|messages|\w+ sake)\w+|with (?!me|us|th|your|all"
    r"|text|mess)\w+"
    rf"|to (?!me|us|this|(?:my|our|her|his|their) (?:\w+ )?{PHONE})\w+"
    "|(?:phone )?calls?(?! (?:or|and|n|nor))|voicemails?"
    # Somebody else's texts.
    "|from (?:(?:the|my|our|that|some|your) )?(?:billing|attorneys?|lawyers?|insurance|collect\\w+"
    "|pharmacy|portal|hospital|other|another|ex)"
    # They will be in touch: not now, rather than never.
    r"|(?:ill|i will|i can|im|lets) (?:\w+ )?(?:call|text|talk|let|get)\b"
)
