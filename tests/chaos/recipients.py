"""Who is texted: fictional numbers (555-0100 to 555-0199) of places where it is day at ten in
the morning in Washington State. One reminder each, so a number in the sandbox's log is a reminder.
"""

AREA_CODES = [
    *("206", "253", "360", "509", "564", "503", "541", "971", "213", "310", "323", "408"),
    *("415", "510", "530", "559", "562", "619", "626", "650", "661", "707", "714", "760"),
    *("805", "818", "831", "858", "909", "916", "925", "949", "951", "702", "775", "303"),
    *("719", "720", "801", "505", "602", "480", "520", "623", "928", "612", "651", "312"),
    *("773", "214", "512", "713", "832", "504", "615", "901", "404", "770", "305", "407"),
    *("813", "212", "646", "718", "917", "617", "215", "412", "202", "410", "703", "804"),
]
LINES = 100  # fictional ones in each area
MOST = len(AREA_CODES) // 2 * LINES

# Several, because a sender's bucket holds few tokens however fast it fills: the pace is lifted.
SENDERS = ["+14254379974", *(f"+142555501{line}" for line in range(10, 19))]
NAIVE_SENDER = "+14255550150"


def ringback(count: int) -> list[str]:
    return _numbers(AREA_CODES[0::2], count)


def naive(count: int) -> list[str]:
    """Others than `ringback`: what one side texts must not be listed as the other's."""
    return _numbers(AREA_CODES[1::2], count)


def _numbers(areas: list[str], count: int) -> list[str]:
    return [f"+1{areas[place // LINES]}55501{place % LINES:02}" for place in range(count)]
