"""Words that merely might be a no, or come from somebody else's phone.

Asking staff costs a click; a missed no is a text to somebody who said it.
"""

import re

_OURS = r"(?:me|us|my|mine|our|this|the|that|ur|your|it|him|her|name|number|phone|cell)"
ENGLISH = re.compile(
    r"\b(?:"
    # To go, or to let go of us.
    rf"(?:leave|leaving|let) {_OURS}\b"
    r"(?! (?:a|an|know|in|early|at|for|check|see|think|ask|get|look|voice|message))"
    rf"|(?:lose|loose|forget|drop|erase|wipe|scratch|strike|scrub|purge|ditch|trash|toss) {_OURS}"
    r"|(?:take|get|taken|keep|pull|put|want|cross) (?:me|us|my \w+|this \w+) (?:off|out)"
    r"|off (?:of )?(?:the|ur|your|this|that|ya) \w+|out of (?:ur|your) \w+|away from me"
    r"|(?:cut|knock|back|buzz|bug|lay|sod|eff|jog|hop|clear) (?:it )?off"
    r"|give (?:it|me) a (?:rest|break)|kick rocks|take a hike|drop dead|get (?:bent|stuffed|a life)"
    r"|beat it|scram|shoo|hush|enough|stfu|gtfo|kma|piss\w*|fuck\w*"
    # Again and again.
    r"|no (?:more|further|longer|contact|interest)|nomore|any ?more|never again|last time"
    r"|(?:already|i|we) (?:said|told|asked)|how many times|keep (?:on )?\w+ing|every (?:day|hour)"
    r"|24 7|done with|im done|over (?:it|this)|fed up|(?:sick|tired) of|had (?:it|enough)|hate\w*"
    r"|annoy\w*|bother\w*|pester\w*|irritat\w*|nuisance|unwanted|unsolicited|intrusive|creepy"
    r"|ridiculous|bombard\w*|blowing up|constant\w*|relentless|too many|uninterested"
    # The law, and the list.
    r"|illegal\w*|unlawful|tcpa|ftc|fcc|dnc|(?:do )?not call|registry|complain\w*|legal|su(?:e|ing)"
    r"|police|privacy|violat\w*|report\w*|consent\w*|authoriz\w*|sign(?:ed)? up|subscri\w+"
    # Other words for stopping.
    r"|unsub\w*|rmv|withdraw\w*|exclud\w*|declin\w*|refus\w*|reject\w*|object\w*|deactivat\w*"
    r"|disabl\w*|discontinu\w*|suspend\w*|halt\w*|terminat\w*|abort\w*|paus\w*|mut(?:e|ed|ing)"
    r"|silen\w+|unfollow\w*|disregard\w*|ignor\w*|desist\w*|refrain\w*|block\w*|disconnect\w*"
    r"|unenroll\w*"
    # "Don't" with us in it.
    r"|(?:dont|do not|wont|will not|shouldnt|not) (?:\w+ ){0,4}"
    r"(?:me|us|this number|my (?:number|phone))"
    r"|(?:dont|do not) (?:ever|even|you dare|keep)|dont$|pass$|no+$|nah+$|^bye+$"
    # Somebody else's phone.
    r"|wrong|mistake\w*|mix(?:ed)? up|(?:by|of) that name|belongs? to|(?:new|old) (?:phone|number)"
    r"|(?:had|got|have|has) this (?:number|phone)|(?:not|isnt|aint) (?:him|her|here|me|my|the)"
    r"|never heard of|dont know (?:you|him|her|them|what)"
    r")\b"
)
SPANISH = re.compile(
    r"\b(?:dej(?:a|e|en|ame|eme|enme|enos|ar|ad)\b(?! (?:un |su |el |mi )?(?:mensaje|recado))"
    r"|ya (?:no|basta|estuvo|fue|dije|les)|nunca|jamas"
    r"|no (?:me|nos|quiero|queremos|deseo|necesito|mas|insist\w*|contact\w*|vuelv\w*|siga\w*)"
    r"|no (?:gracias|soy|es (?:mi|el|la)|conozco|vive|trabaja|existe)"
    r"|(?:quit|sac|saqu|borr|elimin|detien|deteng|termin|bloque|denunci|report|molest|equivoc)\w+"
    r"|fuera|largu\w*|hart[oa]|cansad[oa] de|suficiente|acos\w+|estafa\w*|privacidad|abogad\w+"
    r"|autori[cz]\w+|suscri\w+|mi numero|numero nuevo|(?:esta|su|la) lista|olvid\w+|callen?se)\b"
)
