"""The sentences of `opt_out_phrases` and `opt_out_wrong_number` in Spanish."""

from leads.opt_out_plea import plea

_TEXTS = (
    "(?:(?:mas|los|las|sus|tus|estos|esos|ningun|ningunos|de|tipo|otros?|todos) ){0,3}"
    "(?:mensajes?|mensajitos|textos?|texts?|sms|recordatorios|notificaciones)(?: de texto)?"
)
_STEMS = (
    "(?:mand|envi|escrib|text|texte|texti|mensaje|contact|spame|molest|fastidi|freg|ching|jod"
    "|insist)"
)
_TO_TEXT = f"{_STEMS}(?:ar|ir|iar|er)(?:me|nos|l[eoa]s?)?"
_TEXTING = f"{_STEMS}(?:ando|iendo)(?:me|nos|le)?"
_TEXT = (
    "(?:escrib(?:a|an|as)|text(?:ee?|ie|een|ien|ees|en|es)|mensajee?[ns]?|contacte[ns]?"
    "|moleste[ns]?|(?:mand|envi)(?:e|en|es)|freguen|chinguen|jodan|(?:mand|envi|escrib|text"
    "|texte)(?:ara|iera)[ns]?)"
)
_LIST = (
    "(?:(?:la|las|su|tu|est[ae]|es[ae]|sus|tus|el|los|estos|the|your) ){0,2}"
    "(?:listas?|list|sistema|base de datos|contactos|registros?|directorio|grupo|mensajes|textos)"
    "(?! de espera| de citas)"
)
_REMOVE = (
    "(?:quit(?:e|en|an?|ar|aran?)|saqu(?:e|en)|sac(?:an?|ar)|borr(?:e|en|an?|ar)|elimin(?:e|en|a|ar)"
    "|retir(?:e|en|ar)|baj(?:e|en)|remuev(?:a|an|e)|remover?|remove ?"
    "|desuscrib(?:a|an|e|ir)|desinscrib(?:a|an|e|ir))"
)
_NUMBER = "(?:numero|nombre|telefono|celular|contacto|datos|phone|cell)"
_STOP = "(?:dejen?|deja|dejar|dejaran?|parar?|paren?|absten(?:gase|ganse|erse))"
# Not to be done now, or about something else.
_ONLY_THEN = (
    "antes|despues|en|hasta|cuando|por la|tan|tantos?|tantas|el|la|a (?!este|mi|su|un)|al|si|para"
    "|de|con (?!sus|tus|los|estos)|ahorita|los (?:lunes|martes|miercoles|jueves|viernes|sabados?"
    "|domingos?|fines)|ahora|hoy|todavia|aun|mientras|correos?|e ?mails?|facturas?|cuentas?"
    r"|promoci\w+|publicidad|ofertas?"
)

