"""Mails reach a real server, secured, and a refusal is a sentence."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import trustme

from leads.settings import settings
from tests.conftest import forget_settings
from tests.workers.mailbox import PASSWORD, USER, authenticate, free_port, mail_server
from workers import mail
from workers.mail import NotTold

ADMINS = ["anna@clinic.example", "ben@clinic.example"]
AUTHORITY = trustme.CA()
Told = Callable[..., None]


@pytest.fixture
def told(environment: pytest.MonkeyPatch) -> Iterator[Told]:
    """Sets SMTP_URL and the like."""
    with environment.context() as patch:

        def tell(**settings: str) -> None:
            for name, value in settings.items():
                patch.setenv(name, value)
            forget_settings()

        yield tell
    forget_settings()


@pytest.fixture
def tls(told: Told, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The server's side; its authority is trusted here."""
    authority = tmp_path_factory.mktemp("tls") / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(authority)
    told(SSL_CERT_FILE=str(authority))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    return context


def account(port: int, scheme: str = "smtp", host: str = "localhost", password: str = "") -> str:
    return f"{scheme}://{USER}:{quote(password or PASSWORD, safe='')}@{host}:{port}"


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp", False), ("smtps", True)])
def test_it_goes_signed_in_and_secured_to_every_admin(
    told: Told, tls: ssl.SSLContext, scheme: str, at_once: bool
) -> None:
    sign_in: dict[str, Any] = {"authenticator": authenticate, "auth_require_tls": not at_once}
    with mail_server(tls, at_once=at_once, **sign_in) as box:
        told(SMTP_URL=account(box.port, scheme), SMTP_FROM="Ringback <desk@clinic.example>")
        mail.send("Ringback: a test", "It is a test: caf\u00e9.", ADMINS)
    assert (box.to, box.signed_in) == ([ADMINS], [True])
    sent = box.mails[0]
    assert sent["From"] == "Ringback <desk@clinic.example>"
    assert sent["Message-ID"].endswith("@clinic.example>")
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent.get_content().strip() == "It is a test: caf\u00e9."
    if not at_once:
        assert box.secured == [True]


def test_a_server_on_this_machine_needs_neither_password_nor_tls(told: Told) -> None:
    with mail_server() as box:
        told(SMTP_URL=f"smtp://localhost:{box.port}")
        mail.send("Ringback: a test", "A test.", ADMINS)
    assert box.mails[0]["From"].startswith("ringback@")


def test_a_wrong_password_is_said_and_not_shown(told: Told, tls: ssl.SSLContext) -> None:
    with mail_server(tls, authenticator=authenticate) as box:
        told(SMTP_URL=account(box.port, password="not this one"))
        with pytest.raises(NotTold, match="refused the user and password in SMTP_URL") as refusal:
            mail.send("Ringback: a test", "A test.", ADMINS)
    assert "not this one" not in str(refusal.value)
    assert box.mails == []


def test_a_certificate_for_another_name_is_not_trusted(told: Told, tls: ssl.SSLContext) -> None:
    with mail_server(tls) as box:
        told(SMTP_URL=f"smtp://127.0.0.1:{box.port}")
        with pytest.raises(NotTold, match="certificate"):
            mail.send("Ringback: a test", "A test.", ADMINS)
    assert box.mails == []


def test_a_password_never_leaves_the_machine_in_the_clear(
    told: Told, environment: pytest.MonkeyPatch
) -> None:
    with mail_server() as box, environment.context() as patch:
        patch.setattr(mail, "LOOPBACK", set())  # as if it were far away
        told(SMTP_URL=account(box.port))
        with pytest.raises(NotTold, match="does not offer STARTTLS"):
            mail.send("Ringback: a test", "A test.", ADMINS)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("smtp://localhost:{port}", "could not be reached"),
        ("localhost:{port}", "SMTP_URL is not smtp://"),
        ("smtp://localhost:port", "port in SMTP_URL is not a number"),
        ("smtp://clinic:pa[ss@localhost:{port}", "write \\[ as %5B"),
    ],
)
def test_what_cannot_work_is_said(told: Told, address: str, said: str) -> None:
    told(SMTP_URL=address.format(port=free_port()))
    with pytest.raises(NotTold, match=said):
        mail.send("Ringback: a test", "A test.", ADMINS)


def test_a_password_that_no_sign_in_can_carry_is_said_and_not_shown(
    told: Told, tls: ssl.SSLContext
) -> None:
    with mail_server(tls, authenticator=authenticate) as box:
        told(SMTP_URL=account(box.port, password="gr\u00fcn"))
        with pytest.raises(NotTold, match="letters that a sign-in") as refusal:
            mail.send("Ringback: a test", "A test.", ADMINS)
    assert "gr\u00fcn" not in str(refusal.value)


def test_the_settings_do_not_show_the_password(told: Told) -> None:
    told(SMTP_URL=account(25))
    assert quote(PASSWORD, safe="") not in repr(settings())


def test_without_an_admin_nothing_is_sent(told: Told) -> None:
    told(SMTP_URL="smtp://localhost:1")
    with pytest.raises(NotTold, match="No admin has an e-mail address"):
        mail.send("Ringback: a test", "A test.", [])
