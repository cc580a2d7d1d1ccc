"""What tests of weekly reports share: a bureau that reports, and moments of Beijing."""

from datetime import date, datetime, time, timedelta
from io import BytesIO

from openpyxl import Workbook

from campaigns.actions import weekly_plans
from campaigns.models import BEIJING, Level, Policy
from rectification.actions import (
    weekly_collations,
    weekly_deferrals,
    weekly_issues,
    weekly_reports,
    weekly_signings,
    weekly_templates,
)
from rectification.models import WeeklyIssue
from reform.actions import attachments
from reform.models import Role
from tests.factories import AT, OrganizationFactory, actor, person

MONDAY, FRIDAY = date(2026, 6, 1), date(2026, 6, 5)
PLAN = {
    "starts_on": date(2026, 5, 25),
    "stops_on": None,
    "policy": Policy.PREVIOUS,
    "office_weekday": 4,
    "office_hour": time(12),
    "branch_weekday": 3,
    "branch_hour": time(17),
    "remind_workdays": 1,
    "remind_minutes": 150,
}


def beijing(day, hour=9, minute=0):
    return datetime.combine(day, time(hour, minute), BEIJING)


def planned(bureau, *, at, by=None, **facts):
    """Ask for weekly reports: the centre collates, its two branches report."""
    by = by or actor(bureau.users["top_office"], on=date(2026, 2, 1))
    weekly_plans.plan(bureau.campaign, facts=PLAN | facts, by=by, at=at)
    levels = {
        bureau.center: Level.OFFICE,
        bureau.branch: Level.BRANCH,
        bureau.sibling: Level.BRANCH,
    }
    weekly_plans.oblige(bureau.campaign, levels=levels, by=by, at=at)


def opened(bureau, day=MONDAY, hour=9):
    """Return the issue whose week it is on a day."""
    weekly_issues.open_due(at=beijing(day, hour))
    return WeeklyIssue.objects.filter(campaign=bureau.campaign).latest("number")


def second_office(bureau):
    return actor(person("许晴", bureau.center, Role.OFFICE))


# ---------------------------------------------------------------- the world of tests/test_access.py

PLAN_TYPED = {
    "policy": "previous_workday",
    "office_weekday": "4",
    "office_hour": "12:00",
    "branch_weekday": "3",
    "branch_hour": "17:00",
    "remind_workdays": "1",
    "remind_minutes": "150",
}
TEXTS = {"progress": "完成回访。", "plans": "继续推进。"}


class Pair:
    """An issue of one organization: what an address with two keys is about."""

    def __init__(self, issue, organization):
        self.issue, self.organization = issue, organization
        self.args = [issue.pk, organization.pk]

    def refresh_from_db(self):
        self.issue.refresh_from_db()
        self.organization.refresh_from_db()


def furnish(world):
    """A report in every state, each in an issue of its own; and a campaign of the stranger's."""
    world.theirs = world.foreign.campaign
    world.theirs_below = OrganizationFactory(name="水利局第一党支部", parent=world.elsewhere)
    planned(world, by=actor(world.planner, on=date(2026, 2, 1)), at=AT, starts_on=date(2026, 4, 6))
    weekly_issues.open_due(at=AT)
    latest, *earlier = WeeklyIssue.objects.filter(since__lte=AT).order_by("-number")
    world.owed, world.intake = Pair(latest, world.branch), Pair(latest, world.center)
    neighbour, liaison, secretary, leader = (
        world.by[name] for name in ("neighbour", "liaison", "secretary", "leader")
    )
    weekly_reports.file_zero(latest, world.sibling, by=neighbour, at=AT)
    first, second, third, fourth, fifth = earlier[:5]
    world.overdue = Pair(fifth, world.branch)
    world.drafted = weekly_reports.begin(first, world.branch, by=liaison, at=AT)
    world.prepared = weekly_reports.begin(second, world.branch, by=liaison, at=AT)
    world.prepared = weekly_reports.prepare(world.prepared, by=liaison, at=AT)
    world.filed = weekly_reports.begin(third, world.branch, by=liaison, at=AT)
    world.filed = weekly_reports.confirm(world.filed, by=secretary, at=AT)
    world.collating = collated(world, first, by=world.by["office"])
    world.part = world.collating.parts.get(organization=world.branch)
    world.to_review = submitted(world, second)
    world.to_sign = looked_over(world, third)
    world.sent_out = weekly_signings.sign(looked_over(world, fourth), by=leader, at=AT)
    weekly_signings.forward(
        world.sent_out,
        to="市交通局党组",
        sent_at=AT,
        way="exchange",
        receipt="",
        by=world.by["office"],
        at=AT,
    )
    by = world.by["office"]
    paper = attachments.keep(BytesIO(a_template()), name="上级.xlsx", by=by, at=AT)
    weekly_templates.keep(world.collating, attachment=paper, by=by, at=AT)
    world.on_paper = signed_on_paper(world, looked_over(world, fifth))
    world.joined = joined(world)
    world.joined_owed = Pair(world.joined.issue, world.elsewhere)
    world.put_off = Pair(fourth, world.branch)
    weekly_deferrals.defer(
        fourth,
        world.branch,
        kind="agreed",
        until=AT + timedelta(days=1),
        reason="外出学习",
        by=by,
        at=AT,
    )


def joined(world):
    """One filed by an organization of another tree, to the centre, which leads a campaign."""
    stranger, office = world.by["stranger"], world.by["office"]
    weekly_plans.plan(world.local, facts=PLAN | {"starts_on": date(2026, 5, 25)}, by=office, at=AT)
    world.local.participations.create(organization=world.elsewhere)
    levels = {world.elsewhere: Level.BRANCH}
    weekly_plans.oblige(world.local, levels=levels, by=stranger, at=AT)
    weekly_issues.open_due(at=AT)
    issue = WeeklyIssue.objects.filter(campaign=world.local).latest("number")
    return weekly_reports.file_zero(issue, world.elsewhere, by=stranger, at=AT)


def a_template():
    """What a superior wants filled: headings and an empty row."""
    book = Workbook()
    book.active.append(["序号", "单位", "本周工作进展", "下周工作安排"])
    book.save(out := BytesIO())
    return out.getvalue()


def collated(world, issue, *, by):
    report = weekly_collations.collate(issue, world.center, by=by, at=AT)
    return weekly_reports.write(report, edition=report.edition, texts=TEXTS, by=by, at=AT)


def submitted(world, issue):
    """Written by the other of the office, so that the one who visits may look it over."""
    by = actor(world.outside)
    return weekly_signings.submit(collated(world, issue, by=by), by=by, at=AT)


def looked_over(world, issue):
    return weekly_signings.review(submitted(world, issue), by=world.by["office"], at=AT)


def signed_on_paper(world, report):
    by = world.by["office"]
    return weekly_signings.record_signature(
        report,
        signer=world.users["leader"],
        signer_name="",
        signed_on=AT.date(),
        scan=attachments.keep(BytesIO(b"%PDF-1.4 scan"), name="签批稿.pdf", by=by, at=AT),
        by=by,
        at=AT,
    )
