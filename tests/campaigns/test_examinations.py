"""Writing a self-examination: kept as it is, submitted whole, final, and never lost."""

import pytest
from django.db import DatabaseError, transaction

from campaigns.actions import examination_records, examination_reviews, examinations
from campaigns.models import (
    Campaign,
    Checklist,
    Examination,
    Finding,
    Item,
    Question,
    Reading,
    Submission,
    Verdict,
    Withdrawal,
    answers,
)
from reform.errors import Forbidden, Refused, Stale
from reform.models import Duty, Notice, Role, TrailEntry
from tests.campaigns.sheets import TEXTS, begun, promise, sent, written
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification.test_closures import a_scan
from tests.rectification.test_delegated import lend
from tests.worlds import unguarded

LISTS = ["campaigns_checklist", "campaigns_item", "campaigns_question"]


@pytest.fixture
def checklist(bureau):
    return bureau.campaign.checklists.get()


@pytest.fixture
def draft(bureau):
    return begun(bureau.campaign, bureau.member, "懒", "慢")


def submit(row, by, **facts):
    facts = {"version": row.version, "promise": promise(row)} | facts
    return examinations.submit(row, by=by, at=AT, **facts)


# ---------------------------------------------------------------- begun and saved


def test_one_begins_once_and_finds_what_he_has(bureau, checklist):
    row = examinations.begin(checklist, by=bureau.member, at=AT)
    second = person("马超", bureau.branch)
    type(second).objects.filter(pk=second.pk).update(same_as=bureau.users["member"])
    second.refresh_from_db()

    assert examinations.begin(checklist, by=bureau.member, at=AT) == row
    assert examinations.begin(checklist, by=actor(second), at=AT) == row
    assert (row.organization, row.status, row.version) == (bureau.branch, "draft", 1)


def test_who_does_not_take_part_is_told_so(bureau, checklist):
    other = Campaign.objects.exclude(pk=bureau.campaign.pk)
    homeless = actor(person("无处", bureau.branch, until=ON.replace(day=1)))
    outside = OrganizationFactory(name="别处支部")
    with unguarded(LISTS):
        empty = Checklist.objects.create(campaign=bureau.campaign, position=2, title="四个查一查")
        risky = Checklist.objects.create(
            campaign=bureau.campaign, position=3, title="排查", purpose="sweep"
        )
        Item.objects.create(campaign=bureau.campaign, checklist=risky, position=9, name="印章")
    for by, one, words in (
        (homeless, checklist, "您没有填写自查剖析的权限"),
        (actor(person("外人", outside)), checklist, "没有参加"),
        (bureau.system, checklist, "您没有填写自查剖析的权限"),
        (bureau.member, empty, "还没有条目"),
        (bureau.member, risky, "不是自查剖析清单"),
    ):
        with pytest.raises(Refused, match=words):
            examinations.begin(one, by=by, at=AT)
    assert not other.exists()
    assert not Examination.objects.exists()


def test_a_stale_save_gets_both_texts_and_loses_neither(bureau, draft, checklist):
    mine = written(checklist, "懒", cause="另一处写的原因。")
    saved = examinations.save(draft, content=mine, version=draft.version, by=bureau.member, at=AT)
    late = written(checklist, "懒", cause="旧页面上写的原因。")

    with pytest.raises(Stale) as caught:
        examinations.save(draft, content=late, version=draft.version, by=bureau.member, at=AT)

    assert caught.value.now["texts"]["cause"] == "另一处写的原因。"
    assert caught.value.version == saved.version
    # The same words again are no change, from whichever page.
    again = examinations.save(draft, content=mine, version=1, by=bureau.member, at=AT)
    assert again.version == saved.version


def test_a_draft_of_any_length_is_kept_and_an_over_long_answer_is_not_submitted(bureau, draft):
    long = "长" * 200_000
    content = written(draft.checklist, "懒", cause=long)
    row = examinations.save(draft, content=content, version=draft.version, by=bureau.member, at=AT)

    with pytest.raises(Refused, match=r"最多10000字，现在有200000字.*都还保留着"):
        submit(row, bureau.member)
    assert Examination.objects.get().content["texts"]["cause"] == long


