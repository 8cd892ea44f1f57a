"""One mail to staff, by SMTP_URL: STARTTLS for smtp://, TLS from the first byte for smtps://."""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from leads.settings import settings

TIMEOUT_SECONDS = 10.0  # of every single step; a mail takes about eight
PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class NotTold(Exception):
    """It was not delivered. The text says why in a sentence, without an address or a password.

    `surely`: no server has taken it, not even without saying so; it may be sent again.
    """

    surely = True


class PerhapsTold(NotTold):
    """The server broke off after the mail was handed over: it may have taken it."""

    surely = False


def send(subject: str, body: str, recipients: Sequence[str]) -> None:
    """Hand a mail over; one of several recipients is enough. Raises NotTold."""
    if not recipients:
        raise NotTold(
            "No admin has an e-mail address of their own: add one under Settings, Staff, or by "
            "`ringback staff add you@… --role admin`."
        )
    try:
        server = urlsplit(settings().smtp_url.get_secret_value())
        smtp = _connected(server)
        try:
            _hand_over(smtp, _message(server, subject, body, recipients), recipients)
            with suppress(OSError, smtplib.SMTPException):  # it has the mail already
                smtp.quit()
        finally:
            smtp.close()
    except (OSError, smtplib.SMTPException) as error:
        raise NotTold(_why(error)) from error
    except UnicodeError:  # the causes of this and the next quote the password
        raise NotTold(
            "The user, password or host in SMTP_URL has letters that a sign-in to a mail server "
            "cannot carry, such as an umlaut: choose a password without them."
        ) from None
    except ValueError:
        raise NotTold(
            "SMTP_URL or SMTP_FROM cannot be read: in a user and password write [ as %5B, ] as "
            "%5D, / as %2F, @ as %40."
        ) from None


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage, recipients: Sequence[str]) -> None:
    try:
        smtp.send_message(message, to_addrs=recipients)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        raise  # it said no
    except (OSError, smtplib.SMTPException) as error:
        raise PerhapsTold(_why(error)) from error


def _connected(server: SplitResult) -> smtplib.SMTP:
    """Signed in. A password never goes without TLS, unless it stays on this machine."""
    if server.scheme not in PORTS or not server.hostname:
        raise NotTold("SMTP_URL is not smtp://user:password@host:587 or smtps://…: correct it.")
    try:
        where = (server.hostname, server.port or PORTS[server.scheme])
    except ValueError:
        raise NotTold("The port in SMTP_URL is not a number: correct it.") from None
    us, trust = socket.gethostname(), ssl.create_default_context()
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            *where, local_hostname=us, timeout=TIMEOUT_SECONDS, context=trust
        )
    else:
        smtp = smtplib.SMTP(*where, local_hostname=us, timeout=TIMEOUT_SECONDS)
    try:
        smtp.ehlo()
        if server.scheme == "smtp":
            _start_tls(smtp, server, trust)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _start_tls(smtp: smtplib.SMTP, server: SplitResult, trust: ssl.SSLContext) -> None:
    if smtp.has_extn("starttls"):
        smtp.starttls(context=trust)
        smtp.ehlo()
    elif server.username and server.hostname not in LOOPBACK:
        raise NotTold(
            "The mail server does not offer STARTTLS, and the password is not sent without it: "
            "use smtps:// or another server in SMTP_URL."
        )


def _message(
    server: SplitResult, subject: str, body: str, recipients: Sequence[str]
) -> EmailMessage:
    user = unquote(server.username or "")
    sender = settings().smtp_from or (user if "@" in user else f"ringback@{socket.gethostname()}")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or None)
    message["Auto-Submitted"] = "auto-generated"  # nobody's absence is answered to us
    message.set_content(body)
    return message


def _why(error: Exception) -> str:
    """In our words: what a server says may quote addresses."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server refused the user and password in SMTP_URL: correct them."
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPSenderRefused):
        return (
            "The mail server refused the sender or every admin's address: "
            "look at SMTP_FROM and at the addresses under Settings, Staff."
        )
    if isinstance(error, ssl.SSLError):
        return "The mail server's certificate or TLS is not valid: look at the host in SMTP_URL."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered with code {error.smtp_code}. It is tried again."
    return "The mail server of SMTP_URL could not be reached or broke off. It is tried again."
