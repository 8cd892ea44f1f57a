"""Real audio for voicemails: a soft tone, as a WAV file."""

import io
import math
import struct
import wave
from functools import lru_cache

RATE = 8000  # samples a second, as telephones have


@lru_cache
def beep(seconds: int) -> bytes:
    """So many seconds of 16-bit mono."""
    samples = (
        int(4000 * math.sin(2 * math.pi * 330 * n / RATE) * (0.5 + 0.5 * math.sin(n / 1600)))
        for n in range(seconds * RATE)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()
