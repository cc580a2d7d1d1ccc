"""What the clock has told of a campaign's days (到期提醒): under which keys, and that it is done.

A key names the row, its day and the step. Another day is told anew; what was told of the old one
asks no more, and neither does what has been done.
"""

from datetime import datetime

from campaigns.models import Assignment, Examination, Stage, SuperiorRequest
from reform.actions import notices

START = "due:"


def key_of(row: Stage | Assignment | SuperiorRequest, word: str = "") -> str:
    return f"{START}{type(row).__name__.lower()}:{row.pk}:{word}"


def settle(row: Stage | Assignment | SuperiorRequest, *, at: datetime) -> None:
    notices.settle_below(key_of(row), at=at)


def examined(examination: Examination, *, at: datetime) -> None:
    """Somebody has submitted: he is asked for it no more."""
    for stage in Stage.objects.filter(campaign=examination.campaign_id, status="open"):
        mine = key_of(stage, "mine:")
        notices.settle_below(mine, at=at, only=examination.author.person_id)
