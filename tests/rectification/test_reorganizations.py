"""Changing the tree with all that stands on it (机构调整): nothing is lost, and history stays."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook

from rectification import policy
from rectification.actions import (
    chains,
    closures,
    registrations,
    reorganizations,
    reviews,
)
from rectification.actions.verdicts import Verdict
from rectification.exports.rows import Walk
from rectification.forms.reorganizations import SplitForm
from rectification.imports import ledger
from rectification.models import ClosureApplication, Decision, Problem, ReviewStep, Upload
from rectification.statistics import left_at
from reform.actions import organizations, relations, tree
from reform.errors import Refused
from reform.models import (
    Actor,
    Duty,
    DutyField,
    DutyProposal,
    Notice,
    Organization,
    Role,
    TrailEntry,
)
from reform.models.organization import LEVELS
from tests.conftest import SIX
from tests.factories import AT, LONG_AGO, ON, OrganizationFactory, ProblemFactory, person
from tests.rectification.test_import import HEADINGS, received, workbook

REVIEWED = Verdict(
    decision=Decision.APPROVED,
    opinion="属实",
    methods=["site"],
    standards=["measures", "handled", "result"],
)
SIGNED = Verdict(decision=Decision.APPROVED, opinion="同意")


@pytest.fixture
def by(bureau):
    return bureau.system


@pytest.fixture
def closed(bureau, applied):
    """A row of the branch, closed by its secretary and the office above."""
    for who, verdict in (("secretary", SIGNED), ("office", REVIEWED)):
        reviews.decide(step_of(applied.problem), verdict=verdict, by=getattr(bureau, who), at=AT)
    return Problem.objects.get(pk=applied.problem_id, status="closed")


def step_of(problem):
    return ReviewStep.objects.get(application__problem=problem, state="open")


def filed(bureau, description="另一条问题。"):
    return ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=today(bureau.users["liaison"]),
        description=description,
        **SIX,
    )


def merge(parts, into, by, on=ON):
    return reorganizations.merge(parts, into=into, on=on, document="批复2号", by=by, at=AT)


def fresh(*rows):
    for row in rows:
        row.refresh_from_db()
    return rows


def strays():
    """Rows whose path is not that of their organization, closed rows of merged ones apart."""
    rows = Problem.objects.select_related("organization")
    return [row for row in rows if row.path != row.organization.path]


def today(user):
    return Actor.of(user, on=ON)


def reads(who, problem):
    return Problem.objects.visible_to(who).filter(pk=problem.pk).exists()


# ---------------------------------------------------------------- move


def test_a_move_takes_along_what_is_below_and_every_row(bureau, by, closed, draft):
    inner = OrganizationFactory(name="第一党小组", parent=bureau.branch)
    number = closed.number

    reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)

    fresh(bureau.branch, inner, closed, draft, bureau.elsewhere)
    assert bureau.branch.path == f"{bureau.elsewhere.path}0001"
    assert inner.path == f"{bureau.branch.path}0001"
    assert (bureau.branch.depth, inner.depth) == (2, 3)
    assert (bureau.branch.sequence, inner.sequence) == (bureau.branch.path, inner.path)
    assert strays() == []
    assert (closed.number, closed.organization_name) == (number, "第一党支部")


def test_who_is_above_now_reads_and_who_was_does_not(bureau, by, closed):
    reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)

    office, stranger = today(bureau.users["office"]), today(bureau.users["stranger"])
    assert [reads(office, closed), reads(stranger, closed)] == [False, True]


def test_a_step_that_is_given_up_is_never_given_again(bureau, by):
    was = bureau.branch.path
    reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)
    new = OrganizationFactory(parent=bureau.center)
    reorganizations.move(bureau.branch, under=bureau.center, by=by, at=AT)

    fresh(bureau.branch)
    assert len({was, new.path, bureau.branch.path}) == 3


def test_one_may_become_a_top(bureau, by, closed):
    reorganizations.move(bureau.branch, under=None, by=by, at=AT)

    fresh(bureau.branch)
    assert (bureau.branch.parent, bureau.branch.depth, strays()) == (None, 1, [])


@pytest.mark.parametrize(
    ("one", "under", "why"),
    [
        ("center", "branch", "不能把“服务中心党委”移到它自己或它的下级之下"),
        ("center", "center", "不能把“服务中心党委”移到它自己"),
        ("branch", "center", "已在“服务中心党委”下面"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(bureau, by, one, under, why):
    with pytest.raises(Refused, match=why):
        reorganizations.move(getattr(bureau, one), under=getattr(bureau, under), by=by, at=AT)


def test_the_whole_subtree_stays_within_eight_levels(bureau, by):
    deep = bureau.elsewhere
    while deep.depth < LEVELS - 1:
        deep = OrganizationFactory(parent=deep)
    OrganizationFactory(name="党小组", parent=bureau.branch)

    with pytest.raises(Refused, match="移动后会超过8级"):
        reorganizations.move(bureau.branch, under=deep, by=by, at=AT)
    reorganizations.move(bureau.sibling, under=deep, by=by, at=AT)


def test_a_second_of_the_same_name_is_refused(bureau, by):
    OrganizationFactory(name="第一党支部", parent=bureau.elsewhere)

    with pytest.raises(Refused, match="下面已有名为“第一党支部”"):
        reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)


def test_a_step_whose_holder_no_longer_lies_above_is_sat_anew(bureau, by, applied):
    reviews.decide(step_of(applied.problem), verdict=SIGNED, by=bureau.secretary, at=AT)
    step = step_of(applied.problem)
    assert step.holder == bureau.center

    reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)

    fresh(step)
    assert step.holder == bureau.elsewhere
    asked = Notice.objects.filter(key=f"step:{step.pk}", read_at=None)
    assert [notice.recipient for notice in asked] == [bureau.users["stranger"]]
    last = TrailEntry.objects.of(applied.problem).last()
    assert last.sentence == "改送审核：核查 → 市水利局党组 潘雪"


def test_a_step_stays_where_its_holder_still_lies_above(bureau, by, applied):
    lower = OrganizationFactory(name="机关党委", kind="committee", parent=bureau.center)
    person("新办", lower, Role.OFFICE)
    reviews.decide(step_of(applied.problem), verdict=SIGNED, by=bureau.secretary, at=AT)

    reorganizations.move(bureau.branch, under=lower, by=by, at=AT)

    assert step_of(applied.problem).holder == bureau.center


@pytest.mark.parametrize("count", [1, 3])
def test_steps_that_stay_cost_one_statement_in_all(
    bureau, by, at, count, django_assert_num_queries
):
    for number in range(count):
        step_lies_at(bureau.center, filed(bureau, f"第{number}条。"))

    with django_assert_num_queries(1):
        moved = reorganizations.seat_anew(bureau.branch.path, by=by, at=at)

    assert moved == 0


def step_lies_at(holder, row, kind="verify"):
    application = ClosureApplication.objects.create(
        problem=row,
        round=1,
        level=row.campaign.closing_levels.first(),
        statement="已经整改。",
        applicant_name="某人",
        entered_by=row.drafted_by,
        applied_at=AT,
    )
    return ReviewStep.objects.create(
        application=application, position=1, kind=kind, state="open", holder=holder, opened_at=AT
    )


@pytest.mark.parametrize("owner_kind", ["unit", "personal"])
@pytest.mark.parametrize("kind", ["endorse", "verify", "recheck", "approve"])
def test_the_database_and_the_chain_climb_to_the_same_places(
    bureau, group, draft, kind, owner_kind
):
    draft.owner_kind = owner_kind
    draft.save(update_fields=["owner_kind"])
    step = step_lies_at(None, draft, kind)
    stays = set()
    for place in Organization.objects.all():
        ReviewStep.objects.update(holder=place)
        if not ReviewStep.objects.open().displaced(ON).exists():
            stays.add(place)
    ReviewStep.objects.update(holder=None)

    assert list(ReviewStep.objects.open().displaced(ON)) == [step]
    assert stays == set(chains.Line(draft, ON).places(kind)) != set()


def test_a_move_costs_the_same_statements_for_one_row_or_many(bureau, by):
    def statements(under):
        with connection.execute_wrapper(count):
            counted.clear()
            reorganizations.move(bureau.branch, under=under, by=by, at=AT)
        return len([sql for sql in counted if sql.startswith("UPDATE")])

    counted = []

    def count(execute, sql, *rest):
        counted.append(sql)
        return execute(sql, *rest)

    filed(bureau, "一。")
    once = statements(bureau.elsewhere)
    for number in range(20):
        fresh(bureau.branch)
        filed(bureau, f"第{number}条。")
        OrganizationFactory(parent=bureau.branch)

    assert statements(bureau.center) == once


# ---------------------------------------------------------------- what closed rows say


def test_a_closed_row_keeps_the_name_and_an_open_one_follows(bureau, by, closed, signed_in):
    still_open = filed(bureau)
    organizations.rename(
        bureau.branch, name="综合党支部", short_name="", on=ON, document="批复", by=by, at=AT
    )

    fresh(bureau.branch, closed, still_open)
    assert (closed.unit_name, still_open.unit_name) == ("第一党支部", "综合党支部")
    rows = dict(Problem.objects.named().values_list("pk", "unit"))
    assert rows == {closed.pk: "第一党支部", still_open.pk: "综合党支部"}
    browser = signed_in(bureau.office)
    ledger_page = browser.get(reverse("problems"), {"view": "closed"}).content.decode()
    page = browser.get(closed.get_absolute_url()).content.decode()
    assert ["第一党支部" in ledger_page, "第一党支部" in page] == [True, True]
    assert "综合党支部" not in ledger_page


def test_papers_list_the_name_of_then_and_the_one_above_of_then(bureau, by, closed):
    filed(bureau)
    organizations.rename(
        bureau.branch, name="综合党支部", short_name="", on=ON, document="批复", by=by, at=AT
    )
    organizations.rename(
        bureau.center, name="中心党委", short_name="", on=ON, document="批复", by=by, at=AT
    )

    walk = Walk.over(Problem.objects.all())
    said = [(row.organization, row.above) for row in walk.rows(on=ON, tell=lambda *_: None)]
    assert said == [("综合党支部", "中心党委"), ("第一党支部", "服务中心党委")]
    assert list(walk.sizes) == [
        (bureau.branch.pk, "综合党支部"),
        (bureau.branch.pk, "第一党支部"),
    ]


def test_papers_list_what_was_taken_over_behind_the_successors_own(bureau, by, closed, signed_in):
    """Under the name it closed with, at the place of whoever answers now: as the ledger does."""
    first = OrganizationFactory(name="机关党支部", parent=bureau.center)
    tree.place_after(first, after=None, by=by, at=AT)
    rows = {}
    for place in (first, bureau.sibling):
        who = today(person("经办", place, Role.LIAISON, Role.SECRETARY))
        row = ProblemFactory(campaign=bureau.campaign, organization=place, by=who, **SIX)
        rows[place.name] = registrations.register(row, by=who, at=AT)
    merge([bureau.branch], bureau.sibling, by)
    fourth = OrganizationFactory(name="末尾党支部", parent=bureau.center)
    merge([bureau.sibling], fourth, by)  # history goes on: twice taken over

    walk = Walk.over(Problem.objects.all())
    said = [(row.pk, row.organization) for row in walk.rows(on=ON, tell=lambda *_: None)]

    assert said == [
        (rows["机关党支部"].pk, "机关党支部"),
        (rows["第二党支部"].pk, "末尾党支部"),
        (closed.pk, "第一党支部"),
    ]
    page = signed_in(bureau.office).get(reverse("problems"), {"sort": "organization"})
    assert {row["pk"] for row in page.context["rows"][1:]} == {pk for pk, _ in said[1:]}
    assert page.context["rows"][0]["pk"] == said[0][0]


def test_the_page_of_a_closed_row_says_who_has_it_now(bureau, by, closed, signed_in):
    browser = signed_in(bureau.office)
    before = browser.get(closed.get_absolute_url()).content.decode()
    merge([bureau.branch], bureau.sibling, by)
    merged = browser.get(closed.get_absolute_url()).content.decode()
    fresh(bureau.sibling)
    organizations.rename(
        bureau.sibling, name="综合党支部", short_name="", on=ON, document="批复", by=by, at=AT
    )
    renamed = browser.get(closed.get_absolute_url()).content.decode()

    assert ["现归" in page for page in (before, merged, renamed)] == [False, True, True]
    assert "<span>第一党支部（现归第二党支部）</span>" in merged
    assert "<span>第一党支部（现归综合党支部）</span>" in renamed


def test_papers_and_the_ledger_follow_the_official_order(bureau, by, signed_in):
    first = filed(bureau)
    neighbour = ProblemFactory(
        campaign=bureau.campaign, organization=bureau.sibling, by=bureau.neighbour, **SIX
    )
    for row, who in ((first, bureau.secretary), (neighbour, bureau.neighbour)):
        registrations.register(row, by=who, at=AT)
    tree.shift(bureau.branch, earlier=False, by=by, at=AT)

    assert list(Walk.over(Problem.objects.all()).keys) == [neighbour.pk, first.pk]
    page = signed_in(bureau.office).get(reverse("problems"), {"sort": "organization"})
    assert [row["pk"] for row in page.context["rows"]] == [neighbour.pk, first.pk]


def test_a_workbook_under_the_former_name_is_taken_as_one_s_own(bureau, by):
    organizations.rename(
        bureau.branch, name="综合党支部", short_name="", on=ON, document="批复", by=by, at=AT
    )
    fresh(bureau.branch)
    book = Workbook()
    book.active.append(["第一党支部问题整改台账"])
    book.active.append([*HEADINGS, "责任单位"])
    book.active.append([1, "窗口无人。", "改", "马超", "2026年6月30日", "第一党支部"])
    book.save(buffer := BytesIO())

    checked = ledger.check(received(bureau, AT, buffer.getvalue()), by=bureau.liaison)

    assert [fault.message for fault in checked.faults] == []
    assert [row.organization for row in checked.rows] == [bureau.branch]


# ---------------------------------------------------------------- merge


def test_what_a_merged_one_had_is_the_other_s(bureau, by, closed):
    still_open = filed(bureau)
    inner = OrganizationFactory(name="第一党小组", parent=bureau.branch)

    merge([bureau.branch], bureau.sibling, by)

    fresh(bureau.branch, bureau.sibling, closed, still_open, inner)
    assert (still_open.organization, still_open.path) == (bureau.sibling, bureau.sibling.path)
    assert (closed.organization, closed.path) == (bureau.branch, bureau.sibling.path)
    assert closed.unit_name == "第一党支部"
    assert inner.parent == bureau.sibling
    assert (bureau.branch.retired_on, bureau.branch.succeeded_by) == (ON, bureau.sibling)
    assert reads(today(bureau.users["neighbour"]), closed)


def test_members_go_over_with_their_home_and_other_duties_end(bureau, by):
    Duty.objects.filter(user=bureau.users["member"]).update(home=True)
    guard = person("安全员", bureau.top, Role.SECURITY)

    merge([bureau.branch], bureau.sibling, by)

    held = Duty.objects.in_force(ON).filter(user=bureau.users["member"]).get()
    assert (held.organization, held.role, held.home, held.since) == (
        bureau.sibling, Role.MEMBER, True, ON,
    )  # fmt: skip
    before = Duty.objects.in_force(ON - timedelta(days=1)).filter(user=bureau.users["member"])
    assert [duty.organization for duty in before] == [bureau.branch]
    assert not Duty.objects.in_force(ON).filter(organization=bureau.branch).exists()
    secretary = Duty.objects.in_force(ON).filter(user=bureau.users["secretary"])
    assert [duty.role for duty in secretary] == [Role.MEMBER]
    told = Notice.objects.get(recipient=guard)
    assert "郑洁（第一党支部支部书记）" in told.subject


def test_somebody_who_is_a_member_of_both_stays_one(bureau, by):
    both = bureau.users["member"]
    Duty.objects.filter(user=both).update(home=True)
    Duty.objects.create(user=both, organization=bureau.sibling, role=Role.MEMBER, since=LONG_AGO)

    merge([bureau.branch], bureau.sibling, by)

    held = Duty.objects.in_force(ON).get(user=both)
    assert (held.organization, held.home) == (bureau.sibling, True)


def test_imports_waiting_campaigns_and_cooperation_go_along(bureau, by):
    upload = received(bureau, AT, workbook((1, "窗口无人。", "改", "马超", "")))
    bureau.campaign.participations.create(organization=bureau.branch)
    helped = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.sibling,
        by=bureau.neighbour,
        **SIX | {"cooperating": ["第一党支部"]},
    )
    other = OrganizationFactory(name="第三党支部", parent=bureau.center)

    merge([bureau.branch], other, by)

    assert Upload.objects.get(pk=upload.pk).organization == other
    assert helped.departments.get(part="cooperating").organization == other
    joined = bureau.campaign.participations.values_list("organization__name", flat=True)
    assert sorted(joined) == ["市交通局党组", "市水利局党组", "第三党支部"]


def test_a_leader_who_answered_for_the_part_answers_for_the_whole(bureau, by):
    leader = person("分管领导", bureau.center, Role.LEADER)
    duty = Duty.objects.get(user=leader)
    DutyField.objects.create(duty=duty, organization=bureau.branch, since=LONG_AGO)

    merge([bureau.branch], bureau.sibling, by)

    assert [field.organization for field in duty.fields.in_force(ON)] == [bureau.sibling]
    assert duty.fields.get(organization=bureau.branch).until == ON - timedelta(days=1)


def test_duties_that_ended_are_proposed_anew_where_nobody_holds_them_yet(bureau, by):
    liaison = bureau.users["liaison"]
    told = Duty.objects.filter(organization=bureau.branch).exclude(role=Role.MEMBER).count()

    merge([bureau.branch], bureau.sibling, by)

    waiting = DutyProposal.objects.waiting().filter(organization=bureau.sibling)
    assert waiting.count() == told
    one = waiting.get(user=liaison, role=Role.LIAISON)
    assert (one.origin, one.proposed_by) == (DutyProposal.Origin.REORGANIZED, by.user)


def test_a_step_that_waited_with_the_merged_one_goes_to_the_other(bureau, by, applied):
    merge([bureau.branch], bureau.sibling, by)

    step = step_of(applied.problem)
    assert step.holder == bureau.sibling
    words = chains.words(chains.seat(step.application, step, on=ON))
    assert words == "第二党支部 黄蕾"


def test_two_become_a_new_one(bureau, by, closed):
    new = reorganizations.merge_into_new(
        [bureau.branch, bureau.sibling],
        name="联合党支部",
        code="LH",
        kind="branch",
        on=ON,
        document="批复3号",
        by=by,
        at=AT,
    )

    fresh(closed)
    assert (new.parent, closed.path) == (bureau.center, new.path)
    gone = Organization.objects.filter(succeeded_by=new).official_order()
    assert [row.name for row in gone] == ["第一党支部", "第二党支部"]


def test_merging_twice_carries_history_on(bureau, by, closed):
    third = OrganizationFactory(name="第三党支部", parent=bureau.center)

    merge([bureau.branch], bureau.sibling, by)
    merge([bureau.sibling], third, by)

    fresh(closed)
    assert (closed.path, closed.unit_name) == (third.path, "第一党支部")


@pytest.mark.parametrize(
    ("parts", "into", "day", "why"),
    [
        (["branch"], "branch", ON, "不能并入它自己"),
        (["center"], "branch", ON, "请先把它移到别处"),
        (["branch"], "sibling", ON + timedelta(days=1), "不能晚于今天"),
    ],
)
def test_a_merger_that_makes_no_sense_changes_nothing(bureau, by, parts, into, day, why):
    with pytest.raises(Refused, match=why):
        merge([getattr(bureau, name) for name in parts], getattr(bureau, into), by, on=day)

    assert not Organization.objects.exclude(retired_on=None).exists()


# ---------------------------------------------------------------- retire, split


def test_an_organization_is_retired_when_nothing_is_left_there(bureau, by):
    empty = OrganizationFactory(name="空支部", parent=bureau.center)

    reorganizations.retire(empty, on=ON, document="批复", by=by, at=AT)

    assert empty.is_retired(ON)
    with pytest.raises(Refused, match="已撤销"):
        organizations.rename(empty, name="新", short_name="", on=ON, document="批复", by=by, at=AT)


def test_what_is_left_is_named(bureau, by, registered):
    filed(bureau)

    with pytest.raises(Refused, match="还有1条未销号的问题、1条草稿、4名人员，"):
        reorganizations.retire(bureau.branch, on=ON, document="批复", by=by, at=AT)


def test_nobody_files_for_a_retired_one_and_its_rows_are_read_from_above(bureau, by, closed):
    merge([bureau.branch], bureau.sibling, by)
    fresh(bureau.branch)

    assert reads(today(bureau.users["office"]), closed)
    with pytest.raises(Refused):
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.office)


def test_a_filter_finds_the_rows_of_one_that_is_gone(bureau, by, closed, signed_in):
    merge([bureau.branch], bureau.sibling, by)
    browser = signed_in(bureau.office)

    page = browser.get(reverse("problems"), {"organization": bureau.branch.pk})
    assert [row["pk"] for row in page.context["rows"]] == [closed.pk]
    search = reverse("organization-search")
    hidden = browser.get(search, {"q": "第一党支部"}).json()
    shown = browser.get(search, {"q": "第一党支部", "retired": "1"}).json()
    assert (hidden, shown[0]["hint"]) == ([], "服务中心党委 · 已撤销")


def test_a_split_takes_some_members_and_some_rows(bureau, by):
    stays, goes = filed(bureau, "留下。"), filed(bureau, "划走。")
    member = Duty.objects.get(user=bureau.users["member"])

    new = reorganizations.split(
        bureau.branch,
        name="第三党支部",
        code="ZB3",
        kind="branch",
        members=[member],
        problems=[goes],
        on=ON,
        document="批复",
        by=by,
        at=AT,
    )

    fresh(stays, goes)
    assert (stays.organization, goes.organization) == (bureau.branch, new)
    assert strays() == []
    held = Duty.objects.in_force(ON).get(user=bureau.users["member"])
    assert (held.organization, new.parent) == (new, bureau.center)


def test_a_split_takes_organizations_below_with_all_that_stands_there(bureau, by, applied):
    """Their open steps are sat anew where those above them are now."""
    first, second = (OrganizationFactory(name=name, parent=bureau.center) for name in "甲乙")
    row = filed(bureau)
    new = reorganizations.split(
        bureau.center,
        name="第二中心党委",
        code="DW2",
        kind="committee",
        children=[bureau.branch, first],
        on=ON,
        document="批复",
        by=by,
        at=AT,
    )

    fresh(bureau.branch, first, second, row, applied.problem)
    parents = [place.parent for place in (bureau.branch, first, second)]
    assert parents == [new, new, bureau.center]
    assert new.covers(row.path)
    assert (reads(today(bureau.users["office"]), row), strays()) == (False, [])
    entry = TrailEntry.objects.of(bureau.center).get(act="organization.split")
    assert entry.detail["children"] == [bureau.branch.pk, first.pk]


def test_who_is_no_longer_a_child_does_not_go(bureau, by):
    other = OrganizationFactory(name="甲", parent=bureau.sibling)

    with pytest.raises(Refused, match="“甲”已不是“服务中心党委”的下级"):
        reorganizations.split(
            bureau.center,
            name="第二中心党委",
            code="DW2",
            kind="committee",
            children=[other],
            on=ON,
            document="批复",
            by=by,
            at=AT,
        )


NEW_ONE = {
    "name": "第三党支部",
    "kind": "branch",
    "code": "ZB3",
    "on": "2026-06-03",
    "document": "批复",
}


def asked(bureau, **data):
    form = SplitForm(NEW_ONE | data, organization=bureau.branch, on=ON)
    assert form.is_valid() or form.errors
    return form


@pytest.mark.parametrize(
    ("ways", "members", "rows"),
    [
        ({"members_way": "all", "problems_way": "all"}, "周敏林芳郑洁马超", "甲乙丙"),
        ({"members_way": "named", "names": "马超、林芳"}, "林芳马超", ""),
        ({"members_way": "named", "names": "马超", "problems_way": "people"}, "马超", "甲"),
        ({"members_way": "named", "names": "周敏", "problems_way": "people"}, "周敏", "丙"),
    ],
)
def test_who_goes_is_ticked_named_or_all_however_many_they_are(
    bureau, at, monkeypatch, ways, members, rows
):
    """丙 is a draft of the liaison's; 甲 is on the ledger and 马超 answers for it."""
    monkeypatch.setattr("rectification.forms.reorganizations.SHOWN", 1)
    for words, persons in (("甲", ["马超"]), ("乙", ["林芳"])):
        row = ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            description=words,
            **SIX | {"persons": persons},
        )
        registrations.register(row, by=bureau.secretary, at=at)
    ProblemFactory(
        campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, description="丙"
    )

    form = asked(bureau, **ways)

    going = "".join(sorted(duty.user.name for duty in form.cleaned_data["members"]))
    taken = "".join(row.description for row in form.cleaned_data["problems"])
    assert (going, "".join(sorted(taken)), form.errors) == (
        "".join(sorted(members[at_ : at_ + 2] for at_ in range(0, len(members), 2))),
        "".join(sorted(rows)),
        {},
    )
    assert "只列出前1个，另有3名成员" in form.fields["members"].help_text
    assert "另有2条问题" in form.fields["problems"].help_text


