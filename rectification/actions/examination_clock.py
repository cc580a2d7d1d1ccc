"""Reminding of self-examinations (自查催交) while a stage waits for them.

Each who has not submitted hears of it himself; the secretary of his place gets the names once,
before the day.

A draft is its author's alone: whoever has one counts as everybody else who has not submitted.
"""

from collections.abc import Iterator
from datetime import date

from campaigns.actions.weekly_plans import taking_part
from campaigns.models import Cause, Condition, Recipient, Stage
from campaigns.models.examination_roll import lacking
from campaigns.models.stage import Excused
from rectification.actions.recipients import People
from rectification.models.day_ladder import Rung, is_silent, reached
from rectification.models.reminders_owed import Hand, Row
from reform.actions.notices import reads
from reform.models import Organization, User

EXAMINATIONS, CAMPAIGNS = "/examinations/", "/campaigns/"
WAITS = {Condition.EXAMINATIONS_SUBMITTED, Condition.EXAMINATIONS_ACCEPTED}
NAMED = 10  # in one line; the page that it opens has all of them

# What stands in the key, the words, the address, the step, the people.
Due = tuple[str, str, str, Rung, tuple[int, ...]]


def due(stage: Stage, ladder: list[Rung], hand: Hand) -> Iterator[Due]:
    """Yield what has come of the steps before the day and on it. With the day gone by nobody is
    reminded: whether the stage ends without him is the office's to say."""
    before = [rung for rung in ladder if not rung.is_late]
    own = [rung for rung in before if Recipient.RESPONSIBLE in rung.recipients]
    mine = reached(own, stage.ends_on, hand)
    soon = [rung for rung in before if rung.cause == Cause.DUE_SOON]
    lists = reached((soon or before)[-1:], stage.ends_on, hand)  # names go out before the day
    if not (mine or lists) or not WAITS & set(stage.conditions) or hand.today > stage.ends_on:
        return
    missing = _missing(stage, on=hand.today)
    missing = {
        place: people for place, people in missing.items() if not is_silent(hand, place.path)
    }
    day = stage.ends_on
    if mine:
        yield (
            f"mine:{day}:{mine[-1].code}",
            f"您还没有提交自查剖析：{stage.campaign}“{stage}”阶段到{day}为止",
            EXAMINATIONS,
            mine[-1],
            tuple(user.pk for people in missing.values() for user in people if reads(user)),
        )
    if lists:
        yield from _lists(stage, missing, lists[-1], hand)


def _lists(
    stage: Stage, missing: dict[Organization, list[User]], rung: Rung, hand: Hand
) -> Iterator[Due]:
    rows = {
        place: Row(place.pk, "", 0, place.pk, place.path, "unit", None, None, date.min)
        for place in missing
    }
    people = People.of(list(rows.values()), [Recipient.SECRETARY], on=hand.today)
    for place, members in missing.items():
        names = [user.name for user in members]
        more = "等" if len(names) > NAMED else ""
        yield (
            f"list:{stage.ends_on}:{place.pk}",
            f"{place}还有{len(names)}人未交自查剖析：{'、'.join(names[:NAMED])}{more}"
            f"（“{stage}”阶段到{stage.ends_on}为止）",
            f"{CAMPAIGNS}{stage.campaign_id}/examinations/",
            rung,
            tuple(people.told(rows[place], [Recipient.SECRETARY])),
        )


def _missing(stage: Stage, *, on: date) -> dict[Organization, list[User]]:
    """Return place → those who belong there and owe one, in official order."""
    excused = Excused(stage)
    places = taking_part(stage.campaign, on=on).order_by().values("pk")
    rows = lacking(stage.campaign, on=on).filter(organization__in=places)
    rows = rows.exclude(excused.organizations()).exclude(excused.persons("user"))
    rows = rows.select_related("organization", "user")
    found: dict[Organization, list[User]] = {}
    for duty in rows.order_by("organization__sequence", "organization__path", "place", "pk"):
        found.setdefault(duty.organization, []).append(duty.user)
    return found
