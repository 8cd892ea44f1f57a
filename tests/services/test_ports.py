import socket

import pytest

from services import ServiceError, ports
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


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(ServiceError, match="A=70000 is not a port"):
        ports.refuse_taken([("A", 70000)])