def test_names_that_mean_nobody_or_two_are_told(bureau):
    person("马超", bureau.branch)

    form = asked(bureau, members_way="named", names="马超\n无名")

    assert form.errors["names"] == [
        "“第一党支部”没有这些成员：无名，请核对姓名。",
        "有同名的成员：马超，请改用勾选。",
    ]


def test_what_came_after_the_split_was_shown_is_shown_first(bureau, by, signed_in):
    """All of them, as many as were listed: not one more that nobody has seen."""
    page = reverse("organization-split", args=[bureau.branch.pk])
    browser = signed_in(by)
    shown = browser.post(page, NEW_ONE | {"members_way": "all"})
    assert "4名成员自" in shown.content.decode()
    counted = shown.context["form"]["counted"].value()
    person("新来的", bureau.branch)
    sure = NEW_ONE | {"members_way": "all", "counted": counted, "sure": "第一党支部"}

    refused = browser.post(page, sure).content.decode()
    assert "成员或问题又有变动，请重新核对" in refused
    again = browser.post(page, sure | {"sure": ""})
    counted = again.context["form"]["counted"].value()
    assert (counted, browser.post(page, sure | {"counted": counted}).status_code) == ("5/0", 302)


def test_a_split_of_nobody_and_nothing_is_refused_before_it_is_shown(bureau, by, signed_in):
    said = signed_in(by).post(reverse("organization-split", args=[bureau.branch.pk]), NEW_ONE)

    assert "请至少选择一名划转的成员" in said.content.decode()
    assert "确认分设" not in said.content.decode()


