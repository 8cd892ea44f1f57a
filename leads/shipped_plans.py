"""The plans as shipped. Staff edit copies of them; "as shipped" brings these back.

The days leave the caps alone by themselves. A second text two counted days after the call is at
least 38 hours after a first one that went on the day of the call, and a first one that waited
for the morning goes on the first counted day at the earliest opening of the window: at least
23 hours and the rest of the night before 14:00 on the second.
"""

from datetime import time

from leads.plan import Plan, Step

AFTERNOON = time(14)

SHIPPED: dict[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan(
            "missed_call",
            (
                Step(
                    1,
                    "responsive",
                    "Hi, this is {clinic}. Sorry we missed your call. "
                    "Reply here or call {phone} to book. Reply STOP to opt out.",
                    lateness_hours=4,
                ),
                Step(
                    2,
                    "informational",
                    "Hi, {clinic} again. We would still like to help. "
                    "Reply with a good time or call {phone}. Reply STOP to opt out.",
                    days=2,
                    at=AFTERNOON,
                ),
                Step(
                    3,
                    "informational",
                    "{clinic} here, with our last text about your call. "
                    "Reply or call {phone} any time. Reply STOP to opt out.",
                    days=4,
                    at=AFTERNOON,
                ),
            ),
        ),
        Plan(
            "voicemail",
            (
                Step(
                    1,
                    "responsive",
                    "Hi, this is {clinic}. We have your voicemail and will call you by "
                    "{callback}. Or reply here. Reply STOP to opt out.",
                    lateness_hours=4,
                ),
            ),
        ),
        Plan(
            "spoke",
            (
                Step(
                    1,
                    "informational",
                    "Hi, this is {clinic}. Thank you for talking with us. If you would like a "
                    "time, reply here or call {phone}. Reply STOP to opt out.",
                    days=2,
                    at=AFTERNOON,
                ),
                Step(
                    2,
                    "informational",
                    "{clinic} here, with our last text about your visit. "
                    "Reply or call {phone} any time. Reply STOP to opt out.",
                    days=5,
                    at=AFTERNOON,
                ),
            ),
        ),
        Plan(
            "appointment",
            (
                Step(
                    1,
                    "informational",
                    "{clinic}: your appointment is {appointment}. Reply C to confirm or R for "
                    "another time. Reply STOP to opt out.",
                    days=1,
                    at=AFTERNOON,
                    lateness_hours=4,
                ),
                Step(
                    2,
                    "informational",
                    "{clinic}: see you {appointment}. If you cannot come, reply R or call {phone}. "
                    "Reply STOP to opt out.",
                    hours=2,
                    lateness_hours=1,
                ),
            ),
            active=False,  # many practices' own systems send these
        ),
        Plan(
            "missed_appointment",
            (
                Step(
                    1,
                    "informational",
                    "Hi, this is {clinic}. We are sorry to have missed you. Reply here or call "
                    "{phone} for another time. Reply STOP to opt out.",
                    hours=1,
                ),
            ),
        ),
    )
}