@pytest.mark.parametrize("who", ["colleague", "secretary", "leader", "office", "inspector"])
def test_nobody_else_does_anything_to_a_draft(bureau, draft, who):
    by = getattr(bureau, who)
    for act in (
        lambda: examinations.save(draft, content={}, version=draft.version, by=by, at=AT),
        lambda: submit(draft, by),
        lambda: examinations.delete(draft, by=by, at=AT),
        lambda: examinations.withdraw(draft, by=by, at=AT),
        lambda: examination_reviews.tell(draft, by=by, at=AT),
    ):
        with pytest.raises(Refused):
            act()
    assert Examination.objects.get().content["texts"] == TEXTS
    assert not Examination.objects.readable_by(by).exists()


def test_a_draft_leaves_no_word_anywhere(bureau, draft):
    """Neither the trail nor a notice says anything of it but that it was begun."""
    entries = TrailEntry.objects.of(draft)

    assert [entry.act for entry in entries] == ["examination.begun"]
    assert entries[0].detail == {}
    assert not Notice.objects.exists()


def test_only_what_was_never_submitted_is_deleted(bureau, draft):
    submit(draft, bureau.member)
    examinations.withdraw(draft, by=bureau.member, at=AT)
    with pytest.raises(Refused, match="已经提交过"):
        examinations.delete(draft, by=bureau.member, at=AT)

    other = begun(bureau.campaign, bureau.colleague)
    examinations.delete(other, by=bureau.colleague, at=AT)
    assert [row.author for row in Examination.objects.all()] == [bureau.users["member"]]


# ---------------------------------------------------------------- what is missing


def missing(checklist, **content):
    empty = {"picked": [], "absent": [], "team_only": [], "texts": {}}
    return answers.missing(answers.frozen(checklist, empty | content))


def test_what_is_picked_asks_for_one_case_and_what_is_not_for_nothing(checklist):
    keys = {item.name: item.pk for item in checklist.items.all()}
    both = [keys["庸"], keys["懒"]]
    without = {name: text for name, text in TEXTS.items() if name != "measures"}
    own = {f"measures_{key}": "6月底前办结" for key in both}

    assert missing(checklist) == ["请勾选符合的条目；确实没有的，选“不存在此类问题”。"]
    assert missing(checklist, absent=["all"]) == []
    assert "请改正其中一处" in missing(checklist, picked=both, absent=["all"])[0]
    assert missing(checklist, picked=both, texts=TEXTS) == []
    assert missing(checklist, picked=both, texts=without | own) == []
    lacking = missing(checklist, picked=both, texts=without | {f"measures_{both[0]}": "办结"})
    assert "缺：懒" in "".join(lacking)
    assert missing(checklist, picked=both) == [
        "“什么事”还没有写。",
        "“什么时候”还没有写。",
        "“造成什么结果”还没有写。",
        "“原因分析体会”还没有写。",
        "“体会教训”还没有写。",
        "“改进措施计划”还没有写：可以写一份管全部，也可以逐条写（缺：庸、懒）。",
    ]


def test_item_by_item_asks_for_three_parts_of_each_or_one_click(bureau, checklist):
    with unguarded(LISTS):
        Checklist.objects.filter(pk=checklist.pk).update(
            mode="each", parts=["症状", "病根", "药方"]
        )
    checklist.refresh_from_db()
    first, *others = [item.pk for item in checklist.items.all()]
    absent = [str(key) for key in others]
    texts = {f"part_{first}_{place}": f"第{place}部分" for place in range(3)}
    sheet = answers.frozen(checklist, {"picked": [], "absent": absent, "texts": texts})

    assert missing(checklist, absent=absent) == [
        f"“庸”的“{part}”还没有写。" for part in ("症状", "病根", "药方")
    ]
    assert answers.missing(sheet) == []
    assert answers.sections(sheet)[0].lines == [
        ("症状", "第0部分"),
        ("病根", "第1部分"),
        ("药方", "第2部分"),
    ]
    found = answers.findings(sheet)
    assert [(one.item, one.manifestation, one.cause, one.measures) for one in found] == [
        (first, "第0部分", "第1部分", ("第2部分",))
    ]


def test_questions_are_all_answered_and_only_some_tell_of_a_problem(bureau):
    with unguarded(LISTS):
        checklist = Checklist.objects.create(
            campaign=bureau.campaign, position=2, title="三问三答", mode="questions"
        )
        keys = [
            Question.objects.create(checklist=checklist, position=n, text=text, finds=n == 2).pk
            for n, text in enumerate(["了解多少", "存在哪些问题", "今后怎么办"], start=1)
        ]
    texts = {f"answer_{key}": f"答{n}" for n, key in enumerate(keys, start=1)}

    assert missing(checklist, texts={f"answer_{keys[0]}": "答1"}) == [
        "“存在哪些问题”还没有写。",
        "“今后怎么办”还没有写。",
    ]
    sheet = answers.frozen(checklist, {"picked": [], "absent": [], "texts": texts})
    assert [(one.question, one.manifestation) for one in answers.findings(sheet)] == [
        (keys[1], "答2")
    ]
    del texts[f"answer_{keys[1]}"]
    sheet = answers.frozen(checklist, {"absent": [str(keys[1])], "texts": texts})
    assert (answers.missing(sheet), answers.findings(sheet)) == ([], [])


