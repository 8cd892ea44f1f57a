"""Says before anything is started that a port is taken, and by whom."""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from services.errors import ServiceError
from services.process_table import who_listens


def is_loopback(address: str) -> bool:
    """Whether this web address leads to this machine alone."""
    return (urlsplit(address).hostname or "localhost") in {"localhost", "127.0.0.1", "::1"}


def refuse_taken(wanted: Iterable[tuple[str, int]], host: str = "127.0.0.1") -> None:
    """`wanted` are pairs of a setting's name and its port.

    Raises ServiceError for the first port that is used twice or that we cannot open.
    """
    seen: dict[int, str] = {}
    for setting, port in wanted:
        if port in seen:
            raise ServiceError(
                f"{setting} and {seen[port]} are both {port}; nothing was started. Give each its "
                "own port, in the environment or in .env."
            )
        seen[port] = setting
        _refuse(setting, port, host)


def no_port(setting: str, value: object) -> ServiceError:
    return ServiceError(
        f"{setting}={value} is not a port; nothing was started. Choose 1024 to 65535."
    )


def _refuse(setting: str, port: int, host: str) -> None:
    # 0 could be opened: the system would choose a port that nobody is told of.
    if not 1 <= port <= 65535:
        raise no_port(setting, port)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise ServiceError(
                f"Port {port} may be opened by root alone; nothing was started. Set {setting} to "
                "one above 1023."
            ) from None
        except OSError:
            holder = who_listens(port)
            raise ServiceError(
                f"Port {port} is taken{f' by {holder}' if holder else ''}; nothing was started. "
                f"Stop that program, or choose another port: {setting}={port + 100} make run."
            ) from None
