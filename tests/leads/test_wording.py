"""What our texts say, and what the linter lets through."""

# ruff: noqa: RUF001 - letters that look alike are what some of these tests are about

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import wording
from leads.plan import KINDS, Step
from leads.segments import segments
from leads.shipped_plans import SHIPPED
from leads.wording import MOMENTS, help_text, lint, opt_out_text, render

CLINIC, REGISTERED = "Back In Balance", "Back In Balance Chiropractic"
PHONE = "425-437-9974"
GOOD = (
    "Hi, this is Back In Balance. Sorry we missed your call. Reply here or call 425-437-9974 "
    "to book. Reply STOP to opt out."
)


def messages(text: str, level: str, *, first_text: bool = False, clinic: str = CLINIC) -> list[str]:
    findings = lint(text, clinic, first_text=first_text, clinic_registered_name=REGISTERED)
    return [finding.message for finding in findings if finding.level == level]


def test_the_first_shipped_text_is_the_exemplary_one() -> None:
    assert render(SHIPPED["missed_call"].steps[0].text, CLINIC, PHONE) == GOOD


@pytest.mark.parametrize(
    ("plan", "step"),
    [(plan.name, step) for plan in SHIPPED.values() for step in plan.steps],
    ids=lambda value: value if isinstance(value, str) else f"{value.number}",
)
@pytest.mark.parametrize("clinic", [CLINIC, REGISTERED])
def test_shipped_texts_pass_the_linter_in_one_segment(plan: str, step: Step, clinic: str) -> None:
    moments = {name: MOMENTS[name] for name in KINDS[plan].moments}
    rendered = render(step.text, clinic, PHONE, **moments)
    for text in (step.text, rendered):
        findings = lint(
            text, clinic, first_text=True, clinic_registered_name=REGISTERED, moments=moments
        )
        assert findings == []
    size = segments(rendered)
    assert (size.count, size.encoding) == (1, "GSM-7")


def test_every_plan_is_shipped_with_texts() -> None:
    assert set(SHIPPED) == set(KINDS)
    assert all(1 <= len(plan.steps) <= 3 for plan in SHIPPED.values())


@pytest.mark.parametrize("clinic", [CLINIC, REGISTERED])
def test_the_answers_to_help_and_stop_pass_the_linter(clinic: str) -> None:
    answer = help_text(clinic, PHONE)
    assert lint(answer, clinic, first_text=True, clinic_registered_name=REGISTERED) == []
    for part in (clinic, PHONE, "at most 3 texts", "Msg & data rates may apply", "STOP"):
        assert part in answer
    farewell = opt_out_text(clinic)
    assert lint(farewell, clinic, first_text=False, clinic_registered_name=REGISTERED) == []


def test_only_the_text_that_answers_a_call_needs_no_more_than_the_call() -> None:
    purposes = [step.purpose for step in SHIPPED["missed_call"].steps]
    assert purposes == ["responsive", "informational", "informational"]


@pytest.mark.parametrize("text", ["Sorry we missed you.", "Hi from Back in Bal", "", "In Balance"])
def test_a_text_without_the_clinics_name_is_refused(text: str) -> None:
    assert "The clinic's name is missing: write {clinic}." in messages(text, "error")


@pytest.mark.parametrize("text", ["back in balance here", "{clinic}: hi", "Hi (BACK IN BALANCE)"])
def test_the_clinics_name_is_known_in_any_case(text: str) -> None:
    assert messages(text, "error") == []


def test_a_first_text_must_say_how_to_stop() -> None:
    complaint = 'The first text must say how to stop: add "Reply STOP to opt out."'
    assert messages("{clinic} here.", "error", first_text=True) == [complaint]
    assert messages("{clinic}: stop by!", "error", first_text=True) == [complaint]
    assert messages("{clinic} here.", "error") == []
    for hint in ("Reply STOP to opt out.", "Text stop to end", 'Reply "STOP"', "STOP to opt out"):
        assert messages(f"{{clinic}} here. {hint}", "error", first_text=True) == []


@pytest.mark.parametrize(
    "word",
    [
        *("pain", "spasm", "spasms", "Adjustment", "adjustments", "chiropractic care", "NUCCA"),
        *(
            "X-ray",
            "x ray",
            "XRAYS",
            "X\N{NON-BREAKING HYPHEN}ray",
            "insurance",
            "insured",
            "copay",
        ),
        *("co-pay", "Medicare", "headaches", "treatment", "therapy", "diagnosis", "injured"),
        *(
            "chiro\u200bpractor",
            "ｐａｉｎ",
            "spinal",
            "your neck",
            "sciatica",
            "massage",
            "numbness",
        ),
    ],
)
def test_a_word_about_health_or_insurance_is_refused(word: str) -> None:
    (message,) = messages(f"{{clinic}}: about your {word}, call us", "error")
    assert "may not hint" in message


