"""From a branch's workbook to drafts: checked against this ledger, kept all or nothing."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from rectification.actions import uploads
from rectification.imports import ledger
from rectification.models import Problem, Upload
from reform.errors import Forbidden, Refused
from tests.factories import person

FILES = Path(__file__).resolve().parent.parent / "files" / "ledgers"
HEADINGS = ("序号", "存在问题", "整改措施", "责任人", "整改时限")
GOOD = (1, "会议记录不完整。", "补齐记录", "马超", "2026年6月30日")


def workbook(*rows, headings=HEADINGS):
    book = Workbook()
    book.active.append(headings)
    for row in rows:
        book.active.append(row)
    book.save(buffer := BytesIO())
    return buffer.getvalue()


def received(bureau, at, data, by=None, name="台账.xlsx"):
    by = by or bureau.liaison
    return ledger.receive(
        data, name=name, campaign=bureau.campaign, organization=bureau.branch, by=by, at=at
    )


def kept(bureau, at, upload, **options):
    source = bureau.campaign.sources.get(name="自己找")
    return ledger.keep(
        upload, source=source, found_on=date(2026, 5, 1), by=bureau.liaison, at=at, **options
    )


def test_a_branchs_own_file_comes_in_as_drafts_and_goes_onto_the_ledger(bureau, at):
    upload = received(bureau, at, (FILES / "01-机关党委-双层表头.xlsx").read_bytes())
    made = kept(bureau, at, upload)
    done, refused = uploads.register_all(upload, by=bureau.liaison, at=at)

    assert (len(made), len(done), refused) == (8, 8, [])
    assert done[0].number == "YACG-2026-00001"
    first = Problem.objects.get(pk=made[0].pk)
    assert [str(item) for item in first.items.all()] == ["散"]
    assert str(first.source) == "督导检查"
    assert [measure.text for measure in first.measures.all()] == [
        "重申考勤与请销假规定并签收",
        "每周随机抽查两次并通报结果",
    ]


def test_the_same_file_twice_adds_nothing(bureau, at):
    data, early = workbook(GOOD), datetime(2026, 6, 2, 23, 0, tzinfo=UTC)  # the 3rd in Beijing
    kept(bureau, early, received(bureau, early, data))
    again = received(bureau, at, data)

    with pytest.raises(Refused, match="没有可以新增的行（2026-06-03已导入同一文件）"):
        kept(bureau, at, again)
    assert Problem.objects.count() == 1


def test_a_changed_file_adds_only_what_is_new(bureau, at):
    kept(bureau, at, received(bureau, at, workbook(GOOD)))
    more = received(bureau, at, workbook(GOOD, (2, "台账未更新。", "更新", "林芳", "7月底前")))

    assert [problem.description for problem in kept(bureau, at, more)] == ["台账未更新。"]


def test_one_error_keeps_nothing_unless_the_good_rows_are_chosen(bureau, at):
    data = workbook(
        GOOD, (2, "", "补漏", "马超", "6月底前"), (3, "超时。", "改", "马超", "2026年13月1日")
    )
    upload = received(bureau, at, data)

    with pytest.raises(Refused, match="2处错误，没有保存任何一行"):
        kept(bureau, at, upload)
    assert Problem.objects.count() == 0

    assert len(kept(bureau, at, upload, good_rows=True)) == 1


def test_faults_name_row_column_and_value(bureau, at):
    data = workbook(GOOD, (2, "超时。", "改", "马超", "2026年13月1日"))
    checked = ledger.check(received(bureau, at, data), by=bureau.liaison)

    fault = checked.errors[0]
    assert (fault.level, fault.line, fault.column, fault.value) == (
        "error",
        3,
        "整改时限",
        "2026年13月1日",
    )


def test_an_unknown_person_is_a_warning_and_is_kept_by_name(bureau, at):
    upload = received(bureau, at, workbook((1, "超时。", "改", "张无名", "6月底前")))
    checked = ledger.check(upload, by=bureau.liaison)
    made = kept(bureau, at, upload)

    assert checked.strangers == [("张无名", False)]
    assert [(row.name, row.user) for row in made[0].people.all()] == [("张无名", None)]


def test_a_corrected_person_becomes_the_account(bureau, at):
    upload = received(bureau, at, workbook((1, "超时。", "改", "马朝", "6月底前")))
    upload = ledger.correct(
        upload,
        corrections={"people": {"马朝": bureau.users["member"].pk}},
        by=bureau.liaison,
        at=at,
    )

    made = kept(bureau, at, upload)
    assert [(row.name, row.user) for row in made[0].people.all()] == [
        ("马超", bureau.users["member"])
    ]


def test_nobody_outside_can_be_chosen_for_a_name(bureau, at):
    upload = received(bureau, at, workbook((1, "超时。", "改", "马朝", "6月底前")))
    upload = ledger.correct(
        upload,
        corrections={"people": {"马朝": bureau.users["stranger"].pk}},
        by=bureau.liaison,
        at=at,
    )

    assert kept(bureau, at, upload)[0].people.get().user is None


def test_a_corrected_heading_is_read_again(bureau, at):
    data = workbook(
        (1, "超时。", "改", "马超", "6月底前"), headings=("号", "毛病", "办法", "谁", "几时")
    )
    with pytest.raises(Refused):
        received(bureau, at, data)

    data = workbook(
        (1, "超时。", "窗口太少", "改", "马超", "6月底前"),
        headings=("序号", "存在问题", "症结", "整改措施", "责任人", "整改时限"),
    )
    upload = received(bureau, at, data)
    upload = ledger.correct(
        upload, corrections={"mapping": {"2": "cause"}}, by=bureau.liaison, at=at
    )
    assert kept(bureau, at, upload)[0].cause == "窗口太少"


def test_a_unit_outside_ones_scope_is_an_error(bureau, at):
    headings = ("序号", "单位", "存在问题", "整改措施", "责任人", "整改时限")
    row = (1, "市水利局党组", "超时。", "改", "马超", "6月底前")
    checked = ledger.check(
        received(bureau, at, workbook(row, headings=headings)), by=bureau.liaison
    )

    assert [fault.level for fault in checked.faults] == ["error"]
    assert "不在您的填报范围内" in checked.faults[0].message


def test_the_office_files_for_the_units_named_in_the_rows(bureau, at):
    headings = ("序号", "单位", "存在问题", "整改措施", "责任人", "整改时限")
    rows = [
        (1, "第一党支部", "超时。", "改", "马超", "6月底前"),
        (2, "第二党支部", "漏报。", "改", "黄蕾", "6月底前"),
    ]
    upload = ledger.receive(
        workbook(*rows, headings=headings),
        name="汇总.xlsx",
        campaign=bureau.campaign,
        organization=bureau.center,
        by=bureau.office,
        at=at,
    )
    source = bureau.campaign.sources.get(name="自己找")
    made = ledger.keep(upload, source=source, found_on=date(2026, 5, 1), by=bureau.office, at=at)

    assert [str(problem.organization) for problem in made] == ["第一党支部", "第二党支部"]


def test_a_title_that_names_a_sibling_is_a_warning(bureau, at):
    book = Workbook()
    book.active.append(["第二党支部问题清单"])
    book.active.append(HEADINGS)
    book.active.append(GOOD)
    book.save(buffer := BytesIO())
    checked = ledger.check(received(bureau, at, buffer.getvalue()), by=bureau.liaison)

    assert [(fault.level, fault.column) for fault in checked.faults] == [("warning", "标题")]


def test_an_import_never_sets_a_reviewed_state(bureau, at):
    headings = (*HEADINGS, "整改状态", "销号时间")
    row = (*GOOD, "已销号", "2026-04-22")
    made = kept(bureau, at, received(bureau, at, workbook(row, headings=headings)))

    problem = Problem.objects.get(pk=made[0].pk)
    assert (problem.status, problem.progress) == ("draft", "done")
    assert problem.claimed_closed_on == date(2026, 4, 22)
    assert "报送台账注明已销号（2026-04-22）" in problem.remark


def test_a_member_does_not_import(bureau, at):
    with pytest.raises(Forbidden):
        received(bureau, at, workbook(GOOD), by=bureau.member)
    assert Upload.objects.count() == 0


def test_what_a_row_lacks_is_asked_once(bureau, at):
    checked = ledger.check(received(bureau, at, workbook(GOOD)), by=bureau.liaison)

    assert (checked.lacks_source, checked.lacks_found_on) == (True, True)


def test_two_people_of_one_name_are_doubted(bureau, at):
    person("马超", bureau.branch)
    checked = ledger.check(received(bureau, at, workbook(GOOD)), by=bureau.liaison)

    assert "2人同名" in checked.faults[0].message


def test_a_leaders_name_like_that_of_another_is_asked_about(bureau, at):
    headings = (*HEADINGS, "责任领导")
    file = workbook((*GOOD, "罗还"), (2, *GOOD[1:], "王五"), headings=headings)
    upload = received(bureau, at, file)

    checked = ledger.check(upload, by=bureau.liaison)

    assert checked.strangers == [("罗还", True)]  # like 罗海; 王五 is like nobody and no fault
    assert [(fault.line, fault.column, fault.value) for fault in checked.faults][:1] == [
        (2, "责任领导", "罗还")
    ]
    assert "可能是罗海" in checked.faults[0].message


def test_a_corrected_leader_and_person_stand_on_the_ledger_as_accounts(bureau, at):
    headings = (*HEADINGS, "责任领导")
    row = (1, "会议记录不完整。", "补齐记录", "马朝", "2026年6月30日", "罗还")
    upload = received(bureau, at, workbook(row, headings=headings))
    people = {"马朝": bureau.member.user.pk, "罗还": bureau.leader.user.pk}

    upload = ledger.correct(upload, corrections={"people": people}, by=bureau.liaison, at=at)
    checked = ledger.check(upload, by=bureau.liaison)
    (made,) = kept(bureau, at, upload)

    assert (checked.rows[0].persons, checked.rows[0].leaders) == (["马超"], ["罗海"])
    assert sorted(made.people.values_list("part", "name", "user")) == [
        ("leader", "罗海", bureau.leader.user.pk),
        ("responsible", "马超", bureau.member.user.pk),
    ]


def test_what_was_sent_by_mistake_is_discarded_with_its_file(
    bureau, at, django_capture_on_commit_callbacks
):
    upload = received(bureau, at, workbook(GOOD))
    attachment = upload.attachment

    other = received(bureau, at, workbook((2, "值班空缺。", *GOOD[2:])))
    kept(bureau, at, other)

    with pytest.raises(Refused, match="不能重复保存"):
        uploads.discard(other, by=bureau.liaison, at=at)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.discard(upload, by=bureau.liaison, at=at)

    assert not Upload.objects.filter(pk=upload.pk).exists()
    assert not attachment.file.storage.exists(attachment.file.name)


def test_somebodys_own_problem_is_not_named_to_an_office_that_sends_it_again(bureau, at):
    upload = received(bureau, at, workbook(GOOD))
    (made,) = kept(bureau, at, upload)
    Problem.objects.filter(pk=made.pk).update(owner_kind="personal")

    again = received(bureau, at, workbook(GOOD), by=bureau.office)
    (row,) = ledger.check(again, by=bureau.office).rows

    assert row.already
    assert not row.readable
    assert "台账中已有的一条" in row.warnings[-1].message
    assert str(made) not in row.warnings[-1].message


def test_an_office_does_not_bring_in_somebodys_own_problems(bureau, at):
    headings = (*HEADINGS, "问题归属")
    upload = received(bureau, at, workbook((*GOOD, "个人"), headings=headings), by=bureau.office)

    (row,) = ledger.check(upload, by=bureau.office).rows

    assert [fault.level for fault in row.errors] == ["error"]
    assert "由本人、本单位联络员或支部书记登记" in row.errors[0].message


@pytest.mark.parametrize(
    ("owner", "level", "meant"),
    [
        ("个人", "一般", ("personal", "ordinary")),
        ("领导班子", "重点", ("team", "key")),
        ("单位", "严重", ("unit", "key")),
        ("", "", ("unit", "ordinary")),
        ("某个很长很长的说不清是谁的问题", "Ⅱ级响应及以上的特殊情形", ("unit", "ordinary")),
    ],
)
def test_whose_problem_and_how_grave_are_words_of_the_ledger(bureau, at, owner, level, meant):
    """A personal row kept under another word would be seen by everybody above."""
    headings = (*HEADINGS, "问题归属", "严重程度")
    upload = received(bureau, at, workbook((*GOOD, owner, level), headings=headings))

    (made,) = kept(bureau, at, upload)

    made.refresh_from_db()
    assert (made.owner_kind, made.severity) == meant
    strange = [fault for fault in ledger.check(upload, by=bureau.liaison).faults if fault.value]
    assert len([one for one in strange if "不是系统中的说法" in one.message]) == (
        2 if len(owner) > 10 else 0
    )
