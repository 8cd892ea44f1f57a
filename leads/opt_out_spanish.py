"""The sentences of `opt_out_phrases` in Spanish."""

import re

from leads.opt_out_plea import plea

_TEXTS = (
    "(?:(?:mas|los|las|sus|tus|estos|esos|ningun|ningunos|de|tipo|otros?|todos) ){0,3}"
    "(?:mensajes?|mensages|mensajitos|textos?|texts|sms|msjs?|recordatorios|notificaciones)"
    "(?: de texto)?"
)
_TO_TEXT = (
    "(?:mand|envi|escrib|text|texte|mensaje|contact|molest|fastidi)(?:ar|ir|iar)(?:me|nos|le|les)?"
)
_TEXTING = r"(?:mand|envi|escrib|text|texte|mensaje|contact|molest)(?:ando|iendo)(?:me|nos)?"
_TEXT = (
    "(?:escrib(?:a|an|as)|text(?:ee?|een|ees|en|es)|mensajee?[ns]?|contacte[ns]?|moleste[ns]?"
    "|(?:mand|envi)(?:e|en|es))"
)
_LIST = (
    "(?:(?:la|las|su|tu|esta|sus|tus|el|este|los|estos) )?"
    "(?:listas?|sistema|base de datos|contactos|registros?|directorio|grupo|mensajes|textos)"
    "(?! de espera| de citas)"
)
_REMOVE = (
    "(?:quit(?:e|en|a|ar)|saqu(?:e|en)|sac(?:a|ar)|borr(?:e|en|a|ar)|elimin(?:e|en|a|ar)"
    "|remuev(?:a|an|e)|remover?|remove ?|desuscrib(?:a|an|e|ir)|desinscrib(?:a|an|e|ir))"
)
_NUMBER = "(?:numero|nombre|telefono|celular|contacto)"

NO_MORE_TEXTS = (
    plea(  # no me escriban
        rf"no (?:me |nos )?(?:vuelv(?:a|an|as) a )?(?:{_TEXT}|{_TO_TEXT}|sig(?:a|an|as) {_TEXTING})"
        rf"(?: nada| mas| nunca| ya| otra vez| {_TEXTS}| (?:a|en) este {_NUMBER}){{0,3}}",
        rf"(?:para|paren?|parar|dejen?|deja|dejar) (?:ya )?de (?:estar |seguir )?{_TO_TEXT}",
        rf"(?:pare|paren|parar|alto|basta|cesen?|detener|detengan?|suspendan?|stop|no mas|cancel"
        rf"|cancelen?|cancelar|dejen de) (?:ya |por favor )?(?:de |con |a )?{_TEXTS}",
        "(?:cancelar|anular|cancelen?) (?:la |mi )?suscripcion",
        "no (?:quiero|queremos|deseo|quisiera|necesito|acepto|autorizo)"
        rf"(?: (?:recibir|mas|que (?:me|nos)|seguir recibiendo)){{0,2}} (?:{_TEXT}|{_TEXTS})"
        "(?: de ustedes)?",
        rf"no mas {_TEXTS}|^(?:nada de|ni un) {_TEXTS}",
        "ya no (?:mas|manden?(?: nada)?|escriban?)",
        "^(?:ya )?no mas(?: por favor| porfa| please| gracias)?$",
        "^(?:ya )?(?:no mas )?basta(?: ya)?$",
        not_after="para|por que|si|espero|que dia|espero que|hasta que|porque",
        not_before="antes|despues|en|hasta|cuando|por la|tan|tantos?|tantas|el|la|a|al|mi|si|para"
        "|de",
    ),
    plea(  # quítenme de la lista
        rf"{_REMOVE}(?:me|nos)(?: (?:de|del) {_LIST})?(?: ya| por favor| porfa| please)?$",
        rf"{_REMOVE}(?:me|nos) (?:de|del) {_LIST}|^{_REMOVE} (?:de|del) {_LIST}",
        rf"(?:me|nos) (?:(?:puede|pueden|podria|podrian|puedes) )?{_REMOVE} (?:de|del) {_LIST}",
        rf"{_REMOVE} (?:a )?(?:mi|este) {_NUMBER}(?: de telefono)?(?: (?:de|del) {_LIST}|(?! de))",
        "(?:darme|denme|deme|dame|darnos|dar|den|de|(?:me|nos) (?:den|dan|de|doy|da)) de baja",
        not_after="no|para|para que no",
        not_before="medica|laboral|para la|por (?!favor)|hasta|la|mi|el",
    ),
)

_PERSON = "(?:numero|persona|telefono|contacto)"
WRONG_NUMBER = plea(
    f"{_PERSON} (?:equivocad[oa]|incorrect[oa])|se (?:equivoco|equivocaron|equivoca) de {_PERSON}",
    f"te equivocaste de {_PERSON}|(?:esta|estan|estas) equivocad[oa]s? de {_PERSON}",
    r"(?:aqui |ya )?no (?:vive|hay|existe) (?:aqui )?(?:ningun|ninguna|nadie)(?: \w+){1,4}",
    r"^\w+ (?:ya )?no vive aqui|no soy (?:la|esa|el|ese) (?:persona|senora?)",
    rf"(?:^|este )no es (?:el|su|este) {_NUMBER} de \w+|este ya no es (?:el|su) {_NUMBER}",
    rf"este {_NUMBER} (?:ya )?no (?:es|le pertenece a|pertenece a) (?:de |el )?\w+",
    r"no conozco a (?:ningun|ninguna|nadie|esa persona)(?: \w+){0,3}$",
    not_after="si|es|tengo el|di el|este es",
    not_before="en mi|para mi|disponible|cita|hora",
)

WHO_IS_THIS = plea(
    "quien(?:es)? (?:es|eres|son|sos)(?: usted| ustedes| este| esto)?(?= |$)",
    r"quien(?:es)? (?:me |nos )?(?:esta |estan )?(?:habla|escrib|mand|text|envi|llam)\w*",
    "(?:de|por) parte de quien|con quien (?:hablo|estoy|tengo)|de quien es",
    r"(?:que|cual) numero es (?:este|esto)|de donde (?:me )?(?:escrib|llam|habla|text)\w*",
    not_before="el|la|mi|su|mejor|para",
)

STOPPING_WORDS = re.compile(
    r"\b(?:no mas|alto|basta|parar|paren|(?:deje|dejen|deja|dejar|pare|paren|parar) de"
    r"|quit(?:ar|en|eme|enme|ame|arme)|borr(?:ar|en|eme|enme)|elimin\w+|de baja|desuscrib\w+"
    r"|no (?:\w+ ){0,3}(?:mensajes|textos|escrib\w+|textee?\w*|mande\w*|envie\w*)"
    r"|equivocad[oa]s?|equivoco)\b"
)
REFUSALS = re.compile(
    r"\b(?:no (?:gracias|mas|(?:me |nos )?(?:interesa|estoy interesad[oa]|moleste\w*|llamen?))"
    r"|ahora no|(?:dej[ea]n?lo|olvid[ea]n?lo)|cambi[eo] de opinion|(?:muy|demasiado) caro"
    r"|(?:encontre|consegui|ya tengo) otr[oa]|fallecio|murio|ya no (?:quiero|necesito|gracias))\b"
)
