"""`ringback replay` as it is typed: counts on stdout, and one sentence when it cannot."""

import subprocess
import sys

import pytest
from sqlalchemy import select

from leads import Outage, db
from tests.webhooks.caller import DESK_PHONE, call_fields, leg_fields
from tests.webhooks.test_replay import RANG, kept, sms
from webhooks import replay
from webhooks.spool import Spool

REPLAY = "import sys, ringback; sys.argv = ['ringback', 'replay']; ringback.main()"


def typed() -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", REPLAY], capture_output=True, text=True, timeout=60, check=False
    )


def test_its_log_keeps_out_of_its_counts(spool: Spool) -> None:
    kept(spool, 30, "voice", call_fields(), RANG)
    kept(spool, 20, "voice/leg", leg_fields("CA9", "", DESK_PHONE, "ringing"))
    done = typed()
    assert done.stdout == "Of 2 that waited: 1 done, 0 known already, 1 failed.\n"
    assert "replay_failed" in done.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(spool: Spool) -> None:
    spool.folder.write_text("in the way")  # root, too, is refused
    done = typed()
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"The folder {spool.folder} cannot be read and written here (")
    assert done.stderr.count("\n") == 1


def causes() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Outage.cause)))


def torn(spool: Spool) -> None:
    """Two texts, of which the second was being written when the machine went down."""
    kept(spool, 60, "sms", sms("SM1", "Hello"))
    kept(spool, 50, "sms", sms("SM2", "STOP"))
    (path,) = spool.folder.glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-20])


def test_what_a_torn_line_lost_is_an_outage(spool: Spool) -> None:
    torn(spool)
    assert "1 done" in typed().stdout
    (cause,) = causes()
    assert cause.startswith("Some of Twilio's requests could not be kept from ")


def test_it_is_one_also_when_the_replay_breaks_off(spool: Spool) -> None:
    torn(spool)

    class Lost(Exception):
        pass

    def lose() -> None:
        raise Lost

    with pytest.raises(Lost):
        replay.spooled(spool, lose)
    assert len(causes()) == 1
    assert spool.waiting().size == 0
