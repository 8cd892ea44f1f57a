"""What is for staff to read: words of stopping about something else, refusals, complaints, and
words that merely might be a no, or come from somebody else's phone.

Asking staff costs a click; a missed no is a text to somebody who said it. So these are wide, and
narrowed only where patients speak of their body or their visit: "sick of this pain", "I slept
wrong", "my card was declined", "no me duele".
"""

import re

# --- English -----------------------------------------------------------------------------------

# Words of stopping, whatever is to stop: "can I cancel my 3pm?", "the pain won't stop".
_STOPPING = re.compile(
    r"\b(?:stop(?:s|ped|ping|all)?|un ?subscri\w+|cancel\w*|end|ends|ended|ending|quit|quits"
    r"|quitting|cease|revok\w+|opt ?out|opt(?:ed|ing)? (?:\w+ )?out|remov\w+|delet\w+|(?:take"
    r"|took) me off|off (?:\w+ ){0,2}\w{0,4}list|leave me alone|(?:do not|dont|never|no more"
    r"|no longer|not|cant|cannot|doesnt)(?! (?:got|received|hesitate)\b) (?:\w+ ){0,3}(?:texts?"
    r"|texting|txt|messages?|messaging|msgs?|sms|contact|contacting|call|calling)|no (?:texts?"
    r"|calls?|messages?) (?:before|after|until|at|on|in|during|please|when)|wrong (?:number"
    r"|person))\b"
)
BARE_NO = frozenset(
    {"no", "nope", "nah", "naw", "nop", "no sir", "no maam", "ya no", "dont", "pass", "bye", "done"}
    # A stop that was cut short.
    | {"sto", "top"}
)
_ELSEWHERE = (
    "(?:someone|somebody|another|a different|a new|other) "
    "(?:else|doctor|chiropractor|place|clinic|office|provider|dr|chiro|closer)"
)
# What sounds like refusing or complaining.
_REFUSALS = re.compile(
    r"\b(?:(?:not|no longer|never|isnt) (?:\w+ )?interested|no (?:thanks|thank you|thx|ty)"
    r"|(?:(?:im|i am|were|we are) (?:all )?|^all )(?:good|set|fine|ok|okay)(?: now| thanks?"
    r"| thank you)*$|not (?:right now|now|today|at this time|at the moment|anymore)(?! but)"
    r"|maybe (?:later|another time)|(?:dont|do not|no) bother|forget (?:it|about it)|nvm"
    r"|never ?mind|changed (?:my|our) minds?|(?:dont|do not|no longer|wont) (?:really )?(?:want"
    r"|need|be needing) (?:it|this|that|these|those|them$|any|anything|you|one|reminders"
    r"|your|an? (?:appointment|appt)|to (?:come|hear|call|talk|speak)|the appointment)"
    r"|nothing to do with you|^(?:please )?do not disturb|count me out|(?:text|message|bother)"
    r" (?:someone|somebody) else"
    # They are somebody else's patient now, or nobody's.
    rf"|(?:found|seeing|with|chose|using|have|to) {_ELSEWHERE}|found (?:one|someone|somebody)"
    r"|(?:somewhere|someplace) (?:else|closer)|elsewhere|already (?:have|got"
    r"|see) an?(?: \w+)? (?:chiro\w*|doctor|dr)|^already (?:got|went|seen|have one|booked)"
    r"|(?:wont|will not|not|never|no longer) (?:be )?(?:\w+ )?(?:return|com|go|continu|need|book"
    r"|see)ing(?: back| your| the| any| an?\b| appts?| appointments?| treatment| there| here| to"
    r"|$)|(?:wont|will not|never) (?:\w+ )?(?:be back|come back|return|go back|be needing"
    r"|use you)|not going to (?:continue|come back|return|book)"
    r"|no (?:longer )?need(?:ed)?(?! an? (?:ref|auth))|decided (?:not|against|to go with|to pass)"
    r"|we decided to|(?:ill|we will|going to|gonna|i will) pass(?! (?:by|through|it|that|the))"
    r"|lost a (?:customer|patient)|hold off|holding off|(?:not sure"
    r"|dont think)(?: \w+){0,4} continue|cheaper|too far(?! from)|(?:some|an)other time"
    r"|^not for me$|^(?:hard )?pass(?: for now)?$|not in the market|^(?:nah|nope) (?:\w+ )?good"
    r"|flip phone|(?:is|legit) (?:this )?legit|^is this real|another text$|text me at my other"
    r"|^can you not$|^(?:i )?do(?: not|nt) want$|too (?:expensive|pricey|many (?:texts|messages"
    r"|reminders))"
    # Another way, another phone.
    r"|^(?:please )?no \w+ (?:texts|messages|calls|e ?mails)|text\w* (?:is not|isnt|aint)"
    r" (?:\w+ )?(?:my|for)|why (?:am|are|do) (?:i|we) (?:\w+ )?(?:get|receiv)\w* (?:this|these"
    r"|texts?|messages?)|(?:less|fewer|all these|so many|constant) (?:texts|messages"
    r"|msgs|reminders|notifications)|per text|texts? costs?|this is (?:a|my) (?:business|work)"
    r"|rather (?:not|have|get|you) (?:\w+ )?(?:e ?mail|call|text\w*)|instead of (?:this|text\w*)"
    r"|prefer (?:\w+ )?(?:an? )?(?:e ?mail|phone|calls?)|e ?mail (?:is|works) better|only text"
    r"|text (?:my|him|her)(?: \w+){0,7} instead|use my other|land ?line|text (?:\w+ ){0,2}too much"
    r"|(?:my|this is my|her|his) old (?:phone|number)"
    # Rude, or worse.
    r"|go away|get lost|shut up|(?:fuck|screw|f|piss|eff) (?:off|you|u)\b|^(?:fu|f u|wtf|ffs)$"
    r"|^wtf is|go to hell|eat shit|bite me|fucking|bitch\w*|assholes?|bullshit|wtf$|knock it off"
    r"|cut it out|^enough$|^enough (?:of|with)|^(?:ok )?thats enough|enough (?:already|is enough)"
    r"|(?:youre|you are|you guys(?: are)?|yall(?: are)?|youse are|u r|ur|what|are"
    r"|bunch of) (?:\w+ )?(?:joke|worst|terrible|awful|horrible|unprofessional|rude|crooks|liars"
    r"|thieves|idiots|pathetic|disgusting|ridiculous|clowns|quacks|frauds?)|(?:worst|terrible"
    r"|awful|horrible|rude|poor|bad) (?:customer )?(?:service|experience(?! with)|clinic|place"
    r"|staff|company)|never again|unable to send|^(?:\w+ ){0,2}(?:unprofessional|pathetic"
    r"|disgusting|ridiculous)$|(?:to|will|gonna|ill|be|im) (?:block|report)(?:ing)?\b|^(?:blocked"
    r"|reported|reporting|blocking)|block(?:ing|ed)? (?:you|this|u|me)|cease and desist|spam\w*"
    r"|scam\w*|harass\w*|(?:my|no|never|not|without|give|gave"
    r"|had) (?:\w+ ){0,2}permission(?! (?:needed|from))|lawsuit|(?:this|your|got|get|gave (?:you"
    r"|u)|find|have) my number(?! is)|(?:get|got) (?:this|my|our) (?:phone )?number(?! from)"
    r"|(?:call|contact|hear from|talk|go|goes|forward|turn|sen[dt]|giv|get"
    r"|hir)\w*(?: \w+){0,4} (?:lawyer|attorney)s?|^(?:\w+ ){0,3}(?:lawyer|attorney)s?$|(?:lawyer"
    r"|attorney) will (?:be|contact|call)|passed away(?! from)"
    r"|deceased|(?:he|she|mom|dad|husband|wife|number) (?:has )?(?:died$|died (?:last|in|on|this"
    r"|yesterday))|(?:in|on) hospice|just kidding|jk$"
    # Never asked for it.
    r"|never (?:called|contacted|asked|signed|gave|requested|been to your|authorized)|(?:didnt"
    r"|did not) (?:call(?! me| us| back)|sign up|request|give|contact|ask (?:for|you|to))"
    r"|this (?:is not|isnt) (?!urgent|working|covered|right|true|\w+ing$)\w+$"
    r"|not a patient(?! yet)|dont know (?:any|who|anyone) ?\w*$|no (?!pain|parking|problem|issue"
    r"|rush|one|insurance)\w+ (?:here|at this number)$|^(?:(?:im|i am|its) )?not (?!(?:sure|yet"
    r"|bad|really|too|so|much|available|good|far|tonight|great|able|home|ready|free|working|there"
    r"|feeling|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\w+ing|\w+ed)$)\w+$)\b"
)
# Words that merely might be a no.
_PAIN = (
    r"(?:(?:this|the|my|being in|having|feeling) )?(?:\w+ )?"
    r"(?:pain|ache|hurt\w*|back|neck|headaches?)"
)
_MAYBE = re.compile(
    r"\b(?:"
    # To go, or to let go of us.
    r"(?:leave|leaving) (?:me|us|my (?:phone|number|name|mom|family)|this|the list)\b(?! (?:a|an"
    r"|know|in|early|at|for|check|see|voice|message|on|there))|let (?:me|us|it) (?:be|go)$"
    r"|(?:lose|loose|(?<!dont )forget|drop|erase|wipe|scratch|strike|scrub|purge|ditch|trash"
    r"|toss) (?:me\b(?! off)|us|my (?:name|number|info|contact|digits)|this|the number"
    r"|that number|ur|our|him|her|it$)|(?:take|get|taken|keep|pull|want|cross|scratch) (?:me|us"
    r"|my \w+(?: \w+)?|this \w+) (?:off|out|for)\b(?! (?:tues|mon|wed|thu|fri|sat|sun|tomorrow"
    r"|today|next|\d))|off (?:of )?(?:the|ur|your|this|that|ya) (?:\w*list"
    r"|text\w*|thing)|(?:stay|get|keep) away"
    r"|out of (?:ur|your) (?!area|way|office)\w+|(?:cut|knock) it off|(?:buzz|bug|lay|sod|eff|jog"
    r"|hop) off$|back off$|give (?:it|me) a (?:rest|break)|kick rocks|take a hike|drop dead"
    r"|beat it|scram|shoo|get (?:bent|stuffed|a life)|stfu|gtfo|kma|piss\w*|fuck\w*"
    # Again and again.
    r"|no (?:more|further|longer|contact|interest)(?! (?:pain|hurt\w*|headaches?|sore\w*"
    r"|questions?|there|than|visits left))|nomore"
    r"|any ?more$|(?:i|we) (?:already )?(?:said|told|asked)(?: you)?(?: \w+){0,3} (?:no|not|to"
    r"|dont|before|already|times|twice)|already (?:said|told you|asked)|how many times|(?:is"
    r"|for) the last time|keep (?:on )?\w+ing|24 7|done with (?:you|this|these|it|all)"
    r"|(?:im|i am|were|we are) (?:all )?done(?: here)?$"
    r"|over (?:it|this)$|had (?:it|enough)$|(?:text|call|message)\w* (?:\w+ ){0,3}every"
    rf"|(?:sick|tired|fed up)(?: and tired)? (?:of|with) (?!{_PAIN})|hate (?:you|this|these|texts"
    rf"|getting"
    r"|text\w*|it$)|annoy\w*(?! pain| ache)|(?:you|u|dont|are|me not to) bother\w*|pester\w*"
    r"|nuisance|irritating$|unwanted|unsolicited|intrusive|creepy|bombard\w*|blowing up"
    r"|relentless|too many|so many|uninterested"
    # A no in other words.
    r"|a no(?: (?:on|to|from|for)\b|$)|(?:hard|hell) no\b|absolutely not$|^no way$|no means no"
    r"|but no texts|left alone|(?:want|like|let me) (?:out|off)$|^(?:out|off)(?: please)?$"
    r"|conversation over|uncalled for|^rude$|(?:a|the) (?:hint|clue)$|irritating me"
    r"|emergencies only|^(?:shh+|hush|silence|zip it|step off|leave off)$|(?:dont|do not)"
    r" (?:really )?(?:like|appreciate|welcome) (?:(?:this|these|it|that)$|being|getting)"
    r"|^(?:please )?(?:dont|do not|never) (?:reply|respond|answer|write|do (?:this|that))"
    r"(?: back| to me| again)*$"
    r"|(?:please|pls) (?:dont|do not)$|^(?:erase|unlist|delist|blacklist)\b"
    r"|(?:cut|save|keep|spare) (?:the|me the|your|ur) (?:crap|texts?|messages?)"
    # The law, and the list.
    r"|illegal\w*|unlawful|tcpa|ftc|fcc|dnc|(?:do )?not call|registry|violat\w*|su(?:e|ing)"
    r"|legal (?:action|steps)|take legal|call(?:ing)? the (?:police|cops)|invasion|my privacy"
    r"|(?:file|filing|make|making) a \w*\s?complaint|complain(?:ing|ed)?|(?:no|not|never|without"
    r"|didnt|dont|did not|my|revoke|any|withdraw) (?:\w+ ){0,3}(?:consent|authoriz\w+|subscri\w+)"
    r"|cancel my|(?:didnt|never|not) (?:\w+ )?sign(?:ed)? up|report(?:ed|ing)? (?:you|u|this|yall"
    r"|it|as)"
    # Other words for stopping.
    r"|(?:shove|keep|take) (?:your|ur|these) (?:text|msg|message)\w*|(?:no ?one|nobody"
    r"|no1)(?: \w+){0,3} wants?|unsub\w*|rmv|withdraw (?:my|from|me)|exclud\w*|discontinu\w*"
    r"|terminat\w*|abort\w*|unenroll\w*|(?:i|we|must|respectfully|politely|to"
    r"|and) (?:\w+ )?(?:declin|refus|reject|object)(?:e|ing)?|deactivat\w*|disabl(?:e|ing)"
    r"|suspend\b|halt\w*|(?:pause|mute|silence) (?:my|the|these|it|all|texts|reminders|this|you)"
    r"|^(?:pause|mute|muted|muting)$|unfollow\w*|disregard\w*|desist\w*|refrain\w*|ignor(?:e"
    r"|ing) (?:you|u|my|this|these|me|that|it)|^ignore$|block(?:ed|ing) (?:ur|your)|disconnected"
    # "Don't" with us in it.
    r"|(?:dont|do not|wont|will not|shouldnt)(?! (?:forget|hesitate|have|let|cover|work|see|fit"
    r"|hurt|worry|mind|feel|think|make)) (?:\w+ ){0,4}(?<!let )(?<!cover )(?:me|us|this number"
    r"|my (?:number|phone))|(?:dont|do not) (?:ever|you dare|keep)|pass$|^wrong$"
    # Somebody else's phone.
    r"|(?:dialed|called|texted|got|number)(?: \w+)? wrong|wrong (?:digits|guy|lady|man|no"
    r"|numb\w*)|misdial\w*|(?:pocket|butt) ?dial\w*|called(?: \w+)?"
    r" by (?:mistake|accident)|(?:thats|this is|isnt|its|not) not me$|mistyped|mix ?up"
    r"|mixed me up|(?:you|youre|ur|be) (?:\w+ )?mistaken|(?:must|is"
    r"|be|made|some|there|a|think) (?:be )?(?:a )?mistake|(?:by|of) that name|belongs? to"
    r"|(?<!my )(?<!have a )(?:new|old) (?:phone|number)|my new number (?:\d+ ){1,3}\w+|(?:had|got"
    r"|have|has) this (?:number|phone)(?! saved| on| from|$)|(?:not|isnt|aint) (?:him|her"
    r"|my (?:number|phone|name))\b|(?:this|im) not (?:here|the)|never heard of|idk (?:any|who"
    r"|a)\b|^(?:this is|its|im) \w+ not \w+$|dont know (?:you|him|her|them|what (?:this|you|ur"
    r"|u)))\b"
)