@pytest.mark.parametrize("field", ["members", "problems", "children"])
@pytest.mark.parametrize("key", ["9223372036854775808", "-1", "一", ""])
def test_what_is_no_key_is_no_choice(bureau, field, key):
    OrganizationFactory(parent=bureau.branch)
    form = SplitForm(NEW_ONE | {field: [key]}, organization=bureau.branch, on=ON)

    assert "有效" in "".join(form.errors[field])


def test_a_split_asks_for_children_only_where_there_are_some(bureau):
    assert "children" not in SplitForm(organization=bureau.branch, on=ON).fields
    child = OrganizationFactory(parent=bureau.branch)

    form = SplitForm(organization=bureau.branch, on=ON)

    assert list(form.fields["children"].queryset) == [child]


def test_a_split_offers_no_more_than_a_page(bureau):
    form = SplitForm(organization=bureau.branch, on=ON)

    members = form.fields["members"].queryset.values_list("user__name", flat=True)
    assert sorted(members) == sorted(["马超", "林芳", "周敏", "郑洁"])
    assert form.fields["problems"].queryset.count() == 0


def test_the_preview_counts_what_stands_there(bureau, by, closed):
    filed(bureau)
    OrganizationFactory(parent=bureau.branch)

    assert left_at(bureau.branch, on=ON).figures() == {
        "organizations": 1,
        "open_rows": 0,
        "drafts": 1,
        "closed_rows": 1,
        "people": 4,
        "duties": 2,
        "appointments": 0,
        "open_steps": 0,
        "uploads": 0,
        "campaigns": 0,
    }
    assert left_at(bureau.center, on=ON, whole=True).organizations == 3


