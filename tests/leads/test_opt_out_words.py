"""What a reply means."""

# ruff: noqa: RUF001 - letters that look alike are what some of these tests are about

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.opt_out_words import OPT_OUT_WORDS, SINGLE_WORDS, Meaning, classify

WORDS = sorted(OPT_OUT_WORDS)


@pytest.mark.parametrize(
    "body",
    [
        *WORDS,
        *("STOP", "Stop.", "STOP!!", " stop \n", "'Stop'", "“Stop”", "(stop)", "stop?", "STOP 🛑"),
        *("opt-out", "OPT OUT", "Opt  Out!", "stop-all", "Stop All.", "StopAll", "STOP STOP STOP"),
        *("S.T.O.P.", "s t o p", "ＳＴＯＰ", "S\u200bTOP", "\ufeffStop", "st\u00adop", "Stóp"),
        *(
            "𝗦𝗧𝗢𝗣",
            "please stop",
            "Stop please",
            "stop, please!",
            "PLS STOP",
            "ok stop",
            "just stop",
        ),
        *("please stop texting me", "Stop texting me!!!", "stop sending me texts", "STOP TEXTING"),
        *("Can you please stop messaging me?", "stop contacting me", "quit texting me"),
        *("no more texts", "No more messages please", "stop these texts", "stop with the texts"),
        *("don't text me", "Don’t text me again", "do not text this number", "dont contact me"),
        *("Please do not send me any more texts", "never text me again", "DO NOT CONTACT ME"),
        *("take me off your list", "Please take me off of your list", "take me off the text list"),
        *("remove me", "Remove me please", "remove me from your list", "please remove my number"),
        *("remove my number from this list.", "delete my number", "unsubscribe me", "opt me out"),
        *("I want to opt out", "I'd like to opt out", "I’d like to opt out", "lose my number"),
        *("leave me alone", "I don't want any more texts", "I no longer want to receive messages"),
        *("no más", "No mas", "NO MÁS", "no más mensajes", "No más por favor", "no mas textos"),
        *("No me escriban más", "quítenme de la lista", "no me manden mensajes"),
        *("Stop. I found somebody else.", "Thanks, but please stop texting me", "No thanks. STOP"),
        *("I moved away, take me off your list", "stop - I am driving", "hi\nstop\nthanks"),
        "you have the wrong number, stop texting me",
    ],
)
def test_a_plain_no_is_an_opt_out(body: str) -> None:
    assert classify(body) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "body",
    [
        *("can I cancel my 3pm?", "the pain won't stop", "The pain won’t stop!", "don't stop"),
        *("I need to cancel", "Cancel. I can't make it.", "cancel please", "please cancel Friday"),
        *(
            "I'll stop by at 3",
            "stop by today?",
            "can you fit me in at the end of the day",
            "The end",
        ),
        *("I want to quit smoking", "remove me from the schedule", "should I stop running?"),
        *("did you stop texting me?", "don't stop texting me", "stop texting my wife"),
        *(
            "Is this the wrong number?",
            "sorry I gave you the wrong number, use 555",
            "Wrong number?",
        ),
        *("I don't want to text, please call", "unsubscribed already", "how do I opt out", "basta"),
        *("Reply STOP to opt out", "why did you cancel me", "I opted out last week", "please end"),
        "you took me off the list? put me back on your list, I was off your list",
    ],
)
def test_a_sentence_that_only_contains_such_a_word_is_for_staff(body: str) -> None:
    assert classify(body) is Meaning.AMBIGUOUS


@pytest.mark.parametrize(
    "body",
    [
        *("wrong number", "Wrong number.", "Sorry, wrong number", "WRONG PERSON"),
        *("You have the wrong number", "you've got the wrong number", "u have the wrong number"),
        *(
            "I think you have the wrong number",
            "this is the wrong number",
            "Wrong number. Who is it?",
        ),
        *("It's the wrong person", "I called the wrong number sorry", "Número equivocado"),
    ],
)
def test_a_wrong_number_is_said_in_many_ways(body: str) -> None:
    assert classify(body) is Meaning.WRONG_NUMBER


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
        *(
            "",
            "   ",
            "😀",
            "👍🏽",
            "???",
            "ok",
            "Thanks!",
            "yes please",
            "Can you help me?",
            "C u then",
        ),
        *("When can I start?", "Tomorrow at 3 works", "See you this weekend", "I'll recommend you"),
        *("my friend says you are great", "nonstop headaches", "2 pm", "Por favor llámeme", "no"),
        *(
            "Do you have openings?",
            "information please",
            "مرحبا",
            "你好",
            "appendix",
            "Ben Stopford",
        ),
    ],
)
def test_anything_else_is_a_reply(body: str) -> None:
    assert classify(body) is Meaning.REPLY


@pytest.mark.parametrize("verb", ["Liked", "Disliked", "Loved", "Laughed at", "Reacted 😡 to"])
def test_a_tapback_that_quotes_our_text_is_a_reply(verb: str) -> None:
    ours = "Hi, this is Back In Balance. Sorry we missed your call. Reply STOP to opt out."
    assert classify(f"{verb} “{ours}”") is Meaning.REPLY
    assert classify(f'{verb} "{ours}"') is Meaning.REPLY
    assert classify(f"{verb} “{ours}” stop") is not Meaning.REPLY


EDGES = st.text(alphabet=" \t\n.!?,;:'\"’“”()[]*_~-\u200b\ufeff🛑😡", max_size=6)


@given(EDGES, st.sampled_from(WORDS), st.sampled_from([str.upper, str.title, str.lower]), EDGES)
def test_case_and_punctuation_around_a_word_change_nothing(
    before: str, word: str, case: type[str], after: str
) -> None:
    assert classify(before + case(word) + after) is Meaning.OPT_OUT


@given(EDGES, st.sampled_from(sorted(SINGLE_WORDS)), EDGES)
def test_the_other_words_are_found_the_same_way(before: str, word: str, after: str) -> None:
    assert classify(before + word + after) is SINGLE_WORDS[word]


@given(st.sampled_from(WORDS), st.text(max_size=40), st.text(max_size=40))
def test_a_text_with_such_a_word_is_never_just_a_reply(word: str, before: str, after: str) -> None:
    assert classify(f"{before} the {word} zzz {after}") is not Meaning.REPLY


@given(st.text(max_size=400))
def test_any_text_has_a_meaning(body: str) -> None:
    assert classify(body) in Meaning


def test_a_long_text_is_read_quickly() -> None:
    for body in ("please " * 5000, "no longer want " * 3000, "stop " * 5000 + "x", "a. " * 9000):
        assert classify(body) in Meaning