# --- Spanish -----------------------------------------------------------------------------------

_DETENER = re.compile(
    r"\b(?:no mas(?! (?:tengo|quiero|digame|para|era|es)\b)|alto|basta|parar|paren(?:le)?|parale"
    r"|(?:deje|dejen|dejan|deja|dejar|pare|paren) de|quit(?:ar|en|eme|enme|ame|arme)|borr(?:ar|en"
    r"|eme|enme)|elimin\w+|de baja|desuscrib\w+|no (?:\w+ ){0,3}(?:mensajes(?! no)|textos"
    r"|escrib\w+|textee?\w*|mande\w*|envie\w*)|equivocad[oa]s?|equivoco|no para|se me quita"
    r"|(?:aint|nobody|no1)(?: \w+){0,4} (?:texts?|messages))\b"
)
_RECHAZOS = re.compile(
    r"\b(?:no (?:gracias|(?:me |nos )?(?:interesa|estoy interesad[oa]|moleste\w*|llamen?))"
    r"|ahora no|(?:dej[ea]n?lo|olvid[ea]n?lo)|cambi[eo] de opinion|(?:muy|demasiado) caro"
    r"|(?:encontre|consegui|ya tengo|fui con|voy con) (?:otr[oa]|un[oa]? )|en otr[oa] (?:lado"
    r"|lugar|parte|clinica)|falleci[o]?|murio|ya no (?:quiero|necesito|gracias|voy)"
    r"|no voy a (?:regresar|volver)|permiso|(?:pesimo|mal) servicio|ladrones|ching\w+|pendej\w*"
    r"|cabron\w*|rateros|al diablo|mierda|jod(?:er|an|an?me)|putos?|a la verga|no (?:los|las|te"
    r"|lo|les) (?:conozco|llame|he llamado)|no llame a)\b"
)
_QUIZAS = re.compile(
    r"\b(?:(?<!me )dej(?:e|a|en|ar|an) (?:de|en|ya)|dej(?:a|e|en)(?:me|nos)(?! (?:ver|checar"
    r"|saber|preguntar|pensar|revisar|un|el|su|mensaje|recado|hablo|hablar|le|les|busco))"
    r"|dej(?:en|ame|enme|enos)$|deje la|ya (?:no(?! (?:aguanto|alcance|tengo|puedo|me duele|duele"
    r"|se|hay))|basta|estuvo|dije|(?:les?|te) (?:dije|pedi))|nunca (?!he|fui|habia|tuve|ha"
    r"|me (?:ha|han|llego|habia))|jamas (?!he)|no (?:me|nos)(?! (?:duele|dolia|puedo|acuerdo"
    r"|siento|queda|lleg\w+|sale|cubre|funciona|dieron|dijeron|contest\w+|hablaron|mand(?:o|aron)"
    r"|envi(?:o|aron)|dijo|marcaron|han|ha|toca|alcanza|dan?|se|deja|gusta))"
    r"|no quiero (?!molestar|llegar|perder)|no (?:queremos|deseo|necesito(?! (?:interprete"
    r"|cita para))|mas|insist\w*|contact\w*|vuelv\w*|siga\w*|gracias|autori\w*|es (?:mi|el|la))"
    r"|no soy (?!de|paciente|residente|alergic|buen|muy)|no conozco (?:a|es|ning|su)|no (?:vive"
    r"|existe) (?:a|ni|na)\w+|quit(?:e|en|an|a|ar|o)(?! (?:el )?dolor)(?:me|nos|le"
    r"|lo)?(?<!quite)(?<!quita)|quit[ea] (?:mi|la|el(?! dolor)|las|los|es[ea]|est[ea]|me)\b"
    r"|(?:sac|saqu)(?:a|ar|ue|uen|en)\w*|borr\w+|elimin\w+|detien\w+|deteng\w+|bloque\w+"
    r"|denunci\w+|(?:los|las|les|voy a) (?:\w+ )?report\w+|moleste\w*|molestar(?:me|nos)"
    r"|molestando|equivoc\w+|confundi\w+ con|por error|^fuera$|^(?:quiero )?salir$"
    r"|largu\w+|hart[oa] de (?!\w+ dolor)"
    r"|cansad[oa] de (?!\w+ dolor|trabaj|estar)|^suficientes?\b|ya es suficiente"
    r"|acos\w+|estafa\w*|privacidad|abogad\w+(?! (?:me|por|dice|dijo|del|quiere|paga))"
    r"|autorice\w*|desuscri\w+"
    r"|(?<!es )mi numero(?! (?:es|de|\d))|(?:su|de la) lista|olvidense|olvideme|callen?se)\b"
)

