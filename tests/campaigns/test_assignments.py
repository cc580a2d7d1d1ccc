"""Assignments: entered, changed, reported on; the table in and out; clauses; requirements."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import policy
from campaigns.actions import assignments, superior_requests
from campaigns.imports import assignments as papers
from campaigns.models import Assignment, AssignmentEntry, Clause, SuperiorRequest
from reform.errors import Forbidden, Refused, Stale
from reform.models import Attachment, TrailEntry
from tests.factories import AT, ON, OrganizationFactory
from tests.rectification.stages import a_table, demand, task


@pytest.fixture
def by(bureau):
    return bureau.top_office


@pytest.fixture
def row(bureau, by, at):
    person = bureau.users["member"]
    facts = task(bureau.branch, person=person, person_name="马超", due_on=ON, due_text="今日前")
    return assignments.add(bureau.campaign, facts=facts, cooperating=[bureau.sibling], by=by, at=at)


@pytest.fixture
def travel():
    with time_machine.travel(AT, tick=False):
        yield


def told(row, by, at, **facts):
    given = {"text": "已开会部署", "status": "under_way", "on": ON} | facts
    return assignments.progress(row, by=by, at=at, **given)


# ---------------------------------------------------------------- entering and changing


def test_an_assignment_is_entered_with_the_next_number(bureau, row, by, at):
    second = assignments.add(bureau.campaign, facts=task(bureau.sibling), by=by, at=at)

    assert [row.position, second.position] == [1, 2]
    assert list(row.cooperating.all()) == [bureau.sibling]
    entry = TrailEntry.objects.of(row).get()
    assert (entry.act, entry.quote) == ("assignment.added", "组织专题学习")
    assert "组织专题学习" not in entry.sentence


def test_for_whom_one_may_enter(bureau, by, at):
    """O D, B U; never for one that is retired, or takes no part."""
    outside = OrganizationFactory(name="局外单位", parent=bureau.elsewhere)
    gone = OrganizationFactory(name="已撤支部", parent=bureau.top)
    gone.retired_on = ON
    gone.save()
    places = (bureau.top, bureau.center, bureau.branch, bureau.sibling, outside)

    def may(who):
        found = []
        for place in places:
            try:
                with transaction.atomic():
                    assignments.add(bureau.campaign, facts=task(place), by=who, at=at)
                    transaction.set_rollback(True)
            except Forbidden:
                continue
            found.append(place)
        return found

    assert may(by) == list(places[:4])
    assert may(bureau.office) == [bureau.center, bureau.branch, bureau.sibling]
    assert may(bureau.secretary) == [bureau.branch]
    assert may(bureau.stranger) == [outside]  # it joined with the top of its tree
    for who in (bureau.member, bureau.liaison, bureau.inspector, bureau.leader, bureau.system):
        assert may(who) == []
    bureau.campaign.participations.all().delete()
    for place, who, words in ((gone, by, "已撤销"), (outside, bureau.stranger, "没有参加")):
        with pytest.raises(Refused, match=words), transaction.atomic():
            assignments.add(bureau.campaign, facts=task(place), by=who, at=at)
    with pytest.raises(Refused, match="已撤销"), transaction.atomic():
        assignments.add(bureau.campaign, facts=task(bureau.top), cooperating=[gone], by=by, at=at)
    assert not Assignment.objects.exists()


def test_a_change_made_on_an_old_page_shows_both(bureau, row, by, at):
    facts = task(bureau.branch, task="组织两次学习")
    changed = assignments.change(row, version=1, facts=facts, cooperating=[], by=by, at=at)

    assert (changed.task, changed.version, changed.cooperating.count()) == ("组织两次学习", 2, 0)
    with pytest.raises(Stale) as stale:
        assignments.change(row, version=1, facts=facts, cooperating=[], by=by, at=at)
    assert stale.value.now["task"] == "组织两次学习"
    with pytest.raises(Forbidden):  # handed to a unit outside one's own
        assignments.change(
            row,
            version=2,
            facts=task(bureau.sibling),
            cooperating=[],
            by=bureau.secretary,
            at=at,
        )
    with pytest.raises(Refused, match="没有改动"):
        assignments.change(changed, version=2, facts=facts, cooperating=[], by=by, at=at)


def test_what_was_reported_on_is_not_taken_away(bureau, row, by, at):
    spare = assignments.add(bureau.campaign, facts=task(bureau.branch), by=by, at=at)
    assignments.drop(spare, by=by, at=at)
    told(row, bureau.member, at)

    with pytest.raises(Refused, match="已有进展记录"):
        assignments.drop(row, by=by, at=at)
    assert list(Assignment.objects.all()) == [row]


def test_a_plan_becomes_assignments_once(bureau, by, at):
    """All of the leading organization, until it hands them on; clauses quoted twice are one."""
    planned = [
        {"clause": "（一）", "content": "学习通报", "prescribed": True},
        {"clause": "（一）", "content": "讲党课", "prescribed": False},
        {"clause": "", "content": "开展调研", "prescribed": True},
    ]
    made = assignments.set_up(bureau.campaign, planned, by=by, at=at)
    assert assignments.set_up(bureau.campaign, planned[:1], by=by, at=at) == made

    assert [row.task for row in made] == ["学习通报", "讲党课", "开展调研"]
    assert [str(row.clause or "") for row in made] == ["活动方案 （一）", "活动方案 （一）", ""]
    assert {row.organization for row in made} == {bureau.top}
    facts = {"organization": bureau.branch}
    handed = assignments.change(made[0], version=1, facts=facts, cooperating=[], by=by, at=at)
    assert (handed.organization, handed.task) == (bureau.branch, "学习通报")


# ---------------------------------------------------------------- progress


def test_who_may_report(bureau, row, at):
    """As `pb.progress`: the person named, the unit's liaison and secretary, offices for it, and
    those of a cooperating unit."""
    may = {name for name in bureau.users if policy.may_progress(getattr(bureau, name), row)}

    assert may == {"member", "liaison", "secretary", "office", "top_office", "neighbour"}
    with pytest.raises(Forbidden, match="没有填报"):
        told(row, bureau.colleague, at)


def test_progress_moves_the_task_and_is_kept_line_by_line(bureau, row, at):
    told(row, bureau.member, at, text="列出篇目")
    told(row, bureau.liaison, at, text="学完", status="done")
    told(row, bureau.liaison, at, text="补一份小结", status="done")
    row.refresh_from_db()
    assert (row.status, row.done_on) == ("done", ON)

    told(row, bureau.secretary, at, text="检查发现漏学，重新安排")
    row.refresh_from_db()

    assert (row.status, row.done_on) == ("under_way", None)
    assert [entry.text for entry in row.entries.all()] == [
        *("列出篇目", "学完", "补一份小结", "检查发现漏学，重新安排"),
    ]
    for act in (
        lambda: AssignmentEntry.objects.update(text="改写"),
        lambda: AssignmentEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_progress_that_cannot_be(bureau, row, at):
    wrong = (
        ({"on": ON + timedelta(days=1)}, "晚于今天"),
        ({"on": date(2026, 2, 1)}, "早于活动开始"),
        ({"status": "not_started"}, "推进中"),
    )
    for facts, words in wrong:
        with pytest.raises(Refused, match=words), transaction.atomic():
            told(row, bureau.member, at, **facts)
    assert not row.entries.exists()


# ---------------------------------------------------------------- the table comes in


HEAD = "序号,依据,工作任务,具体措施,类别,牵头领导,牵头单位,配合单位,责任人,完成时限,进展,备注\n"
ROWS = (
    "1,,开展查摆,逐项排查,规定动作,罗海,第一党支部,第二党支部、各科室,马超,6月底前,已部署,重点\n"
    "2,,开好专题会,,自选动作,,服务中心党委,,,长期坚持,,\n"
)


def test_a_table_is_read_matched_and_kept(bureau, by, at):
    upload = a_table(bureau.campaign, by, HEAD + ROWS + "合计,,2项,,,,,,,,,\n")
    upload = papers.keep(upload, by=by, at=at)
    first, second = Assignment.objects.all()

    assert upload.count == 2
    assert (first.task, first.content, first.is_prescribed) == ("开展查摆", "逐项排查", True)
    assert (first.organization, list(first.cooperating.all())) == (bureau.branch, [bureau.sibling])
    assert first.cooperating_text == "各科室"
    assert (first.person, first.leader) == (bureau.users["member"], bureau.users["leader"])
    assert (first.due_on, first.due_text) == (date(2026, 6, 30), "6月底前")
    assert (first.status, first.entries.get().text) == ("under_way", "已部署")
    assert (second.is_prescribed, second.due_on, second.due_text) == (False, None, "长期坚持")
    with pytest.raises(Refused, match="已经办理"):
        papers.keep(upload, by=by, at=at)


FAULTS = {
    "2月30日": ("完成时限", "1,,查摆,,,,第一党支部,,,2月30日,,\n"),
    "before the campaign": ("完成时限", "1,,查摆,,,,第一党支部,,,2026年1月5日,,\n"),
    "no task": ("工作任务", "1,,,措施,,,第一党支部,,,,,\n"),
    "no unit": ("牵头单位", "1,,查摆,,,,,,,,,\n"),
    "an unknown unit": ("牵头单位", "1,,查摆,,,,第九党支部,,,,,\n"),
    "a unit outside one's scope": ("牵头单位", "1,,查摆,,,,市交通局党组,,,,,\n"),
    "a retired unit": ("牵头单位", "1,,查摆,,,,已撤支部,,,,,\n"),
    "neither 规定 nor 自选": ("类别", "1,,查摆,,必做,,第一党支部,,,,,\n"),
    "an unknown clause": ("依据", "1,某方案 （九）,查摆,,,,第一党支部,,,,,\n"),
    "a long text": ("工作任务", f"1,,{'长' * 200_000},,,,第一党支部,,,,,\n"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_told_by_row_and_column_and_nothing_is_kept(bureau, at, what):
    column, line = FAULTS[what]
    OrganizationFactory(name="已撤支部", parent=bureau.center)
    bureau.center.children.filter(name="已撤支部").update(retired_on=ON)
    upload = a_table(bureau.campaign, bureau.office, HEAD + ROWS + line)

    found = papers.look(upload, by=bureau.office).errors
    assert [(fault.line, fault.column) for fault in found] == [(4, column)]
    with pytest.raises(Refused, match="还有1处错误"):
        papers.keep(upload, by=bureau.office, at=at)
    assert not Assignment.objects.exists()


def test_the_same_table_twice_adds_nothing(bureau, by, at):
    papers.keep(a_table(bureau.campaign, by, HEAD + ROWS), by=by, at=at)
    again = a_table(bureau.campaign, by, HEAD + ROWS)

    with pytest.raises(Refused, match="没有新任务"):
        papers.keep(again, by=by, at=at)
    assert Assignment.objects.count() == 2


def test_what_is_no_table_of_tasks_is_refused(bureau, by, signed_in, travel):
    browser, url = signed_in(by), reverse("assignments-import", args=[bureau.campaign.pk])
    for data in (b"", b"PK\x03\x04 broken", "姓名,单位\n马超,第一党支部\n".encode()):
        before = Attachment.objects.count()
        answer = browser.post(url, {"file": BytesIO(data)})
        assert answer.status_code == 200
        assert Attachment.objects.count() == before


# ---------------------------------------------------------------- the table goes out


def test_what_goes_out_comes_in_again(bureau, by, at, signed_in, travel):
    """A4 landscape, one page wide; text that begins like a formula stays text; tall rows whole."""
    clause = assignments.enter_clauses(
        bureau.campaign, source="市委方案", lines=[("（一）", "查摆")], by=by, at=at
    )[0]
    long = "\n".join(f"第{n}步：逐项核对台账" for n in range(60))
    facts = task(bureau.branch, task="=1+1", content=long, clause=clause, person_name="马超")
    facts |= {"due_on": date(2026, 9, 30), "due_text": "9月底前", "is_prescribed": False}
    row = assignments.add(bureau.campaign, facts=facts, cooperating=[bureau.sibling], by=by, at=at)
    told(row, bureau.liaison, at, text="已完成一半")
    answer = signed_in(by).get(reverse("assignments-export", args=[bureau.campaign.pk]))
    data = answer.getvalue()
    sheet = load_workbook(BytesIO(data)).active

    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
    assert [cell.value for cell in sheet[3]][:4] == ["序号", "依据", "工作任务", "具体措施"]
    assert (sheet["C4"].value, sheet["C4"].data_type, sheet["A5"].value) == ("=1+1", "s", "续")
    Assignment.objects.all().update(task="另一项")
    entry = papers.check(data, name="表.xlsx", campaign=bureau.campaign, by=by).entries[0]
    assert entry.facts["content"].replace("\n", "") == long.replace("\n", "")
    again = {name: entry.facts[name] for name in ("task", "is_prescribed", "clause", "due_on")}
    assert again == {
        "task": "=1+1",
        "is_prescribed": False,
        "clause": clause,
        "due_on": date(2026, 9, 30),
    }
    assert (entry.organization, entry.cooperating) == (bureau.branch, [bureau.sibling])
    assert entry.progress == "推进中。已完成一半"


# ---------------------------------------------------------------- clauses


def test_clauses_are_pasted_a_line_each_and_those_without_a_task_are_listed(
    bureau, by, at, signed_in, travel
):
    browser = signed_in(by)
    text = "（一）开展警示教育\n\n2. 对照查摆\u200b\n第三条 建章立制\n没有号的一条"
    url = reverse("clauses-new", args=[bureau.campaign.pk])
    assert browser.post(url, {"source": "市委方案", "text": text}).status_code == 302
    clauses = list(Clause.objects.all())
    assert [(row.number, row.text) for row in clauses] == [
        ("（一）", "开展警示教育"),
        ("2", "对照查摆"),
        ("第三条", "建章立制"),
        ("", "没有号的一条"),
    ]
    assert str(clauses[3]) == "市委方案 第4条"

    assignments.add(bureau.campaign, facts=task(bureau.top, clause=clauses[0]), by=by, at=at)
    page = browser.get(reverse("assignments", args=[bureau.campaign.pk]))
    assert list(page.context["lacking"]) == clauses[1:]
    with pytest.raises(Refused, match="不能删除"):
        assignments.drop_clause(clauses[0], by=by, at=at)
    assignments.drop_clause(clauses[1], by=by, at=at)
    again = browser.post(url, {"source": "市委方案", "text": "（一）开展警示教育"})
    assert "没有新内容" in again.content.decode()
    wrong = browser.post(url, {"source": "市委方案", "text": "（一）\n长" + "长" * 1000})
    assert "第1行只有条款号" in wrong.content.decode()


# ---------------------------------------------------------------- the superior's requirements


def test_a_requirement_is_entered_and_answered(bureau, by, at):
    row = superior_requests.enter(bureau.campaign, facts=demand(), by=by, at=at)
    done = demand(answered_on=ON, answered_by="田野", answer="已报送")
    row = superior_requests.change(row, version=1, facts=done, by=by, at=at)
    assert SuperiorRequest.objects.get().answer == "已报送"

    refused = (
        (demand(answer="已报送"), "三项都要填"),
        (done | {"answered_on": date(2026, 5, 1)}, "早于收到日期"),
        (done | {"answered_on": ON + timedelta(days=1)}, "晚于今天"),
        (demand(on=ON + timedelta(days=1)), "晚于今天"),
    )
    for facts, words in refused:
        with pytest.raises(Refused, match=words), transaction.atomic():
            superior_requests.change(row, version=2, facts=facts, by=by, at=at)
    with pytest.raises(Stale):
        superior_requests.change(row, version=1, facts=done, by=by, at=at)
    with pytest.raises(Forbidden):
        superior_requests.enter(bureau.campaign, facts=demand(), by=bureau.secretary, at=at)


# ---------------------------------------------------------------- the list


def test_ones_own_tasks_stand_first_and_take_a_line(bureau, row, by, at, signed_in, travel):
    assignments.add(bureau.campaign, facts=task(bureau.top), by=by, at=at)
    mine = assignments.add(bureau.campaign, facts=task(bureau.branch), by=by, at=at)
    url = reverse("assignments", args=[bureau.campaign.pk])
    page = signed_in(bureau.liaison).get(url)
    assert [task_.position for task_ in page.context["object_list"]] == [1, 3, 2]
    assert [task_.may_progress for task_ in page.context["object_list"]] == [True, True, False]

    data = {"text": "已部署", "status": "under_way", "on": "2026-06-03", "in_list": "1"}
    token = {"token": str(page.context["object_list"][1].token)}
    to = reverse("assignment-progress", args=[mine.pk])
    browser = signed_in(bureau.liaison)
    assert browser.post(to, data | token).url == f"{url}#task-{mine.pk}"
    browser.post(to, data | token)  # a double click
    assert mine.entries.count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3]),
        ("status=under_way", [3]),
        ("status=overdue", [2]),
        ("prescribed=no", [3]),
        ("stage=none", [1, 2]),
        ("organization=第二党支部", [3]),
        ("q=窗口", [3]),
        ("status=no+such&stage=999999999999999999999&organization=没有", [1, 2, 3]),
    ],
)
def test_the_filters(bureau, by, at, signed_in, travel, query, found):
    stage = bureau.campaign.stages.create(
        position=1, title="查摆", starts_on=date(2026, 6, 1), ends_on=ON
    )
    for facts in (
        task(bureau.branch),
        task(bureau.branch, due_on=ON - timedelta(days=1)),
        task(bureau.sibling, task="窗口服务", is_prescribed=False, stage=stage),
    ):
        last = assignments.add(bureau.campaign, facts=facts, by=by, at=at)
    told(last, by, at)

    page = signed_in(by).get(f"{reverse('assignments', args=[bureau.campaign.pk])}?{query}")

    assert [row.position for row in page.context["object_list"]] == found


def test_as_many_queries_for_one_task_as_for_fifty(bureau, row, by, at, signed_in, travel):
    browser, counts = signed_in(by), []
    url = reverse("assignments", args=[bureau.campaign.pk])
    for _ in range(2):
        browser.get(url)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))
        for _number in range(49):
            more = assignments.add(
                bureau.campaign,
                facts=task(bureau.branch, person=bureau.users["member"]),
                cooperating=[bureau.sibling],
                by=by,
                at=at,
            )
        told(more, by, at)

    assert counts[0] == counts[1]


def test_a_form_says_what_is_wrong(bureau, by, signed_in, travel):
    url = reverse("assignment-new", args=[bureau.campaign.pk])
    good = {"task": "查摆", "is_prescribed": "yes", "organization": "第一党支部"}
    for wrong, words in (
        ({"due": "2月30日"}, "2月"),
        ({"task": "长" * 200_000}, "最多500字"),
        ({"clause": "（九）"}, "先登记条款"),
        ({"organization": "没有这个支部"}, "没有找到"),
        ({"stage": "77"}, "选择"),
    ):
        page = signed_in(by).post(url, good | wrong)
        assert words in page.content.decode(), wrong
    assert not Assignment.objects.exists()
