"""Risk sweeps: filled in by a unit, sent in whole, final, reviewed from above; asked for by day."""

from datetime import date
from io import BytesIO

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from campaigns.actions import sweep_submissions, sweeps
from campaigns.actions.weekly_plans import taking_part
from campaigns.exports import sweeps as tables
from campaigns.imports import sweeps as readings
from campaigns.models import (
    Campaign,
    Item,
    Stage,
    Sweep,
    SweepFinding,
    SweepObject,
    SweepRequest,
    SweepSubmission,
    SweepVerdict,
    sweep_sheet,
)
from campaigns.models.sweep_roll import Sought, counts, obliged, sought, with_state
from campaigns.reports import sweep as papers
from reform import excel
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, Role, TrailEntry
from tests.campaigns.sweeping import (
    FOUND,
    LISTS,
    NONE,
    a_list,
    accepted,
    asked,
    begun,
    decide,
    keys,
    sent,
)
from tests.factories import AT, ON, DutyFactory, actor, person
from tests.worlds import unguarded

RETURNED = SweepVerdict.Decision.RETURNED


@pytest.fixture
def listed(bureau):
    return a_list(bureau.campaign)


@pytest.fixture
def draft(bureau, listed):
    return begun(listed, bureau.branch, bureau.liaison)


def submit(row, by, **facts):
    facts = {"version": row.version} | facts
    return sweep_submissions.submit(row, by=by, at=AT, **facts)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# ---------------------------------------------------------------- filled in


def test_a_sheet_is_begun_once_by_who_fills_it_in_for_his_unit(bureau, listed):
    row = sweeps.begin(listed, organization=bureau.branch, by=bureau.liaison, at=AT)

    assert sweeps.begin(listed, organization=bureau.branch, by=bureau.secretary, at=AT) == row
    for by in (bureau.member, bureau.office, bureau.neighbour, bureau.system, bureau.stranger):
        with pytest.raises(Forbidden):
            sweeps.begin(listed, organization=bureau.branch, by=by, at=AT)
    assert (row.status, row.submitted_at, Sweep.objects.count()) == ("draft", None, 1)


def test_a_list_without_items_and_a_unit_that_is_not_asked_are_refused(bureau):
    empty = a_list(bureau.campaign)
    with unguarded(LISTS):
        Item.objects.filter(checklist=empty.checklist).delete()
    one = Sought(bureau.campaign, request=asked(bureau.campaign, bureau.office, bureau.sibling))

    with pytest.raises(Refused, match="还没有条目"):
        sweeps.begin(empty, organization=bureau.branch, by=bureau.liaison, at=AT)
    with pytest.raises(Refused, match="不在“加油卡是否专车专用”的排查单位中"):
        sweeps.begin(one, organization=bureau.branch, by=bureau.liaison, at=AT)


def test_an_object_is_a_post_and_never_somebody(bureau, draft):
    for name, words in (("马 超", "不写人名"), ("综合科用印", "已有“综合科用印”")):
        with pytest.raises(Refused, match=words):
            sweeps.add_object(draft, kind="business", name=name, lines={}, by=bureau.liaison, at=AT)
    assert draft.swept.count() == 1


def test_who_saves_over_somebody_else_gets_both_texts(bureau, draft):
    one = draft.swept.get()
    facts = {"kind": "post", "name": "保管员", "by": bureau.liaison, "at": AT}
    sweeps.change_object(one, version=1, lines=one.lines, **facts)
    with pytest.raises(Stale, match="在别处") as stale:
        sweeps.change_object(one, version=1, lines={}, **facts)

    assert (stale.value.now["name"], stale.value.version) == ("保管员", 2)
    assert sweeps.change_object(one, version=0, lines=one.lines, **facts).version == 2  # the same
    with pytest.raises(Refused, match="刚刚改过"):
        sweeps.drop_object(one, version=1, by=bureau.liaison, at=AT)
    sweeps.drop_object(one, version=2, by=bureau.liaison, at=AT)
    with pytest.raises(Refused, match="已被删除"):
        sweeps.change_object(one, version=2, lines={}, **facts)


