"""Tags: the clinic's own few words on a lead, such as `massage` or `insurance question`."""

import re

from leads.desk import Refused

LONGEST = 30  # characters of one tag
MOST = 12  # tags of one lead


def read(typed: str) -> list[str]:
    """What was typed between commas, in that order, each once whatever its capitals.

    Raises Refused when one is too long or there are too many.
    """
    tags: dict[str, str] = {}
    for part in re.split(r"[,;\n]", typed.replace("\x00", "")):
        tag = " ".join(part.split())
        if tag:
            tags.setdefault(tag.casefold(), tag)
    long = next((tag for tag in tags.values() if len(tag) > LONGEST), None)
    if long is not None:
        raise Refused(
            f"“{long[:LONGEST]}…” is longer than {LONGEST} characters. Put commas between tags, "
            "and what is longer into a note. The tags stay as they are."
        )
    if len(tags) > MOST:
        raise Refused(
            f"{len(tags)} tags are too many; {MOST} are the most. The tags stay as they are."
        )
    return list(tags.values())