# ---------------------------------------------------------------- submitted


def test_what_is_submitted_carries_the_promise_and_goes_to_who_was_named(bureau, draft):
    made = submit(draft, bureau.member)
    told = Notice.objects.get()

    assert made.readers == [{"name": "郑洁", "post": "", "words": "第一党支部书记"}]
    assert made.sha256 == examinations.digest(made.content)
    assert (told.recipient, told.subject) == (
        bureau.users["secretary"],
        "马超提交了自查剖析，请审阅",
    )
    assert TEXTS["cause"] not in told.subject
    assert list(Examination.objects.readable_by(bureau.secretary)) == [draft]
    for who in ("colleague", "liaison", "office", "inspector", "leader", "neighbour", "stranger"):
        assert not Examination.objects.readable_by(getattr(bureau, who)).exists(), who


def test_what_is_said_not_to_exist_stays_with_the_draft(bureau, checklist):
    row = begun(bureau.campaign, bureau.member, "懒")
    content = row.content | {"picked": [], "absent": ["all"]}
    row = examinations.save(row, content=content, version=row.version, by=bureau.member, at=AT)
    made = submit(row, bureau.member)
    examination_reviews.decide(
        row, number=1, decision="accepted", comment="", by=bureau.secretary, at=AT
    )

    assert made.content["texts"] == {}
    assert Examination.objects.get().content["texts"] == TEXTS
    assert not Finding.objects.exists()


def closed(bureau):
    Campaign.objects.filter(pk=bureau.campaign.pk).update(status="closed")


def stage_over(bureau):
    """The stage that waits for examinations is over; the campaign is not."""
    bureau.campaign.stages.create(
        position=1,
        title="自查剖析",
        starts_on=bureau.campaign.starts_on,
        ends_on=bureau.campaign.starts_on,
        conditions=["examinations_submitted"],
        status="closed",
        closed_on=ON,
    )


def left(bureau):
    Duty.objects.filter(user=bureau.users["member"]).update(until=ON.replace(day=1))


def moved_out(bureau):
    left(bureau)
    Duty.objects.create(
        user=bureau.users["member"],
        organization=OrganizationFactory(name="省厅机关"),
        role=Role.MEMBER,
        since=ON,
    )


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (closed, "已结束.*都还保留着"),
        (stage_over, "“自查剖析”阶段已经结束.*联系活动办.*都还保留着"),
        (left, "您没有提交自查剖析的权限"),
        (moved_out, "没有参加.*都还保留着"),
    ],
)
def test_too_late_or_gone_is_said_and_the_text_stays(bureau, draft, happens, words):
    happens(bureau)
    draft.checklist.campaign.refresh_from_db()

    with pytest.raises(Refused, match=words):
        submit(draft, actor(bureau.users["member"]))

    assert Examination.objects.get().content["texts"] == TEXTS
    assert not Submission.objects.exists()


def test_a_promise_that_no_longer_holds_is_not_given(bureau, draft):
    key = promise(draft)
    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).update(
        until=ON.replace(day=1)
    )
    person("新书记", bureau.branch, Role.SECRETARY)

    with pytest.raises(Refused, match="阅看人刚刚有变化"):
        submit(draft, bureau.member, promise=key)
    assert submit(draft, bureau.member).readers[0]["name"] == "新书记"


def test_submitted_twice_or_changed_after_is_refused(bureau, draft):
    made = submit(draft, bureau.member)

    with pytest.raises(Refused, match="已提交，不需要再次提交"):
        submit(draft, bureau.member)
    other = written(draft.checklist, "懒", cause="改一改。")
    with pytest.raises(Refused, match="已提交，不能再改"):
        examinations.save(draft, content=other, version=draft.version, by=bureau.member, at=AT)
    assert list(Submission.objects.all()) == [made]