def test_a_change_is_shown_before_it_is_made(bureau, by, closed, signed_in):
    browser = signed_in(by)
    address = reverse("organization-merge", args=[bureau.branch.pk])
    asked = {"way": "existing", "into": "第二党支部", "on": "2026-06-03", "document": "批复"}

    shown = browser.post(address, asked).content.decode()
    wrong = browser.post(address, asked | {"sure": "第二党支部"}).content.decode()

    assert "郑洁（第一党支部支部书记）" in shown
    assert "列入“待确认职责”由安全管理员确认" in shown
    assert "自2026年6月3日起撤销" in shown
    assert "请照原样输入“第一党支部”" in wrong
    assert not Organization.objects.exclude(retired_on=None).exists()
    assert browser.post(address, asked | {"sure": "第一党支部"}).status_code == 302
    assert Organization.objects.get(pk=bureau.branch.pk).succeeded_by == bureau.sibling


def test_what_is_left_is_said_on_the_page_that_retires(bureau, by, registered, signed_in):
    address = reverse("organization-retire", args=[bureau.branch.pk])

    page = signed_in(by).get(address).content.decode()
    answer = signed_in(by).post(address, {"on": "2026-06-03", "document": "批复"})

    assert "现在还有1条未销号的问题、4名人员。" in page
    assert answer.context["form"].errors["into"] == [
        "还有1条未销号的问题、4名人员，请填写由哪个党组织承接，或先移交。"
    ]


