"""What a reply means."""

# ruff: noqa: RUF001 - letters that look alike are what some of these tests are about

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.opt_out_words import (
    OPT_OUT_WORDS,
    SINGLE_WORDS,
    TWILIO_STOP_WORDS,
    Meaning,
    classify,
    is_twilio_stop_word,
)

WORDS = sorted(OPT_OUT_WORDS)
OURS = "Hi, this is Back In Balance. Sorry we missed your call. Reply STOP to opt out."


@pytest.mark.parametrize(
    "body",
    [
        *WORDS,
        *("STOP", "Stop.", "STOP!!", " stop \n", "'Stop'", "“Stop”", "(stop)", "stop?", "STOP 🛑"),
        *("opt-out", "OPT OUT", "Opt  Out!", "stop-all", "Stop All.", "StopAll", "STOP STOP STOP"),
        *(
            "S.T.O.P.",
            "s t o p",
            "ＳＴＯＰ",
            "S\u200bTOP",
            "\ufeffStop",
            "st\u00adop",
            "Stóp",
            "𝗦𝗧𝗢𝗣",
        ),
        *("please stop", "Stop please", "stop, please!", "PLS STOP", "ok stop", "just stop"),
        *("nope stop", "wtf STOP", "could you guys stop", "you can stop now", "I said stop"),
        # Misspelt.
        *("stpo", "sotp", "Stopp", "stp", "st0p", "STOOOOP", "unsubcribe", "UNSUSCRIBE", "remvoe"),
        *("stop texing me", "stop mesaging me", "pls unsubscibe me"),
        # To stop.
        *("please stop texting me", "Stop texting me!!!", "stop sending me texts", "STOP TEXTING"),
        *("Can you please stop messaging me?", "stop contacting me", "quit texting me"),
        *("stop these texts", "stop with the texts", "stop spamming my phone", "stop bugging me"),
        *("I've asked three times for you to stop texting me", "stop calling and texting me"),
        *("if you don't stop texting me I'm calling a lawyer", "why won't you stop texting me"),
        *(
            "stop i am not interested",
            "not interested stop",
            "Not interested STOP",
            "STOP im not him",
        ),
        *("Please cease all communication with me", "how do I make these texts stop"),
        *("Stop. I found somebody else.", "Thanks, but please stop texting me", "No thanks. STOP"),
        *("stop - I am driving", "hi\nstop\nthanks", "you have the wrong number, stop texting me"),
        *("who is this? stop", "how do I stop getting these messages?", "cancel text messages"),
        # Not to send, not to want.
        *("no more texts", "No more messages please", "No texts please", "never text me again"),
        *("don't text me", "Don’t text me again", "do not text this number", "dont contact me"),
        *("Please do not send me any more texts", "DO NOT CONTACT ME", "do not call or text me"),
        *("leave me alone", "I don't want any more texts", "I no longer want to receive messages"),
        *("I don't want to be contacted", "I do not consent to receive text messages"),
        # To remove.
        *("take me off your list", "Please take me off of your list", "take me off the text list"),
        *("remove me", "Remove me please", "remove me from your list", "please remove my number"),
        *("remove my number from this list.", "delete my number", "unsubscribe me", "opt me out"),
        *("I moved away, take me off your list", "get me off this list", "I want off your list"),
        *("I want to opt out", "I'd like to opt out", "I’d like to opt out", "lose my number"),
        *("how do I opt out", "where do i unsubscribe?", "I revoke my consent to be texted"),
        "Put me on the do not call list",
        # In Spanish.
        *("no más", "No mas", "NO MÁS", "no más mensajes", "No más por favor", "no mas textos"),
        *("No me escriban más", "quítenme de la lista", "no me manden mensajes", "ya basta"),
        *("deje de escribirme por favor", "pare de mandarme mensajes", "no vuelvan a escribirme"),
        *("no quiero que me escriban", "No quiero recibir sus mensajes de texto", "basta"),
        *("me pueden sacar de su lista", "quiero darme de baja", "borren mi número"),
        *("número equivocado, no me escriban", "no me sigan mandando mensajes"),
    ],
)
def test_a_plain_no_is_an_opt_out(body: str) -> None:
    assert classify(body) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "body",
    [
        *("can I cancel my 3pm?", "the pain won't stop", "The pain won’t stop!", "don't stop"),
        *("I need to cancel", "Cancel. I can't make it.", "cancel please", "please cancel Friday"),
        *("I'll stop by at 3", "stop by today?", "fit me in at the end of the day", "The end"),
        *("I want to quit smoking", "remove me from the schedule", "should I stop running?"),
        *("did you stop texting me?", "don't stop texting me", "stop texting my wife"),
        *("he won't stop texting me", "can you tell my ex to stop texting me", "end it"),
        *("why did you stop texting me", "I can't stop texting lol", "the pain just won't STOP"),
        *("stop sending me bills", "stop testing my urine", "please stop the pain", "stop calling"),
        *("stop texting me at work", "don't text me before 9", "stop texting me so early"),
        *("dont send anything to my insurance", "I do not text"),
        *("take me off the waiting list", "remove my crown", "I want out, cancel my membership"),
        *("i unsubscribed already", "dont unsubscribe me", "can I opt out of the xrays"),
        *("revoke my consent to release my records", "I opted out last week", "please end"),
        *("I don't want to text, please call", "why did you cancel me", "unsubscribed already"),
        *("Can I stop?", "yes remove", "the stop", "will I stop"),
        "you took me off the list? put me back on your list, I was off your list",
        *("Reply STOP to opt out", "what happens if I reply STOP", 'I said to "stop" the machine'),
        *("Is this the wrong number?", "Wrong number?", "you have the wrong number on file"),
        "sorry I gave you the wrong number, use 555",
        *("quiero cancelar mi cita", "no puedo parar de toser", "no me escriban antes de las 9"),
        *("no me manden tantos mensajes", "me pueden quitar de la lista de espera"),
        # Sounds like refusing, or like a complaint.
        *("no", "Nope.", "no thanks", "not interested", "I'm good", "go away", "is this a scam"),
        *("how did you get my number", "no gracias", "🛑", "🚫"),
        *("top", "sto"),  # perhaps STOP, cut short
    ],
)
def test_what_is_not_plainly_an_opt_out_is_for_staff(body: str) -> None:
    assert classify(body) is Meaning.AMBIGUOUS


