"""One page for a leader (呈阅件): its figures and their change, what is stuck, what to decide."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document

from campaigns.models import BEIJING
from rectification import statistics
from rectification.actions import (
    closures,
    evidences,
    instructions,
    measures,
    problems,
    registrations,
    reviews,
    weekly_collations,
    weekly_reports,
    weekly_signings,
)
from rectification.actions.verdicts import Verdict
from rectification.models import Decision, EarlierDeadline, Problem, past_figures, stuck
from rectification.models.brief import FIGURES
from rectification.models.metric import Field, Span
from rectification.reports import brief as papers
from rectification.views import briefs
from rectification.views.briefs import brief_of
from reform.models import Duty, HolidayNotice, Role
from tests.conftest import SIX
from tests.factories import ProblemFactory, actor, person
from tests.rectification.weekly import opened, planned
from tests.reform.test_word import drawn

pytestmark = pytest.mark.dealt

# Every act of these tests has a day of its own: AT of the factories is 3 June.
MONDAY = date(2026, 6, 1)


def moment(day, hour=9, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=BEIJING)


def on_day(bureau, who, day):
    return actor(bureau.users[who], on=date(2026, 6, day))


def brief(bureau, day=10, who="leader"):
    user = bureau.users.get(who) if isinstance(who, str) else who
    by = actor(user, on=date(2026, 6, day))
    return brief_of(by, bureau.campaign, at=moment(day, 18))


def issued(bureau, day=3, *, place=None, by="liaison", **facts):
    place = place or bureau.branch
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=place,
        by=on_day(bureau, by, day),
        **(SIX | facts),
    )
    secretary = "secretary" if place == bureau.branch else "neighbour"
    who = on_day(bureau, secretary, day)
    row = registrations.register(row, by=who, at=moment(day, 9))
    return registrations.issue(row, by=who, at=moment(day, 10))


def assigned(bureau, day=3, **facts):
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=on_day(bureau, "office", day),
        **(SIX | facts),
    )
    who = on_day(bureau, "office", day)
    row = registrations.register(row, by=who, at=moment(day, 9))
    return registrations.issue(row, by=who, at=moment(day, 10))


def applied(bureau, row, day):
    who = on_day(bureau, "member", day)
    at = moment(day, 14)
    measure = measures.plan(row, facts={"text": "指定首接人"}, by=who, at=at)
    done = date(2026, 6, day - 1)
    measures.finish(measure, done_on=done, note="", by=who, at=at)
    facts = {"kind": "reference", "title": "登记簿", "place": "养护科"}
    evidences.prove(row, facts=facts, by=who, at=at)
    row.refresh_from_db()
    return closures.apply(row, statement="已全部回访。", effect="好", by=who, at=at)


def decide(bureau, application, who, day, **facts):
    verdict = Verdict(
        **{
            "decision": Decision.APPROVED,
            "opinion": "同意。",
            "methods": ["site"],
            "standards": ["measures", "handled", "result"],
        }
        | facts
    )
    step = application.steps.get(state="open")
    reviews.decide(step, verdict=verdict, by=on_day(bureau, who, day), at=moment(day, 16))


def counted(bureau, at, who="leader"):
    """What the five figures are at a moment, counted at that moment."""
    field = Field(bureau.campaign.pk, bureau.users[who])
    return statistics.figures(field, Span(at - briefs.WEEK, at), FIGURES)


def counted_back(bureau, then, who="leader"):
    """What they were at a moment, counted later."""
    field, now = Field(bureau.campaign.pk, bureau.users[who]), moment(29)
    rows = past_figures.at(then)
    return statistics.figures(field, Span(then, now), (), **rows)


# ---------------------------------------------------------------- the figures


def story(bureau):
    """A month in which everything happens that moves a row from one figure to another; yields at
    the end of each day on which something did."""
    first = issued(bureau, 3, due_on=date(2026, 6, 8), due_text="6月8日")
    second = issued(bureau, 3, place=bureau.sibling, by="neighbour")
    given = assigned(bureau, 3, due_on=date(2026, 6, 9), due_text="6月9日")
    yield 3
    request = applied(bureau, first, 5)
    yield 5
    decide(bureau, request, "secretary", 8)
    yield 8
    decide(
        bureau,
        request,
        "office",
        10,
        decision=Decision.RETURNED,
        reason="evidence",
        new_due_on=date(2026, 6, 12),
    )
    yield 10
    late = date(2026, 6, 20)
    second.refresh_from_db()
    problems.amend(
        second,
        version=second.version,
        facts={"due_on": late, "due_kind": "dated", "due_text": "6月20日"},
        reason="依文调整",
        by=on_day(bureau, "office", 11),
        at=moment(11, 11),
    )
    yield 11
    yield 13
    request = applied(bureau, first, 15)
    yield 15
    decide(bureau, request, "secretary", 16)
    decide(bureau, request, "office", 16)
    yield 16
    registrations.accept(given, by=on_day(bureau, "secretary", 17), at=moment(17, 11))
    issued(bureau, 17)
    yield 17
    # Late for a week, and then given another day: it was late all the same.
    given.refresh_from_db()
    problems.amend(
        given,
        version=given.version,
        facts={"due_on": date(2026, 6, 19), "due_kind": "dated", "due_text": "6月19日"},
        reason="经同意延后",
        by=on_day(bureau, "office", 18),
        at=moment(18, 11),
    )
    yield 18
    yield 22


def test_what_a_figure_was_is_what_was_counted_then(bureau):
    then = {day: counted(bureau, moment(day, 18)) for day in story(bureau)}
    assert then[10]["overdue"] == 1  # the assigned one; the other was returned with a new day
    assert then[13]["overdue"] == 2
    assert (then[17]["overdue"], then[18]["overdue"]) == (1, 0)
    assert then[8]["in_review"] == 1
    assert then[16]["closed"] == 1
    assert then[22] == {"total": 4, "closed": 1, "under_way": 3, "in_review": 0, "overdue": 2}

    for day, figures in then.items():
        back = counted_back(bureau, moment(day, 18))
        assert {code: back[code] for code in FIGURES} == figures, day
        assert back["unsure"] == 0


def test_what_was_sent_back_was_under_way_and_its_day_is_not_guessed(bureau):
    row = assigned(bureau, 3, due_on=date(2026, 6, 4), due_text="6月4日")
    then = counted(bureau, moment(5))
    secretary, office = on_day(bureau, "secretary", 8), on_day(bureau, "office", 9)
    registrations.return_assignment(row, reason="不属我支部", by=secretary, at=moment(8))
    assert counted_back(bureau, moment(5))["under_way"] == then["under_way"] == 1
    assert counted_back(bureau, moment(8, 18))["under_way"] == 0

    registrations.issue(row, by=office, at=moment(9))
    back = counted_back(bureau, moment(5))
    assert (back["under_way"], back["unsure"]) == (1, 1)
    figure = next(one for one in brief(bureau, 12).figures if one.code == "overdue")
    assert (figure.number, figure.change, figure.change_words) == (1, None, "—")
    assert brief(bureau, 12).unknown
    assert not brief(bureau, 20).unknown


def test_each_figure_says_how_it_changed_in_a_week(bureau):
    for _ in story(bureau):
        pass
    found = {one.code: (one.number, one.change_words) for one in brief(bureau, 22).figures}
    assert found == {
        "total": (4, "+1"),
        "closed": (1, "+1"),
        "under_way": (3, "持平"),
        "in_review": (0, "-1"),
        "overdue": (2, "+1"),
    }


LEADERS = ("principal", "deputy", "many hats")


@pytest.mark.parametrize("whose", LEADERS)
@pytest.mark.parametrize("code", [*FIGURES, "stuck"])
def test_each_figure_opens_the_rows_it_counts(bureau, signed_in, time_machine, whose, code):
    for _ in story(bureau):
        pass
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, **SIX)
    row = issued(bureau, 17)
    Problem.objects.filter(pk=row.pk).update(owner_kind="personal")
    leader = bureau.users["leader"]
    if whose != "principal":
        leader = person("陈立", bureau.center, Role.LEADER, fields=[bureau.branch])
    if whose == "many hats":  # reads more than he leads
        Duty.objects.create(
            user=leader, organization=bureau.sibling, role=Role.SECRETARY, since=date(2020, 1, 1)
        )
    time_machine.move_to(moment(22, 18), tick=False)
    shown = brief(bureau, 22, who=leader)
    query = shown.stuck_query
    number = shown.stuck_in_all
    if code != "stuck":
        figure = next(one for one in shown.figures if one.code == code)
        query, number = figure.query, figure.number

    page = signed_in(leader).get(f"/problems/?{query}")
    assert len(page.context["rows"]) == number
    assert f"{leader.name}分管范围" in page.content.decode()


# ---------------------------------------------------------------- what is stuck


def test_what_is_stuck_says_with_whom_at_which_step_for_how_long(bureau):
    late = issued(bureau, 3, due_on=date(2026, 6, 5), due_text="6月5日")
    waiting = issued(bureau, 3)
    applied(bureau, waiting, 4)
    given = assigned(bureau, 3)
    quiet = issued(bureau, 3, due_on=date(2026, 12, 31), due_text="年底")
    rows = Problem.objects.all()

    found = stuck.worst(rows, on=date(2026, 6, 12))
    # 19 June is a holiday; the 5th day of review is 11 June, and 8 June the third to accept.
    assert [(one.problem.pk, one.words, one.step, one.whom) for one in found] == [
        (late.pk, "逾期7天", "整改中", "马超"),
        (given.pk, "7个工作日未签收", "待签收", "第一党支部"),
        (waiting.pk, "待审6个工作日", "本单位审签", "第一党支部 郑洁"),
    ]
    found = stuck.worst(rows, on=date(2026, 7, 4))
    assert (quiet.pk, "31天无进展") in [(one.problem.pk, one.words) for one in found]


def test_nothing_is_stuck_before_its_time(bureau):
    issued(bureau, 3)
    applied(bureau, issued(bureau, 3), 4)
    assigned(bureau, 3)
    rows = Problem.objects.all()
    assert {one.kind for one in stuck.worst(rows, on=date(2026, 6, 7))} == set()
    assert {one.kind for one in stuck.worst(rows, on=date(2026, 6, 8))} == {"accept"}
    assert {one.kind for one in stuck.worst(rows, on=date(2026, 6, 10))} == {"accept"}
    assert {one.kind for one in stuck.worst(rows, on=date(2026, 6, 11))} == {"accept", "review"}


def test_progress_evidence_and_a_return_are_progress(bureau):
    on = date(2026, 7, 10)
    row = issued(bureau, 3, due_on=date(2026, 12, 31), due_text="年底")
    rows = Problem.objects.filter(stuck.rows(on))
    assert rows.get() == row
    who = on_day(bureau, "member", 20)
    facts = {"kind": "reference", "title": "登记簿", "place": "养护科"}
    evidences.prove(row, facts=facts, by=who, at=moment(20))
    assert not rows.exists()
    assert Problem.objects.filter(stuck.rows(date(2026, 7, 20))).exists()


def test_ten_are_shown_and_the_others_counted(bureau):
    for number in range(13):
        issued(bureau, 3, due_on=date(2026, 6, 4 + number % 2), due_text="6月初")
    shown = brief(bureau, 10)
    assert (len(shown.stuck), shown.stuck_in_all, shown.more_stuck) == (10, 13, 3)
    assert [one.days for one in shown.stuck] == [6] * 7 + [5] * 3


def test_a_deputy_has_his_field_and_his_own_organization(bureau):
    issued(bureau, 3, due_on=date(2026, 6, 4), due_text="6月4日")
    issued(bureau, 3, place=bureau.sibling, by="neighbour")
    deputy = person("陈立", bureau.center, Role.LEADER, fields=[bureau.sibling])
    shown = brief(bureau, 10, who=deputy)
    assert shown.number("total") == 1
    assert shown.stuck == []
    assert shown.scope == "服务中心党委、第二党支部及所属单位"
    assert brief(bureau, 10).number("total") == 2


def test_personal_rows_are_in_nothing(bureau):
    row = issued(bureau, 3, due_on=date(2026, 6, 4), due_text="6月4日")
    Problem.objects.filter(pk=row.pk).update(owner_kind="personal")
    shown = brief(bureau, 10)
    assert {one.number for one in shown.figures} == {0}
    assert (shown.stuck, shown.stuck_in_all) == ([], 0)


# ---------------------------------------------------------------- what he is to decide


def test_what_waits_for_him_is_named_with_a_link(bureau):
    key = issued(bureau, 3, severity="key", leaders=["顾明"])
    request = applied(bureau, key, 4)
    decide(bureau, request, "secretary", 5)
    decide(bureau, request, "office", 5)
    assert brief(bureau, 8).decisions == []
    decide(bureau, request, "inspector", 8)
    row = issued(bureau, 3)
    Problem.objects.filter(pk=row.pk).update(due_since=MONDAY, due_workdays=10)
    EarlierDeadline.objects.create(
        problem=row,
        notice=HolidayNotice.objects.get_or_create(year=2026)[0],
        was=row.due_on,
        becomes=row.due_on - timedelta(days=1),
        found_at=moment(8),
    )
    shown = brief(bureau, 10)
    assert [(one.words, one.url) for one in shown.decisions] == [
        (f"领导审定：{key}", f"/reviews/{request.steps.get(state='open').pk}/"),
        ("1件按工作日计算的时限是否提前", "/calendar/earlier/"),
    ]


def test_a_collated_report_waits_for_the_leader_of_its_organization(bureau, at):
    planned(bureau, at=at)
    issue, friday = opened(bureau), moment(5, 9)
    who = on_day(bureau, "office", 5)
    report = weekly_collations.collate(issue, bureau.center, by=who, at=friday)
    texts = {"progress": "进展。", "plans": "督促未报单位。"}
    report = weekly_reports.write(report, edition=report.edition, texts=texts, by=who, at=friday)
    assert brief(bureau, 5).decisions == []
    report = weekly_signings.submit(report, by=who, at=friday)  # one person: no other looks at it
    found = [(one.words, one.url) for one in brief(bureau, 5).decisions]
    assert found == [(f"签发：{report}", report.get_absolute_url())]
    above = person("宋岩", bureau.top, Role.LEADER, principal=True)
    assert brief(bureau, 5, who=above).decisions == []
    weekly_signings.sign(report, by=on_day(bureau, "leader", 5), at=moment(5, 11))
    assert brief(bureau, 5).decisions == []


# ---------------------------------------------------------------- pages and the paper


def test_only_leaders_have_the_page(bureau, signed_in):
    assert signed_in(bureau.leader).get("/brief/").status_code == 200
    for who in ("office", "secretary", "member", "inspector"):
        client = signed_in(getattr(bureau, who))
        assert client.get("/brief/").status_code == 403
        assert client.get("/brief/word/").status_code == 403


@pytest.mark.parametrize("kind", ["late", "review", "accept"])
def test_it_asks_as_much_for_fifty_rows_as_for_one(bureau, signed_in, time_machine, kind):
    leader = bureau.leader

    def asked():
        by = actor(bureau.users["leader"], on=date(2026, 6, 22))
        with CaptureQueriesContext(connection) as queries:
            shown = brief_of(by, bureau.campaign, at=moment(22))
            papers.word_of(shown)
        gathered = len(queries)
        client = signed_in(leader)
        client.get("/brief/")
        with CaptureQueriesContext(connection) as page:
            assert client.get("/brief/").status_code == 200
        return gathered, len(page)

    time_machine.move_to(moment(22), tick=False)

    def one():
        if kind == "late":
            issued(bureau, 3, due_on=date(2026, 6, 4), due_text="6月4日")
        elif kind == "review":
            applied(bureau, issued(bureau, 3), 4)
        else:
            assigned(bureau, 3)
        row = instructions.write(
            bureau.campaign,
            organization=bureau.branch,
            text="请说明。",
            answer_by=None,
            by=on_day(bureau, "leader", 8),
            at=moment(8),
        )
        answered = on_day(bureau, "secretary", 9)
        instructions.answer(row, text="已经说明。", by=answered, at=moment(9))

    one()
    few = asked()
    for _ in range(49):
        one()
    assert asked() == few
    assert few[0] <= 30


def words_of(data):
    document = Document(BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts += [cell.text for row in table.rows for cell in row.cells]
    return "\n".join(texts)


def test_the_paper_says_what_the_page_says(bureau):
    late = issued(bureau, 3, due_on=date(2026, 6, 5), due_text="6月5日")
    instructions.write(
        bureau.campaign,
        organization=bureau.branch,
        text="请<件件>有着落 & 说明。",
        answer_by=None,
        by=on_day(bureau, "leader", 8),
        at=moment(8),
    )
    shown = brief(bureau, 12)
    text = words_of(papers.word_of(shown))
    assert "进展情况的呈阅件" in text
    assert "截至2026年6月12日18时00分" in text
    assert "呈：罗海" in text
    for heading in ("一、总体情况", "二、需要关注的问题", "三、提请审定事项", "四、批示落实情况"):
        assert heading in text
    assert f"1. 第一党支部：逾期7天（整改中，马超）。{late.description}" in text
    assert "没有等待审定的事项。" in text
    assert "1. 第一党支部尚未答复，已4天：6月8日批示“请<件件>有着落 & 说明。”。" in text
    assert "逾期" in text
    assert "比一周前" in text
    assert "个人问题不计" in text
    assert "批\n示" in text


def long_one(bureau):
    """As much as can stand there, in the longest words."""
    bureau.campaign.title = "关于开展违规吃喝、文山会海、执法不公等突出问题专项整治" * 4
    bureau.campaign.save()
    bureau.users["leader"].post = "党委委员、副书记、常务副主任（主持日常工作）" * 2
    hard = ["W" * 400, "很长的问题描述，" * 60, "word " * 200, "😀&<b>" * 80, "一\n二\n" * 60]
    for text in hard * 3:
        row = issued(bureau, 3, due_on=date(2026, 6, 4), due_text="6月4日", description=text)
        row.people.update(name="阿卜杜热合曼·买买提依明·库尔班江")
    for text in hard * 2:
        row = instructions.write(
            bureau.campaign,
            organization=bureau.branch,
            text=text[:2000].strip(),
            answer_by=None,
            by=on_day(bureau, "leader", 8),
            at=moment(8),
        )
        answered = on_day(bureau, "secretary", 9)
        instructions.answer(row, text=text.strip(), by=answered, at=moment(9))
    for _ in range(3):
        key = issued(bureau, 3, severity="key", leaders=["顾明"], description=hard[1])
        request = applied(bureau, key, 4)
        for who in ("secretary", "office", "inspector"):
            decide(bureau, request, who, 5)


@pytest.mark.rendering
@pytest.mark.parametrize("much", [False, True])
def test_the_paper_is_one_page_however_much_there_is(bureau, tmp_path, much):
    if much:
        long_one(bureau)
    path = tmp_path / "呈阅件.docx"
    path.write_bytes(papers.word_of(brief(bureau, 12)))

    (page,) = drawn(path)
    assert "一、总体情况" in page
    assert "依据问题台账编制" in page
    if much:
        assert "另有" in page
