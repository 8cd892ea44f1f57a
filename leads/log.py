"""Logs: one line an event, with static names and facts as fields. No personal data."""

import json
import logging
import sys
import traceback

# structlog prints tracebacks with rich where it finds it, and would keep it in every process, which
# costs five megabytes each: no traceback of ours is printed with its values.
_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # says that there is none
import structlog  # noqa: E402 - without rich

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich


def configure() -> None:
    """JSON lines where a program reads them, coloured ones where a person does."""
    tty = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if tty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # These print phone numbers, at INFO and DEBUG.
    for name in ("twilio.http_client", "urllib3", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Discreet(logging.Formatter):
    """What libraries log: the sentence without what was filled in, which may be anything."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"event": str(record.msg), "logger": record.name, "level": record.levelname.lower()}
        error = record.exc_info[1] if record.exc_info else None
        return json.dumps(facts | (what_failed(error) if error else {}))


def what_failed(error: BaseException) -> dict[str, str]:
    """The kind of an error and where it happened. Not its text: a database's can quote the
    numbers and names that it was given."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    return {"error": type(error).__name__, "at": places}
