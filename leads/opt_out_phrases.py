"""English sentences that ask for no more texts.

All are searched in one clause of a text as `opt_out_words` makes it: lower-case words with
single spaces, no accents, no apostrophes, usual misspellings put right. Each is built from a
verb (to stop, to send, to remove …) and an object (texts, me, a list …).
"""

from leads.opt_out_parts import (
    ADVERB,
    AND_CALLS,
    AND_OTHERS,
    AT_END,
    DO_NOT,
    DROP_IT,
    GET,
    LIST,
    ME,
    MY_NUMBER,
    NOT_STOPPING,
    NOUN,
    OFF,
    ONLY_THEN,
    STOP,
    TEXT,
    TEXTING,
    TEXTS,
    THESE,
    THINGS,
    WHERE,
    YOU,
)
from leads.opt_out_plea import plea

NO_MORE_TEXTS = (
    plea(  # stop texting me
        f"{STOP} {ADVERB}{TEXTING}{AND_CALLS} {ME}{AND_CALLS}{WHERE}",
        f"{STOP} {ADVERB}{TEXTING}{AND_CALLS}{WHERE}(?: fr| asap| thanks| immediately)?$",
        # These words mean other things unless one stops doing them to somebody.
        f"{STOP} {ADVERB}testing (?:me|us){WHERE}$",
        f"{STOP} (?:text|txt|msg|sms|message) {ME}|{STOP} send(?: me)?(?: {NOUN})?$",
        f"{STOP} {ADVERB}send(?:ing|in) {THESE}{THINGS}{WHERE}",
        f"{STOP} {ADVERB}send(?:ing|in)(?: (?:to )?(?:{ME}|these|those|this|them)){{0,2}}{WHERE}$",
        f"{STOP} {ADVERB}(?:texting|messaging|contacting) it$"
        f"|{STOP} {ADVERB}(?:texting|messaging|contacting) (?:her|him|them)"
        " (?:any ?more|again|please|ever|here)",
        not_after=NOT_STOPPING,
        not_before=ONLY_THEN,
    ),
    plea(  # I'd appreciate it if you stopped texting; I would rather you didn't text me
        "(?:appreciate|like|love|prefer|rather|grateful|wish|nice|great|thankful|obliged|beg|ask"
        "|asking|demand|insist|request)(?: (?:it|very|that|much|if|of)){0,4} (?:you|u|yall)"
        "(?: (?:guys|people|would|could|all|please|just|to)){0,3}"
        f" (?:(?:stopped|stop|quit) {TEXTING}|(?:did not|didnt|dont|do not|not) {TEXT}"
        f"|(?:did not|didnt|dont|do not|not) send) (?:{ME}|{THESE}{THINGS}|$)",
        not_after="why|not|dont|do not|did",
        not_before=ONLY_THEN,
    ),
    plea(  # stop the texts; how do I stop these texts
        f"{STOP} {ADVERB}(?:getting |receiving )?{THESE}{NOUN}{WHERE}",
        f"{STOP} {ADVERB}(?:getting|receiving) (?:these|those|this|them){WHERE}$",
        f"{STOP} (?:with )?(?:all )?(?:this|your) (?:shit|crap|bs|bullshit|nonsense|harassment)$",
        f"{DROP_IT}{THESE}(?:{NOUN}|{TEXTS}){WHERE}$",
        "(?:cancel|end|kill|abort|block|switch off|turn off|shut off|disable) "
        f"{THESE}{TEXTS}{WHERE}",
        f"(?:cancel|switch off|turn off|shut off|disable) {THESE}"
        "(?:text (?:alerts|reminders|notifications)|notifications|alerts)",
        f"(?:{TEXTS}|{NOUN}|these) (?:needs?|has|have|gotta|must) (?:to )?(?:stop|end|cease)$",
        f"(?:terminate|suspend|deactivate) {THESE}(?:{NOUN}|{TEXTS})",
        f"(?:make|get|want|need|like|wish)(?: for)? {THESE}(?:{TEXTS}|these|them|you|yall"
        f"|you guys|you people) (?:to )?stop(?: {TEXTING}| sending)?",
        "^(?:please |pls )?stop (?:them|these|those|everything)$",
        not_after=r"(?:dont|do not|didnt|never|did|not|why did \w+|should|if"
        rf"|cant|cannot|wont|doesnt|(?:if|when) i(?: want| need)?|will|ill){YOU}"
        "(?: i)?(?: want)?(?: to)?",
        not_before=f"{ONLY_THEN}|between",
    ),
    plea(  # do not text me; can you not text me
        f"(?:{DO_NOT}|not|no longer) {ADVERB}{TEXT}{AND_CALLS} {ME}{AND_CALLS}{WHERE}",
        f"{DO_NOT} {ADVERB}(?:text|txt|message|msg|sms|contact|spam){AND_CALLS}(?: it)?{WHERE}$",
        f"{DO_NOT} {ADVERB}(?:hit (?:me up|my (?:line|phone))|hmu)|{DO_NOT} (?:bother|keep|be"
        f"|waste (?:your|ur|my) time)(?: with)? (?:{TEXTING}|{THESE}{TEXTS})",
        f"{DO_NOT} {ADVERB}{TEXT} (?:her|him|them) (?:any ?more|again|ever)",
        f"{DO_NOT} {ADVERB}send {THESE}{THINGS}{WHERE}",
        f"{DO_NOT} {ADVERB}send (?:(?:to )?{ME} )?(?:any|no)?(?:(?:^| |(?<=any)|(?<=no))more"
        f"|these|those|them|(?<=any)|nothing(?: else)?)(?: of (?:these|those|this))?{WHERE}$",
        rf"{DO_NOT} (?:ever )?send (?:(?:to )?{ME} )?(?:a|another|one) {NOUN} (?:ever )?again",
        f"{DO_NOT} (?:ever )?(?:use|reply|respond|write|reach out)(?: back)?"
        f"(?: to)?(?: {ME})?(?: any ?more| again| ever)+$",
        f"(?:not (?:be )?|^no )texting {ME}",
        rf"{DO_NOT} (?:respond|reply|call|contact|email)(?: \w+){{0,3}} (?:or|nor) {TEXT} {ME}",
        rf"{TEXT}(?: \w+){{0,3}} so (?:please |pls )?(?:dont|do not)$"
        f"|{TEXTING} me (?:please |pls )?(?:dont|do not|stop|stop it|quit)$"
        f"|^no send(?: \\w+){{1,3}}$|please not (?:{TEXT} {ME}|send)",
        not_after="(?:i|we|they|he|she|it|who|u|why|did|does|if|will|ill|may|might|could)"
        "(?: would| will| just| really)?"
        "|(?:if|why|because|cuz|when|but) (?:you|u|yall)|^you"
        r"|(?:told|asked) (?!you)\w+(?: \w+)?",
        not_before=f"{ONLY_THEN}|and|that|down",
    ),
    plea(  # no more texts
        f"no (?:more|mas|further) {THESE}(?:{NOUN}|{TEXTS})",
        f"^(?:please )?(?:no more|not another|not one more) (?:of )?(?:these|{TEXTS}|{NOUN})"
        "(?: please| thanks)?$",
        f"{TEXTS} (?:are |is )?(?:not|no longer) (?:welcome|wanted|appreciated|needed|necessary)",
        f"(?:nobody|no ?one|no1) wants {THESE}{TEXTS}|^no contact(?: please)?$",
        f"(?:^|(?<=please )|(?<=said )|(?<=thanks ))(?:no|zero) {TEXTS}{WHERE}$",
        "^(?:please )?no (?:texts?|txts?|msgs?|textos?|mensajes?)(?: please| por favor| pls)?$",
        f"^enough (?:with |of )?{THESE}(?:{NOUN}|{TEXTS})|so (?:please |pls )no more$",
        not_after=r"got|have|had|get|see|there are|theres|received|with",
        not_before=f"{ONLY_THEN}|came|received|coming",
    ),
    plea(  # I don't want texts; I want off your list
        r"(?:no longer|do not|dont|never|doesnt|does not|rather not|prefer not|not) "
        "(?:(?:ever|even|really|actually) ){0,2}"
        "(?:want|wish|care to|like to|agree|consent|to|interested in)"
        " (?:(?:to|be|keep|for) ){0,2}(?:(?:get|getting|receive|receiving|have) )?"
        f"{THESE}(?:{TEXTS}|texted|reminders|communications?|notifications){WHERE}",
        # The same of "any more of these", and of hearing from us.
        "(?:no longer|do not|dont|never|rather not|prefer not) "
        "(?:(?:ever|even|really|want|wish|care|like|to|be|keep|wanna) ){0,4}"
        f"(?:(?:get|getting|receive|receiving) {THESE}(?:these|those|{TEXTS}|{NOUN})"
        f"|need to (?:get|receive) (?:these|those|{TEXTS})|hear(?:ing)? from (?:you|yall|u|this"
        f"|your)(?: \\w+)?){WHERE}$",
        f"(?:no longer|do not|dont) (?:want|wish) to (?:receive|get)$|(?:no longer|dont"
        f"|do not) (?:want|require) (?:anything|nothing|these|those|any) (?:(?:else )?from (?:you"
        f"|yall)|{TEXTS}|reminders)",
        f"(?:no longer|do not|dont) want any (?:more )?of (?:these|those){WHERE}$",
        f"{TEXTS}(?: \\w+){{0,5}} (?:do not|dont) (?:even )?want (?:them|any){WHERE}$",
        f"(?:rather|prefer) not (?:to )?(?:be texted|get|receive|have) ?{THESE}(?:{TEXTS})?"
        r"(?: from (?:you|yall|u|your)(?: \w+)?)?$",
        "(?:dont|do not|no longer|wont|will not) (?:be )?need(?:ing)? (?:any more|any|these|your|ur"
        f"|all these) {TEXTS}{WHERE}",
        f"(?:no|zero) (?:interest|desire) (?:in|to) (?:{GET} )?{THESE}{TEXTS}",
        "(?:dont|do not) (?:want|need) (?:you|u|yall) "
        f"{TEXTING} {ME}|not (?:ok|okay|comfortable|happy)(?: with)? (?:(?:you |u )?{TEXTING} {ME}"
        f"|being texted|(?:getting |receiving ){THESE}{TEXTS})",
        f"(?:(?:dont|do not) need|no need) to (?:{TEXT} {ME} any ?more|keep {TEXTING}(?: {ME})?)",
        r"(?:no longer|do not|dont|never|rather not|prefer not)(?: want| wish| like| care)?"
        "(?: for)?(?: you| yall| u| anyone)? to (?:be )?"
        f"(?:texted|contacted|messaged|bothered|on {LIST}|(?:text|contact|message|bother) {ME})",
        f"(?:want|would like|like|need)(?: me| us)?(?: to be| out| my number)? {OFF} {LIST}",
        not_after=r"(?:did you|do you|why|if (?:i|you)|they|he|she|who|it)"
        r"(?: really| just| do)?(?: i| you)?",
        not_before=rf"{ONLY_THEN}|please call",
    ),
    plea(  # take me off your list
        f"(?:remove|delete|erase|wipe|lose|loose|forget|get rid of) {MY_NUMBER}{AND_OTHERS}"
        f"(?<!lose me)(?<!forget me)(?<!loose me){AT_END}",
        f"get (?:{MY_NUMBER} )?removed|(?:remove|take|delete) (?:\\w+ ){{1,3}}(?:from|off)"
        " (?:of )?(?:your|the|ur) (?:text|texting|sms|message) list",
        f"forget (?:that )?(?:you|u) (?:have|had|ever had) {MY_NUMBER}",
        f"(?:take|tke|get|pull) {MY_NUMBER} (?:off|(?:off|out) of (?:there|here)){AT_END}",
        f"(?:take|pull) (?:off|out) {MY_NUMBER}",
        f"(?:remove|delete|drop|scratch|strike|cross|wipe|erase|purge|scrub|unenroll|exclude|clear)"
        f" (?:{MY_NUMBER}{AND_OTHERS} )?{OFF} {LIST}",
        f"(?:take|tak|tke|get|pull|yank|let|give) {MY_NUMBER}{AND_OTHERS} {OFF} {LIST}",
        "let me out of (?:this|these)$",
        f"take (?:off of|off|out of|of|from) {LIST}",
        f"(?:be |get |been )?(?:taken|removed|deleted) {OFF} {LIST}",
        f"(?:want|like|need|have) {MY_NUMBER} (?:to be )?(?:removed|deleted|taken off){AT_END}",
        rf"(?:request|demand)(?:ing)? (?:\w+ )?(?:removal|deletion)(?: (?:of {MY_NUMBER}|{OFF}"
        rf" {LIST}))+",
        "to be (?:removed|taken off|deleted|unsubscribed)$",
        f"(?:get|getting) off {LIST}|unenroll(?: me| us)?$|^unsubscribed me",
        rf"(?:put|add|place) {MY_NUMBER} (?:on|to|in) (?:\w+ )?(?:do not|dont|no)"
        " (?:call|text|contact)",
        rf"(?:drop|purge|scrub|ditch|scratch|trash|cross out) (?!me\b|us\b){MY_NUMBER}{AT_END}",
        f"(?:i|we|number|phone) (?:shouldnt|should not|should never) (?:be|have been) on {LIST}",
        f"^(?:off|out of) {LIST}|^{MY_NUMBER} (?:off|out of) {LIST}",
        not_after=rf"(?:dont|do not|didnt|did not|never|not|did|why|have|if|who|should i){YOU}"
        "(?: want)?(?: to)?"
        "|(?<!how )(?:why|did|do|have|was|were|am|been) (?:i|you|u|he|she|we|they)|i got|was",
        not_before=f"{ONLY_THEN}|then",
    ),
    plea(  # unsubscribe; opt out; revoke consent
        f"un ?subscrib(?:e|ing)(?: {MY_NUMBER})?|be unsubscribed",
        f"opt(?:ing)? (?:{MY_NUMBER} )?out|to be opted out",
        f"(?:want|get|let) (?:me )?out of (?:these|your) {NOUN}",
        "(?:consent|permission) (?:(?:is|has been|hereby) ){0,2}(?:revoked|withdrawn|rescinded"
        "|denied)",
        r"(?:revok|withdraw|rescind)(?:e|ing)? (?:(?:my|any|and|all|prior|previous|express|the"
        r"|our) )"
        "{0,4}(?:consent|permission|authorization)(?: (?:to|for) (?:(?:receive|receiving|be|send"
        rf"|get|any|all|further|future|your|these|you) ){{0,3}}(?:text\w*|contact\w*|{NOUN}))?",
        not_after="(?:dont|do not|didnt|did not|never|not|did i|^do i (?:have|need) to"
        "|accidentally|mistakenly|if i|when i"
        "|i would|i tried)(?: want| mean| wish| need| intend| have)?(?: to)?"
        r"|\w+ stop to|what happens (?:if|when) \w+",
        not_before=r"of (?!this|everything|these|texts?|your|all|any|sms|messages|getting|receiving"
        r"|being|the (?:texts?|messages?|sms))\w+|from (?:the |your )?(?:e ?mails?|newsletters?)"
        "|the|my|to (?:release|share|disclose|treat|bill)|e ?mail|for (?!me|us)|by accident"
        "|last",
    ),
    plea(  # leave me alone; stop, without an object
        r"leave (?:me|us|my (?:mom|family|wife)|(?:my|this) (?:phone|number)) (?:the \w+ "
        r"|tf )?alone|leave (?:me|us) be?$",
        r"^cease and desist$|^(?:reply|text|send|txt) stop$",
        "^stop to (?:opt out|stop|end|unsubscribe|quit|cancel)$",
        "^(?:please )?(?:stop|quit) (?:this|it|these|that)(?: now)?$|^(?:please|pls|plz) quit$"
        "|^no more(?: please| pls| now)?$",
        "^i said (?:please )?stop|(?:^|interested )(?:please |pls )?remove(?: please"
        "| pls)?(?: im not interested)?$",
        r"(?:ask|tell|told)(?:ed|ing)? (?:you|u|yall)(?: \w+)? to (?:please )?(?:stop|quit"
        r"|remove me|take me off)(?: (?:this|now|already|please|before|again|once|twice|today"
        r"|yesterday|last \w+|(?:\w+ ){0,2}times)){0,2}$",
        # "Your messages stop"
        f"{THESE}(?:{NOUN}|{TEXTS}) (?:just |so )?stop$",
        "^stop (?:or|before|b4) (?:i|ill|im|we|else)",
        "^stop (?:for good|from now on|right now)$",
        f"(?:stop|cancel|end) (?:(?:my|the|this) )?subscription to {THESE}(?:{TEXTS}|these)",
        "^(?:how|what) (?:to|do i|can i|do you)(?: (?:text|send|say|do) to)? stop(?: this| it"
        f"| these)?$|(?:turn|shut|switch) {THESE}(?:{TEXTS}|them|these) off$",
        "(?:you|u) (?:do not|dont|no longer) have (?:my |any )?(?:permission|consent)",
        f"(?:{DO_NOT}|didnt|did not|no|no longer) (?:have |had |give |gave )?(?:you |u )?(?:my "
        f"|any )?(?:permission|consent|right) to (?:be (?:text|contact|messag)ed|{TEXT} {ME})",
        f"not (?:authoriz\\w+|allow\\w*|permit\\w*) (?:you |u )?to {TEXT} {ME}",
        f"(?:do not|dont) (?:authorize|permit) (?:you|u) to {TEXT}",
        "^(?:please |pls |plz |ok |and |just )?stop (?:now |please )?"
        "(?:i|im|ive|id|we|were|you|youre|u|ur|yall|this is|thats|its"
        "|my name|who|not|no|ya|wrong|already|bro|man|dude|bitch|thank|thanks|god|jesus)",
        "(?:please|pls|plz|so|not interested|wtf|omg|(?:asked|told|want|need) you to)"
        " (?:just )?stop$",
        "(?:please|pls|plz) (?:remove|discontinue|cease|desist)$",
        "(?:(?:what|which) part of|means|understand) (?:the word )?stop(?= |$)",
        # They go on although it was said before.
        rf"(?:still|keep|kept) (?:getting|receiving|send\w*|{TEXTING})"
        r" (?:(?!if |charged|billed)\w+ ){0,7}(?:opted out|unsubscribed|(?:said|repl\w+|sent"
        r"|texted|sending|texting|saying) stop)$|(?:opted out|unsubscribed|(?:said|replied|sent"
        r"|texted) stop) (?:\w+ ){0,4}still (?:get\w*|receiv\w*|text\w*|send\w*)",
        r"^(?:get|stay) (?:off|out)(?: of)? my (?:phone|inbox|messages|texts|line)",
        # "Who is this stop": a no, or no idea who writes, and then the word.
        r"(?:who (?:is|r|are) (?:this|u|you|dis)|who dis|wrong \w+|(?:dont|do not) know (?:you|u)"
        r"|(?:idk|k) (?:you|u|who this is)|interested|thanks|alone|not me|spammers|scammers|af"
        r"|annoying|shit|(?:fuck|piss|buzz) off|spam|scam|sake|sakes|numero"
        r"|equivocado) (?:please |pls |so |just )?stop$",
        r"(?:keep|already|times|did|have to|i|ive|got to|gotta) (?:\w+ ){0,5}"
        r"(?:say|saying|said|text|texted|type|typed|reply|replied|sent|send)"
        r" stop(?: (?:\w+ ){0,2}(?:times|twice|already|before))?$(?<!if i say stop)",
        "(?:you|u|yall|guys|people|you all) (?:need to|must|have to|gotta|got to|better|can|should"
        "|may) (?:please )?stop$",
        not_after="(?:dont|do not|do|does|did|wont|cant|doesnt|never|didnt|not|it|pain|he|she|they"
        r"|to|where|place|until|when|if)(?: you| i| just)?|my \w+",
        not_before="time|in there|to (?:treat|bill|release|charge)",
    ),
    plea(  # one more text and I sue; this number is on the do-not-call list
        f"(?:(?:one|1|any|another|next|further|single) (?:one |more |further |other "
        f"|single ){{0,2}}(?:{NOUN}|{TEXTS})|next time (?:you|u) {TEXT} {ME}"
        f"|{TEXT} (?:{ME} )?(?:\\w+ ){{0,3}}?(?:again|(?:one|1) more time))"
        r"(?: \w+){0,4}? (?:(?:and|n) (?:i|im|ill|we|you|ur|youre|youll)|i will|ill|im|will|goes"
        r"|i am)(?: \w+){0,5}? (?:su(?:e|ing|ed)|lawyer|attorney|report\w*|complain\w*|legal"
        r"|police|cops|ftc|fcc|bbb|court|block\w*|harass\w*|charged?|fined?|bill\w*|each|press)",
        r"(?:su(?:e|ing)|report\w*|lawyer|attorney|police|cops|block(?:ing)?)(?: \w+){0,4}? if"
        r" (?:you|u|i|yall)(?: (?:keep|continue|text|\w+ again|dont stop)\b)",
        r"(?:number|phone|cell|line|i|im|am|we|are|is)(?: (?:is|am|are|registered|listed|already"
        r"|also|been|has|have|it|both)){0,3} (?:on|with) (?:the |a |your )?(?:\w+ ){0,2}"
        "(?:do not|dont|no) (?:call|contact|text)",
        "^(?:do not|dont) (?:call|text|contact) list",
        not_after="(?:can|could|would|will|did|why|should|am|is)(?: you| u)?(?: send)?(?: me)?",
    ),
)
