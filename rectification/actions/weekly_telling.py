"""Whom a weekly report's acts tell, and in which words."""

from collections.abc import Iterable
from datetime import date, datetime

from campaigns.models import Level
from rectification.actions import weekly_issues, weekly_people
from rectification.models import WeeklyReport
from reform.actions import notices
from reform.models import Actor, Event, Organization, Role, User
from reform.models.delegation import holding_at

REMINDED = ("day", "hours")  # steps of the clock before the cut-off


def holders(organization: Organization, *roles: str, on: date) -> list[User]:
    """Return who holds one of `roles` at an organization, or stands in for whoever is on leave."""
    return holding_at(organization.pk, *roles, on=on)


def prepared(
    report: WeeklyReport, reviewers: list[User] | None = None, *, by: Actor, at: datetime
) -> None:
    """Whoever confirms a branch's report, or looks an office's over, is asked to; where nobody of
    an office may, the office above is."""
    _ask_no_more(report, at=at)
    words = "待审核" if report.collated else "待确认"
    if report.collated:
        above = weekly_issues.collator_of(report.issue, report.organization, at=at)
        people = reviewers or holders(above, Role.OFFICE, on=by.on)
    else:
        people = holders(report.organization, Role.SECRETARY, on=by.on)
    _post(people, report, f"{report}{words}", "prepared", by=by, at=at)


def to_sign(report: WeeklyReport, *, by: Actor, at: datetime) -> None:
    _ask_no_more(report, at=at)
    people = holders(report.organization, Role.LEADER, on=by.on)
    _post(people, report, f"{report}待签发", "to-sign", by=by, at=at)


def sent_back(report: WeeklyReport, *, by: Actor, at: datetime) -> None:
    _ask_no_more(report, at=at)
    people = [report.drafted_by, *([report.prepared_by] if report.prepared_by else [])]
    words = f"{report}退回修改：{report.sent_back}"
    _post(people, report, words, "sent-back", by=by, at=at)


def filed(report: WeeklyReport, *, by: Actor, at: datetime) -> None:
    """The office it reports to is told of a late or corrected report only: it looks at the others
    all at once. Whoever was asked to confirm, or reminded of this report alone, is asked no more.
    """
    _ask_no_more(report, at=at)
    mine = weekly_people.asked_only_at(report.organization, Level(report.level), on=by.on)
    due = report.issue.due(report.level)
    for step in REMINDED:
        key = weekly_people.reminder_key(step, due, [report.issue.campaign_id])
        notices.settle(key, at=at, only=mine.values("user"))
    if report.number == 1 and at <= report.issue.due(report.level):
        return
    above = weekly_issues.collator_of(report.issue, report.organization, at=at)
    if above != report.organization:
        people = holders(above, Role.OFFICE, on=by.on)
        _post(people, report, f"收到{report}", "filed", by=by, at=at)


def _ask_no_more(report: WeeklyReport, *, at: datetime) -> None:
    """Whoever was asked about any edition is not waited for any more."""
    for word in ("prepared", "to-sign"):
        notices.settle_below(f"weekly:{report.pk}:{word}:", at=at)


def returned(report: WeeklyReport, *, reason: str, by: Actor, at: datetime) -> None:
    roles = (Role.OFFICE,) if report.collated else (Role.LIAISON, Role.SECRETARY)
    people = holders(report.organization, *roles, on=by.on)
    _post(people, report, f"{report}被退回：{reason}", "returned", by=by, at=at)


def _key(report: WeeklyReport, word: str, edition: int) -> str:
    return f"weekly:{report.pk}:{word}:{edition}"


def _post(
    people: Iterable[User], report: WeeklyReport, words: str, word: str, *, by: Actor, at: datetime
) -> None:
    key, url = _key(report, word, report.edition), report.get_absolute_url()
    event = Event.WEEKLY_RETURNED if word == "returned" else Event.WEEKLY_WORK
    notices.post(people, subject=words, key=key, url=url, event=event, at=at, by=by)