def test_what_was_refused_is_asked_again_from_the_beginning(bureau, by, signed_in):
    OrganizationFactory(name="第一党支部", parent=bureau.elsewhere)
    address = reverse("organization-move", args=[bureau.branch.pk])

    answer = signed_in(by).post(address, {"under": "市水利局党组", "sure": "第一党支部"})

    assert "下面已有名为“第一党支部”" in answer.content.decode()
    assert answer.context["form"]["sure"].value() == ""


# ---------------------------------------------------------------- 派驻


@pytest.fixture
def group(bureau, by):
    """A 纪检组 stationed at the whole bureau."""
    upper = OrganizationFactory(name="市纪委", kind="discipline")
    place = OrganizationFactory(name="派驻纪检组", kind="discipline", parent=upper)
    person("驻组", place, Role.INSPECTOR)
    relations.add(place, kind="stationed", other=bureau.top, since=date(2026, 1, 1), by=by, at=AT)
    return place


@pytest.fixture
def recheck(bureau, ready):
    """The row is a key one and waits for its 复核."""
    Problem.objects.filter(pk=ready.pk).update(
        closing_level=bureau.campaign.closing_levels.get(for_key=True), severity="key"
    )
    row = Problem.objects.get(pk=ready.pk)
    closures.apply(row, statement="已经全部整改。", effect="好转", by=bureau.member, at=AT)
    reviews.decide(step_of(row), verdict=SIGNED, by=bureau.secretary, at=AT)
    return row


