"""Further ways to say no, to be somebody else, and to speak of other things in the same words."""

import pytest

from leads.opt_out_words import Meaning, classify


@pytest.mark.parametrize(
    "body",
    [
        # Courteous, as older people write.
        *("I'd appreciate it if you stopped texting me", "I would rather you didn't text me"),
        *("I do not wish to receive any further messages on this telephone. Sincerely, Walter P.",),
        *("I'd prefer not to get any more of these", "I never want to hear from you again"),
        "I am requesting removal from your contact list",
        # A threat that comes with the next text, and the do-not-call list.
        *("Text me again and I'll report you", "Next text from you goes straight to my attorney"),
        *("Any further texts will be $500 each", "ill sue if you keep texting me"),
        "This number is on the Do Not Call registry",
        # Without a word of stopping.
        *("knock it off with the texts", "lay off the texts", "not another text", "no texts thx"),
        *("Lose this number bro", "get rid of my number", "wipe my number", "take me off"),
        *(
            "GET MY NUMBER OUT OF YOUR SYSTEM",
            "can u take me off this thing",
            "lemme off this list",
        ),
        *("Remove me and my wife Carol from your texts please", "remove my # from your list"),
        *("remove 206-555-0142 from your list", "i did not give u permission to text me so dont"),
        # The word at the end, with a name, after a complaint, as a sign.
        *(
            "stop -Bob",
            "for gods sake stop",
            "how many times do i have to say stop",
            "who r u stop",
        ),
        *(
            "wrong number stop",
            "stop or ill report you",
            "STOP END QUIT",
            "🛑 texting me",
            "🚫 texts",
        ),
        *("wrong number, delete it please", "how did you get my number? lose it"),
        # Dictated, run together, misspelt.
        *("stop texting me period", "stop period", "Top texting me", "quite texting me"),
        *("stoptextingme", "donttextme", "leavemealone", "takemeoff your list", "don t text me"),
        *("don;t text me", "pls dnt txt me", "quti texting me", "opt oit", "unsub", "unscribe me"),
        # In Spanish, as it sounds, and in both.
        *("Dejenme en paz", "no me este texteando mas", "ya dejen de chingar con sus mensajes"),
        *("este es el celular de mi hijo no le escriban", "nunca me vuelvan a escribir"),
        *("si me siguen mandando mensajes los demando", "como dejo de recibir estos mensajes"),
        *("Se equivocaron de numero, quiten este de su lista", "kitenme de la lista"),
        *("no me escrivan", "parenle", "le agradeceria que no me enviara mas mensajes"),
        *("stop mandandome mensajes", "no more mensajes", "quiteme from the list"),
    ],
)
def test_no_is_said_in_many_more_ways(body: str) -> None:
    assert classify(body) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "body",
    [
        # Narrowed or taken back, even in another clause.
        *("stop texting me, except for appointment reminders", "stop texting me lol jk"),
        *("stop the promo texts but keep the reminders", "don't text my home phone use my cell"),
        *("I said stop by accident, please start texting me again", "ignore that STOP"),
        *("I'm driving rn stop texting me ill call you when i get home", "please don't remove me"),
        *("no texts before 9 am please I work graveyard", "do I have to opt out"),
        *("no me moleste ahorita estoy trabajando", "no me manden con el otro doctor"),
        # Something else is to stop, to be removed or to go.
        *("I need this pain to stop", "remove me from the 4pm", "take me off your schedule"),
        *("pull my name for the 11 oclock", "I can't stop texting", "borre mi cita"),
        # Somebody else's patient now, or angry.
        *("already got in somewhere else thx", "I won't be returning", "no need to call back"),
        *("You guys are a joke", "worst clinic ever", "hold off for now", "this is a landline"),
        *("ya fui con otro", "pesimo servicio"),
    ],
)
def test_half_a_no_is_for_staff(body: str) -> None:
    assert classify(body) is Meaning.AMBIGUOUS


@pytest.mark.parametrize(
    "body",
    [
        *(
            "This isn't Denise",
            "no Marcus here",
            "I'm not Tom",
            "I don't know any Tom",
            "no soy Maria",
        ),
        *("You have the wrong Susan, I'm Susan Park", "Not Tiffany. Been getting her calls lol"),
        *("lol this is a pizza place", "This is Kent Auto Glass, I think you mean somebody else"),
        *("new phone number, person you want had it before me", "Kevin changed his number"),
        *(
            "I'm not a patient of yours, must be a mix up",
            "I live in Ohio. pretty sure this isnt for me",
        ),
        *("worng number", "wrongnumber", "incorrect number", "you must have misdialed"),
        *("Numero equibocado", "creo que se equivoco", "marco mal", "el mensaje no es para mi"),
    ],
)
def test_somebody_else_has_this_phone(body: str) -> None:
    assert classify(body) is Meaning.WRONG_NUMBER


@pytest.mark.parametrize(
    "body",
    [
        *(
            "no parking here",
            "Not Tuesday, Wednesday",
            "I'm not available Tuesday",
            "this isn't urgent",
        ),
        *(
            "I slept wrong and cant turn my neck",
            "wrong date on my reminder I think",
            "same as last time",
        ),
        *("I'm quite sore today", "I'm sick of this pain", "my card was declined", "early enough?"),
        *(
            "text me again please",
            "one more text with the code please",
            "my lawyer said to get an MRI",
        ),
        *("this is a great place", "can someone else come with me", "My number is 425-555-0188"),
        *(
            "don't forget me lol",
            "it won't let me book",
            "is there a consent form",
            "Hi this is Don",
        ),
        *("my kitchen flooded, running late", "do you do calluses", "you can text me again"),
        *(
            "no me duele mucho",
            "ya no aguanto el dolor",
            "dejeme checar y le aviso",
            "no soy de aqui",
        ),
        *("me molesta el hombro", "a que hora terminan", "no tengo seguro", "nomas quiero saber"),
    ],
)
def test_patients_use_such_words_of_their_body_and_their_visit(body: str) -> None:
    assert classify(body) is Meaning.REPLY


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("help pls", Meaning.HELP),
        ("C please", Meaning.CONFIRM),
        ("confirmed 👍", Meaning.CONFIRM),
        ("Reschedule", Meaning.RESCHEDULE),
        # These lift an opt-out, so they are the word alone, as Twilio takes it.
        ("start please", Meaning.REPLY),
        ("Yes please", Meaning.REPLY),
        ("yep", Meaning.REPLY),
        ("kien es", Meaning.WHO),
        ("que es back in balance", Meaning.WHO),
    ],
)
def test_single_words_may_be_polite_but_those_that_lift_a_stop(body: str, meaning: Meaning) -> None:
    assert classify(body) is meaning
