"""The sound of a recording: nobody really spoke, so it is a murmur of the right length.

As WAV it can be heard. As MP3 it is silence of the right length: there is no encoder here, and
frames of silence are the only honest MP3 that can be written without one.
"""

import io
import math
import wave
from functools import lru_cache

RATE = 8000  # samples a second, as on the telephone
# MPEG-1 layer III, 32 kbit/s at 32 kHz, mono: 144 bytes and 36 ms a frame. Zeros after the header
# mean silence to every decoder.
MP3_FRAME = b"\xff\xfb\x18\xc0" + bytes(140)
MP3_FRAME_SECONDS = 1152 / 32000


def wav(seconds: int, channels: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(1)
        out.setframerate(RATE)
        murmur = _murmur()
        mono = (murmur * (seconds * RATE // len(murmur) + 1))[: seconds * RATE]
        # On two channels the caller is left and our side, which says nothing, is right.
        out.writeframes(mono if channels == 1 else bytes(b for s in mono for b in (s, 128)))
    return file.getvalue()


def mp3(seconds: int) -> bytes:
    return MP3_FRAME * math.ceil(seconds / MP3_FRAME_SECONDS)


@lru_cache(maxsize=1)
def _murmur() -> bytes:
    """Two seconds of something like speech: a low voice with four syllables a second."""
    samples = bytearray()
    for position in range(2 * RATE):
        t = position / RATE
        syllable = max(0.0, math.sin(2 * math.pi * 4 * t)) * (0.6 + 0.4 * math.sin(math.pi * t))
        pitch = 2 * math.pi * (130 + 15 * math.sin(2 * math.pi * 1.5 * t)) * t
        voice = math.sin(pitch) + 0.5 * math.sin(2 * pitch) + 0.25 * math.sin(5 * pitch)
        samples.append(128 + round(50 * syllable * voice / 1.75))
    return bytes(samples)
