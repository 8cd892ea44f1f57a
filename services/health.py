"""Asks a process on this machine over HTTP whether it is ready."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 2.0  # seconds for one answer


async def wait_for(port: int, path: str, gave_up: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether `path` answered 200 within `seconds`; stops early when `gave_up` says so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not gave_up():
        if await _answers(port, path):
            return True
        await asyncio.sleep(0.05)
    return False


async def _answers(port: int, path: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                request = (
                    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
                )
                writer.write(request.encode())
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split(b" ")[1:2] == [b"200"]
