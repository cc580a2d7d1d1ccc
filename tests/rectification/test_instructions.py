"""Instructions of leaders (批示): written, recorded from paper, answered, asked again, ended."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, connection, transaction

from rectification.actions import instructions
from rectification.models import Act, Instruction, InstructionEntry, Problem
from rectification.policy.instructions import may_end
from reform.actions import attachments, delegations
from reform.errors import Forbidden, Refused
from reform.models import Duty, Notice, Role, TrailEntry
from tests.factories import ON, actor, person

WORDS = "请支部逐件核对，说明责任人和办结时间。"
DUE = ON + timedelta(days=7)


def written(bureau, at, **facts):
    facts = {"organization": bureau.branch, "text": WORDS, "answer_by": DUE} | facts
    return instructions.write(bureau.campaign, **({"by": bureau.leader, "at": at} | facts))


@pytest.fixture
def asked(bureau, at):
    return written(bureau, at)


@pytest.fixture
def answered(bureau, asked, at):
    return instructions.answer(asked, text="已经核对。", by=bureau.secretary, at=at)


def recorded(bureau, at, **facts):
    facts = {
        "organization": bureau.branch,
        "text": WORDS,
        "answer_by": None,
        "signer": bureau.users["leader"],
        "signer_name": "",
        "signed_on": ON - timedelta(days=1),
        "scan": None,
    } | facts
    return instructions.record(bureau.campaign, **({"by": bureau.office, "at": at} | facts))


def subjects(user):
    return set(
        Notice.objects.filter(recipient=user, read_at=None).values_list("subject", flat=True)
    )


# ---- writing


def test_those_addressed_are_told_and_nobody_else(bureau, asked):
    told = {notice.recipient for notice in Notice.objects.filter(url=asked.get_absolute_url())}
    assert told == {bureau.users["secretary"], bureau.users["liaison"]}
    assert subjects(bureau.users["secretary"]) == {"罗海2026年6月3日批示，请于2026-06-10前答复"}


def test_who_sees_one(bureau, asked):
    assert [
        name
        for name in bureau.users
        if Instruction.objects.visible_to(getattr(bureau, name)).exists()
    ] == ["liaison", "secretary", "office", "top_office", "leader"]


@pytest.mark.parametrize("who", ["office", "secretary", "inspector", "member", "stranger"])
def test_only_a_leader_writes_and_in_his_field_alone(bureau, at, who):
    with pytest.raises(Forbidden):
        written(bureau, at, by=getattr(bureau, who))
    deputy = actor(person("陈立", bureau.center, Role.LEADER, fields=[bureau.sibling]))
    with pytest.raises(Forbidden):
        written(bureau, at, by=deputy)
    assert written(bureau, at, by=deputy, organization=bureau.sibling).place == bureau.center


def test_on_a_problem_it_belongs_to_the_rows_organization(bureau, rectifying, at):
    row = written(bureau, at, problem=rectifying)
    assert row.problem == rectifying
    with pytest.raises(Refused, match="不是第二党支部在这项活动中的问题"):
        written(bureau, at, problem=rectifying, organization=bureau.sibling)


def test_not_on_a_draft_nor_a_personal_problem(bureau, draft, at):
    with pytest.raises(Refused, match="入账后才能批示"):
        written(bureau, at, problem=draft)
    Problem.objects.filter(pk=draft.pk).update(owner_kind="personal")
    draft.refresh_from_db()
    with pytest.raises(Forbidden):
        written(bureau, at, problem=draft)


def test_not_on_a_closed_problem(bureau, applied, at):
    row = applied.problem
    Problem.objects.filter(pk=row.pk).update(status="closed", closed_at=at)
    row.refresh_from_db()
    with pytest.raises(Refused, match="请直接对第一党支部批示"):
        written(bureau, at, problem=row)


def test_the_day_to_answer_by_is_not_past(bureau, at):
    with pytest.raises(Refused, match="不能早于今天"):
        written(bureau, at, answer_by=ON - timedelta(days=1))


def test_from_paper_it_says_who_entered_it(bureau, at):
    row = recorded(bureau, at)
    assert row.signed == "罗海批示（何静代录）"
    assert row.day == date(2026, 6, 2)
    assert subjects(bureau.users["secretary"]) == {"罗海2026年6月2日批示，请答复"}
    assert (
        recorded(bureau, at, signer=None, signer_name="王某某").signed == "王某某批示（何静代录）"
    )
    entry = TrailEntry.objects.of(row).get()
    assert (entry.act, entry.behalf_name, entry.quote) == (Act.INSTRUCTION_WRITTEN, "罗海", WORDS)


def test_from_paper_what_cannot_be(bureau, at):
    with pytest.raises(Forbidden):
        recorded(bureau, at, by=bureau.secretary)
    with pytest.raises(Refused, match="请选择批示人"):
        recorded(bureau, at, signer=None)
    with pytest.raises(Refused, match="不能晚于今天"):
        recorded(bureau, at, signed_on=ON + timedelta(days=1))
    with pytest.raises(Refused, match="直接在系统中批示"):
        recorded(bureau, at, signer=bureau.users["office"])


# ---- answering


def test_the_liaison_prepares_and_the_secretary_answers(bureau, asked, at):
    row = instructions.prepare(asked, text="草稿。", by=bureau.liaison, at=at)
    assert (row.status, row.draft) == ("open", "草稿。")
    instructions.prepare(asked, text="草稿二。", by=bureau.liaison, at=at)
    drafted = "罗海2026年6月3日批示的答复已起草，请审阅后答复"  # “送负责人答复”: told once
    mine = Notice.objects.filter(recipient=bureau.users["secretary"], subject=drafted)
    assert mine.count() == 1
    assert drafted not in subjects(bureau.users["liaison"])
    with pytest.raises(Forbidden):
        instructions.answer(asked, text="草稿。", by=bureau.liaison, at=at)
    row = instructions.answer(asked, text="定稿。", by=bureau.secretary, at=at)
    entry = row.entries.get()
    assert (row.status, row.draft, entry.text) == ("answered", "", "定稿。")
    assert (entry.by_name, entry.prepared_by) == ("郑洁", bureau.users["liaison"])
    assert subjects(bureau.users["leader"]) == {"第一党支部已答复罗海2026年6月3日批示"}
    # Nobody is asked any more.
    assert not subjects(bureau.users["secretary"])
    assert not subjects(bureau.users["liaison"])


@pytest.mark.parametrize("who", ["office", "neighbour", "leader", "member", "inspector"])
def test_nobody_else_answers(bureau, asked, at, who):
    with pytest.raises(Forbidden):
        instructions.answer(asked, text="答复。", by=getattr(bureau, who), at=at)


def test_nobody_answers_his_own(bureau, at):
    user = bureau.users["leader"]
    Duty.objects.create(
        user=user, organization=bureau.branch, role=Role.SECRETARY, since=date(2020, 1, 1)
    )
    row = written(bureau, at)
    with pytest.raises(Refused, match="请由本单位其他人答复"):
        instructions.answer(row, text="答复。", by=actor(user), at=at)


def test_several_answers_may_follow_one_another(bureau, answered, at):
    instructions.answer(answered, text="又补充一点。", by=bureau.secretary, at=at)
    assert answered.entries.count() == 2
    told = Notice.objects.filter(recipient=bureau.users["leader"])
    assert told.count() == 2


# ---- asking again, ending


def test_the_author_asks_again_and_ends(bureau, answered, at):
    later = at + timedelta(days=2)
    row = instructions.ask_again(
        answered, text="还有2件呢？", answer_by=None, by=bureau.leader, at=later
    )
    assert (row.status, row.asked_at) == ("open", later)
    assert row.days_open(ON + timedelta(days=5)) == 3
    assert subjects(bureau.users["secretary"]) == {"罗海2026年6月3日批示再次要求答复"}
    with pytest.raises(Refused, match="还没有新的答复"):
        instructions.ask_again(row, text="？", answer_by=None, by=bureau.leader, at=later)
    row = instructions.answer(row, text="也办结了。", by=bureau.secretary, at=later)
    assert not subjects(bureau.users["secretary"])
    row = instructions.end(row, note="", by=bureau.leader, at=later)
    assert row.is_done
    assert [entry.kind for entry in row.entries.all()] == ["answer", "again", "answer", "done"]
    for act in (
        lambda: instructions.answer(row, text="晚了。", by=bureau.secretary, at=later),
        lambda: instructions.end(row, note="", by=bureau.leader, at=later),
    ):
        with pytest.raises(Refused, match="已经办结"):
            act()


def test_ended_without_an_answer_it_says_why(bureau, asked, at):
    with pytest.raises(Refused, match="须写明理由"):
        instructions.end(asked, note="", by=bureau.leader, at=at)
    assert instructions.end(asked, note="已当面汇报。", by=bureau.leader, at=at).is_done


def test_who_ends_one(bureau, asked, at):
    above = actor(person("宋岩", bureau.top, Role.LEADER, principal=True))
    deputy = actor(person("陈立", bureau.center, Role.LEADER, fields=[bureau.branch]))
    below = actor(person("主任", bureau.branch, Role.LEADER, principal=True))
    own = written(bureau, at, by=deputy)
    assert [may_end(by, asked) for by in (bureau.leader, above, deputy, below, bureau.office)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert [may_end(by, own) for by in (bureau.leader, above, deputy)] == [True, True, True]
    assert may_end(bureau.office, recorded(bureau, at))
    with pytest.raises(Forbidden):
        instructions.end(asked, note="好。", by=deputy, at=at)


def test_whoever_stands_in_for_the_author_ends_it(bureau, asked, at):
    delegate = person("代行人", bureau.center)
    delegations.give(
        Duty.objects.get(user=bureau.users["leader"], role=Role.LEADER),
        delegate=delegate,
        since=ON,
        until=ON + timedelta(days=3),
        reason="出差",
        by=bureau.leader,
        at=at,
    )
    by = actor(delegate)
    assert instructions.end(asked, note="已落实。", by=by, at=at).is_done
    row = written(bureau, at, by=by)
    assert row.author_name == "代行人（受罗海委托）"


# ---- final


def refused(sql, *values):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_words_never_change(bureau, answered):
    table, entries = "rectification_instruction", "rectification_instructionentry"
    for column in ("text", "author_name", "signed_on"):
        value = "2026-06-01" if column == "signed_on" else "改写"
        refused(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, answered.pk)  # noqa: S608
    refused(f"DELETE FROM {table} WHERE id = %s", answered.pk)  # noqa: S608
    refused(f"UPDATE {entries} SET text = %s WHERE instruction_id = %s", "改写", answered.pk)  # noqa: S608
    refused(f"DELETE FROM {entries} WHERE instruction_id = %s", answered.pk)  # noqa: S608
    answered.refresh_from_db()
    assert answered.text == WORDS
    assert InstructionEntry.objects.get().text == "已经核对。"


def test_the_trail_says_who_and_in_no_sentence_what(bureau, answered, at):
    entries = TrailEntry.objects.of(answered)
    assert [entry.act for entry in entries] == ["instruction.written", "instruction.answered"]
    assert [entry.quote for entry in entries] == [WORDS, "已经核对。"]
    assert not any(WORDS[:6] in entry.sentence for entry in entries)


# ---- pages


def test_a_leader_writes_on_the_page_and_on_a_problem(bureau, rectifying, signed_in):
    client = signed_in(bureau.leader)
    client.post(
        f"/instructions/new/{bureau.campaign.pk}/",
        {"organization": "第一党支部", "text": WORDS, "answer_by": ""},
    )
    client.post(f"/problems/{rectifying.pk}/instruction/", {"text": "此件从快。"})
    first, second = Instruction.objects.order_by("pk")
    assert (first.organization, first.problem) == (bureau.branch, None)
    assert (second.organization, second.problem) == (bureau.branch, rectifying)
    assert "此件从快。" in client.get(f"/problems/{rectifying.pk}/").content.decode()
    # A member reads the row, not what the leader wrote to it.
    page = signed_in(bureau.member).get(f"/problems/{rectifying.pk}/")
    assert "此件从快。" not in page.content.decode()


def test_a_place_outside_his_field_is_not_found(bureau, signed_in):
    page = signed_in(bureau.leader).post(
        f"/instructions/new/{bureau.campaign.pk}/", {"organization": "市水利局党组", "text": WORDS}
    )
    assert "没有找到“市水利局党组”" in page.content.decode()
    assert not Instruction.objects.exists()


def test_an_office_records_one_with_its_scan(bureau, rectifying, signed_in, at):
    scan = BytesIO(b"%PDF-1.4 paper")
    scan.name = "批示.pdf"
    client = signed_in(bureau.office)
    client.post(
        f"/instructions/record/{bureau.campaign.pk}/",
        {
            "signer": bureau.users["leader"].pk,
            "signed_on": "2026-06-02",
            "organization": "第一党支部",
            "problem": rectifying.number,
            "text": WORDS,
            "scan": scan,
        },
    )
    row = Instruction.objects.get()
    assert (row.problem, row.recorded_by) == (rectifying, bureau.users["office"])
    page = client.get(f"/instructions/{row.pk}/scan/")
    assert page.getvalue() == b"%PDF-1.4 paper"
    assert signed_in(bureau.neighbour).get(f"/instructions/{row.pk}/scan/").status_code == 404


def test_the_draft_is_the_organizations_own(bureau, asked, signed_in):
    signed_in(bureau.liaison).post(f"/instructions/{asked.pk}/answer/", {"text": "草拟的话。"})
    seen = {
        who: "草拟的话。"
        in signed_in(getattr(bureau, who)).get(f"/instructions/{asked.pk}/").content.decode()
        for who in ("liaison", "secretary", "office", "leader")
    }
    assert seen == {"liaison": True, "secretary": True, "office": False, "leader": False}
    page = signed_in(bureau.secretary).get(f"/instructions/{asked.pk}/answer/")
    assert "草拟的话。" in page.content.decode()


def test_the_desk_says_what_is_to_be_answered(bureau, asked, signed_in, at):
    page = signed_in(bureau.secretary).get("/").content.decode()
    assert "待答复的批示" in page
    assert WORDS[:10] in page
    assert "待答复的批示" not in signed_in(bureau.neighbour).get("/").content.decode()
    assert "呈阅件" in signed_in(bureau.leader).get("/").content.decode()
    instructions.answer(asked, text="已经核对。", by=bureau.secretary, at=at)
    assert "待答复的批示" not in signed_in(bureau.secretary).get("/").content.decode()


def test_a_file_that_came_with_a_refusal_does_not_stay(bureau, signed_in):
    scan = BytesIO(b"%PDF-1.4 paper")
    scan.name = "批示.pdf"
    page = signed_in(bureau.office).post(
        f"/instructions/record/{bureau.campaign.pk}/",
        {
            "signer_name": "王某某",
            "signed_on": "2026-06-02",
            "answer_by": "2020-01-01",
            "organization": "第一党支部",
            "text": WORDS,
            "scan": scan,
        },
    )
    assert "不能早于今天" in page.content.decode()
    assert not attachments.Attachment.objects.exists()
