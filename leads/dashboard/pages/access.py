"""Who may see and change what on the pages: dependencies, named once."""

from typing import Annotated

from fastapi import Depends

from leads.dashboard.security import Denied, Viewer, changing, role

# Marketing sees reports without any personal data, so nothing of the desk.
DESK = ("front_desk", "reviewer", "admin")
MENDERS = ("front_desk", "admin")  # who may say that what an alarm is about is over


def changing_desk(known: Annotated[Viewer, Depends(changing)]) -> Viewer:
    return _holding(known, *DESK)


def changing_alarms(known: Annotated[Viewer, Depends(changing)]) -> Viewer:
    return _holding(known, *MENDERS)


def changing_settings(known: Annotated[Viewer, Depends(changing)]) -> Viewer:
    return _holding(known, "admin")


def _holding(known: Viewer, *roles: str) -> Viewer:
    if known.role not in roles:
        raise Denied("role", known)
    return known


Reader = Annotated[Viewer, Depends(role(*DESK))]
Changer = Annotated[Viewer, Depends(changing_desk)]
Mender = Annotated[Viewer, Depends(changing_alarms)]
Admin = Annotated[Viewer, Depends(role("admin"))]
AdminChanger = Annotated[Viewer, Depends(changing_settings)]
