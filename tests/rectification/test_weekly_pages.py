"""The pages of weekly reports: what they cost, whom they show a draft, what stays as it was filed.

Who may open and do what stands in tests/test_access.py; poison in every form in
tests/test_sweep.py.
"""

import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Level, Obligation
from rectification.actions import (
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.models import OwedReport, WeeklyReceipt, WeeklyReport
from rectification.models.weekly_report import READ
from reform.models import TrailEntry
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification import weekly
from tests.rectification.weekly import beijing, opened, planned
from tests.test_access import DATA, a_file

pytestmark = pytest.mark.dealt

UNSENT = "还没有报出去的一句话。"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def issue(bureau, at):
    planned(bureau, at=at)
    weekly_issues.open_due(at=AT)
    return opened(bureau, ON)


# ---------------------------------------------------------------- what a page costs


def reporting(bureau, issue, count):
    """`count` more branches that report: a third filed and received, a third filed, a third not."""
    by = bureau.users["secretary"]
    places = [
        OrganizationFactory(name=f"基层{count}之{number}支部", parent=bureau.center)
        for number in range(count)
    ]
    Obligation.objects.bulk_create(
        Obligation(
            campaign=bureau.campaign,
            organization=place,
            level=Level.BRANCH,
            since=date(2026, 2, 1),
        )
        for place in places
    )
    if issue.is_counted(Level.BRANCH):
        OwedReport.objects.bulk_create(
            OwedReport(issue=issue, organization=place, level=Level.BRANCH, name=place.name)
            for place in places
        )
    reports = WeeklyReport.objects.bulk_create(
        WeeklyReport(
            issue=issue,
            organization=place,
            name=place.name,
            level=Level.BRANCH,
            status="filed",
            progress="完成回访。",
            plans="推进。",
            counted_at=AT,
            since=AT,
            until=AT,
            drafted_by=by,
            drafted_at=AT,
            filed_by=by,
            filed_by_name=by.name,
            filed_at=AT,
        )
        for number, place in enumerate(places)
        if number % 3
    )
    WeeklyReceipt.objects.bulk_create(
        WeeklyReceipt(report=report, decision="received", by=bureau.users["office"], at=AT)
        for report in reports[::2]
    )


def pages_of(bureau, issue, report):
    """Return (who, address) of each page that is about many organizations."""
    center, top = (reverse("weekly-intake", args=[issue.pk, place.pk])
                   for place in (bureau.center, bureau.top))  # fmt: skip
    pages = {
        "board": ("office", reverse("weekly")),
        "board from above": ("top_office", reverse("weekly")),
        "board of a branch": ("secretary", reverse("weekly")),
        "desk": ("office", reverse("desk")),
        "intake": ("office", center),
        "intake above": ("top_office", top),
    }
    for name in ("collate", "receive-all", "defer", "reminder"):
        pages[name] = ("office", reverse(f"weekly-{name}", args=[issue.pk, bureau.center.pk]))
    for name in ("report", "edit", "gather", "word", "excel"):
        pages[name] = ("office", reverse(f"weekly-{name}", args=[report.pk]))
    for name in ("plan", "oblige", "proposed"):
        pages[name] = ("top_office", reverse(f"weekly-{name}", args=[bureau.campaign.pk]))
    return pages


def costs(bureau, issue, report, signed_in):
    found = {}
    for name, (who, url) in pages_of(bureau, issue, report).items():
        client = signed_in(bureau.users[who])
        client.get(url)  # what is looked up once for all stands ready
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        assert response.status_code == 200, name
        found[name] = len(queries)
    return found


@pytest.mark.parametrize("moment", [AT, beijing(date(2026, 6, 5), 14)], ids=["before", "after"])
def test_each_page_costs_the_same_at_one_and_at_fifty_organizations(
    bureau, issue, signed_in, moment
):
    """Before the cut-off and after it, when who owes the report is written down."""
    with time_machine.travel(moment, tick=False):
        weekly_issues.open_due(at=moment)
        issue.refresh_from_db()
        reporting(bureau, issue, 3)
        report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=moment)
        few = costs(bureau, issue, report, signed_in)

        reporting(bureau, issue, 50)
        report = weekly_collations.gather_anew(report, by=bureau.office, at=moment)
        many = costs(bureau, issue, report, signed_in)

    assert report.parts.count() == 56
    assert many == few


