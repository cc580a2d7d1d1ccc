"""What a log line (日志) says: when, which request, what went wrong; never who, nor what he typed.

Names, file names, texts and search words of people have no place in files that are copied, mailed
and kept by others. Who did what is the trail's to say.
"""

import copy
import logging
import re
import secrets
import traceback
from contextvars import ContextVar
from typing import Any

# No 0, O, 1, I: it is read out over the telephone.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
QUERY = re.compile(r"\?[^\s\"']+")
reference: ContextVar[str] = ContextVar("reference", default="-")  # of the request at hand


def new_reference() -> str:
    """Return the number of a request, `K7QF-2M9X`: it stands on the error page and in the log."""
    letters = [secrets.choice(LETTERS) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


class Line(logging.Formatter):
    """`2026-11-26 09:30:01,123 ERROR django.request K7QF-2M9X Internal Server Error: /jobs/7/`.

    Of an exception the type and the places in the code are said, not its message: a database
    quotes the row that it refuses, a parser the text that it could not read.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {reference} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        plain = copy.copy(record)
        plain.msg, plain.args = QUERY.sub("?…", _message(record)), None
        plain.reference = getattr(getattr(record, "request", None), "reference", reference.get())
        plain.exc_text = None  # what another formatter may have kept on the record
        return super().format(plain)

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- logging's name
        return "\n".join(_fault(ei[1]))


def _message(record: logging.LogRecord) -> str:
    """The message, with whatever of it may be somebody's words left out."""
    request = getattr(record, "request", None)
    if request is None or not hasattr(request, "path"):  # the bare socket of `runserver`
        return _with(record, record.args).getMessage()
    place = _place(request)
    if record.name.startswith("django.security"):
        # The messages quote file names, hosts and whole referring addresses.
        return f"Refused ({record.name.rpartition('.')[2]}): {place}"
    if isinstance(record.args, tuple):
        return _with(
            record, tuple(_moved(said, request.path, place) for said in record.args)
        ).getMessage()
    return record.getMessage()


def _moved(said: Any, path: str, place: str) -> Any:
    """Django writes the path with what is not ASCII escaped."""
    return place if said in {path, path.encode("unicode_escape").decode()} else said


def _with(record: logging.LogRecord, args: Any) -> logging.LogRecord:
    """The record with its arguments, exceptions among them by their type only."""
    plain = copy.copy(record)
    if isinstance(args, tuple):
        args = tuple(_type(said) if isinstance(said, BaseException) else said for said in args)
    elif isinstance(args, dict) and "exc" in args:  # a task of Celery's that failed
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "…"
        args = args | {"exc": kind, "traceback": "", "args": "", "kwargs": ""}
    plain.args = args
    return plain


def _place(request: Any) -> str:
    """The path, when it is one of ours; what somebody typed otherwise is not repeated."""
    return request.path if getattr(request, "resolver_match", None) else "an address of no page"


def _type(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    name = type(error).__name__
    return f"{name} [Errno {number}]" if isinstance(number, int) else name


def _fault(error: BaseException | None) -> list[str]:
    """The types and places of an exception and of those that led to it, the first one first."""
    if error is None:
        return []
    lines = _fault(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {frame.filename}:{frame.lineno} {frame.name}")
    return [*lines, _type(error)]