@pytest.mark.parametrize(
    "words",
    [
        *("call us back", "your number", "a discount", "paint", "we care", "reached", "teacher"),
        *("a new adjustable time", "Spain", "joining us", "hippo", "campaign", "your visit"),
    ],
)
def test_ordinary_words_that_look_like_them_pass(words: str) -> None:
    assert messages(f"{{clinic}}: {words}", "error") == []


def test_only_the_registered_name_may_hold_such_a_word() -> None:
    assert messages("Back In Balance Chiropractic here", "error") == []
    assert messages("Back In Balance chiropractic care", "error") == []  # the name, then "care"
    assert len(messages("Back In Balance: chiropractic care", "error")) == 1
    assert len(messages("{clinic} here", "error", clinic="Pain Relief Now")) == 1
    assert messages("{clinic} here", "error", clinic="Balance Chiropractic") == []


@pytest.mark.parametrize(
    "field",
    [
        *("{name}", "{{name}}", "{Clinic}", "{", "}", "{clinic.__class__}", "[first name]"),
        *("<name>", "%name%", "$name", "{0}"),
    ],
)
def test_merge_fields_are_refused(field: str) -> None:
    (message, *_) = messages(f"{{clinic}}: hi {field}", "error")
    assert "looks like a field" in message


@pytest.mark.parametrize("words", ["$50 off", "50% off", "3 < 4", "(see you)", "100%"])
def test_signs_that_are_no_fields_pass(words: str) -> None:
    assert messages(f"{{clinic}}: {words}", "error") == []


@pytest.mark.parametrize(
    "link",
    [
        *("http://backinbalance.example", "HTTP://x.example/a", "https://bit.ly/3x", "bit.ly/3x"),
        *("www.tinyurl.com/x", "t.co/abc", "see goo.gl.", "Rb.gy/abc"),
    ],
)
def test_short_and_unencrypted_links_are_refused(link: str) -> None:
    assert len(messages(f"{{clinic}}: {link}", "error")) == 1


@pytest.mark.parametrize(
    "link",
    [
        *("https://backinbalance.example/book", "chat.co", "t.com", "rabbit.ly", "bit.ly.example"),
        *("me@t.co", "is.good"),
    ],
)
def test_full_links_pass(link: str) -> None:
    assert messages(f"{{clinic}}: {link}", "error") == []


def test_length_is_judged_as_it_will_be_sent() -> None:
    assert messages("{clinic}" + "a" * 145, "warning") == []
    (warning,) = messages("{clinic}" + "a" * 146, "warning")
    assert "2 segments" in warning
    assert messages("{clinic}" + "a" * 292, "error")[-1].startswith("The text takes 3 segments")


def test_a_costly_character_is_named() -> None:
    (warning,) = messages("{clinic}: we\N{RIGHT SINGLE QUOTATION MARK}re here", "warning")
    assert "U+2019" in warning


def test_capitals_are_a_warning_and_stop_is_not() -> None:
    assert "all capitals" in messages("{clinic}: PLEASE CALL US TODAY", "warning")[0]
    assert messages("{clinic}: call. Reply STOP", "warning") == []
    assert messages("BACK IN BALANCE", "warning") == []
    assert messages("{clinic} STOP HELP START OK", "warning") == []


@pytest.mark.parametrize("text", ["Hi {name}", "{clinic.x}", "{", "}", "{{clinic}}", "{clinic"])
def test_a_field_that_is_not_ours_is_never_filled_in(text: str) -> None:
    with pytest.raises(ValueError, match=r"\{clinic\} and \{phone\} only"):
        render(text, CLINIC, PHONE)


def test_braces_in_a_name_stay_as_they_are() -> None:
    assert render("{clinic} {phone}", "The {phone} Clinic", "1") == "The {phone} Clinic 1"
    assert render("{clinic}", r"Back \1 Balance", "1") == r"Back \1 Balance"


@given(st.text(alphabet="ab {}clinicphone.", max_size=40), st.text(max_size=20))
def test_a_text_without_errors_can_be_filled_in(text: str, clinic: str) -> None:
    found = lint(text, clinic, first_text=False, clinic_registered_name=REGISTERED)
    if not [finding for finding in found if finding.level == "error"]:
        assert clinic in render(text, clinic, PHONE) or REGISTERED.casefold() in text.casefold()


@given(st.text(), st.text(), st.text(), st.booleans())
def test_any_text_gets_findings_in_sentences(
    text: str, clinic: str, registered: str, first_text: bool
) -> None:
    findings = lint(text, clinic, first_text=first_text, clinic_registered_name=registered)
    assert all(finding.message.endswith((".", '."')) for finding in findings)
    assert findings == sorted(findings, key=lambda finding: finding.level)


def test_the_table_of_contents_is_true() -> None:
    assert all(hasattr(wording, name) for name in wording.__all__)
    assert (
        wording.identification(CLINIC, PHONE)
        == "This is Back In Balance, 425-437-9974. Reply STOP to opt out."
    )
