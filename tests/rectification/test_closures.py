"""Closing a problem: what must hold before, who decides, and what cannot be undone."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction

from rectification.actions import closures, evidences, measures, registrations, reviews
from rectification.actions.verdicts import Verdict
from rectification.models import (
    ClosureReview,
    DeadlineChange,
    Decision,
    Problem,
    ReviewStep,
)
from reform.actions import attachments, users
from reform.errors import Forbidden, Refused
from reform.models import Notice, Role, TrailEntry
from tests.factories import ON, actor, person

APPROVE = Verdict(decision=Decision.APPROVED, opinion="同意")
VERIFY = Verdict(
    decision=Decision.APPROVED,
    opinion="情况属实",
    methods=["site"],
    standards=["measures", "handled", "result"],
)
RETURN = Verdict(
    decision=Decision.RETURNED,
    opinion="回访记录缺5月数据，请补齐。",
    reason="evidence",
    new_due_on=ON + timedelta(days=10),
)


def step_of(problem):
    return ReviewStep.objects.get(application__problem=problem, state="open")


def closed(applied, bureau, at):
    problem = applied.problem
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step_of(problem), verdict=VERIFY, by=bureau.office, at=at)
    problem.refresh_from_db()
    return problem


def test_an_ordinary_problem_is_endorsed_then_verified_then_closed(bureau, applied, at):
    problem = closed(applied, bureau, at)

    assert problem.status == Problem.Status.CLOSED
    assert problem.closed_at == at
    assert [(review.step.kind, review.reviewer_name) for review in ClosureReview.objects.all()] == [
        ("endorse", "郑洁"),
        ("verify", "何静"),
    ]


def test_a_key_problem_goes_on_to_discipline_and_a_leader(bureau, draft, at):
    Problem.objects.filter(pk=draft.pk).update(severity="key")
    problem = registrations.register(draft, by=bureau.secretary, at=at)

    assert [step.kind for step in problem.closing_level.steps.all()] == [
        "endorse",
        "verify",
        "recheck",
        "approve",
    ]


def test_what_is_missing_is_said_before_anybody_applies(bureau, rectifying, at):
    missing = closures.obstacles(rectifying)

    assert missing == [
        "还没有整改措施，请先填写措施。",
        "还没有佐证材料：可上传文件，也可登记存档备查的文号或写明可核实的情况。",
    ]
    with pytest.raises(Refused, match="还没有整改措施"):
        closures.apply(rectifying, statement="完成", effect="有效", by=bureau.member, at=at)


def test_a_measure_not_done_stands_in_the_way(bureau, ready, at):
    measures.plan(ready, facts={"text": "再查一次"}, by=bureau.member, at=at)

    assert closures.obstacles(ready) == ["还有1项措施没有填报完成。"]


def test_the_applicant_does_not_endorse_his_own_application(bureau, ready, at):
    closures.apply(ready, statement="完成", effect="有效", by=bureau.secretary, at=at)

    # Nobody else in the branch can sign, and a later step follows: recorded and passed on.
    review = ClosureReview.objects.get()
    assert (review.decision, review.step.kind) == (Decision.WAIVED, "endorse")
    step = step_of(ready)
    assert (step.kind, step.must_visit) == ("verify", True)


def test_where_nobody_endorsed_the_first_review_goes_and_looks(bureau, ready, at):
    closures.apply(ready, statement="完成", effect="有效", by=bureau.secretary, at=at)
    desk_work = Verdict(
        decision=Decision.APPROVED, methods=["papers"], standards=list(VERIFY.standards)
    )

    with pytest.raises(Refused, match="实地查看或访谈"):
        reviews.decide(step_of(ready), verdict=desk_work, by=bureau.office, at=at)


def test_a_responsible_person_does_not_verify_his_own_problem(bureau, ready, at):
    users.give_duty(
        bureau.users["member"], role=Role.OFFICE, organization=bureau.center, since=date(2026, 1, 1)
    )
    application = closures.apply(ready, statement="完成", effect="有效", by=bureau.liaison, at=at)
    reviews.decide(step_of(ready), verdict=APPROVE, by=bureau.secretary, at=at)
    member = actor(bureau.users["member"])

    with pytest.raises(Forbidden, match="须回避"):
        reviews.decide(step_of(ready), verdict=VERIFY, by=member, at=at)
    assert application.reviews.count() == 1


def test_an_office_that_typed_for_the_branch_does_not_review_it(bureau, rectifying, at):
    measure = measures.plan(
        rectifying, facts={"text": "办理"}, behalf="马超", by=bureau.office, at=at
    )
    measures.finish(measure, done_on=ON, note="", behalf="马超", by=bureau.office, at=at)
    evidences.prove(
        rectifying,
        facts={"kind": "note", "title": "说明", "text": "已办"},
        behalf="马超",
        by=bureau.office,
        at=at,
    )
    closures.apply(rectifying, statement="完成", effect="有效", by=bureau.member, at=at)
    reviews.decide(step_of(rectifying), verdict=APPROVE, by=bureau.secretary, at=at)

    step = step_of(rectifying)
    assert step.holder == bureau.top  # the nearest office typed for the branch, so it climbs
    with pytest.raises(Forbidden, match="代填"):
        reviews.decide(step, verdict=VERIFY, by=bureau.office, at=at)
    reviews.decide(step, verdict=VERIFY, by=bureau.top_office, at=at)


def test_a_return_says_why_and_sets_a_new_day(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=RETURN, by=bureau.secretary, at=at)

    problem = Problem.objects.get(pk=applied.problem.pk)
    change = DeadlineChange.objects.get(problem=problem, cause="return")
    assert (problem.status, problem.due_on) == ("rectifying", RETURN.new_due_on)
    assert (problem.first_due_on, change.was) == (date(2026, 6, 30), date(2026, 6, 30))
    assert Notice.objects.filter(
        recipient=bureau.users["member"], subject__contains="被退回整改"
    ).exists()


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(Decision.RETURNED, "", "evidence", new_due_on=ON + timedelta(1)), "选择原因"),
        (Verdict(Decision.RETURNED, "补", "", new_due_on=ON + timedelta(1)), "选择原因"),
        (Verdict(Decision.RETURNED, "补", "evidence"), "补改期限"),
        (Verdict(Decision.RETURNED, "补", "evidence", new_due_on=ON), "补改期限"),
        (Verdict(Decision.WAIVED), "请选择"),
    ],
)
def test_half_a_return_is_refused(bureau, applied, at, verdict, words):
    with pytest.raises(Refused, match=words):
        reviews.decide(step_of(applied.problem), verdict=verdict, by=bureau.secretary, at=at)

    assert ClosureReview.objects.count() == 0


def test_a_verification_ticks_the_standards(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    without = Verdict(decision=Decision.APPROVED, methods=["papers"], standards=["measures"])

    with pytest.raises(Refused, match="具体问题已处理到位、达到整改标准"):
        reviews.decide(step_of(applied.problem), verdict=without, by=bureau.office, at=at)


def test_after_a_return_the_second_round_goes_through_the_whole_chain(bureau, applied, at):
    reviews.decide(step_of(applied.problem), verdict=RETURN, by=bureau.secretary, at=at)
    problem = Problem.objects.get(pk=applied.problem.pk)
    second = closures.apply(
        problem, statement="已补齐。", effect="无超时件", by=bureau.member, at=at
    )

    assert second.round == 2
    assert closed(second, bureau, at).status == "closed"


def test_what_was_decided_on_is_kept_with_its_hash(bureau, applied, at):
    problem = closed(applied, bureau, at)
    review = ClosureReview.objects.last()

    assert review.kept["description"] == problem.description
    assert review.kept["measures"][0]["text"] == "投诉件指定首接人"
    assert len(review.kept_sha256) == 64


def test_nobody_can_change_a_closed_problem_any_more(bureau, applied, at):
    problem = closed(applied, bureau, at)

    for change in (
        lambda: Problem.objects.filter(pk=problem.pk).update(description="改写"),
        lambda: problem.measures.update(text="改写"),
        lambda: problem.evidence.all().delete(),
        lambda: problem.people.all().delete(),
        lambda: Problem.objects.filter(pk=problem.pk).update(status="rectifying", closed_at=None),
        lambda: ClosureReview.objects.update(opinion="改写"),
        lambda: ClosureReview.objects.all().delete(),
        lambda: TrailEntry.objects.update(sentence="改写"),
        lambda: TrailEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_closed_problem_moves_with_its_organization(bureau, applied, at):
    problem = closed(applied, bureau, at)

    assert Problem.objects.filter(pk=problem.pk).update(path="0009") == 1


def test_a_decision_on_paper_is_entered_by_another_and_shown_so(bureau, applied, at):
    scan = a_scan(bureau, at)
    review = reviews.record(
        step_of(applied.problem),
        verdict=APPROVE,
        signer=bureau.users["secretary"],
        signer_name="",
        signed_on=ON,
        scan=scan,
        by=bureau.liaison,
        at=at,
    )

    assert (review.reviewer_name, review.recorded_by, review.on_paper) == (
        "郑洁",
        bureau.users["liaison"],
        True,
    )


def test_the_applicant_does_not_enter_the_paper_decision(bureau, ready, at):
    closures.apply(ready, statement="完成", effect="有效", by=bureau.liaison, at=at)

    with pytest.raises(Forbidden, match="申请人不能录入"):
        reviews.record(
            step_of(ready),
            verdict=APPROVE,
            signer=bureau.users["secretary"],
            signer_name="",
            signed_on=ON,
            scan=a_scan(bureau, at),
            by=bureau.liaison,
            at=at,
        )


def test_separation_is_judged_on_the_signer_of_a_paper(bureau, ready, at):
    closures.apply(ready, statement="完成", effect="有效", by=bureau.secretary, at=at)

    with pytest.raises(Refused, match="须回避"):
        reviews.record(
            step_of(ready),
            verdict=VERIFY,
            signer=None,
            signer_name="马超",
            signed_on=ON,
            scan=a_scan(bureau, at),
            by=bureau.office,
            at=at,
        )


def test_an_inspector_who_was_in_the_unit_within_two_years_keeps_out(bureau, draft, at):
    Problem.objects.filter(pk=draft.pk).update(severity="key")
    users.give_duty(
        bureau.users["inspector"],
        role=Role.MEMBER,
        organization=bureau.branch,
        since=date(2023, 1, 1),
        until=date(2025, 3, 1),
    )
    problem = registrations.register(draft, by=bureau.secretary, at=at)
    problem = registrations.issue(problem, by=bureau.secretary, at=at)
    prepare(problem, bureau, at)
    reviews.decide(step_of(problem), verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step_of(problem), verdict=VERIFY, by=bureau.office, at=at)

    step = step_of(problem)
    assert (step.kind, step.holder) == ("recheck", None)
    with pytest.raises(Forbidden, match="24个月"):
        reviews.decide(step, verdict=VERIFY, by=bureau.inspector, at=at)


def test_somebody_is_appointed_where_a_step_has_nobody(bureau, draft, at):
    test_an_inspector_who_was_in_the_unit_within_two_years_keeps_out(bureau, draft, at)
    problem = Problem.objects.get(pk=draft.pk)
    outsider = person("严冬", bureau.elsewhere, Role.INSPECTOR)
    assert not Problem.objects.visible_to(actor(outsider)).exists()

    closures.appoint(
        step_of(problem), user=outsider, until=ON + timedelta(5), by=bureau.office, at=at
    )

    assert list(Problem.objects.visible_to(actor(outsider))) == [problem]
    reviews.decide(step_of(problem), verdict=VERIFY, by=actor(outsider), at=at)
    assert step_of(problem).kind == "approve"


def test_a_personal_problem_is_signed_by_the_branch_secretary_alone(bureau, draft, at):
    Problem.objects.filter(pk=draft.pk).update(owner_kind="personal")
    problem = registrations.register(draft, by=bureau.secretary, at=at)
    problem = registrations.issue(problem, by=bureau.secretary, at=at)
    prepare(problem, bureau, at)
    reviews.decide(step_of(problem), verdict=verdict_of_review(), by=bureau.secretary, at=at)

    problem.refresh_from_db()
    assert problem.status == "closed"


def test_a_secretarys_own_personal_problem_climbs_to_the_one_above(bureau, draft, at):
    above = person("吴刚", bureau.center, Role.SECRETARY)
    problem = Problem.objects.get(pk=draft.pk)
    problem.people.filter(part="responsible").delete()
    problem.people.create(part="responsible", name="郑洁", user=bureau.users["secretary"])
    Problem.objects.filter(pk=problem.pk).update(owner_kind="personal")
    problem = registrations.register(problem, by=bureau.secretary, at=at)
    problem = registrations.issue(problem, by=bureau.secretary, at=at)
    assert problem not in Problem.objects.visible_to(actor(above))
    prepare(problem, bureau, at, by=bureau.secretary)

    step = step_of(problem)
    assert step.holder == bureau.center
    assert problem in Problem.objects.visible_to(actor(above))
    reviews.decide(step, verdict=verdict_of_review(), by=actor(above), at=at)
    problem.refresh_from_db()
    assert problem.status == "closed"


def prepare(problem, bureau, at, by=None):
    by = by or bureau.member
    measure = measures.plan(problem, facts={"text": "整改"}, by=by, at=at)
    measures.finish(measure, done_on=ON, note="", by=by, at=at)
    evidences.prove(problem, facts={"kind": "note", "title": "说明", "text": "可查"}, by=by, at=at)
    closures.apply(problem, statement="完成", effect="有效", by=by, at=at)


def verdict_of_review():
    return Verdict(decision=Decision.APPROVED, methods=["interview"])


def a_scan(bureau, at):
    return attachments.keep(BytesIO(b"%PDF-1.4 scan"), name="审批表.pdf", by=bureau.liaison, at=at)


def test_nobody_is_reminded_of_a_step_that_another_has_taken(bureau, applied, at):
    other = person("何芳", bureau.center, Role.OFFICE)
    reviews.decide(step_of(applied.problem), verdict=APPROVE, by=bureau.secretary, at=at)
    asked = Notice.objects.filter(key=f"step:{step_of(applied.problem).pk}")
    assert {notice.recipient for notice in asked.unread()} == {bureau.office.user, other}

    reviews.decide(step_of(applied.problem), verdict=VERIFY, by=bureau.office, at=at)

    assert not asked.unread().exists()