def test_a_page_that_shows_an_older_text_does_not_submit_it(bureau, draft, checklist):
    other = written(checklist, "懒", cause="改一改。")
    examinations.save(draft, content=other, version=draft.version, by=bureau.member, at=AT)

    with pytest.raises(Stale, match="看一遍现在的内容"):
        submit(draft, bureau.member)


def test_taken_back_while_unread_it_is_nobodys_again(bureau, draft):
    made = submit(draft, bureau.member)
    examinations.withdraw(draft, by=bureau.member, at=AT)
    draft.refresh_from_db()

    assert draft.status == "draft"
    assert not Examination.objects.readable_by(bureau.secretary).exists()
    assert Notice.objects.get().read_at == AT
    with pytest.raises(Refused):
        examination_reviews.read(made, by=bureau.secretary, at=AT)
    again = submit(draft, bureau.member)
    assert (again.number, Withdrawal.objects.get().submission) == (2, made)


def test_once_read_it_is_not_taken_back(bureau, draft):
    examination_reviews.read(submit(draft, bureau.member), by=bureau.secretary, at=AT)

    with pytest.raises(Refused, match="郑洁已经阅看"):
        examinations.withdraw(draft, by=bureau.member, at=AT)


def test_what_was_submitted_never_changes(bureau, draft):
    """By any tool: triggers, on both engines."""
    made = submit(draft, bureau.member)
    verdict = examination_reviews.decide(
        draft, number=1, decision="accepted", comment="", by=bureau.secretary, at=AT
    )
    other = sent(bureau.campaign, bureau.colleague)
    examinations.withdraw(other, by=bureau.colleague, at=AT)
    rows = (
        (made, {"content": {}}),
        (verdict, {"comment": "改"}),
        (Reading.objects.get(), {"at": AT.replace(year=2025)}),
        (Finding.objects.first(), {"cause": "改"}),
        (Withdrawal.objects.get(), {"at": AT.replace(year=2025)}),
    )
    for row, change in rows:
        alone = type(row).objects.filter(pk=row.pk)
        for act in (
            lambda a=alone, c=change: a.update(**c),
            lambda a=alone: a._raw_delete("default"),  # noqa: SLF001 -- by no model's leave
        ):
            with pytest.raises(DatabaseError, match="不能修改或删除"), transaction.atomic():
                act()
    assert Verdict.objects.get().comment == ""


# ---------------------------------------------------------------- typed from handwriting


def test_handwriting_counts_when_its_author_has_submitted_it(bureau, checklist):
    scan = a_scan(bureau, AT)
    facts = {"author": bureau.users["member"], "scan": scan, "at": AT}
    content = written(checklist, "慢")
    row = examination_records.record(checklist, content=content, by=bureau.liaison, **facts)

    assert Notice.objects.get().recipient == bureau.users["member"]
    assert not Examination.objects.visible_to(bureau.liaison).exists()
    with pytest.raises(Forbidden):
        examinations.save(row, content={}, version=1, by=bureau.liaison, at=AT)
    made = submit(row, bureau.member)
    assert (made.recorded_by, made.scan) == (bureau.users["liaison"], scan)
    assert "本人确认周敏代录的内容" in TrailEntry.objects.of(row).last().sentence


def test_handwriting_of_who_cannot_confirm_it_is_refused(bureau, checklist, draft):
    nameless = person("无号", bureau.branch, username=None)
    cases = (
        (bureau.liaison, nameless, "没有启用的账号"),
        (bureau.liaison, bureau.users["member"], "已经在系统中填写"),
        (bureau.liaison, bureau.users["liaison"], "自己的"),
        (bureau.liaison, bureau.users["neighbour"], "您没有在“第二党支部”代录自查剖析的权限"),
        (bureau.neighbour, bureau.users["colleague"], "您没有在“第一党支部”代录自查剖析的权限"),
        (bureau.member, bureau.users["colleague"], "代录自查剖析的权限"),
    )
    for by, author, words in cases:
        with pytest.raises(Refused, match=words):
            examination_records.record(
                checklist, author=author, content={}, scan=a_scan(bureau, AT), by=by, at=AT
            )
    assert list(Examination.objects.all()) == [draft]


def test_a_delegate_of_the_secretary_is_named_before_it_is_submitted(bureau, draft):
    lend(bureau.users["secretary"], Role.SECRETARY, bureau.users["colleague"])
    made = submit(draft, bureau.member)

    assert [one["words"] for one in made.readers] == [
        "第一党支部书记",
        "第一党支部书记，受郑洁委托代行",
    ]