def test_gathering_costs_the_same_at_one_and_at_fifty_organizations(bureau, issue):
    reporting(bureau, issue, 3)
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    counts = []
    for more in (0, 50):
        reporting(bureau, issue, more)
        weekly_collations.gather_anew(report, by=bureau.office, at=AT)
        with CaptureQueriesContext(connection) as queries:
            weekly_collations.gather_anew(report, by=bureau.office, at=AT)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_cut_off_is_counted_in_as_many_statements_at_fifty_organizations(bureau, issue):
    reporting(bureau, issue, 50)
    with CaptureQueriesContext(connection) as queries:
        weekly_issues.open_due(at=beijing(date(2026, 6, 4), 17))

    assert issue.owed.count() == 52
    assert len(queries) < 30


# ---------------------------------------------------------------- a draft is its organization's


@pytest.fixture
def draft(bureau, issue):
    report = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=AT)
    texts = {"progress": UNSENT, "plans": UNSENT}
    return weekly_reports.write(
        report, edition=report.edition, texts=texts, by=bureau.liaison, at=AT
    )


OUTSIDE = ("member", "colleague", "office", "top_office", "inspector", "leader", "neighbour",
           "stranger", "system")  # fmt: skip
OF_A_REPORT = (
    *("report", "edit", "redraft", "prepare", "confirm", "send-back", "receive", "return"),
    *("gather", "submit", "review", "sign", "paper", "forward", "returned", "word", "excel"),
    *("scan", "template", "filled"),
)


@pytest.mark.parametrize("who", OUTSIDE)
def test_a_draft_is_not_there_for_others_at_any_address(bureau, draft, signed_in, who):
    client = signed_in(bureau.users[who])
    met = {}
    for name in OF_A_REPORT:
        url = reverse(f"weekly-{name}", args=[draft.pk])
        met[name] = {client.get(url).status_code, client.post(url).status_code}

    assert {name for name, codes in met.items() if not codes <= {404, 405}} == set()
    assert {name for name, codes in met.items() if 404 not in codes} == set()


@pytest.mark.parametrize("who", OUTSIDE)
def test_no_list_names_a_draft_of_others(bureau, issue, draft, signed_in, who):
    client = signed_in(bureau.users[who])
    link = draft.get_absolute_url()
    urls = [
        *(reverse("desk"), reverse("weekly"), reverse("inbox"), "/problems/?q=一句话"),
        *(
            reverse(f"weekly-{name}", args=[issue.pk, place.pk])
            for name in ("intake", "collate", "receive-all", "defer")
            for place in (bureau.branch, bureau.center, bureau.top)
        ),
    ]
    for url in urls:
        body = client.get(url).content.decode()
        assert link not in body, url
        assert UNSENT not in body, url
        assert "起草中" not in body, url


def test_what_is_gathered_holds_nothing_of_a_draft(bureau, issue, draft):
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    part = report.parts.get(organization=bureau.branch)

    assert (part.source, part.progress, part.plans, part.note) == (None, "", "", "未报")
    assert UNSENT not in str([report.progress, report.plans, report.basis])


def test_the_next_version_is_not_seen_from_above_before_it_is_filed(bureau, issue, signed_in):
    first = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=AT)
    weekly_receipts.give_back(first, reason="重报", by=bureau.office, at=AT)
    second = weekly_reports.begin(issue, bureau.branch, by=bureau.liaison, at=AT)
    weekly_reports.write(
        second, edition=1, texts={"progress": UNSENT, "plans": UNSENT}, by=bureau.liaison, at=AT
    )
    client = signed_in(bureau.users["office"])

    body = client.get(first.get_absolute_url()).content.decode()
    assert second.get_absolute_url() not in body
    assert UNSENT not in body
    assert client.get(second.get_absolute_url()).status_code == 404
    board = client.get(reverse("weekly-intake", args=[issue.pk, bureau.center.pk]))
    assert "已退回" in board.content.decode()
    assert second.get_absolute_url() not in board.content.decode()


