"""Recordings: a caller's voicemail, a connected call, or a call from one verb on."""

import asyncio
import math
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from webhooks.sandbox.line import HungUp, Line
from webhooks.sandbox.sids import new_sid, rfc2822, stamp
from webhooks.sandbox.twiml import Verb
from webhooks.sandbox.webhook import Params

if TYPE_CHECKING:
    from webhooks.sandbox.state import Document
    from webhooks.sandbox.walker import Next, Walker

TRANSCRIBED_UP_TO = 120  # seconds
PROCESSING_SECONDS = 0.2  # real ones, between the end of a recording and its callback
ANY_KEY = "1234567890*#"


class Recorder:
    """Records from the moment it is made until `stop`."""

    def __init__(self, walker: "Walker", verb: Verb, source: str, kind: str) -> None:
        self._parts = walker.parts
        self._line = walker.line
        self._started = self._line.elapsed
        self.sid = new_sid("RE")
        callback = verb.get("recordingStatusCallback")
        self._events = verb.get("recordingStatusCallbackEvent", "completed").split()
        self._callback = urljoin(walker.url, callback) if callback else ""
        self._method = verb.get("recordingStatusCallbackMethod", "POST")
        dual = kind.endswith("-dual") or verb.get("channels") == "dual"
        self.document: Document = {
            "sid": self.sid,
            "call_sid": self._line.record.sid,
            "status": "in-progress",
            "channels": 2 if dual else 1,
            "source": source,
            "track": verb.get("recordingTrack") or verb.get("track") or "both",
            "created_at": stamp(),
            "duration": None,
        }
        self._keep("in-progress")

    @property
    def url(self) -> str:
        return recording_url(self._parts.settings.api_base, self._parts.account_sid, self.sid)

    def stop(self, seconds: float | None = None, text: str = "") -> None:
        """With `seconds` given, the recording is that long, silence cut off; 0 is none at all."""
        if self.document["status"] != "in-progress":
            return
        length = self._line.elapsed - self._started if seconds is None else seconds
        self.document["duration"] = math.ceil(length) if length > 0 else 0
        self.document["text"] = text
        self._keep("completed" if length > 0 else "absent")

    def _keep(self, status: str) -> None:
        self.document["status"] = status
        self._parts.state.put("recordings", self.sid, self.document)
        if self._callback and status in self._events:
            self._parts.sender.work(self._line.record.sid, self._tell(status))

    async def _tell(self, status: str) -> None:
        if status != "in-progress":
            await asyncio.sleep(PROCESSING_SECONDS)
        params = {
            "AccountSid": self._parts.account_sid,
            "CallSid": self.document["call_sid"],
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": status,
            "RecordingDuration": str(self.document["duration"] or 0),
            "RecordingChannels": str(self.document["channels"]),
            "RecordingStartTime": rfc2822(self.document["created_at"]) or "",
            "RecordingSource": self.document["source"],
            "RecordingTrack": self.document["track"],
        }
        self._parts.sender.tell(
            self._callback, self._method, params, about=self._line.record.sid, event="recording"
        )


def recording_url(api_base: str, account_sid: str, sid: str) -> str:
    return f"{api_base}/2010-04-01/Accounts/{account_sid}/Recordings/{sid}"


def start(walker: "Walker", verb: Verb) -> None:
    """<Start><Recording>: records until the call ends."""
    recorder = Recorder(walker, verb, "StartCallRecordingTwiML", "")
    walker.line.at_end.append(recorder.stop)
    walker.line.note("recording_started", recording=recorder.sid)


async def voicemail(walker: "Walker", verb: Verb) -> "Next | None":
    """<Record>: until silence, a key, the longest time, or until the caller hangs up.

    A caller who says nothing leaves no recording: the document goes on with its next verb.
    Raises HungUp, after the action has been told, when the caller did.
    """
    line = walker.line
    line.answer()
    line.forget_input()
    recorder = Recorder(walker, verb, "RecordVerb", "")
    line.listen("voicemail")
    line.note("recording", beep=verb.get("playBeep") != "false")
    seconds, texts, digits = await _listen(line, verb)
    line.listen(None)
    text = " ".join(texts)
    recorder.stop(seconds, text)
    if not seconds:
        line.check()
        line.note("nothing_recorded")
        return None
    line.note("recorded", recording=recorder.sid, seconds=recorder.document["duration"], text=text)
    _transcribe(walker, verb, recorder)
    step = walker.link(verb, "action", "record", {**_taken(recorder), "Digits": digits})
    if line.gone.is_set():
        if not walker.parts.faults.take("action_not_fired_on_hangup", step.url, "POST"):
            await walker.ask_in_vain(step)
        raise HungUp
    return step


async def _listen(line: Line, verb: Verb) -> tuple[float, list[str], str]:
    """Seconds of the recording, what was said, and the key (or `hangup`) that ended it.

    Silence before the first and after the last sound is cut off, unless the verb says otherwise.
    """
    transcribed = verb.get("transcribe") == "true" or bool(verb.get("transcribeCallback"))
    began = line.elapsed
    end = began + verb.number("maxLength", TRANSCRIBED_UP_TO if transcribed else 3600)
    silence = verb.number("timeout", 5)
    finish = verb.get("finishOnKey", ANY_KEY)
    first_sound: float | None = None
    last_sound = began
    texts: list[str] = []
    ended_by = ""
    try:
        while line.elapsed < end:
            heard = await line.speech_or_key(min(silence, end - line.elapsed))
            if heard is None:
                break
            key: str | None
            if isinstance(heard, str):
                key = heard
            else:
                first_sound = line.elapsed if first_sound is None else first_sound
                texts.append(heard[1])
                line.note("speaks", seconds=heard[0], text=heard[1])
                until = min(line.elapsed + heard[0], end)
                last_sound = until
                key = await line.key(until - line.elapsed)
                last_sound = line.elapsed
            if key is not None and key in finish:
                ended_by = key
                break
    except HungUp:
        ended_by = "hangup"
    if first_sound is None:
        return 0, texts, ended_by
    if verb.get("trim") == "do-not-trim":
        return line.elapsed - began, texts, ended_by
    return min(last_sound, line.elapsed) - first_sound, texts, ended_by


def _taken(recorder: Recorder) -> Params:
    return {
        "RecordingUrl": recorder.url,
        "RecordingSid": recorder.sid,
        "RecordingDuration": str(recorder.document["duration"]),
    }


def _transcribe(walker: "Walker", verb: Verb, recorder: Recorder) -> None:
    if verb.get("transcribe") != "true" and not verb.get("transcribeCallback"):
        return
    if not verb.get("transcribeCallback"):
        return  # transcribed, and to be fetched by whoever wants it: nobody is told
    seconds, text = recorder.document["duration"], recorder.document["text"]
    good = 2 <= seconds <= TRANSCRIBED_UP_TO and bool(text)
    sid = new_sid("TR")
    params = {
        **_taken(recorder),
        "AccountSid": walker.parts.account_sid,
        "CallSid": walker.line.record.sid,
        "TranscriptionSid": sid,
        "TranscriptionText": text if good else "",
        "TranscriptionStatus": "completed" if good else "failed",
        "TranscriptionUrl": f"{recorder.url}/Transcriptions/{sid}",
        "TranscriptionType": "fast",
        "ApiVersion": "2010-04-01",
    }
    url = urljoin(walker.url, verb.get("transcribeCallback"))
    about = walker.line.record.sid

    async def later() -> None:
        await asyncio.sleep(2 * PROCESSING_SECONDS)
        walker.parts.sender.tell(url, "POST", params, about=about, event="transcription")

    walker.parts.sender.work(about, later())