# ---------------------------------------------------------------- sent in


def test_what_is_not_whole_is_not_sent_and_says_what_is_missing(bureau, listed, draft):
    first, second = keys(listed)
    one = draft.swept.get()
    SweepObject.objects.filter(pk=one.pk).update(lines={first: {"found": True}})

    with pytest.raises(
        Refused, match=r"“印章管理”有问题，请写明问题具体表现；.*“公务用车”还没有选"
    ):
        submit(draft, bureau.secretary)
    with pytest.raises(Refused, match="不能按“整表未发现问题”"):
        submit(draft, bureau.secretary, nothing=True)
    with pytest.raises(Forbidden):
        submit(draft, bureau.liaison)
    SweepObject.objects.filter(pk=one.pk).update(lines={first: FOUND, second: NONE})
    with pytest.raises(Stale, match="又改过"):
        submit(draft, bureau.secretary, version=1)
    assert not SweepSubmission.objects.exists()


def test_nothing_found_is_one_press_and_twice_is_once(bureau, listed):
    row = sweeps.begin(listed, organization=bureau.branch, by=bureau.secretary, at=AT)
    made = submit(row, bureau.secretary, nothing=True)

    with pytest.raises(Refused, match="已报送，不需要再次报送"):
        submit(row, bureau.secretary, nothing=True)
    with pytest.raises(Refused, match="已报送，不能再改"):
        sweeps.add_object(row, kind="post", name="岗", lines={}, by=bureau.secretary, at=AT)
    assert made.content["objects"] == []
    assert [notice.recipient for notice in Notice.objects.all()] == [bureau.users["office"]]


def test_what_was_sent_reads_as_it_did_whatever_becomes_of_the_list(bureau, listed):
    row = sent(listed, bureau.branch, bureau.secretary)
    with unguarded(LISTS):
        Item.objects.filter(name="印章管理").update(name="改了")

    shown = sweep_sheet.rows(row.submissions.get().content)
    assert [(one.asked, one.found) for one in shown] == [("印章管理", "有"), ("公务用车", "无")]


def test_after_the_campaign_or_its_stage_nothing_is_sent_and_nothing_is_lost(bureau, listed, draft):
    Stage.objects.filter(campaign=bureau.campaign).delete()
    stage = Stage.objects.create(
        campaign=bureau.campaign,
        position=1,
        title="排查",
        starts_on=ON,
        ends_on=ON,
        conditions=["sweeps"],
        status="closed",
        closed_on=ON,
    )
    with pytest.raises(Refused, match=r"“排查”阶段已经结束.*都还保留着"):
        submit(draft, bureau.secretary)
    with pytest.raises(Refused, match="阶段已经结束"):
        sweeps.begin(listed, organization=bureau.sibling, by=bureau.neighbour, at=AT)
    stage.delete()
    Campaign.objects.filter(pk=bureau.campaign.pk).update(status="closed")
    with pytest.raises(Refused, match="已结束，现在不能"):
        submit(Sweep.objects.get(pk=draft.pk), bureau.secretary)

    assert draft.swept.get().lines[keys(listed)[0]] == FOUND


# ---------------------------------------------------------------- reviewed


def test_it_is_reviewed_from_above_and_by_nobody_who_belongs_there(bureau, listed):
    row = sent(listed, bureau.branch, bureau.secretary)
    both = person("两头", bureau.center, Role.OFFICE)
    person_here = actor(both)
    for by in (bureau.secretary, bureau.leader, bureau.neighbour, bureau.inspector):
        with pytest.raises(Forbidden, match="审阅"):
            decide(row, by)
    from_there = person("兼职", bureau.branch, Role.MEMBER)
    DutyFactory(user=from_there, role=Role.OFFICE, organization=bureau.center)
    with pytest.raises(Forbidden, match="由上级办公室或书记审阅"):
        decide(row, actor(from_there))
    with pytest.raises(Refused, match="请写明需要修改什么"):
        decide(row, person_here, RETURNED)
    with pytest.raises(Refused, match="已报送第1版"):
        decide(row, person_here, number=2)
    decide(row, person_here, RETURNED, "请写明时限。")
    with pytest.raises(Refused, match="没有等待审阅的内容"):
        decide(row, person_here)

    told = Notice.objects.filter(subject__contains="退回修改")
    assert {notice.recipient for notice in told} == {
        bureau.users["liaison"],
        bureau.users["secretary"],
    }
    row = Sweep.objects.get(pk=row.pk)
    assert submit(row, bureau.secretary).number == 2
    assert not SweepFinding.objects.exists()


