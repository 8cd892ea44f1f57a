"""What our texts say, and the linter that every text of a plan must pass.

What callers hear is in `leads.prompt`, which this module passes on.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from leads.prompt import Promise, closed_prompt, missed_prompt, spoken_time, voicemail_prompt
from leads.segments import segments

__all__ = [
    "CONFIDENTIAL_WORDS",
    "VERSION",
    "Finding",
    "Promise",
    "closed_prompt",
    "help_text",
    "identification",
    "lint",
    "missed_prompt",
    "opt_out_text",
    "render",
    "segments",
    "spoken_time",
    "voicemail_prompt",
]

# Goes into the consent ledger beside the words themselves: change it with any wording,
# spoken or written.
VERSION = "2026-11-22.2"

MAX_SEGMENTS = 2
SAMPLE_PHONE = "425-437-9974"
# Fields that we fill with a moment, each with one as long as they get.
MOMENTS = {
    "callback": "10:30 AM on Wednesday, Dec 30",
    "appointment": "on Wednesday, Dec 30, at 10:30 AM",
}

# A text lies open on a lock screen and passes through carriers: a word of this list beside a
# clinic's name tells whoever reads it about somebody's health or money. A `*` stands for any
# ending; a hyphen may be written as one, as a space or not at all.
CONFIDENTIAL_WORDS = {
    "condition": "ache aches aching arthriti* asthma backache* chronic concussion* diabet* "
    "diagnos* disc discs disk disks fibromyalgia headache* hernia* hurt hurts hurting inflam* "
    "injur* migraine* numb numbness pain pains painful pinched pregnan* sciatic* scoliosis sick* "
    "sore soreness spasm* sprain* stiff* strain* symptom* tingl* vertigo whiplash",
    "body part": "ankle* atlas cervical hip hips joint joints knee* lumbar muscle* neck necks "
    "nerve* posture shoulder* spine* spinal thoracic vertebra*",
    "treatment": "acupunctur* adjustment* cbct decompress* imaging injection* laser massage* "
    "medication* mri nucca orthotic* prescri* rehab* surger* therap* traction treatment* x-ray*",
    "specialty": "chiro chiropract* dermatolog* neurolog* oncolog* orthop* osteopath* pediatric* "
    "physio* psychiatr* psycholog* wellness",
    "insurance": "aetna cigna claims co-insurance co-pay* coverage deductible* humana insur* "
    "medicaid medicare tricare",
}
SHORTENERS = (
    "adf.ly bit.ly bl.ink buff.ly cutt.ly dlvr.it fb.me goo.gl is.gd j.mp lnkd.in ow.ly rb.gy "
    "rebrand.ly s.id short.io shorturl.at smarturl.it t.co t.ly tiny.cc tinyurl.com trib.al v.gd"
)


@dataclass(frozen=True)
class Finding:
    """An error keeps a text from being saved; a warning is shown beside it."""

    level: Literal["error", "warning"]
    message: str


def render(template_text: str, clinic: str, phone: str, **more: str) -> str:
    """The text with the clinic's name and phone in it, and the moments that `more` names.

    Raises ValueError for any other field: a caller's own words never go into a text.
    """
    fields = {"clinic": clinic, "phone": phone, **more}
    known = "|".join(fields)
    # One pass, so that a name with braces in it stays a name.
    for other in re.findall(r"[{}][^{}]*}?", re.sub(rf"\{{(?:{known})\}}", "", template_text)):
        raise ValueError(f"A text may hold {_listed(fields)} only, not {other}.")
    return re.sub(rf"\{{({known})\}}", lambda match: fields[match[1]], template_text)


def _listed(fields: Iterable[str]) -> str:
    *others, last = (f"{{{name}}}" for name in fields)
    return f"{', '.join(others)} and {last}" if others else last


def identification(clinic: str, phone: str) -> str:
    """The answer to "who is this?"."""
    return f"This is {clinic}, {phone}. Reply STOP to opt out."


def help_text(clinic: str, phone: str) -> str:
    """The answer to HELP."""
    return (
        f"{clinic}, {phone}. We text about calls and appointments: at most 3 texts for each. "
        "Msg & data rates may apply. Reply STOP to opt out."
    )


def opt_out_text(clinic: str) -> str:
    """The one confirmation of an opt-out, where Twilio does not send its own."""
    return f"{clinic}: you will get no more texts from us. Reply START to get them again."


def lint(
    text: str,
    clinic: str,
    *,
    first_text: bool,
    clinic_registered_name: str,
    moments: Collection[str] = (),
    by_hand: bool = False,
) -> list[Finding]:
    """What is wrong with a text, as a template or filled in; errors first.

    `first_text`: the person has had no text from us, or none with a STOP hint in 30 days.
    `moments`: which of `MOMENTS` the text may name. `by_hand`: staff write it into a conversation,
    where only the first text has to say who writes, and length is theirs to judge.
    """
    samples = {"phone": SAMPLE_PHONE, **{name: MOMENTS[name] for name in moments}}
    filled = re.sub(r"\{clinic\}", lambda _: clinic, text)
    for name, sample in samples.items():
        filled = filled.replace(f"{{{name}}}", sample)
    body = _comparable(filled)
    names = [_comparable(name) for name in (clinic_registered_name, clinic) if name.strip()]
    # Only the registered name, or a part of it, may hold a word that is otherwise confidential.
    own = [name for name in names if name.casefold() in names[0].casefold()]
    nameless = _without(body, own)
    errors = [
        *(_identity(body, names, first_text=first_text) if first_text or not by_hand else ()),
        *_confidential(nameless),
        *_merge_fields(nameless, ["clinic", *samples]),
        *_links(body),
    ]
    warnings: list[str] = []
    size = segments(filled)
    if size.count > MAX_SEGMENTS and not by_hand:
        errors.append(f"The text takes {size.count} segments; {MAX_SEGMENTS} is the most.")
    elif size.count > 1:
        warnings.append(f"The text takes {size.count} segments, each of which is paid for.")
    if size.forcing:
        warnings.append(
            f"The character {size.forcing!r} (U+{ord(size.forcing):04X}) makes every segment "
            "hold 70 characters instead of 160; use a plain one."
        )
    if _shouts(nameless):
        warnings.append("The text is all capitals, which reads as shouting and is filtered.")
    return [Finding("error", message) for message in errors] + [
        Finding("warning", message) for message in warnings
    ]


def _comparable(text: str) -> str:
    """One form for look-alikes such as full-width letters, without invisible characters."""
    text = unicodedata.normalize("NFKC", text.strip())
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _without(body: str, names: list[str]) -> str:
    for name in names:
        plain = re.escape(name)
        body = re.sub(rf"(?<!\w){plain}(?!\w)", "\N{WHITE SQUARE}", body, flags=re.IGNORECASE)
    return body


def _identity(body: str, names: list[str], *, first_text: bool) -> list[str]:
    errors = []
    if _without(body, names) == body:
        errors.append("The clinic's name is missing: write {clinic}.")
    hint = r"\b(?:reply|text|send|answer)\s+\W?stop\b|\bstop\W? to (?:opt out|end|unsubscribe)\b"
    if first_text and not re.search(hint, body, re.IGNORECASE):
        errors.append('The first text must say how to stop: add "Reply STOP to opt out."')
    return errors


def _confidential(nameless: str) -> list[str]:
    return [
        f"{match[0]!r} is a {kind} word: a text may not hint at anyone's health or insurance."
        for kind, words in CONFIDENTIAL_WORDS.items()
        for match in _words(words).finditer(re.sub(r"\s*[\u2010-\u2015-]\s*", "-", nameless))
    ]


def _words(words: str) -> re.Pattern[str]:
    stems = (re.escape(w).replace(r"\*", r"\w*").replace(r"\-", r"[\s-]?") for w in words.split())
    return re.compile(rf"(?<!\w)(?:{'|'.join(stems)})(?!\w)", re.IGNORECASE)


def _merge_fields(nameless: str, allowed: Iterable[str]) -> list[str]:
    looks = r"\{+[^{}]*\}*|\}+|\[[^\]]*\]|<[^<>]*>|%\w+%|\$\w*[a-zA-Z]\w*"
    return [
        f"{found} looks like a field to fill in; only {_listed(allowed)} are allowed."
        for found in re.findall(looks, nameless)
    ]


def _links(body: str) -> list[str]:
    errors = [
        f"The link {link} is not encrypted: use https."
        for link in re.findall(r"\bhttp://\S*", body, re.IGNORECASE)
    ]
    hosts = "|".join(re.escape(host) for host in SHORTENERS.split())
    shortener = rf"(?<![\w.@-])(?:www\.)?(?:{hosts})(?![\w-]|\.\w)"
    errors += [
        f"{short} hides where it leads, and carriers filter it: write the full address."
        for short in re.findall(shortener, body, re.IGNORECASE)
    ]
    return errors


def _shouts(nameless: str) -> bool:
    letters = [c for c in re.sub(r"\b(?:STOP|HELP|START)\b", "", nameless) if c.isalpha()]
    return len(letters) >= 10 and all(c.isupper() for c in letters)
