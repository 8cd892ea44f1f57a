"""Telephone numbers for made-up people: of the exchange 555, in which nobody has a telephone.

The named people have those from 0100 to 0199, which are kept for fiction; the crowd has others.
"""

from typing import NamedTuple

from leads.phone_number import zones
from leads.quiet_hours import STATE_RULES

LINES = 7900  # for each area code: 1300 to 4299 and 5000 to 9899, none of which is a service
_CODES = (
    "206 425 253 360 509 564 503 541 971 458 208 "
    "209 213 310 323 408 415 424 442 510 530 559 562 619 626 650 657 661 669 707 714 747 760 805 "
    "818 831 858 909 916 925 949 951 702 725 775 "
    "303 719 720 970 385 435 801 480 520 602 623 505 "
    "217 224 309 312 331 630 708 773 779 815 847 218 320 507 612 651 763 952 262 414 608 715 920 "
    "212 315 332 347 516 518 585 607 631 646 680 716 718 845 914 917 929 934 201 551 609 640 732 "
    "848 856 862 908 973 215 223 267 272 412 484 570 610 717 724 814 878 339 351 413 508 617 774 "
    "781 857 978 229 404 470 478 678 706 762 770 912 252 336 704 743 828 910 919 980 984 216 220 "
    "234 330 380 419 440 513 567 614 740 937 276 434 540 571 703 757 804 240 301 410 443 667"
)
CODES = _CODES.split()


class Area(NamedTuple):
    code: str
    zone: str
    near: bool  # in the clinic's own zone


def areas(people: int, zone: str) -> list[Area]:
    """As many area codes as these people need, the nearest first: each lies in one zone, and no
    state's rules cut its hours short."""
    ruled = {code for rule in STATE_RULES.values() for code in rule.area_codes.split()}
    found = []
    for code in CODES:
        theirs = zones(f"+1{code}5551300")
        if len(theirs) == 1 and code not in ruled:
            [own] = theirs
            found.append(Area(code, own, own == zone))
    found.sort(key=lambda area: not area.near)
    wanted = max(6, -(-people // LINES))
    if wanted > len(found):
        raise ValueError(f"There are numbers for {len(found) * LINES:,} people and no more.")
    return found[:wanted]
