"""English sentences that ask for no more texts, say that the number is wrong, or ask who texts.

All are searched in one clause of a text as `opt_out_words` makes it: lower-case words with
single spaces, no accents, no apostrophes, usual misspellings put right. Each is built from a
verb (to stop, to send, to remove …) and an object (texts, me, a list …).

Repetitions are bounded, so that no text can make the search slow.
"""

import re

from leads.opt_out_plea import plea

# --- The parts ---------------------------------------------------------------------------------

_PHONE = "(?:phone |cell |telephone )?(?:number|phone|cell|cellphone|telephone|line|mobile)"
_ME = rf"(?:me|us|(?:this|my|our|her|his|their|that) (?:\w+ )?{_PHONE})"
_MY_NUMBER = rf"(?:me|us|(?:my|this|our|that|the|her|his) (?:name|info|{_PHONE})(?: and {_PHONE})?)"
_SWEARING = r"(?:f\w{0,2}k\w{0,4}|freak\w{2,4}|damn|goddamn|dang|bloody|stupid|annoying)"
_NOUN = (
    "(?:(?:text|phone|sms|automated|automatic|marketing|reminder|spam|unwanted|further|future)"
    " ){0,2}(?:texts?|txts?|messages?|msgs?|sms|communications?|correspondence|contact"
    "|notifications?|alerts?|reminders?|spam|blasts?)"
)
_TEXTS = "(?:(?:text |sms )?messages|texts|txts|msgs|sms|texting|messaging)"
_THINGS = f"(?:{_NOUN}|anything|stuff|things|crap|shit|bs|junk|nonsense|garbage)"
_THESE = (
    "(?:(?:all|any|of|with|w|these|those|the|this|that|your|ur|my|more|other|such|out|me|us|to"
    rf"|from|{_SWEARING}) ){{0,4}}"
)
_ADVERB = (
    rf"(?:(?:ever|even|please|pls|just|all|already|now|it|trying to|{_SWEARING}) ){{0,3}}"
    "(?:(?:call|email|mail)(?:ing)?(?: me)? (?:and|or|nor|n) )?"
)
_AND_CALLS = "(?: (?:and|or|nor|n) (?:call|email|contact|text|messag|write|bother)(?:e|ing)?){0,2}"
_WHERE = (
    f"(?: (?:at|on|to|from) (?:this|my|our) {_PHONE}| at this| at all| in (?:the )?future"
    "| from now on| for good| on here| any ?more| again| ever again| please| now){0,3}"
)
_STOP = "(?:stop|quit|cease|discontinue|halt|refrain from|stop and desist|cease and desist)"
_TEXT = "(?:text|txt|message|msg|sms|contact|write(?: to)?|spam|bother|harass|disturb)"
_TEXTING = (
    "(?:text|txt|messag|msg|sms|contact|writ|spamm|bother|bugg|harass|pester|annoy|disturb"
    "|solicit)(?:ing|in|n)(?: to)?"
)
_DO_NOT = "(?:do not|dont|never|not to)"
_OFF = "(?:off of|off|from|out of|of)"
_LIST = (
    "(?:(?:your|the|this|ur|that|these|those|all|any|of|every|yall) ){0,3}"
    "(?:(?:text|texting|txt|sms|message|messaging|msg|contact|contacts|phone|call|calling|mailing"
    rf"|marketing|distribution|reminder|notification|spam|group|whole|{_SWEARING}) ){{0,3}}"
    "(?:lists?|systems?|database|records|contacts?|directory|rolodex|phone ?book|texts?|messages?"
    "|texting|messaging|thread|chat|(?:text|texting|message|messaging) (?:program|service)"
    "|this(?= please| now|$))"
)
_AT_END = "(?= please| now| asap| immediately| thanks| today| already| anymore| again|$)"

# --- What turns them round, what narrows them --------------------------------------------------

