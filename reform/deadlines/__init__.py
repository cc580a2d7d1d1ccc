"""Deadlines (整改时限) as people write them, read into a kind and a day."""

from reform.deadlines.reading import Deadline, Kind, read

__all__ = ["Deadline", "Kind", "read"]
