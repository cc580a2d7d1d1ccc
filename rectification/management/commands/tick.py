"""`manage.py tick`: one tick of the clock by hand, the same as the beat's (DESIGN §10)."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from rectification.actions import (
    campaign_clock,
    clock,
    instruction_clock,
    weekly_clock,
    weekly_states,
)
from rectification.actions.reminders import Step
from reform.management.command import ChineseCommand
from reform.models import User
from reform.models.statement import Keys

YEARS = "只能预演2007年至2099年的时刻。"


class Command(ChineseCommand):
    help = "催办一次：发出现在应发而未发的提醒；加 --dry-run 只看不发，可另指定时刻"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只看应发什么，不发出")
        parser.add_argument("--at", metavar="ISO", help="另一时刻，如 2026-11-20T12:01+08:00")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, dry_run: bool, at: str | None, **options: Any) -> None:
        if at and not dry_run:
            raise CommandError("只有加 --dry-run 预演时才能指定时刻（--at）。")
        moment = _moment(at) if at else timezone.now()
        owing = clock.owed(moment) if dry_run else clock.tick(at=moment)
        told = _told(owing.steps)
        weekly = [_weekly(message) for message in owing.weekly]
        unanswered = [row for one in owing.unanswered for row in _unanswered(one)]
        rows = [*weekly, *unanswered, *_days(owing.days), *(row for _, row in told)]
        if options["json"]:
            shown = {
                "at": timezone.localtime(moment).isoformat(),
                "weekly": weekly_states.states(at=moment),
                "told": rows,
            }
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))
            return
        people = len({row["person"] for row in rows})
        verb = "将发出" if dry_run else "已发出"
        when = timezone.localtime(moment)
        self.stdout.write(f"{when:%Y-%m-%d %H:%M} {verb}{len(rows)}条提醒，给{people}人。")
        for line in _lines(owing, told):
            self.stdout.write(f"  {line}")
        if owing.left:
            self.stdout.write(f"一次最多{clock.MOST}条，其余由下一次发出。")


def _lines(owing: clock.Owing, told: list[tuple[Step, dict[str, Any]]]) -> Iterator[str]:
    for message in owing.weekly:
        yield f"{message.person.username}  {'；'.join(message.lines)}{_late(message.late)}"
    for one in owing.unanswered:
        for person in one.people:
            yield f"{person.username}  {one.subject}{_late(one.late)}"
    for row in _days(owing.days):
        yield f"{row['person']}  {row['words']}"
    for step, row in told:
        yield f"{row['person']}  {step.row.number}  {step.rule.words}{_late(row['late'])}"


def _late(late: bool) -> str:
    return "（补发）" if late else ""


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}”不是时刻，应写作 2026-11-20T12:01+08:00。") from error
    if not 2007 <= moment.year <= 2099:
        raise CommandError(YEARS)
    moment = timezone.localtime(moment if moment.tzinfo else timezone.make_aware(moment))
    if not 2007 <= moment.year <= 2099:  # of our own clock as well, whatever zone was written
        raise CommandError(YEARS)
    return moment


def _weekly(message: weekly_clock.Message) -> dict[str, Any]:
    return {
        "person": message.person.username,
        "rule": "weekly",
        "cause": "+".join(message.causes),
        "step": message.step,
        "late": message.late,
    }


def _unanswered(one: instruction_clock.Reminder) -> list[dict[str, Any]]:
    facts = {"rule": "instruction", "cause": f"unanswered:{one.instruction.pk}", "step": one.step}
    return [{"person": person.username, **facts, "late": one.late} for person in one.people]


def _days(found: list[campaign_clock.Reminder]) -> list[dict[str, Any]]:
    users = User.objects.filter(pk__in=Keys({user for one in found for user in one.people}))
    names = dict(users.values_list("pk", "username")) if found else {}
    return [
        {
            "person": names[user],
            "rule": "campaign",
            "cause": one.key,
            "step": one.rung.code,
            "late": False,
            "words": one.subject,
        }
        for one in found
        for user in one.people
    ]


def _told(steps: list[Step]) -> list[tuple[Step, dict[str, Any]]]:
    """Return what each person is told, in an order that is the same each time."""
    users = User.objects.filter(pk__in=Keys({user for step in steps for user in step.told}))
    names = dict(users.values_list("pk", "username"))
    found = [
        (
            step,
            {
                "person": names[user],
                "rule": step.rule.code,
                "cause": f"{step.rule.cause}:{step.row.number}",
                "step": step.rule.workdays,
                "late": step.late,
            },
        )
        for step in steps
        for user in step.told
    ]
    return sorted(found, key=lambda one: (one[1]["person"], one[1]["cause"], one[1]["rule"]))