_YOU = "(?: (?:you|u|yall|ever|please|pls|just|to|really|guys)){0,3}"
_NOT_STOPPING = (
    # "If you don't stop texting me" and "why won't you stop texting me" mean it all the more.
    rf"(?<!if you )(?<!if u )(?<!why )(?:dont|do not|didnt|did not|wouldnt){_YOU}"
    rf"|(?<!why )(?<!you )(?<!u )wont{_YOU}"
    rf"|(?:never|cant|cannot|doesnt|shouldnt|not|without|did|does|has|have|had){_YOU}"
    "|(?:should|if|when|will|until|till|before|after|since)(?: i| we| you| u| he| she| they)?"
    "|(?:he|she|they|i|ill|we|it|who)(?: will| would| had to| gotta)?|my \\w+ to"
    "|(?:i|im|we|i am|we are) (?:going to|gonna|want to|need to|have to|had to|should|can)"
)
_ONLY_THEN = (
    "at|in|on|by|before|after|during|until|till?|unless|about|when|while|if|every|twice|only"
    "|except|regarding|early|late|tonight|today|yet|back|the|a|an|my|two|three|both|e ?mails?"
    "|so (?:early|late|much|often|many|damn|freaking)|too|right now|company|carrier"
    r"|for (?!real|good|ever|god|christ|texts|messages|\w+ sake)\w+|with (?!me|us|th|your|all)\w+"
    r"|to (?!me|us|this|my phone|my number|my cell)\w+"
)

# --- No more texts -----------------------------------------------------------------------------

