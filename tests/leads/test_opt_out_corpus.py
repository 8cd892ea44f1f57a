"""The meanings that are given to a corpus of texts, counted."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.opt_out_words import TWILIO_STOP_WORDS, Meaning, classify

CORPUS = Path(__file__).parent / "opt_out_corpus"
HALVES = ("written", "held_out", "held_out_later", "held_out_third")
WANTED = {meaning.value: meaning for meaning in Meaning} | {"ask": Meaning.AMBIGUOUS}
ENDS_TEXTS = {Meaning.OPT_OUT, Meaning.WRONG_NUMBER}

Counts = Counter[tuple[str, Meaning]]


def texts_of(half: str) -> Iterator[tuple[str, str]]:
    """(label, text) of each line; `\\n` and `\\\\` in the file are a line end and a backslash."""
    for line in (CORPUS / f"{half}.tsv").read_bytes().decode().split("\n")[:-1]:
        label, _, text = line.partition("\t")
        yield label, "\\".join(part.replace("\\n", "\n") for part in text.split("\\\\"))


def counts_of(half: str) -> Counts:
    return Counter((label, classify(text)) for label, text in texts_of(half))


def mistakes(counts: Counts) -> dict[str, int]:
    """Texts by kind of mistake, the worst first."""

    def total(labels: set[str], meanings: set[Meaning]) -> int:
        return sum(
            n for (label, meaning), n in counts.items() if label in labels and meaning in meanings
        )

    others = set(WANTED) - {"opt_out", "ask", "wrong_number"}
    no_end = set(Meaning) - ENDS_TEXTS - {Meaning.AMBIGUOUS}
    return {
        "texts": counts.total(),
        "opt-out missed": total({"opt_out"}, no_end),
        "opt-out asked about": total({"opt_out"}, {Meaning.AMBIGUOUS}),
        "false opt-out": total(others | {"ask"}, ENDS_TEXTS),
        "wrong number missed": total({"wrong_number"}, no_end),
        "wrong number asked about": total({"wrong_number"}, {Meaning.AMBIGUOUS}),
        "not asked about": total({"ask"}, no_end),
        "asked about needlessly": total(others, {Meaning.AMBIGUOUS}),
        "otherwise wrong": sum(
            n
            for (label, meaning), n in counts.items()
            if label in others and meaning not in {WANTED[label], Meaning.AMBIGUOUS, *ENDS_TEXTS}
        ),
        "right": sum(n for (label, meaning), n in counts.items() if meaning is WANTED[label]),
    }


def published() -> dict[str, dict[str, int]]:
    """The table in the corpus's README, by half."""
    text = (CORPUS / "README.md").read_text()
    table = text[text.index("| texts by how they are read") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()]
    return {
        half: {row[0]: int(row[column]) for row in rows[2:]}
        for column, half in enumerate(HALVES, start=1)
    }


def test_no_opt_out_of_the_written_half_is_missed_and_none_is_invented() -> None:
    wrong = [
        text
        for label, text in texts_of("written")
        if (label == "opt_out" and classify(text) is not Meaning.OPT_OUT)
        or (label not in {"opt_out", "wrong_number"} and classify(text) in ENDS_TEXTS)
    ]
    assert not wrong


def test_a_wrong_number_of_the_written_half_ends_all_texts() -> None:
    meanings = {classify(text) for label, text in texts_of("written") if label == "wrong_number"}
    assert meanings <= ENDS_TEXTS


@pytest.mark.parametrize("half", HALVES)
def test_the_readme_says_how_each_half_is_read(half: str) -> None:
    # A held-out text is never shown, only how many went which way.
    counts = counts_of(half)
    for (label, meaning), n in sorted(counts.items()):
        print(f"{half} {label:14}{meaning.value:14}{n}")  # noqa: T201 - the table is this test's use
    assert mistakes(counts) == published()[half]


@given(
    st.sampled_from(sorted(TWILIO_STOP_WORDS)).flatmap(
        lambda word: st.tuples(*(st.sampled_from([c, c.upper()]) for c in word)).map("".join)
    ),
    st.text(alphabet=" \t\n.!?,;:'\"“”()*_~-", max_size=8),
    st.text(alphabet=" \t\n.!?,;:'\"“”()*_~-", max_size=8),
)
def test_twilios_words_are_opt_outs_in_any_case_and_punctuation(
    word: str, before: str, after: str
) -> None:
    assert classify(before + word + after) is Meaning.OPT_OUT