def test_an_auditor_reads_that_it_was_written_and_nothing_of_it(bureau, draft):
    entries = TrailEntry.objects.of(draft)

    assert {entry.act for entry in entries} == {"weekly.started", "weekly.written"}
    assert not [entry for entry in entries if UNSENT in f"{entry.sentence}{entry.detail}"]


def test_who_collates_from_above_sees_what_he_works_on(bureau, issue, signed_in):
    """`wr.aggregate` is D: the office above may collate for the centre, and finds what it began."""
    client = signed_in(bureau.users["top_office"])
    url = reverse("weekly-collate", args=[issue.pk, bureau.center.pk])

    response = client.post(url, {"token": uuid.uuid4()}, follow=True)

    report = WeeklyReport.objects.get(collated=True)
    assert (response.status_code, report.organization) == (200, bureau.center)
    assert not WeeklyReport.objects.visible_to(bureau.inspector).exists()
    assert not WeeklyReport.objects.visible_to(bureau.secretary).exists()


# ---------------------------------------------------------------- outside


def test_an_issue_is_not_there_for_who_has_no_part_in_its_campaign(bureau, issue, signed_in):
    bureau.campaign.participations.filter(organization=bureau.elsewhere).delete()
    client = signed_in(bureau.users["stranger"])
    for name in ("intake", "begin", "zero", "collate", "receive-all", "defer", "reminder"):
        for place in (bureau.branch, bureau.center, bureau.elsewhere):
            url = reverse(f"weekly-{name}", args=[issue.pk, place.pk])
            assert client.get(url).status_code == 404, (name, place)
    other = client.get(reverse("weekly"), {"campaign": bureau.campaign.pk})
    assert str(issue) not in other.content.decode()


def test_of_an_organization_that_takes_part_elsewhere_nothing_is_seen(bureau, issue, signed_in):
    """The stranger's takes part in the same campaign; ours is none of his business."""
    filed = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=AT)
    client = signed_in(bureau.users["stranger"])
    for name in ("intake", "begin", "zero", "collate", "receive-all", "defer", "reminder"):
        url = reverse(f"weekly-{name}", args=[issue.pk, bureau.branch.pk])
        assert client.get(url).status_code == 404, name
    board = client.get(reverse("weekly")).content.decode()
    assert str(bureau.branch) not in board
    assert client.get(filed.get_absolute_url()).status_code == 404


def test_an_inspector_reads_below_him_only(bureau, issue):
    filed = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=AT)
    above = actor(person("上级纪检", bureau.branch, "inspector"))

    assert READ["inspector"] == "VX"
    assert list(WeeklyReport.objects.visible_to(bureau.inspector)) == [filed]
    assert not WeeklyReport.objects.visible_to(above).exists()


# ---------------------------------------------------------------- what was filed


def test_nobody_changes_what_was_filed_by_any_page(bureau, issue, signed_in):
    """wr.edit_submitted: a real attempt by everybody, at every address that writes."""
    branch = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=AT)
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    report = weekly_reports.write(
        report, edition=report.edition, texts=weekly.TEXTS, by=bureau.office, at=AT
    )
    report = weekly_signings.submit(report, by=bureau.office, at=AT)
    report = weekly_signings.sign(report, by=bureau.leader, at=AT)
    was = [kept(one) for one in (branch, report)]

    for who in bureau.users:
        client = signed_in(bureau.users[who])
        for one in (branch, report):
            for name in OF_A_REPORT:
                if f"weekly-{name}" in DATA:
                    with transaction.atomic():
                        response = client.post(
                            reverse(f"weekly-{name}", args=[one.pk]), typed(bureau, one, name)
                        )
                        assert response.status_code < 500, (who, name)
                        assert [kept(row) for row in (branch, report)] == was, (who, name)
                        transaction.set_rollback(True)