def test_who_sent_it_does_not_review_it_and_the_top_is_reviewed_by_another_leader(bureau, listed):
    first, second = (
        actor(person(name, bureau.top, Role.LEADER, principal=True)) for name in ("甲长", "乙长")
    )
    row = sent(listed, bureau.top, first)

    with pytest.raises(Forbidden, match="不能审阅自己报送的"):
        decide(row, first)
    with pytest.raises(Forbidden):
        decide(row, bureau.top_office)
    assert decide(row, second).by == second.user


def test_findings_are_made_when_it_is_accepted(bureau, listed):
    row = accepted(listed, bureau.branch, bureau.secretary, reviewer=bureau.office)
    found = SweepFinding.objects.get()

    assert (found.item.name, found.swept, found.severity) == ("印章管理", "业务：综合科用印", "key")
    assert (found.manifestation, found.who, found.due_text) == (
        "印章外借没有登记。",
        "马超",
        "2026年9月底前",
    )
    assert row.status == "accepted"


def test_what_is_final_stays_and_what_must_be_true_is_refused(bureau, listed):
    row = accepted(listed, bureau.branch, bureau.secretary, reviewer=bureau.office)
    request = asked(bureau.campaign, bureau.office, bureau.branch)
    for model in (SweepSubmission, SweepVerdict, SweepFinding, SweepRequest):
        for change in (lambda rows: rows.update(id=9999), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(model.objects.all())
    again = {"campaign": bureau.campaign, "organization": bureau.branch, "begun_at": AT}
    again |= {"begun_by": bureau.users["member"], "saved_at": AT}
    for facts in (
        {"checklist": listed.checklist},
        {},
        {"checklist": listed.checklist, "request": request},
        {"request": request, "status": "submitted"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sweep.objects.create(**again | facts)
    last = row.submissions.get()
    with pytest.raises(IntegrityError, match="sweep_verdict"), transaction.atomic():
        SweepVerdict.objects.create(
            submission=last, decision="returned", by=last.by, submitted_by=last.by, at=AT
        )


# ---------------------------------------------------------------- who reads


def test_a_draft_is_its_units_and_what_was_sent_is_read_as_a_unit_row(bureau, draft):
    def readers():
        names = ("member", "liaison", "secretary", "office", "top_office", "leader", "inspector")
        every = (*names, "neighbour", "stranger", "system")
        return {one for one in every if Sweep.objects.visible_to(getattr(bureau, one)).exists()}

    before = readers()
    submit(draft, bureau.secretary)

    assert before == {"liaison", "secretary"}
    assert readers() == {
        *("member", "liaison", "secretary", "office", "top_office", "leader", "inspector")
    }


# ---------------------------------------------------------------- asked for


def test_an_office_asks_its_own_part_of_the_tree_and_tells_them(bureau):
    row = asked(bureau.campaign, bureau.office)

    assert {place.name for place in row.asked.all()} == {
        "服务中心党委",
        "第一党支部",
        "第二党支部",
    }
    told = {notice.recipient for notice in Notice.objects.filter(key=f"sweep-request:{row.pk}")}
    users = bureau.users
    assert told == {users["liaison"], users["secretary"], users["leader"], users["neighbour"]}
    for by, places, day, words in (
        (bureau.secretary, [], date(2026, 9, 30), "权限"),
        (bureau.office, [bureau.elsewhere], date(2026, 9, 30), "权限"),
        (bureau.office, [], date(2026, 1, 1), "完成日期"),
        (bureau.top_office, [bureau.top], date(2026, 9, 30), "没有可以报送的"),
    ):
        with pytest.raises(Refused, match=words):
            asked(bureau.campaign, by, *places, day=day)
    assert SweepRequest.objects.count() == 1


def test_who_has_answered_is_counted_in_official_order(bureau, listed):
    sent(listed, bureau.branch, bureau.secretary)
    places = taking_part(bureau.campaign, on=ON)
    rows = with_state(obliged(listed, places, on=ON), listed)

    assert [(place.name, place.sweep_status) for place in rows] == [
        ("服务中心党委", ""),
        ("第一党支部", "submitted"),
        ("第二党支部", ""),
        ("市水利局党组", ""),
    ]
    assert counts(rows) == {"all": 4, "missing": 3, "returned": 0, "submitted": 1, "accepted": 0}
    assert [one.title for one in sought(bureau.campaign)] == ["廉政风险隐患排查"]


# ---------------------------------------------------------------- tables


def rows_of(*lines):
    return "\n".join("\t".join(line) for line in lines)


HEAD = ("类别", "排查对象", "排查内容", "有无问题", "问题表现", "责任人", "程度")


def test_a_pasted_table_is_checked_by_row_and_column_and_kept_whole(bureau, draft):
    text = rows_of(
        HEAD,
        ("业务", "采购", "印章管理", "有", "没有比价", "马超", "重点"),
        ("业务", "采购", "公务用车", "无"),
        ("岗位", "出纳", "", "未发现"),
    )
    checked = readings.check(text, draft)
    new = sweeps.add_table(draft, checked.entries, by=bureau.liaison, at=AT)
    again = sweeps.add_table(draft, readings.check(text, draft).entries, by=bureau.liaison, at=AT)

    assert (checked.faults, checked.rows, new, again) == ([], 3, 4, 0)
    assert [one.name for one in draft.swept.all()] == ["综合科用印", "采购", "出纳"]


def test_every_fault_of_a_table_is_said_at_its_place(bureau, draft):
    text = rows_of(
        HEAD,
        ("动物", "采购", "印章管理", "无"),
        ("业务", "", "印章管理", "无"),
        ("业务", "马超", "印章管理", "无"),
        ("业务", "采购", "没有这条", "无"),
        ("业务", "采购", "印章管理", "也许", "x"),
        ("业务", "采购", "印章管理", "有", ""),
        ("业务", "采购", "印章管理", "有", "x", "", "重大"),
        ("业务", "采购", "印章管理", "有", "长" * 200_000),
        ("业务", "采购", "", "有", "x"),
        ("业务", "采购", "印章管理", "无", "x"),
        ("业务", "综合科用印", "印章管理", "无"),
    )
    faults = readings.check(text, draft).faults

    assert [(one.line, one.column) for one in faults] == [
        (2, "对象类别"),
        (3, "排查对象"),
        (4, "排查对象"),
        (5, "排查内容"),
        (6, "有无问题"),
        (7, "问题表现"),
        (8, "程度"),
        (9, "问题表现"),
        (10, "排查内容"),
        (11, "有无问题"),
        (12, "排查内容"),
    ]
    with pytest.raises(Refused, match="最多填入500行，这里有3000行"):
        readings.check(rows_of(HEAD, *[("业务", f"采购{n}", "", "无") for n in range(3000)]), draft)


def test_the_exported_table_comes_back_and_its_word_names_what_was_found(bureau, listed):
    long = {**FOUND, "what": "逐项查出的情况。" * 200}
    row = begun(listed, bureau.branch, bureau.liaison, found=long)
    sheet = sweep_sheet.frozen(row, list(row.swept.all()))
    data = tables.write(row, sheet, signed="审核人：", on=ON)
    text = readings.text_of(data, name="表.xlsx")
    SweepObject.objects.all().delete()
    checked = readings.check(text, row)

    assert checked.faults == []
    assert checked.entries[0].lines == {keys(listed)[0]: long, keys(listed)[1]: NONE}
    assert papers.word_of(row, sheet, signed="", version="", on=ON)[:2] == b"PK"


def test_a_wrong_file_is_answered_in_words(draft):
    book, out = Workbook(), BytesIO()
    book.active.append(["姓名", "电话"])
    book.save(out)
    for data, words in ((out.getvalue(), "没有找到表头"), (b"%PDF-1.4", "PDF"), (b"", "空的")):
        with pytest.raises(Refused, match=words):
            readings.text_of(data, name="x.xlsx")
    assert excel.read(out.getvalue(), name="x.xlsx")


@pytest.mark.no_database
@pytest.mark.parametrize("cells", ["A4:A6", "Z2:Z3", "Z5:Z6"])
def test_cells_merged_where_nothing_stands_are_no_obstacle(cells):
    book, out = Workbook(), BytesIO()
    book.active.append(["排查对象", "有无问题"])
    book.active.append(["公务用车", "无"])
    book.active.append(["采购", "无"])
    book.active.merge_cells(cells)
    book.save(out)

    assert "公务用车\t无" in readings.text_of(out.getvalue(), name="表.xlsx")


# ---------------------------------------------------------------- pages


def test_what_was_typed_stays_on_the_page_whatever_refuses_it(bureau, draft):
    client, one = signed_in(bureau.users["liaison"]), draft.swept.get()
    key = next(iter(one.lines))
    typed = {"kind": "business", "name": "综合科用印", f"found_{key}": "yes"}
    url = reverse("sweep-object", args=[one.pk])
    long = client.post(url, typed | {"version": 1, f"what_{key}": "长" * 3000})
    stale = client.post(url, typed | {"version": 0, f"what_{key}": "我写的"})
    pasted = {"text": "排查对象\t有无问题\n采购\t也许", "keep": 1}
    table = client.post(reverse("sweep-table", args=[draft.pk]), pasted)

    for page, status, *words in (
        (long, 200, "最多2000字", "长" * 3000),
        (stale, 409, "我写的", FOUND["what"]),
        (table, 200, "采购\t也许", "第2行"),
    ):
        assert page.status_code == status
        assert [one for one in words if one not in page.content.decode()] == []
    assert SweepObject.objects.get().version == 1


def test_the_whole_road_through_the_pages(bureau, listed):
    liaison, secretary, office = (
        signed_in(bureau.users[name]) for name in ("liaison", "secretary", "office")
    )
    place = {"list": listed.key, "organization": bureau.branch.pk}
    liaison.post(reverse("sweep-begin", args=[bureau.campaign.pk]), place)
    row = Sweep.objects.get()
    new = reverse("sweep-object-new", args=[row.pk])
    liaison.post(new, {"kind": "post", "name": "出纳岗", "nothing": 1})
    text = (
        "排查对象\t排查内容\t有无问题\t问题表现\n采购\t印章管理\t有\t没有比价\n采购\t公务用车\t无\n"
    )
    liaison.post(reverse("sweep-table", args=[row.pk]), {"text": text, "keep": 1})
    send = reverse("sweep-submit", args=[row.pk])
    page = secretary.get(send).content.decode()
    row.refresh_from_db()
    secretary.post(send, {"version": row.version})
    review = reverse("sweep-review", args=[row.pk])
    office.post(review, {"number": 1, "decision": "accepted"})

    assert "发现问题1个" in page
    assert SweepFinding.objects.get().manifestation == "没有比价"
    shown = office.get(reverse("sweeps", args=[bureau.campaign.pk])).content.decode()
    assert "未报：</strong>服务中心党委、第二党支部" in shown
    assert TrailEntry.objects.filter(act__startswith="sweep.").count() == 5


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_1_and_3(bureau, listed, number, django_assert_num_queries):
    for place, by in (
        (bureau.branch, bureau.secretary),
        (bureau.sibling, bureau.neighbour),
        (bureau.center, bureau.leader),
    )[:number]:
        sent(listed, place, by)
    client = signed_in(bureau.users["office"])
    client.get("/")

    with django_assert_num_queries(12):
        client.get(reverse("sweeps", args=[bureau.campaign.pk]))