def verify(bureau, row):
    reviews.decide(step_of(row), verdict=REVIEWED, by=bureau.office, at=AT)
    return step_of(row)


def test_the_stationed_group_rechecks_after_those_below_its_host(bureau, group, recheck):
    assert verify(bureau, recheck).holder == bureau.center  # an inspector sits there


def test_where_nobody_below_the_host_is_the_stationed_group_rechecks(bureau, group, recheck):
    Duty.objects.filter(user=bureau.users["inspector"]).update(until=date(2026, 1, 2))
    person("上级纪检", bureau.top, Role.INSPECTOR)

    step = verify(bureau, recheck)

    assert step.holder == group
    inspector = today(Duty.objects.get(organization=group).user)
    assert reads(inspector, recheck)
    reviews.decide(step, verdict=REVIEWED, by=inspector, at=AT)


def test_when_it_is_no_longer_stationed_the_step_goes_up(bureau, group, recheck, by):
    Duty.objects.filter(user=bureau.users["inspector"]).update(until=date(2026, 1, 2))
    person("上级纪检", bureau.top, Role.INSPECTOR)
    step = verify(bureau, recheck)

    reorganizations.end_relation(group.relations.get(), until=ON, by=by, at=AT)

    fresh(step)
    assert step.holder == bureau.top


