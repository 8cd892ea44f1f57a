"""CSV that no spreadsheet runs as a formula, and reading it back as it was written.

Excel, LibreOffice and Google Sheets take a cell that begins with one of `FORMULA` for a formula,
also inside quotation marks (OWASP, CSV injection). An apostrophe before it makes it a text. Where
a cell begins with an apostrophe itself, it gets one more, so that reading is exactly the reverse.
"""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the wide ones are formulas in Japanese versions
GUARDED = f"{FORMULA}'"
BOM = "\ufeff"  # without it, Excel reads UTF-8 as Windows-1252


def guarded(cell: str) -> str:
    return f"'{cell}" if cell[:1] and cell[0] in GUARDED else cell


def unguarded(cell: str) -> str:
    """The reverse. An apostrophe that a person typed before a letter stays."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in GUARDED else cell


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV. Every cell is quoted: where a semicolon parts cells, an unquoted one in the
    middle of a text would begin a new cell, and so a formula."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [guarded(cell) for cell in row] for row in rows
    )
    return written.getvalue()