STOPPING_WORDS = (_STOPPING, _DETENER)
REFUSALS = (_REFUSALS, _RECHAZOS)
MAYBE = (_MAYBE, _QUIZAS)
# "Stop the offers but keep the reminders", "except …", "just kidding", "use my cell": a no that is
# taken back or narrowed in another clause.
TAKEN_BACK = re.compile(
    r"\b(?:just (?:kidding|joking)|jk"
    # Only what was said: to have called or signed up by accident takes nothing back.
    r"|(?:stop|that|this|it|was|sent|said|out|unsubscribed) (?:\w+ )?by (?:accident"
    r"|mistake)|^by (?:accident|mistake)|was an accident"
    r"|accidental\w*(?! (?:call|dial|sign|gave)))\b"
)
_NARROWED = re.compile(
    r"\b(?:except|unless|(?:but|and) (?:keep|still)"
    r"|and (?:put|add|update|change|replace|use)(?! (?:me|this|my number) (?:on|to))"
    r"|but (?:not the|send|i (?:still|do) (?:want|need))|(?:reminders|texts|texting|appointments)"
    r" (?:are|is) (?:ok|fine|good)|only (?:text|send|message) (?:me )?(?:when|if|for|about|on|the)"
    r"|start (?:texting|sending|messaging)"
    r"|(?:nada|mensajes) todavia|(?<!i )(?<!only )(?<!to )use (?:this|mine|hers|his|\d+"
    r"|my (?:cell|other|new|work|wifes|husbands|personal|own))"
    r"|(?:text|contact|messag)\w* (?:my|our) (?:old|other|home|work)"
    r"|text (?:me|us|him|her|my \w+)(?: \w+){0,4} instead(?! of)|(?:cell|phone|number) is better"
    r"|(?:marketing|promo\w*|offers|newsletters?|e ?mails?|ads) (?:texts? |messages? )?only"
    r"|just (?:the )?(?:appointments?|appts?|reminders?))\b"
)
NARROWED = (TAKEN_BACK, _NARROWED)