def test_a_stationed_group_goes_on_with_the_successor_of_its_host(bureau, group, by):
    merge([bureau.top], bureau.elsewhere, by)

    there = group.relations.in_force(ON)
    assert [(row.other, row.since) for row in there] == [(bureau.elsewhere, ON)]


# ---------------------------------------------------------------- who stays an insider (SOD-15)


def left_before(bureau, days=100):
    """Somebody who served at the branch until some days before its end, now an inspector above."""
    gone = person("季风", bureau.branch, until=ON - timedelta(days=days))
    Duty.objects.create(
        user=gone, organization=bureau.center, role=Role.INSPECTOR, since=ON - timedelta(days=99)
    )
    return gone


def test_who_served_at_a_merged_part_stays_an_insider(bureau, by, draft):
    """He left before the merger, so no membership of his was taken over."""
    gone, was_there = left_before(bureau), filed(bureau)
    came = ProblemFactory(campaign=bureau.campaign, organization=bureau.sibling, **SIX)
    third = OrganizationFactory(name="第三党支部", parent=bureau.center)

    merge([bureau.branch], bureau.sibling, by)
    merge([bureau.sibling], third, by)

    def bars(row):
        row = Problem.objects.get(pk=row.pk)
        return policy.barred_by_row(gone, row, kind="recheck", on=ON)

    assert "任职，须回避" in bars(was_there)
    assert "任职，须回避" in bars(draft)
    assert bars(came) == ""


