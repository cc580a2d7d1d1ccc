"""First responsible persons: by duties, by name where somebody else is named, or 尚未明确."""

from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import responsible
from campaigns.actions.weekly_plans import taking_part
from campaigns.models import FirstResponsible
from campaigns.models.responsible import standings, unclear
from reform.errors import Forbidden, Refused
from reform.models import Duty, DutyField, Role, User
from tests.campaigns.led import named
from tests.factories import AT, LONG_AGO, ON, OrganizationFactory, person


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def department(bureau):
    return OrganizationFactory(name="养护科", kind="department", parent=bureau.center)


def said(bureau):
    """How it stands with each organization; the list of those that are unclear says the same."""
    places = list(taking_part(bureau.campaign, on=ON))
    rows = standings(places, bureau.campaign, on=ON)
    lacking = unclear(taking_part(bureau.campaign, on=ON), bureau.campaign, on=ON)
    assert [row.organization for row in rows if not row.is_clear] == list(lacking)
    return {str(row.organization): row.why or f"{row.ground}{row.name}" for row in rows}


def test_duties_say_who_is_first_responsible(bureau, department):
    assert said(bureau) == {
        "市交通局党组": "没有登记书记或主要负责人",
        "服务中心党委": "主要负责人罗海",
        "第一党支部": "书记郑洁",
        "第二党支部": "书记黄蕾",
        "养护科": "没有登记主要负责人",
        "市水利局党组": "主要负责人潘雪",
    }
    # A secretary goes before the 主要负责人 of a Party organization, and says nothing of a unit.
    person("党委书记", bureau.center, Role.SECRETARY)
    person("科里书记", department, Role.SECRETARY)
    person("副书记", bureau.sibling, Role.SECRETARY)
    now = said(bureau)
    assert now["服务中心党委"] == "书记党委书记"
    assert now["养护科"] == "没有登记主要负责人"
    assert now["第二党支部"] == "有2名书记（副书记、黄蕾），请指定一人"
    User.objects.filter(name="副书记").update(is_active=False)
    assert said(bureau)["第二党支部"] == "书记黄蕾"


def test_somebody_else_is_named_and_the_one_before_ends(bureau, department):
    office = bureau.office
    first = named(bureau.campaign, department, "马超", by=office, user=bureau.users["member"])
    named(bureau.campaign, department, "杨柳", by=office)

    first.refresh_from_db()
    assert first.until == ON
    assert said(bureau)["养护科"] == "指定杨柳"
    responsible.unname(bureau.campaign, organization=department, by=office, at=AT)
    assert said(bureau)["养护科"] == "没有登记主要负责人"
    with pytest.raises(Refused, match="现在就按职责确定"):
        responsible.unname(bureau.campaign, organization=department, by=office, at=AT)


def test_a_named_person_whose_account_is_closed_stands_out(bureau):
    named(bureau.campaign, bureau.branch, "马超", by=bureau.office, user=bureau.users["member"])
    User.objects.filter(name="马超").update(is_active=False)

    assert said(bureau)["第一党支部"] == "指定的马超已停用，请重新指定"


def test_who_names_and_what_is_refused(bureau):
    """O D: also an office below the one that leads, for its own part of the tree."""
    may = set()
    for name in bureau.users:
        try:
            with transaction.atomic():
                named(bureau.campaign, bureau.branch, "杨柳", by=getattr(bureau, name))
                transaction.set_rollback(True)
            may.add(name)
        except Forbidden:
            pass
    assert may == {"office", "top_office"}

    named(bureau.campaign, bureau.branch, "杨柳", by=bureau.office)
    with pytest.raises(Refused, match="现在指定的就是杨柳"):
        named(bureau.campaign, bureau.branch, "杨柳", by=bureau.office)
    with pytest.raises(Refused, match="晚于今天"):
        responsible.name(
            bureau.campaign,
            organization=bureau.branch,
            person=responsible.NewMember("", "林芳"),
            since=ON + timedelta(days=1),
            by=bureau.office,
            at=AT,
        )


@pytest.mark.parametrize(
    "write",
    [lambda rows: rows.update(name="林芳"), lambda rows: rows.delete()],
    ids=["rewritten", "deleted"],
)
def test_a_row_is_kept_as_it_was_written(bureau, write):
    named(bureau.campaign, bureau.branch, "杨柳", by=bureau.office)
    with pytest.raises(IntegrityError), transaction.atomic():
        write(FirstResponsible.objects.all())


def test_leaders_stand_with_their_fields(bureau):
    deputy = person("副主任", bureau.center, Role.LEADER)
    duty = Duty.objects.get(user=deputy, role=Role.LEADER)
    for place, until in ((bureau.branch, None), (bureau.sibling, ON - timedelta(days=1))):
        DutyField.objects.create(duty=duty, organization=place, since=LONG_AGO, until=until)

    [row] = standings([bureau.center], bureau.campaign, on=ON)

    assert [(str(one.user), one.answers_for) for one in row.leaders] == [
        ("罗海", "主持全面工作"),
        ("副主任", "第一党支部"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_organizations(bureau, travel, count, signed_in):
    for number in range(count):
        place = OrganizationFactory(name=f"支部{number}", parent=bureau.center)
        person(f"书记{number}", place, Role.SECRETARY)
        person(f"领导{number}", place, Role.LEADER)
    client = signed_in(bureau.users["office"])
    page = reverse("responsible", args=[bureau.campaign.pk])
    client.get(page)

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)

    assert "1个单位的第一责任人尚未明确" in answer.content.decode()
    assert len(queries) == QUERIES
    only = client.get(page, {"unclear": 1}).content.decode()
    assert ("市交通局党组" in only, "支部0" in only) == (True, False)


QUERIES = 12


def test_the_table_has_every_organization_in_official_order(bureau, travel, tmp_path, signed_in):
    client = signed_in(bureau.users["member"])
    answer = client.get(reverse("responsible-table", args=[bureau.campaign.pk]))
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))

    rows = list(openpyxl.load_workbook(path).active.values)

    assert [row[1] for row in rows[3:-1]] == [
        *("市交通局党组", "服务中心党委", "第一党支部", "第二党支部", "市水利局党组"),
    ]
    assert rows[3][2:4] == ("尚未明确", "没有登记书记或主要负责人")
    assert "共5个单位，其中1个" in rows[-1][0]


def test_one_names_by_page_somebody_picked_or_only_written(bureau, travel, signed_in):
    client = signed_in(bureau.users["office"])
    page = reverse("responsible-name", args=[bureau.campaign.pk])
    data = {"organization": "第一党支部", "since": ON}
    person("马超", bureau.sibling)

    asked = client.post(page, data | {"name": "马超"}).content.decode()
    assert "“马超”有2人" in asked
    member = bureau.users["member"]
    client.post(page, data | {"name": f"马超 #{member.pk}"})
    assert FirstResponsible.objects.current().get().user == member
    client.post(page, data | {"name": "杨柳", "post": "派驻负责人"})
    row = FirstResponsible.objects.current().get()
    assert (row.user, row.name, row.post) == (None, "杨柳", "派驻负责人")