NO_MORE_TEXTS = (
    plea(  # stop texting me
        f"{_STOP} {_ADVERB}{_TEXTING}{_AND_CALLS} {_ME}{_AND_CALLS}{_WHERE}",
        f"{_STOP} {_ADVERB}{_TEXTING}{_AND_CALLS}{_WHERE}(?: fr| asap| thanks| immediately)?$",
        # These words mean other things unless one stops doing them to somebody.
        f"{_STOP} {_ADVERB}testing (?:me|us){_WHERE}$",
        f"{_STOP} {_ADVERB}sending {_THESE}{_THINGS}{_WHERE}",
        f"{_STOP} {_ADVERB}sending(?: (?:to )?(?:{_ME}|these|those|this|them)){{0,2}}{_WHERE}$",
        f"{_STOP} {_ADVERB}blowing up my {_PHONE}",
        not_after=_NOT_STOPPING,
        not_before=_ONLY_THEN,
    ),
    plea(  # stop the texts; how do I stop these texts
        f"{_STOP} {_ADVERB}(?:getting |receiving )?{_THESE}{_NOUN}{_WHERE}",
        f"{_STOP} (?:with )?(?:all )?(?:this|your) (?:shit|crap|bs|bullshit|nonsense|harassment)$",
        f"(?:cancel|end|block|turn off|shut off|disable) {_THESE}{_TEXTS}{_WHERE}",
        f"(?:cancel|turn off|shut off|disable) {_THESE}text (?:alerts|reminders|notifications)",
        f"(?:make|get|want|need|like) {_THESE}(?:{_TEXTS}|these|them|you|yall|you guys|you people)"
        f" (?:to )?stop(?: {_TEXTING}| sending)?",
        not_after=rf"(?:dont|do not|didnt|never|did|not|why did \w+|should){_YOU}"
        "(?: i)?(?: want)?(?: to)?",
        not_before=f"{_ONLY_THEN}|calls?|from|between",
    ),
    plea(  # do not text me; can you not text me
        f"(?:{_DO_NOT}|not|no longer) {_ADVERB}{_TEXT}{_AND_CALLS} {_ME}{_AND_CALLS}{_WHERE}",
        f"{_DO_NOT} {_ADVERB}(?:text|txt|message|msg|sms|contact|spam){_AND_CALLS}{_WHERE}$",
        f"{_DO_NOT} {_ADVERB}send {_THESE}{_THINGS}{_WHERE}",
        f"not (?:be )?texting {_ME}",
        not_after="(?:i|we|they|he|she|it|who|u|why|did|does|if|will|ill|may|might|could)"
        "(?: would| will| just| really)?"
        "|(?:if|why|because|cuz|when|but) (?:you|u|yall)|^you"
        r"|(?:told|asked) (?!you)\w+(?: \w+)?",
        not_before=f"{_ONLY_THEN}|and|that|down",
    ),
    plea(  # no more texts
        f"no (?:more|mas|further) {_THESE}(?:{_NOUN}|{_TEXTS})",
        f"(?:^|(?<=please )|(?<=said )|(?<=thanks ))(?:no|zero) {_TEXTS}{_WHERE}$",
        f"^enough (?:with |of )?{_THESE}(?:{_NOUN}|{_TEXTS})",
        not_after=r"got|have|had|get|see|there are|theres|received|with",
        not_before=f"{_ONLY_THEN}|from|came|received|coming",
    ),
    plea(  # I don't want texts; I want off your list
        r"(?:no longer|do not|dont|never|doesnt|does not|rather not|prefer not|not) "
        "(?:(?:ever|even|really|actually) ){0,2}"
        "(?:want|wish|care|like|agree|consent|to|interested in)"
        " (?:(?:to|be|keep|for) ){0,2}(?:(?:get|getting|receive|receiving|have) )?"
        f"{_THESE}(?:{_TEXTS}|texted|reminders|communications?|notifications){_WHERE}",
        f"(?:dont|do not|no longer) need (?:any more|any|these|your|all these) {_TEXTS}{_WHERE}",
        r"(?:no longer|do not|dont|never|rather not|prefer not)(?: want| wish| like| care)?"
        "(?: for)?(?: you| yall| u| anyone)? to (?:be )?"
        f"(?:texted|contacted|messaged|bothered|on {_LIST}|(?:text|contact|message|bother) {_ME})",
        f"(?:want|would like|like|need)(?: me| us)?(?: to be| out| my number)? {_OFF} {_LIST}",
        not_after=r"(?:did you|do you|why|if (?:i|you)|they|he|she|who|it)"
        r"(?: really| just| do)?(?: i| you)?",
        not_before=rf"{_ONLY_THEN}|please call",
    ),
    plea(  # take me off your list
        f"(?:remove|delete|erase|lose|forget) {_MY_NUMBER}(?<!lose me)(?<!forget me){_AT_END}",
        f"(?:take|get|pull) {_MY_NUMBER} (?:off|(?:off|out) of (?:there|here)){_AT_END}",
        f"(?:remove|delete|drop|scratch|strike|erase) (?:{_MY_NUMBER} )?{_OFF} {_LIST}",
        f"take (?:{_MY_NUMBER} )?(?:off of|off|out of|of|from) {_LIST}",
        f"(?:get|pull) (?:me|us) (?:off of|off|out of|of) {_LIST}",
        f"(?:be |get |been )?(?:taken|removed|deleted) {_OFF} {_LIST}",
        "to be (?:removed|taken off|deleted|unsubscribed)$",
        f"(?:get|getting) off {_LIST}",
        rf"(?:put|add|place) {_MY_NUMBER} (?:on|to|in) (?:\w+ )?(?:do not|dont|no)"
        " (?:call|text|contact)",
        f"^(?:off|out of) {_LIST}|^{_MY_NUMBER} (?:off|out of) {_LIST}",
        not_after=rf"(?:dont|do not|didnt|did not|never|not|did|why|have|if|who|should){_YOU}"
        "(?: want)?(?: to)?"
        "|(?<!how )(?:why|did|do|have|was|were|am|been) (?:i|you|u|he|she|we|they)|i got|was",
        not_before=f"{_ONLY_THEN}|and (?:put|add|update|change|replace|use)|then",
    ),
    plea(  # unsubscribe; opt out; revoke consent
        f"un ?subscrib(?:e|ing)(?: {_MY_NUMBER})?|be unsubscribed",
        f"opt(?:ing)? (?:{_MY_NUMBER} )?out|to be opted out",
        f"(?:want|get|let) (?:me )?out of (?:these|your) {_NOUN}",
        r"(?:revok|withdraw|rescind)(?:e|ing)? (?:(?:my|any|all|prior|previous|express|the|our) )"
        "{0,3}(?:consent|permission|authorization)(?: (?:to|for) (?:(?:receive|receiving|be|send"
        rf"|get|any|all|further|future|your|these|you) ){{0,3}}(?:text\w*|contact\w*|{_NOUN}))?",
        not_after="(?:dont|do not|didnt|did not|never|not|did i|accidentally|mistakenly|if i|when i"
        "|i would|i tried)(?: want| mean| wish| need| intend| have)?(?: to)?"
        r"|\w+ stop to|what happens (?:if|when) \w+",
        not_before=r"of (?!this|these|texts?|your|all|any|sms|messages|getting|receiving|being"
        r"|the (?:texts?|messages?|sms))\w+|from (?:the |your )?(?:e ?mails?|newsletters?)"
        "|the|my|to (?:release|share|disclose|treat|bill)|e ?mail|for (?!me|us)|by accident|last",
    ),
    plea(  # leave me alone; stop, without an object
        r"leave (?:me|us) (?:the \w+ )?alone|^cease and desist$|^(?:reply|text|send|txt) stop$",
        "^stop to (?:opt out|stop|end|unsubscribe|quit|cancel)$",
        "^(?:please )?(?:stop|quit) (?:this|it|these|that)$|^no more(?: please| pls| now)?$",
        "^i said (?:please )?stop|^(?:please |pls )?remove(?: please| pls)?$",
        "^how (?:to|do i|can i|do you) stop(?: this| it| these)?$|turn (?:these|them|those) off$",
        "(?:you|u) (?:do not|dont|no longer) have (?:my |any )?(?:permission|consent)",
        "(?:do not|dont) (?:have|give) (?:you )?(?:my )?(?:permission|consent)"
        " to (?:text|contact|message)",
        "^(?:please |pls |plz |ok |and |just )?stop (?:now |please )?"
        "(?:i|im|ive|id|we|were|you|youre|u|ur|yall|this is|thats|its"
        "|my name|who|not|no|ya|wrong|already|bro|man|dude|bitch|thank|thanks|god|jesus)",
        "(?:please|pls|plz|not interested|wtf|omg|(?:asked|told|want|need) you to) (?:just )?stop$",
        "(?:you|u|yall|guys|people|you all) (?:need to|must|have to|gotta|got to|better|can|should"
        "|may) (?:please )?stop$",
        not_after="(?:dont|do not|do|does|wont|cant|doesnt|never|didnt|not|it|pain|he|she|they|to"
        r"|where|place|until|when|if)(?: you| just)?|my \w+",
        not_before="time|in there|to (?:treat|bill|release|charge)",
    ),
)