def test_after_two_years_he_is_none(bureau, by, draft):
    gone = left_before(bureau, days=800)

    merge([bureau.branch], bureau.sibling, by)

    row = Problem.objects.get(pk=draft.pk)
    assert policy.barred_by_row(gone, row, kind="recheck", on=ON) == ""


def test_who_stays_behind_at_a_split_stays_an_insider(bureau, by, draft):
    """The row goes to the new branch; it was found in the old one, with him in it."""
    stays = person("季风", bureau.branch)

    reorganizations.split(
        bureau.branch,
        name="第四党支部",
        code="B4",
        kind="branch",
        problems=[draft],
        on=ON,
        document="批复3号",
        by=by,
        at=AT,
    )

    row = Problem.objects.get(pk=draft.pk)
    whys = [policy.barred_by_row(stays, row, kind=kind, on=ON) for kind in ("verify", "recheck")]
    assert ["任职，须回避" in why for why in whys] == [True, True]


def test_a_proposed_field_goes_over_with_a_merger(bureau, by):
    proposal = DutyProposal.objects.create(
        user=person("田野", bureau.center),
        organization=bureau.center,
        role=Role.LEADER,
        since=ON,
        origin="import",
        proposed_by=by.user,
        proposed_at=AT,
    )
    proposal.fields.add(bureau.branch)

    merge([bureau.branch], bureau.sibling, by)

    assert list(proposal.fields.all()) == [bureau.sibling]


# ---------------------------------------------------------------- campaigns


@pytest.fixture
def apart(bureau):
    """A campaign in which only the tree of the bureau takes part."""
    bureau.campaign.participations.exclude(organization=bureau.top).delete()
    return bureau.campaign


@pytest.mark.parametrize("way", ["move", "merge"])
def test_who_has_open_rows_takes_part_wherever_he_hangs_now(bureau, by, apart, way):
    row = filed(bureau)
    beside = OrganizationFactory(name="水利机关党支部", parent=bureau.elsewhere)
    if way == "move":
        reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)
    else:
        merge([bureau.branch], beside, by)

    fresh(row)
    assert apart.includes(row.organization)
    taking_part = set(apart.participations.values_list("organization__name", flat=True))
    assert taking_part == {"市交通局党组", "第一党支部" if way == "move" else "水利机关党支部"}


def test_who_has_nothing_open_leaves_the_campaign_with_the_tree(bureau, by, apart, closed):
    reorganizations.move(bureau.branch, under=bureau.elsewhere, by=by, at=AT)

    fresh(bureau.branch)
    assert not apart.includes(bureau.branch)
