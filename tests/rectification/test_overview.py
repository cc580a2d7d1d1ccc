"""One campaign at a glance (活动总览): each number opens exactly its rows; few are kept back."""

from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.actions import examination_reviews
from campaigns.models import Assignment, Excuse, Stage, Verdict
from rectification.actions import findings, registrations
from rectification.models import overview
from rectification.models.overview import FEW
from reform.models import Role, TrailEntry
from tests.campaigns.sheets import begun, sent
from tests.factories import AT, ON, OrganizationFactory, ProblemFactory, actor, person
from tests.rectification.test_findings import WORDS, accepted

pytestmark = pytest.mark.dealt

ROLES = ("secretary", "neighbour", "inspector", "office", "top_office", "leader")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world(bureau):
    """Accepted, returned, waiting, a draft; findings taken and not; rows of two branches."""
    four = accepted(bureau, bureau.member, "庸", "散", "慢", "虚")
    findings.take_in(four[:1], by=bureau.secretary, at=AT)
    returned = sent(bureau.campaign, bureau.colleague)
    examination_reviews.decide(
        returned,
        number=1,
        decision=Verdict.Decision.RETURNED,
        comment="请写具体。",
        by=bureau.secretary,
        at=AT,
    )
    begun(bureau.campaign, bureau.liaison)
    sent(bureau.campaign, actor(person("余乐", bureau.sibling)))
    for place in (bureau.branch, bureau.branch, bureau.sibling, bureau.center):
        row = ProblemFactory(
            campaign=bureau.campaign,
            organization=place,
            by=actor(person("联络员乙", place, Role.LIAISON)),
        )
        registrations.register(row, by=row.drafted_by and actor(row.drafted_by), at=AT)
    return bureau


def page_of(browser, campaign, **facts):
    return browser.get(reverse("overview", args=[campaign.pk]), facts)


@pytest.mark.both
@pytest.mark.parametrize("who", ROLES)
def test_each_number_opens_exactly_its_rows(world, signed_in, who):
    """Every cell of every level that somebody may look into."""
    browser = signed_in(world.users[who])
    places, opened = [None], 0
    while places:
        place = places.pop()
        page = page_of(browser, world.campaign, **({"organization": place} if place else {}))
        assert page.status_code == 200
        lines = page.context["asked"].lines
        places += [line.organization.pk for line in lines if line.may_open]
        for row in page.context["rows"]:
            for _column, shown, url in row["cells"]:
                if not url:
                    continue
                opened += 1
                rows = browser.get(url).context["page_obj"].paginator.count
                assert (str(rows), row["name"]) == (shown, row["name"]), url
    assert opened


def cells(page, name):
    row = next(row for row in page.context["rows"] if row["name"] == name)
    return {column.code: shown for column, shown, _ in row["cells"]}


def test_what_stands_in_it(world, signed_in):
    page = page_of(signed_in(world.users["office"]), world.campaign)
    branch = cells(page, "第一党支部")
    # The liaison of the branch and the two who typed problems are not members there.
    assert {code: branch[code] for code in ("submitted", "reviewed", "missing", "found")} == {
        "submitted": "2",
        "reviewed": "1",
        "missing": "2",
        "found": "4",
    }
    assert branch["asked"] == "4"
    assert branch["taken"] == f"少于{FEW}"
    assert (branch["total"], branch["closed"]) == ("2", "0")
    other = cells(page, "第二党支部")
    assert (other["found"], other["submitted"]) == (f"少于{FEW}", "1")
    names = [row["name"] for row in page.context["rows"]]
    assert names == ["服务中心党委（本级）", "第一党支部", "第二党支部"]
    total = {column.code: number for column, number in page.context["total"]}
    assert (total["total"], total["found"], total["taken"]) == ("4", "—", "—")


def test_who_is_excused_leaves_the_denominator_and_tasks_are_counted(world, signed_in):
    """Of the stage that goes on; who has submitted all the same counts as before."""
    stage = Stage.objects.create(
        campaign=world.campaign,
        position=1,
        title="查摆剖析",
        starts_on=ON,
        ends_on=ON,
        status="open",
    )
    for name in ("liaison", "member"):
        Excuse.objects.create(
            stage=stage,
            person=world.users[name],
            reason="sick",
            by=world.users["office"],
            by_name="何静",
            at=AT,
        )
    for place, status in ((1, "done"), (2, "under_way")):
        Assignment.objects.create(
            campaign=world.campaign,
            position=place,
            task="开展警示教育",
            organization=world.branch,
            status=status,
            done_on=ON if status == "done" else None,
        )
    browser = signed_in(world.users["office"])
    branch = cells(page_of(browser, world.campaign), "第一党支部")
    codes = ("asked", "submitted", "missing", "excused", "tasks", "tasks_done")
    assert [branch[code] for code in codes] == ["3", "2", "1", "1", "2", "1"]
    test_each_number_opens_exactly_its_rows(world, signed_in, "office")


def test_few_personal_rows_are_told_to_the_secretary_alone(world, signed_in):
    page = page_of(signed_in(world.users["secretary"]), world.campaign)
    assert cells(page, "第一党支部（本级）")["taken"] == "1"
    assert len(page.context["rows"]) == 1
    # An inspector comes to personal rows by assignment alone: not even their number is his.
    page = page_of(signed_in(world.users["inspector"]), world.campaign)
    assert cells(page, "第一党支部")["found"] == "—"


