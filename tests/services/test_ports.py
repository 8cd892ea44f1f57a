import socket

import pytest

from services import ServiceError, ports, up_env
from tests.services.running import free_port


def test_two_settings_with_one_port_are_named() -> None:
    port = free_port()
    with pytest.raises(ServiceError, match=f"B and A are both {port}"):
        ports.refuse_taken([("A", port), ("B", port)])


def test_a_free_port_is_free_and_a_taken_one_names_the_setting() -> None:
    port = free_port()
    ports.refuse_taken([("A", port)])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(ServiceError, match=rf"Port {port} is taken.*choose another port: A="):
            ports.refuse_taken([("A", port)])


@pytest.mark.parametrize("port", [70000, 0, -1])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ServiceError, match=rf"A={port} is not a port.*1024 to 65535"):
        ports.refuse_taken([("A", port)])


@pytest.mark.parametrize("typed", ["abc", "80.5"])
def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("SANDBOX_PORT", typed)
    with pytest.raises(ServiceError, match=f"SANDBOX_PORT={typed} is not a port.*1024 to 65535"):
        up_env.configured()
