"""A contact list as people have it: a CSV from any program, in any encoding, with any columns."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from leads.phone_number import parse_e164
from leads.spreadsheet import unguarded

MOST_ROWS = 200_000
MOST_BYTES = 32 * 1024 * 1024
MOST_COLUMNS = 60
DELIMITERS = ",;\t|"
LOOKED_AT = 20  # rows, to guess by
# What a column may be, and by which headings it is known.
FIELDS: dict[str, tuple[str, ...]] = {
    "phone": ("phone", "mobile", "cell", "telephone", "tel", "number", "phone number", "caller"),
    "name": ("name", "full name", "patient", "patient name", "contact", "client", "display name"),
    "first_name": ("first name", "first", "given name", "firstname"),
    "last_name": ("last name", "last", "surname", "family name", "lastname"),
    "stage": ("stage",),
    "relation": ("relation",),
    "source": ("source", "lead source", "referral source", "how did you hear about us"),
    "owner": ("owner", "assigned to"),
    "tags": ("tags", "tag", "labels", "groups", "group membership"),
    "value": ("value", "amount"),
    "no_texts": ("do not text", "opted out", "opt out", "do not contact", "no texts"),
    "id": ("ringback id",),
}


class Unreadable(Exception):
    """The file is no list of contacts; the sentence says why and what to do."""


@dataclass(frozen=True)
class ContactList:
    """Rows as they stand in the file. `first_line` is the line of the first row of contacts."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]  # line number in the file, cells
    encoding: str


def read(data: bytes) -> ContactList:
    """Raises Unreadable."""
    text, encoding = _decoded(data)
    rows = _rows(text)
    if not rows:
        raise Unreadable("The file is empty. Nothing was imported.")
    widest = max(len(cells) for _, cells in rows)
    if widest > MOST_COLUMNS:
        raise Unreadable(f"The file has {widest} columns; {MOST_COLUMNS} are the most.")
    first = rows[0][1]
    if any(parse_e164(cell) for cell in first):  # a heading is no telephone number
        return ContactList([f"Column {n}" for n in range(1, widest + 1)], rows, encoding)
    headings = [cell.strip() or f"Column {n}" for n, cell in enumerate(first, 1)]
    headings += [f"Column {n}" for n in range(len(headings) + 1, widest + 1)]
    if len(rows) == 1:
        raise Unreadable("The file has headings and no rows. Nothing was imported.")
    return ContactList(headings, rows[1:], encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    if not data.strip():
        raise Unreadable("The file is empty. Nothing was imported.")
    if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise Unreadable(
            "This is a workbook, not a CSV. In the spreadsheet choose File → Save as → CSV "
            "(UTF-8), and upload that. Nothing was imported."
        )
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), "UTF-16"
            except UnicodeDecodeError as error:
                raise Unreadable("The file breaks off in the middle of a letter.") from error
    if b"\x00" in data:
        raise Unreadable("This is no text file. Save the list as CSV (UTF-8) and upload that.")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        # What Excel saves as plain "CSV" on Windows. Five bytes are no letter in it.
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _rows(text: str) -> list[tuple[int, list[str]]]:
    read = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in read:
            if any(cell.strip() for cell in cells):
                rows.append((line, [unguarded(cell) for cell in cells]))
            if len(rows) > MOST_ROWS:
                raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Split it first.")
            line = read.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            f"The quotation marks of the row that begins in line {line:,} do not fit together, so "
            "it is not clear where its cells end. Nothing was imported. Correct that row, or save "
            "the list as CSV anew."
        ) from error
    return rows


def _delimiter(text: str) -> str:
    """Whichever parts the most rows of the beginning into the same number of cells."""
    beginning = io.StringIO(text[:20_000], newline="").readlines()[:LOOKED_AT]

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(cells) for cells in csv.reader(beginning, delimiter=delimiter) if cells]
        except csv.Error:
            return 0, 0
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual), usual) if usual > 1 else (0, 0)

    return max(DELIMITERS, key=fit)


def guess(found: ContactList) -> dict[str, int]:
    """By field, the column that it probably is: by its heading, the number also by its cells."""
    guessed: dict[str, int] = {}
    plain = [_plain(heading) for heading in found.headings]
    for field, names in FIELDS.items():
        places = [(names.index(each), n) for n, each in enumerate(plain) if each in names]
        if places:
            guessed[field] = min(places)[1]
    if "phone" not in guessed:
        filled = [_numbers(found, column) for column in range(len(found.headings))]
        if any(filled):
            guessed["phone"] = filled.index(max(filled))
    if "name" in guessed:
        guessed.pop("first_name", None)
        guessed.pop("last_name", None)
    return guessed


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", heading.casefold()).strip()


def _numbers(found: ContactList, column: int) -> int:
    some = [cells[column] for _, cells in found.rows[:LOOKED_AT] if column < len(cells)]
    return sum(parse_e164(cell) is not None for cell in some)


def cell(cells: Sequence[str], column: int | None) -> str:
    """What stands there, in one line; empty where the row is shorter."""
    if column is None or column >= len(cells):
        return ""
    return " ".join(cells[column].replace("\x00", "").split())