def test_no_word_and_no_draft_stands_in_it(world, signed_in):
    """A draft looks like nothing; nobody's text is on any of the pages."""
    for who in ROLES:
        browser = signed_in(world.users[who])
        for name in ("overview", "overview-people"):
            url = reverse(name, args=[world.campaign.pk])
            for place in (world.branch, world.center):
                for state in ("asked", "missing"):
                    page = browser.get(url, {"organization": place.pk, "state": state})
                    assert WORDS not in page.content.decode()
                    assert "草稿</" not in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 403), ("liaison", 403), ("system", 404), ("stranger", 200)],
)
def test_for_whom_it_is(world, signed_in, who, status):
    assert page_of(signed_in(world.users[who]), world.campaign).status_code == status


def test_an_organization_outside_is_not_looked_into(world, signed_in):
    browser = signed_in(world.users["neighbour"])
    url = reverse("overview-people", args=[world.campaign.pk])
    assert browser.get(url, {"organization": world.branch.pk}).status_code == 404
    page = page_of(browser, world.campaign, organization=world.branch.pk)
    assert [row["name"] for row in page.context["rows"]] == ["第二党支部（本级）"]


def queries(browser, campaign):
    with CaptureQueriesContext(connection) as seen:
        assert page_of(browser, campaign).status_code == 200
    return len(seen)


def test_as_many_statements_for_many_organizations(world, signed_in):
    browser = signed_in(world.users["office"])
    queries(browser, world.campaign)
    few = queries(browser, world.campaign)
    for number in range(30):
        place = OrganizationFactory(name=f"第{number}分支", parent=world.center)
        person(f"某{number}", place)
    assert queries(browser, world.campaign) == few


def test_its_workbook(world, signed_in):
    browser = signed_in(world.users["office"])
    answer = browser.get(reverse("overview-table", args=[world.campaign.pk]))
    sheet = load_workbook(BytesIO(answer.getvalue())).active
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    rows = list(sheet.values)
    names = [row[1] for row in rows[3:7]]
    assert names == ["服务中心党委（本级）", "第一党支部", "第二党支部", "合计"]
    page = page_of(browser, world.campaign)
    assert [str(value) for value in rows[4][2:]] == list(cells(page, "第一党支部").values())
    assert WORDS not in str(rows)
    assert TrailEntry.objects.filter(act="overview.exported").exists()


def test_what_examinations_left_out(world, signed_in):
    """From above, under an item that nobody of the unit named; not where nobody examined yet."""
    campaign = world.campaign
    above = campaign.sources.filter(from_above=True).first()
    items = {item.name: item for item in campaign.items.all()}
    found = {}
    for place, name in (
        (world.branch, "粗"),
        (world.branch, "庸"),  # the member named it
        (world.sibling, "粗"),  # nobody's text is accepted there yet
    ):
        row = ProblemFactory(
            campaign=campaign,
            organization=place,
            by=actor(person("联络员丙", place, Role.LIAISON)),
            source=above,
            items=[items[name]],
        )
        registrations.register(row, by=actor(row.drafted_by), at=AT)
        found[place, name] = row
    assert list(overview.unreported(world.inspector, campaign)) == [found[world.branch, "粗"]]
    url = reverse("unreported", args=[campaign.pk])
    page = signed_in(world.users["inspector"]).get(url)
    assert [row.pk for row in page.context["page_obj"]] == [found[world.branch, "粗"].pk]
    for who in ("member", "secretary", "office", "leader"):
        assert signed_in(world.users[who]).get(url).status_code == 403


def test_a_stage_has_its_own_tasks_and_its_own_excuses(world, signed_in):
    """As in the table of tasks that its numbers open; what people found belongs to no stage."""
    facts = {"campaign": world.campaign, "starts_on": ON, "ends_on": ON}
    past = Stage.objects.create(
        position=1, title="学习动员", status="closed", closed_on=ON, **facts
    )
    now = Stage.objects.create(position=2, title="查摆剖析", status="open", **facts)
    said = {"reason": "sick", "by": world.users["office"], "by_name": "何静", "at": AT}
    for name in ("liaison", "member"):  # one of whom has submitted all the same
        Excuse.objects.create(stage=past, person=world.users[name], **said)
    for place, stage in ((1, past), (2, now), (3, None)):
        Assignment.objects.create(
            campaign=world.campaign,
            position=place,
            task="开展警示教育",
            organization=world.branch,
            stage=stage,
        )
    browser = signed_in(world.users["office"])
    codes = ("excused", "tasks", "found", "total")
    found = {}
    for stage in (None, past, now):
        page = page_of(browser, world.campaign, **({"stage": stage.pk} if stage else {}))
        found[stage] = [cells(page, "第一党支部")[code] for code in codes]
        [row] = [row for row in page.context["rows"] if row["name"] == "第一党支部"]
        url = next(url for column, _, url in row["cells"] if column.code == "tasks")
        assert len(browser.get(url).context["object_list"]) == int(found[stage][1])

    assert [found[stage][:2] for stage in (None, past, now)] == [["0", "3"], ["1", "1"], ["0", "1"]]
    assert found[None][2:] == found[past][2:] == found[now][2:]
    table = browser.get(
        reverse("overview-table", args=[world.campaign.pk]), {"stage": past.pk}
    ).getvalue()
    sheet = load_workbook(BytesIO(table)).active
    assert "阶段：学习动员" in sheet["A2"].value