# --- Not the person we meant -------------------------------------------------------------------

_WRONG = "wrong (?:(?:phone )?number|person|phone|guy|lady|woman|man|girl|one)"
_REACHED = (
    "(?:have|has|had|got|gotten|text|reached|dialed|contacted|called|typed|texted|messaged|txted"
    "|messaging|contacting|texting|calling)"
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
    plea(
        r"(?!i |we |you |u |they )\w+ (?:doesnt|does not|dont|no longer|do not)"
        r" (?:have|has|use|uses|own|owns) (?:this|that) (?:\w+ )?(?:number|phone|cell)",
        "(?:this|it|that) (?:number |phone )?(?:is not|isnt|aint|is no longer|not|no longer)"
        rf" (?:\w+s|her|his|their) (?:\w+ )?{_PHONE}",
        r"(?:this|it|that) (?:number |phone )?(?:no longer|does not|doesnt) belongs? to \w+",
        "(?:this|thats|its|im|i am|this is|youve) (?:isnt |not |definitely not )the"
        " (?:right|correct|intended) (?:person|number|phone|recipient)",
        r"^(?:not|isnt) the (?:right|correct|intended) (?:person|number|phone|recipient)",
        r"(?:text|message|msg|this|that|it)(?: (?:is|was|were|must|be|been|has)){0,2}"
        " (?:meant|intended|supposed to be)"
        " (?:for|to) (?:someone|somebody|another|a different)(?: else| person)?",
        r"not (?:the|who|whom) (?:person |one )?(?:that )?(?:you|u|youre|ur|your) (?:\w+ ){0,2}"
        r"(?:look\w*|want\w*|try\w*|think|need)",
        "(?:no ?one|nobody|anyone|anybody) (?:here )?(?:by that name|with that name|named|called)",
        r"(?:texting|texted|reached|messaging|messaged) (?:someone|somebody) else",
        r"(?!i |we )\w+ (?:doesnt|does not|no longer) lives? here",
        r"there(?: i)?s no \w+ at this number",
        "(?:just|recently) (?:got|bought) this (?:phone )?number",
        not_after="(?:^is|^did|if|why|says?)",
        not_before="but|on file|for (?:my|the)|saved",
    ),
)

# --- Who are you -------------------------------------------------------------------------------