@pytest.mark.parametrize(
    "body",
    [
        *("wrong number", "Wrong number.", "Sorry, wrong number", "WRONG PERSON", "wrong #"),
        *("You have the wrong number", "you've got the wrong number", "u have the wrong number"),
        *("I think you have the wrong number", "this is the wrong number", "Its the wrong person"),
        *("Wrong number. Who is it?", "I called the wrong number sorry"),
        *("This is not Maria's number", "this is no longer his number", "nobody by that name here"),
        *("Bob doesn't use this number anymore", "this message was meant for someone else"),
        *("Número equivocado", "se equivocó de número", "no soy esa persona"),
        "este ya no es su número",
    ],
)
def test_a_wrong_number_is_said_in_many_ways(body: str) -> None:
    assert classify(body) is Meaning.WRONG_NUMBER


@pytest.mark.parametrize(
    "body",
    [
        *("you billed the wrong person", "I wrote the wrong number on the form", "no pain here!"),
        *("this is not my number", "this isn't my cell number but you can text it"),
        *("206-555-0117 is not the right number anymore", "I don't live here, just visiting"),
        "This is not a good number for me, use my cell",
    ],
)
def test_a_wrong_number_of_something_else_ends_nothing(body: str) -> None:
    assert classify(body) in {Meaning.AMBIGUOUS, Meaning.REPLY}


@pytest.mark.parametrize(
    "body",
    [
        *("who is this", "Who's this?", "sorry who dis", "who r u", "new phone who dis", "WHO"),
        *("who am I talking to", "Who tf is this", "what number is this", "who is texting me?"),
        *("quién es", "¿Quién es usted?", "con quien hablo", "de quién es este número"),
    ],
)
def test_who_texts_is_asked_in_many_ways(body: str) -> None:
    assert classify(body) is Meaning.WHO


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("START", Meaning.OPT_IN),
        ("Unstop!", Meaning.OPT_IN),
        ("yes", Meaning.YES),
        ("Yes.", Meaning.YES),
        ("HELP", Meaning.HELP),
        ("help?", Meaning.HELP),
        ("info", Meaning.HELP),
        ("C", Meaning.CONFIRM),
        ("c.", Meaning.CONFIRM),
        (" ｃ ", Meaning.CONFIRM),
        ("R", Meaning.RESCHEDULE),
        ("r!", Meaning.RESCHEDULE),
    ],
)
def test_the_other_single_words(body: str, meaning: Meaning) -> None:
    assert classify(body) is meaning


