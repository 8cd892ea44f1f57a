"""The embedded Redis (Valkey): only ticks pass through it, and yet it forgets nothing."""

import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from services.binaries import find_redis, reachable
from services.errors import ServiceError, StillStarting
from services.place import Place, make_folder
from services.program import REDIS, STOP_REDIS, Program

SOCKET = "redis.sock"
SAFE: Mapping[str, str] = {"appendonly": "yes", "maxmemory-policy": "noeviction"}


def program(place: Place) -> Program:
    """What starts the server. Raises ServiceError when its folder cannot be made."""
    data = place.servers / "redis"
    make_folder(data, 0o700, place.account)
    told = {
        "port": "0",
        "unixsocket": str(socket_path(place)),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",  # the append-only file is enough
        "appendfsync": "everysec",
        "databases": "2",
        "daemonize": "no",
        "loglevel": "warning",
        **SAFE,
    }
    argv = [str(reachable(find_redis(), place.account))]
    for name, value in told.items():
        argv += [f"--{name}", value]
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    return Program("redis", argv, env, data, place.account, REDIS, STOP_REDIS)


def redis_url(place: Place) -> str:
    """In Celery's spelling of a socket's address."""
    return f"redis+socket://{quote(str(socket_path(place)))}?virtual_host=0"


def socket_path(place: Place) -> Path:
    return place.sockets / SOCKET


def wait_ready(place: Place, alive: Callable[[], bool], seconds: float = 60) -> None:
    """Return when the server answers and has read its file.

    Raises ServiceError when the process has ended, or would forget what it was told, and
    StillStarting when it does not serve after `seconds`.
    """
    began = time.monotonic()
    while (answer := _ask(place, "PING")) != ["+PONG"]:
        waited = time.monotonic() - began
        if not alive() or waited > seconds:
            raise (StillStarting if alive() else ServiceError)(
                f"Redis does not answer {' '.join(answer)}; its data in {place.servers} is kept. "
                f"Its reason is at the end of {place.logs / 'redis.log'}."
            )
        time.sleep(max(0.02, waited / 50))
    _refuse_unsafe(place)


def stop_orphan(place: Place) -> None:
    """Stop a server on our data that has lost its supervisor and its guard."""
    _ask(place, "SHUTDOWN")


def _refuse_unsafe(place: Place) -> None:
    for name, wanted in SAFE.items():
        value = _ask(place, "CONFIG", "GET", name)[-1]
        if value != wanted:
            raise ServiceError(
                f"Redis runs with {name} {value}, which loses what was handed to the worker; "
                f"nothing was changed. It must be {wanted}: use another Redis or its own settings."
            )


def _ask(place: Place, *words: str) -> list[str]:
    """One question in Redis's protocol; the answer's lines, or [] when nobody answers.

    The client library would cost 0.3 s and 20 MB in a process that asks three questions.
    """
    question = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(socket_path(place)))
            connection.sendall(question.encode())
            return connection.recv(4096).decode().splitlines()  # short enough for one packet
    except OSError:
        return []
