"""Brings the audio of voicemails home, so that the desk plays them from here."""

import requests
import structlog

from leads import recording
from leads.db import transaction
from workers import twilio_api

log = structlog.get_logger()


def fetch() -> None:
    """A few at a time; what fails is tried again later, ever more rarely."""
    with transaction() as session:
        waiting = recording.take_unfetched(session, 5)
    for recording_id, url in waiting:
        try:
            audio, content_type = twilio_api.recording(url)
        except requests.RequestException as error:
            with transaction() as session:
                recording.not_fetched(session, recording_id, type(error).__name__)
            log.warning("recording_not_fetched", recording_id=recording_id)
        else:
            with transaction() as session:
                recording.fetched(session, recording_id, audio, content_type)