_HELL = "(?:(?:the hell|the heck|tf|the fuck|in the world|exactly|now) )?"
WHO_IS_THIS = plea(
    f"who ?(?:is|s|are|r|am i|m i|the)? ?{_HELL}(?:is )?"
    "(?:this|dis|dat|that|it|you|u|ya|yall|these people)(?= |$)",
    f"who ?(?:is|s|are|r|am i|m i|you|u)? ?{_HELL}(?:texting|text|texted|messaging|messaged"
    "|calling|called|contacting|speaking|talking|sent|sending|writing|chatting)",
    "who (?:this|that|you|u) (?:is|are|r)(?= |$)|^who(?: me)?$",
    "(?:whose|whos|what) (?:phone )?number (?:is )?(?:this|that)|do i know (?:you|u|this number)",
    "(?:what|which) (?:company|office|place|business|clinic|practice) (?:is|are|r) (?:this|you|u)",
    "identify yourself|(?:dont|do not) recogni[sz]e (?:this|the|your) number",
    not_after="(?:knows?|matter|see|saw)",
    not_before=r"for|about|open|seeing|with (?:today|tomorrow)|going|taking|accept\w*|referr\w+"
    "|recommend|doctor|dr|guy|lady|new|appointment|appt|visit|have|got|think|see|use",
)

# --- For staff ---------------------------------------------------------------------------------

# Words of stopping, whatever is to stop: "can I cancel my 3pm?", "the pain won't stop".
STOPPING_WORDS = re.compile(
    r"\b(?:stop(?:s|ped|ping|all)?|un ?subscri\w+|cancel\w*|end|ends|ended|ending"
    r"|quit|quits|quitting|cease|revok\w+|opt ?out|opt(?:ed|ing)? (?:\w+ )?out"
    r"|remov\w+|delet\w+|(?:take|took) me off|off (?:\w+ ){0,2}\w{0,4}list|leave me alone"
    r"|(?:do not|dont|never|no more|no longer|not|cant|cannot) (?:\w+ ){0,3}"
    r"(?:texts?|texting|txt|messages?|messaging|msgs?|sms|contact|contacting|call|calling)"
    r"|wrong (?:number|person))\b"
)
BARE_NO = frozenset({"no", "nope", "nah", "naw", "nop", "no sir", "no maam", "ya no"})
# What sounds like refusing or complaining.
REFUSALS = re.compile(
    r"\b(?:(?:not|no longer|never|isnt) (?:\w+ )?interested|no (?:thanks|thank you|thx|ty)"
    r"|(?:im|i am|were|we are) (?:all )?(?:good|set|fine|ok|okay)(?: now| thanks?)?$"
    r"|not (?:right now|now|today|at this time|at the moment|anymore)|maybe (?:later|another time)"
    r"|(?:dont|do not|no) bother\w*|forget (?:it|about it)|nvm|never ?mind"
    r"|changed (?:my|our) minds?|(?:dont|do not|no longer|wont) (?:really )?(?:want|need)"
    r" (?:it|this|that|any|anything|you|one|your|an appointment|to come|the appointment)"
    r"|(?:found|seeing|with|chose|using) (?:someone|somebody|another|a different|a new)"
    r" (?:else|doctor|chiropractor|place|clinic|office|provider|dr|chiro)"
    r"|decided (?:not|against|to go with|to pass)|(?:ill|we will|going to|gonna|i will) pass"
    r"|too (?:expensive|pricey|many (?:texts|messages|reminders))"
    r"|(?:less|fewer|all these|so many|constant) (?:texts|messages|msgs|reminders|notifications)"
    r"|rather (?:not|have|get) (?:\w+ )?(?:email|call|text\w*)"
    r"|prefer (?:\w+ )?(?:an? )?(?:e ?mail|phone|calls?)"
    r"|go away|get lost|shut up|(?:fuck|screw|f|piss) (?:off|you|u)|knock it off|cut it out"
    r"|^enough|enough (?:already|is enough)|(?:to|will|gonna|ill|be|im) (?:block|report)(?:ing)?"
    r"|block(?:ing|ed)? (?:you|this|u|me)|cease and desist|spam\w*|scam\w*|harass\w*"
    r"|permission|lawyer|attorney|lawsuit|my number(?! is)|passed away|deceased"
    r"|(?:he|she|mom|dad|husband|wife) (?:has )?died"
    r"|never (?:called|contacted|asked|signed|gave|requested)|this (?:is not|isnt) \w+$"
    r"|(?:didnt|did not) (?:call|sign|ask|request|give|contact)|dont know (?:any|who|anyone) ?\w*$"
    r"|no \w+ (?:here|at this number)$)\b"
)