NO_MORE_TEXTS = (
    plea(  # no me escriban
        r"no (?:quiero que |deseo que )?(?:me |nos |le |les )?(?:(?:(?:vuelv(?:a|an|as)|volver) a"
        rf"|(?:este|esten|estes|ande|anden|andes)) )?(?:{_TEXT}|{_TO_TEXT}|{_TEXTING}|llam(?:ar"
        rf"|en?) ni (?:{_TEXT}|{_TO_TEXT})|sig(?:a|an|as) {_TEXTING})(?: nada| mas| nunca| ya"
        rf"| otra vez| {_TEXTS}| (?:a|en) (?:este|mi) {_NUMBER}){{0,3}}",
        rf"(?:nunca|jamas) (?:me |nos )?(?:vuelv(?:a|an|as) a (?:{_TO_TEXT})|{_TEXT})",
        rf"(?:{_STOP} (?:ya )?de|stop) (?:estar(?:me|nos)? |seguir )?(?:{_TO_TEXT}|{_TEXTING})",
        r"no se comuniquen?(?: (?:mas|nunca|conmigo|con nosotros)){0,2}$",
        "no (?:quier[oe]|deseo|quisiera) ser contactad[oa]",
        f"(?:^|no quiero |no )(?:recibir )?(?:no |ni |mas )?llamadas ni {_TEXTS}",
        r"no (?:me )?(?:hable[ns]?|busque[ns]?)(?: mas| nunca)+$|ya no me busquen?",
        rf"no me \w+ ni (?:me )?(?:{_TEXT})",
        rf"(?:solicito|pido|prefiero|quisiera|deseo) no recibir (?:{_TEXTS}|nada)",
        "(?:no|nunca) (?:les |te |le )?(?:doy|di|tienen?|tienes)(?: mi)? (?:permiso|autorizacion)"
        rf" (?:para|de) (?:que )?(?:me )?(?:{_TEXT}|{_TO_TEXT})|prohibido {_TO_TEXT}",
        f"no quier[oe] estar en {_LIST}|(?:como me salgo|salir(?:me|nos)?) de {_LIST}",
        f"como (?:cancelo|quito|paro|detengo|bloqueo) {_TEXTS}|^mensajes no$",
        "^no (?:me )?text(?: me)?(?: mas)?$|^no send(?: me)? \\w+$|dejen? en paz a"
        "|me dejen? en paz|dejen mi numero en paz|(?:olvid|pierd|tir)[ae]n?(?:se)? (?:de )?mi"
        " numero|^baja por favor$",
        r"^me (?:borran?|quitan?|sacan?)$",
        rf"dejen?(?:me|nos) (?:ya )?(?:en paz|tranquil[oa]s?|de {_TO_TEXT})|dejame en paz",
        rf"(?:pare|paren|parar|pararle|parenle|parele|parale|alto|basta|cesen?|detener|detengan?"
        rf"|suspend(?:an?|er)|no mas|cancel|cancelen?|cancelar|dejen de) (?:ya "
        rf"|por favor )?(?:de |con |a )?{_TEXTS}",
        "(?:cancelar|anular|cancelen?) (?:la |mi )?suscripcion",
        "no (?:quiero|queremos|deseo|quisiera|necesito|acepto|autorizo)"
        rf"(?: (?:recibir|mas|que (?:me|nos)|(?:seguir|estar) recibiendo)){{0,2}}"
        rf" (?:{_TEXT}|{_TEXTS})(?: de ustedes)?",
        "no (?:quiero|deseo) (?:recibir|saber) (?:mas )?nada(?: mas)?(?: de (?:ustedes|usted"
        "|ti))?$",
        # How to get none: como hago para no recibir, para que no me lleguen.
        rf"como (?:(?:le|lo) )?(?:hago|puedo)(?: hacer)? (?:para )?(?:que )?(?:(?:ya )?no|dejar de)"
        rf" (?:me |nos )?(?:lleguen|recibir|{_TEXT}) ?(?:{_TEXTS})?",
        f"dej(?:ar|o) de recibir {_TEXTS}",
        rf"no mas {_TEXTS}|^(?:por favor )?(?:nada de|ni un|cero) {_TEXTS}"
        "|^no (?:mensajes|textos|text)(?: por favor| porfa| gracias)*$",
        f"{_TEXTS} (?:ya )?(?:paren?|basta)$",
        "ya no (?:mas|manden?(?: nada)?|escriban?)",
        "^(?:ya )?no mas(?: por favor| porfa| please| gracias)?$",
        "^(?:\\w+ mensajes )?(?:ya )?(?:no mas )?basta(?: ya)?$",
        not_after="to|not|dont|do not|wont|cant|never|no (?:quiero|deseo)|para|por que|si|espero"
        "|que dia|espero que|hasta que|porque|ella|el|yo",
        not_before=_ONLY_THEN,
    ),
    plea(  # si me siguen mandando mensajes los demando
        rf"(?:si (?:me |nos )?(?:(?:siguen?|sigues) {_TEXTING}|vuelv(?:e|en|es) a {_TO_TEXT}"
        rf"|(?:mand|envi)(?:a|an|as)|escrib(?:e|en|es)|text(?:ea|ean))|(?:otro|un) (?:mensaje"
        rf"|texto) mas)"
        r"(?: \w+){0,7}? (?:demand\w+|denunci\w+|report\w+|abogad\w+|polic\w+|corte|bloque\w+)",
        r"(?:demand|denunci|report|bloque)\w+ si (?:me |nos )?(?:siguen?|no dejan?|vuelven?"
        r"|mandan?|envian?"
        r"|escriben?)(?: \w+){0,3}",
    ),
    plea(  # quítenme de la lista
        rf"{_REMOVE}(?:me|nos)(?: (?:de|del|from|off) (?:{_LIST}|ahi|aqui))?(?: ya| por favor"
        rf"| porfa| please)?$",
        rf"{_REMOVE} ?(?:me|nos) (?:de|del) {_LIST}|^{_REMOVE} (?:de|del) {_LIST}",
        rf"(?:me|nos) (?:(?:puede|pueden|podria|podrian|puedes) )?{_REMOVE} (?:de|del) {_LIST}",
        rf"{_REMOVE} (?:a )?(?:mi|mis|este)(?: {_NUMBER})?(?: de telefono)? (?:de|del) {_LIST}",
        rf"{_REMOVE} (?:a )?(?:mi|mis|este) {_NUMBER}(?: de telefono)?(?! de)",
        "(?:darme|denme|deme|dame|darnos|dar|den|de|(?:me|nos) (?:den|dan|de|doy|da)) de baja",
        not_after="no|para|para que no|dont|do not|didnt|never|not",
        not_before="medica|laboral|para la|por (?!favor)|hasta|la|mi|el",
    ),
)

