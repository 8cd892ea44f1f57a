"""Brings home the pictures that people texted, so that browsers fetch them from here alone."""

import requests
import structlog
from twilio.base.exceptions import TwilioException

from leads import picture
from leads.db import transaction
from leads.picture import Wanted
from workers import twilio_api

log = structlog.get_logger()


def fetch() -> None:
    """A few at a time; what fails is tried again later, ever more rarely."""
    with transaction() as session:
        waiting = picture.take_unfetched(session, 5)
    for wanted in waiting:
        try:
            data, content_type = twilio_api.media(_address(wanted), picture.LARGEST)
        except twilio_api.MediaRefused as refusal:
            with transaction() as session:
                picture.refused(session, wanted.picture_id, str(refusal))
            log.warning("picture_refused", picture_id=wanted.picture_id)
        except (requests.RequestException, TwilioException) as error:
            with transaction() as session:
                picture.not_fetched(session, wanted.picture_id, type(error).__name__)
            log.warning("picture_not_fetched", picture_id=wanted.picture_id)
        else:
            with transaction() as session:
                picture.fetched(session, wanted.picture_id, data, content_type)


def _address(wanted: Wanted) -> str:
    """Of a text that was found in Twilio's list, only how many pictures came with it is known."""
    if wanted.url:
        return wanted.url
    known = twilio_api.media_of(wanted.message_sid)
    if wanted.place >= len(known):
        raise twilio_api.MediaRefused(picture.GONE)
    return known[wanted.place]
