"""Shows a picture that somebody texted: only here, only to staff, each one's first look audited."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from leads import audit, picture
from leads.dashboard.guard import address
from leads.dashboard.pages.access import Reader
from leads.dashboard.pages.rendering import frame, render
from leads.db import transaction
from leads.message import Message
from leads.picture import Picture, PictureData

router = APIRouter()


@router.get("/pictures/{picture_id}")
def show(request: Request, picture_id: int, known: Reader) -> Response:
    with transaction() as session:
        row = session.get(Picture, picture_id)
        file = session.get(PictureData, picture_id)
        if row is None or file is None:
            return render(
                request,
                "error.html",
                404,
                frame=frame(session),
                title="There is no such picture",
                message="It may still be on its way from the telephone service, or was deleted.",
            )
        if picture.first_look(session, row, known.staff_id):
            audit.record(
                session,
                "picture_viewed",
                staff_id=known.staff_id,
                lead_id=session.get_one(Message, row.message_id).lead_id,
                address=address(request),
                picture_id=row.id,
            )
        ending = file.content_type.rpartition("/")[2]
        named = f'inline; filename="picture-{row.id}.{ending}"'
        return Response(
            file.data, media_type=file.content_type, headers={"Content-Disposition": named}
        )