def typed(bureau, report, name):
    data = {
        "version": report.edition,
        "progress": "改写。",
        "plans": "改写。",
        "reason": "改写",
        "signer": bureau.users["leader"].pk,
        "signed_on": "2026-06-03",
        "kind": "agreed",
        "to": "上级",
        "sent_at": "2026-06-03T09:00",
        "way": "paper",
        "confirm": "",
        "token": uuid.uuid4(),
    }
    return data | ({"scan": a_file()} if name == "paper" else {})


def kept(report):
    """Everything of a report and its paragraphs, but whether a newer version was begun."""
    row = WeeklyReport.objects.filter(pk=report.pk).values().get()
    row.pop("is_latest")
    return row, list(report.parts.order_by("pk").values())


def test_a_collated_report_takes_no_shortcut(bureau, issue, signed_in):
    """The pages of a branch's report do not carry an office's past who looks it over and signs."""
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    report = weekly_reports.write(
        report, edition=report.edition, texts=weekly.TEXTS, by=bureau.office, at=AT
    )
    for who in ("office", "leader"):
        for name in ("prepare", "confirm", "redraft", "sign"):
            client = signed_in(bureau.users[who])
            client.post(reverse(f"weekly-{name}", args=[report.pk]), {"token": uuid.uuid4()})
            report.refresh_from_db()
            assert (report.status, report.progress) == ("draft", weekly.TEXTS["progress"]), name


def test_a_report_that_was_waived_once_is_looked_over_when_somebody_is_there(bureau, issue):
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    report = weekly_reports.write(
        report, edition=report.edition, texts=weekly.TEXTS, by=bureau.office, at=AT
    )
    assert weekly_signings.submit(report, by=bureau.office, at=AT).review_waived
    report = weekly_reports.send_back(report, reason="补充", by=bureau.leader, at=AT)
    weekly.second_office(bureau)

    report = weekly_signings.submit(report, by=bureau.office, at=AT)

    assert (report.status, report.review_waived) == ("prepared", False)


# ---------------------------------------------------------------- bad input that the sweep misses


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59",
        "9999-12-31T23:59-14:00",
        "2026-02-31T09:00",
        "20260-01-01T00:00",
        "2026-06-09T24:01",
        "",
    ],
)
def test_a_moment_that_is_none_is_a_sentence_on_the_page(bureau, issue, signed_in, moment):
    client = signed_in(bureau.users["office"])
    url = reverse("weekly-defer", args=[issue.pk, bureau.branch.pk])
    data = {"kind": "agreed", "until": moment, "reason": "出差", "token": uuid.uuid4()}

    response = client.post(url, data)

    assert (response.status_code, issue.deferrals.count()) == (200, 0)


@pytest.mark.parametrize("page", ["", "x", "-1", "0", "99999999", "9" * 400, "٣", "\x00"])
def test_a_page_that_is_none_is_the_first_or_the_last(bureau, issue, signed_in, page):
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=AT)
    for name, (who, url) in pages_of(bureau, issue, report).items():
        response = signed_in(bureau.users[who]).get(url, {"page": page, "campaign": page})
        assert response.status_code == 200, name


def test_a_deferral_is_not_before_the_cut_off_nor_for_ever(bureau, issue, signed_in):
    client = signed_in(bureau.users["office"])
    url = reverse("weekly-defer", args=[issue.pk, bureau.branch.pk])
    for until in (issue.branch_due_at - timedelta(minutes=1), AT + timedelta(days=90)):
        data = {"kind": "agreed", "until": f"{until:%Y-%m-%dT%H:%M}", "reason": "出差"}
        response = client.post(url, data | {"token": uuid.uuid4()})
        assert (response.status_code, issue.deferrals.count()) == (200, 0)
