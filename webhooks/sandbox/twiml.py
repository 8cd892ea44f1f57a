"""Reads a TwiML document and refuses what Twilio would refuse."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from webhooks.sandbox.numbers import normal
from webhooks.sandbox.twiml_rules import (
    MESSAGING,
    NOT_PLAYED,
    RULES,
    SPEECH_MARKUP,
    VOICE,
    WHISPER,
    address,
)
from webhooks.sandbox.webhook import BODY_LIMIT, Answer

LONGEST_SPEECH = 4096  # characters in one Say
MOST_NUMBERS = 10  # in one Dial
TOP = {"voice": VOICE, "whisper": WHISPER, "messaging": MESSAGING}


class Refused(Exception):
    """A document that Twilio would not carry out; `code` is its error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Verb:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Verb"] = field(default_factory=list)

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def number(self, attribute: str, default: int) -> int:
        value = self.attributes.get(attribute, "")
        return int(value) if value.isdigit() else default

    def words(self) -> str:
        """Its text and that of the speech markup in it, with single spaces."""
        return " ".join(
            [*self.text.split(), *(word for c in self.children for word in [c.words()])]
        )


def read(answer: Answer, kind: str) -> list[Verb]:
    """The verbs of a document of kind `voice`, `whisper` or `messaging`. Raises Refused."""
    if len(answer.body) > BODY_LIMIT:
        raise Refused(11750, "The TwiML is longer than 64 kB.")
    content_type = answer.content_type.partition(";")[0].strip().lower()
    if kind == "messaging" and not answer.body.strip():
        return []
    if content_type == "text/plain":
        return _plain(answer, kind)
    if content_type not in {"text/xml", "application/xml", "text/html"}:
        shown = content_type or "none at all"
        raise Refused(12300, f"The content type of TwiML must be text/xml, and this is {shown}.")
    response = _parse(answer.body)
    if response.name != "Response":
        raise Refused(
            12100, f"The document must begin with <Response>, and this is <{response.name}>."
        )
    for verb in response.children:
        if verb.name not in TOP[kind]:
            raise _stray(verb, "a whisper" if kind == "whisper" else "<Response>")
        _check(verb)
    return response.children


def _plain(answer: Answer, kind: str) -> list[Verb]:
    """Text/plain is read to the caller, or texted to the sender."""
    if kind == "messaging":
        return [Verb("Message", text=answer.text)]
    return [Verb("Say", text=answer.text)]


def _parse(body: bytes) -> Verb:
    top = Verb("")
    open_verbs = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        verb = Verb(name, {k: v for k, v in attributes.items() if not k.startswith("xmlns")})
        open_verbs[-1].children.append(verb)
        open_verbs.append(verb)

    def characters(text: str) -> None:
        open_verbs[-1].text += text

    def refuse_doctype(*_: object) -> None:
        raise Refused(12100, "The document has a DOCTYPE, which TwiML must not have.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_verbs.pop()
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Refused(12100, f"The document is not well-formed XML: {error}.") from error
    return top.children[0]


def _stray(verb: Verb, parent: str) -> Refused:
    if verb.name in NOT_PLAYED:
        return Refused(12200, f"<{verb.name}> in {parent} is TwiML that the sandbox does not play.")
    if verb.name in RULES or verb.name in SPEECH_MARKUP:
        return Refused(12200, f"<{verb.name}> must not stand in {parent}.")
    return Refused(12200, f"<{verb.name}> in {parent} is no TwiML (names are case-sensitive).")


def _check(verb: Verb) -> None:
    rule = RULES[verb.name]
    for name, value in verb.attributes.items():
        check = rule.attributes.get(name)
        if check is None:
            raise Refused(
                12200, f"<{verb.name}> has no attribute {name} (names are case-sensitive)."
            )
        if wrong := check(value):
            raise Refused(12200, f'<{verb.name} {name}="{value}">: the value {wrong}.')
    if not rule.text and verb.text.strip():
        raise Refused(12200, f"<{verb.name}> holds text, which does not belong there.")
    allowed = SPEECH_MARKUP if verb.name == "Say" else rule.children
    for child in verb.children:
        if child.name not in allowed:
            raise _stray(child, f"<{verb.name}>")
        if verb.name != "Say":
            _check(child)
    _check_contents(verb)


def _check_contents(verb: Verb) -> None:
    """What a table of names and values cannot say."""
    text = verb.text.strip()
    if verb.name == "Say" and not 0 < len(verb.words()) <= LONGEST_SPEECH:
        raise Refused(13520, f"<Say> must hold 1 to {LONGEST_SPEECH} characters.")
    if verb.name == "Play" and not verb.get("digits") and address(text):
        raise Refused(13420, "<Play> must hold the address of a sound, or have digits.")
    if verb.name == "Redirect" and address(text):
        raise Refused(12200, "<Redirect> must hold an address.")
    if verb.name == "Dial":
        numbers = list(dialled(verb))
        if not numbers:
            raise Refused(13201, "<Dial> names no number.")
        if len(numbers) > MOST_NUMBERS:
            raise Refused(
                13200, f"<Dial> may ring {MOST_NUMBERS} numbers, and this has {len(numbers)}."
            )
        for number in numbers:
            if normal(number.text) is None:
                raise Refused(
                    13223, f"<Dial> cannot ring “{number.text.strip()}”: not a phone number."
                )
    if verb.name == "Start" and not verb.children:
        raise Refused(12200, "<Start> starts nothing.")
    if verb.name == "Message" and not (text or verb.children):
        raise Refused(12200, "<Message> is empty.")


def dialled(dial: Verb) -> Iterator[Verb]:
    """The numbers of a Dial, also the one that is its plain text."""
    if dial.text.strip():
        yield Verb("Number", text=dial.text)
    yield from dial.children
