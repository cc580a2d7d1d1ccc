"""What a rule says when it says no. The message is a Chinese sentence, shown as it is."""

from typing import Any


class Refused(Exception):
    """A rule said no: the state of things, or what was typed, does not allow the act."""


class Forbidden(Refused):
    """The person may not do this (403 inside his scope); nothing was changed."""


class Stale(Refused):
    """The row has changed since the form was opened. `now` holds the fields as they stand."""

    def __init__(self, message: str, now: dict[str, Any], version: int) -> None:
        super().__init__(message)
        self.now = now
        self.version = version


class Repeated(Refused):
    """The same form was sent before; it has had its effect once."""