@pytest.mark.parametrize(
    "body",
    [
        *("", "   ", "😀", "👍🏽", "???", "ok", "Thanks!", "yes please", "C u then", "2 pm"),
        *("When can I start?", "Tomorrow at 3 works", "See you this weekend", "I'll recommend you"),
        *("my friend says you are great", "nonstop headaches", "Por favor llámeme"),
        *("Do you have openings?", "information please", "Can you help me?", "appendix"),
        *("مرحبا", "你好", "Ben Stopford", "no problem", "No I can do 3", "no, el martes"),
        # Near the core words.
        *("shop", "step", "stoop", "massage please", "do you do massages", "testing"),
        *("who is the doctor today", "who is this appointment with", "quien es el doctor"),
        *("can you text me the address", "text me when ready", "deje mensaje con mi esposa"),
        *("I didn't get any messages", "I got no texts from you"),
    ],
)
def test_anything_else_is_a_reply(body: str) -> None:
    assert classify(body) is Meaning.REPLY


@pytest.mark.parametrize(
    "verb", ["Liked", "Disliked", "Loved", "Laughed at", "Reacted 😡 to", "👍 to", "Le gustó"]
)
def test_a_tapback_that_quotes_our_text_is_a_reply(verb: str) -> None:
    assert classify(f"{verb} “{OURS}”") is Meaning.REPLY
    assert classify(f'{verb} "{OURS}"') is Meaning.REPLY


def test_our_own_text_sent_back_says_nothing_but_what_stands_beside_it_does() -> None:
    assert classify(OURS) is Meaning.REPLY
    assert classify(f"{OURS}\nyes please, Tuesday") is Meaning.REPLY
    assert classify(f"{OURS}\nok stop") is Meaning.OPT_OUT
    assert classify(f"Liked “{OURS}” stop") is Meaning.OPT_OUT


EDGES = st.text(alphabet=" \t\n.!?,;:'\"’“”()[]*_~-\u200b\ufeff🛑😡", max_size=6)


@given(EDGES, st.sampled_from(WORDS), st.sampled_from([str.upper, str.title, str.lower]), EDGES)
def test_case_and_punctuation_around_a_word_change_nothing(
    before: str, word: str, case: type[str], after: str
) -> None:
    assert classify(before + case(word) + after) is Meaning.OPT_OUT


@given(EDGES, st.sampled_from(sorted(SINGLE_WORDS)), EDGES)
def test_the_other_words_are_found_the_same_way(before: str, word: str, after: str) -> None:
    assert classify(before + word + after) is SINGLE_WORDS[word]


@given(st.sampled_from(sorted(TWILIO_STOP_WORDS)), st.text(max_size=40), st.text(max_size=40))
def test_a_text_with_such_a_word_is_never_just_a_reply(word: str, before: str, after: str) -> None:
    assert classify(f"{before} the {word} zzz {after}") is not Meaning.REPLY


@given(st.text(max_size=400))
def test_any_text_has_a_meaning(body: str) -> None:
    assert classify(body) in Meaning


@given(st.sampled_from(sorted(TWILIO_STOP_WORDS)), st.sampled_from([str.upper, str.title]))
def test_twilio_answers_its_words_in_any_case_but_only_alone(word: str, case: type[str]) -> None:
    assert is_twilio_stop_word(f" {case(word)}\n")
    assert classify(case(word)) is Meaning.OPT_OUT
    for more in ("please {}", "{}.", "“{}”", "{} {}"):
        assert not is_twilio_stop_word(more.format(word, word))


def test_no_text_is_slow_to_read() -> None:
    worst = (
        *("stop all all all ", "do not ever please ", "take me off of the list the ", "no me "),
        *("no longer want to ", "text or text ", "wrong wrong ", "who is ", "mas los las sus "),
        *("you got the ", "the this that it meant ", "remove my number from this ", "damn fuck "),
        *("never just sending all of the ", "reply stop to ", ". stop", "“", "\n", "a ", "STOP "),
        *(
            "text me again and ",
            "any more texts ",
            "report you if you ",
            "stoptext",
            "no soy ",
            "🛑",
        ),
        *("si me siguen mandando mensajes ", "No Marcus ", "you have wrong ", "remove my and "),
    )
    began = time.process_time()
    for part in worst:
        assert classify((part * 1600)[:1600]) in Meaning
    assert time.process_time() - began < 1 * len(worst) / 20