_PERSON = "(?:numero|persona|telefono|contacto|number)"
# "Creo que se equivocó": of what else but us? "… de fecha" says so.
_POLITE = "(?:creo|que|pienso|parece|usted|ustedes|lo|siento|perdon|disculpe|no|yo|esta|estan)"
WRONG_NUMBER = plea(
    f"{_PERSON} (?:equivocad[oa]|incorrect[oa]|erroneo)",
    f"se (?:equivoco|equivocaron|equivoca) de {_PERSON}",
    f"te equivocaste de {_PERSON}|(?:esta|estan|estas) equivocad[oa]s? de {_PERSON}",
    rf"^(?:{_POLITE} ){{0,4}}(?:se equivoc(?:o|aron|a)|equivocad[oa]s?)(?: senor\w*| amig[oa]"
    rf"| verdad)?$",
    r"(?:aqui |ya )?no (?:vive|hay|existe) (?:aqui )?(?:ningun|ninguna|nadie)(?: \w+){1,4}",
    r"^\w+ (?:ya )?no vive aqui|no soy (?:la|esa|el|ese) (?:persona|senora?)|no soy a?(?: ?quien)"
    r"|^(?:ese )?no es mi nombre|no soy (?:ella|el)$",
    r"(?!yo )\w+ ya no (?:tiene|usa|ocupa) este (?:numero|telefono|celular)",
    r"(?!yo |se |me |ya )\w+ (?:ya )?cambio (?:de|su) numero",
    rf"(?:^|este )no es (?:el|su|este) {_NUMBER} de \w+|este ya no es (?:el|su) {_NUMBER}",
    rf"este {_NUMBER} (?:ya )?no (?:es|le pertenece a|pertenece a) (?:de |el )?\w+",
    r"(?:mensaje|texto) (?:no es para (?:mi|nosotros)|(?:es|era) para otra persona)$",
    "^(?:no,? )?aqui no es$|^no es aqui$",
    "acabo de (?:agarrar|comprar|conseguir|sacar|obtener) este (?:numero|telefono)",
    r"no conozco a (?:ningun|ninguna|nadie|esa persona)(?: \w+){0,3}$",
    r"mar(?:co|caron|caste|que) (?:mal|equivocado)|mal el (?:numero|telefono)",
    not_after="si|es|tengo el|puse el|di el|este es|mi|les di el",
    not_before="en mi|para mi|disponible|cita|hora",
)

WHO_IS_THIS = plea(
    "quien(?:es)? (?:es|eres|son|sos)(?: usted| ustedes| este| esto)?(?= |$)",
    r"quien(?:es)? (?:me |nos )?(?:esta |estan )?(?:habla|escrib|mand|text|envi|llam|marc|busc)\w*",
    "(?:de|por) parte de quien|con quien (?:hablo|estoy|tengo)|de quien es",
    r"(?:que|cual) numero es (?:este|esto)|de donde (?:me )?(?:escrib|llam|habla|text)\w*",
    r"^(?:y )?de donde (?:son|es)$|de que (?:compania|empresa|lugar|oficina|clinica)(?: \w+)?$",
    # "Qué es Back In Balance": a name, without an article.
    r"^que es (?!el |la |lo |los |las |un |una |mejor|mas |su |mi |tu |eso|quiro|ajuste)"
    r"\w+(?: \w+){0,3}$",
    not_after="no se|no me acuerdo",
    not_before="el|la|mi|su|mejor|para",
)
