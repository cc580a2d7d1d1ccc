"""Two at once, on a real database: one decision, one number each, one effect.

SQLite lets one writer in at a time (`transaction_mode` IMMEDIATE); PostgreSQL locks the row. Each
thread has its own connection, and everybody starts at the same signal.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from rectification.actions import (
    bulk,
    closures,
    evidences,
    handovers,
    measures,
    problems,
    registrations,
    reviews,
    uploads,
)
from rectification.actions.verdicts import Verdict
from rectification.imports import ledger
from rectification.models import (
    Appointment,
    ClosureApplication,
    ClosureReview,
    Decision,
    Evidence,
    Measure,
    Problem,
    ProgressEntry,
    ReviewStep,
    Upload,
)
from reform.actions import counters, delegations, duties, notices, once, people
from reform.errors import Forbidden, Refused, Repeated, Stale
from reform.models import Delegation, Duty, Notice, Once, Role, TrailEntry, User
from tests.conftest import SIX
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification.test_closures import a_scan
from tests.rectification.test_import import GOOD, received, workbook
from tests.rectification.test_search import looked_up

pytestmark = pytest.mark.django_db(transaction=True)

APPROVE = Verdict(decision=Decision.APPROVED, opinion="同意")
RETURN = Verdict(
    decision=Decision.RETURNED,
    opinion="请补齐",
    reason="evidence",
    new_due_on=ON + timedelta(days=10),
)


def at_once(*acts):
    """Do all `acts` at the same moment, each on its own connection; return what each came to.

    A refusal is returned, anything else that goes wrong is raised.
    """
    start = Barrier(len(acts), timeout=30)

    def run(act):
        try:
            start.wait()
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def refused(results):
    return [result for result in results if isinstance(result, Refused)]


def open_step(problem):
    return ReviewStep.objects.get(application__problem=problem, state="open")


# ---------------------------------------------------------------- reviews


@pytest.fixture
def second(bureau):
    """Another secretary of the branch, so that two may sign."""
    return actor(person("吴刚", bureau.branch, Role.SECRETARY))


def test_two_reviewers_at_once_make_one_decision(bureau, applied, second):
    step = open_step(applied.problem)

    results = at_once(
        lambda: reviews.decide(step, verdict=APPROVE, by=bureau.secretary, at=AT),
        lambda: reviews.decide(step, verdict=APPROVE, by=second, at=AT),
    )

    assert [str(one) for one in refused(results)] == ["这一步已经办结，请刷新页面查看最新情况。"]
    assert ClosureReview.objects.count() == 1
    assert open_step(applied.problem).kind == "verify"


def test_of_yes_and_no_at_once_one_counts(bureau, applied, second):
    step = open_step(applied.problem)

    results = at_once(
        lambda: reviews.decide(step, verdict=APPROVE, by=bureau.secretary, at=AT),
        lambda: reviews.decide(step, verdict=RETURN, by=second, at=AT),
    )

    review = ClosureReview.objects.get()
    status = Problem.objects.get(pk=applied.problem.pk).status
    assert len(refused(results)) == 1
    assert (review.decision, status) in {("approved", "in_review"), ("returned", "rectifying")}


def test_a_decision_here_and_one_on_paper_at_once_make_one(bureau, applied, second):
    step, scan = open_step(applied.problem), a_scan(bureau, AT)

    results = at_once(
        lambda: reviews.decide(step, verdict=APPROVE, by=second, at=AT),
        lambda: reviews.record(
            step,
            verdict=APPROVE,
            signer=bureau.users["secretary"],
            signer_name="",
            signed_on=ON,
            scan=scan,
            by=bureau.liaison,
            at=AT,
        ),
    )

    assert len(refused(results)) == 1
    assert ClosureReview.objects.count() == 1


def test_two_applications_at_once_are_one(bureau, ready):
    apply = {"statement": "已经整改。", "effect": "有效", "at": AT}

    results = at_once(
        lambda: closures.apply(ready, by=bureau.member, **apply),
        lambda: closures.apply(ready, by=bureau.liaison, **apply),
    )

    assert len(refused(results)) == 1
    assert ClosureApplication.objects.count() == 1
    assert ReviewStep.objects.filter(state="open").count() == 1


def test_evidence_is_not_taken_away_while_it_goes_out(bureau, ready):
    piece = Evidence.objects.get()

    at_once(
        lambda: closures.apply(
            ready, statement="已经整改。", effect="有效", by=bureau.liaison, at=AT
        ),
        lambda: evidences.unprove(piece, by=bureau.member, at=AT),
    )

    # Whoever came first: an application has its evidence, or there is none.
    went_out = ClosureApplication.objects.exists()
    assert Evidence.objects.filter(submitted=True).exists() is went_out
    assert Evidence.objects.exists() is went_out


def test_one_person_appointed_twice_at_once_is_appointed_once(bureau, applied):
    reviews.decide(open_step(applied.problem), verdict=APPROVE, by=bureau.secretary, at=AT)
    step = open_step(applied.problem)
    outsider = person("严冬", bureau.elsewhere, Role.OFFICE)

    at_once(
        *[
            lambda who=who: closures.appoint(
                step, user=outsider, until=ON + timedelta(5), by=who, at=AT
            )
            for who in (bureau.office, bureau.leader)
        ]
    )

    assert Appointment.objects.count() == 1


# ---------------------------------------------------------------- numbers


def drafts(bureau, count):
    return [
        ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
        for _ in range(count)
    ]


def numbers():
    found = Problem.objects.exclude(number=None).order_by("number")
    return list(found.values_list("number", flat=True))


def test_registrations_at_once_get_numbers_without_a_gap(bureau):
    rows = drafts(bureau, 6)

    at_once(
        *[lambda row=row: registrations.register(row, by=bureau.secretary, at=AT) for row in rows]
    )

    assert numbers() == [f"YACG-2026-{place:05d}" for place in range(1, 7)]


def test_a_refused_registration_leaves_no_gap(bureau):
    good = drafts(bureau, 3)
    bad = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, source=None)

    results = at_once(
        *[
            lambda row=row: registrations.register(row, by=bureau.secretary, at=AT)
            for row in [good[0], bad, good[1], good[2]]
        ]
    )

    assert len(refused(results)) == 1
    assert numbers() == [f"YACG-2026-{place:05d}" for place in range(1, 4)]


def test_one_row_registered_twice_at_once_has_one_number(bureau, draft):
    results = at_once(
        *[lambda: registrations.register(draft, by=bureau.secretary, at=AT) for _ in range(2)]
    )

    assert len(refused(results)) == 1
    assert numbers() == ["YACG-2026-00001"]
    assert TrailEntry.objects.of(draft).filter(act="problem.registered").count() == 1


def test_a_new_series_begun_twice_at_once_is_one():
    results = at_once(*[lambda: list(counters.take("new", 2)) for _ in range(4)])

    assert sorted(number for taken in results for number in taken) == list(range(1, 9))


def test_a_draft_is_either_registered_or_deleted(bureau, draft):
    results = at_once(
        lambda: registrations.register(draft, by=bureau.secretary, at=AT),
        lambda: problems.delete_draft(draft, by=bureau.liaison, at=AT),
    )

    left = Problem.objects.filter(pk=draft.pk).values_list("status", flat=True)
    assert len(refused(results)) == 1
    assert list(left) in ([], ["registered"])


def test_two_pages_of_rows_issued_at_once_are_issued_once(bureau):
    rows = [
        registrations.register(
            ProblemFactory(
                campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **SIX
            ),
            by=bureau.secretary,
            at=AT,
        )
        for _ in range(5)
    ]

    # The other way round, so that they would meet in the middle if rows stayed locked.
    first, second = at_once(
        lambda: bulk.do("issue", rows, by=bureau.secretary, at=AT),
        lambda: bulk.do("issue", rows[::-1], by=bureau.liaison, at=AT),
    )

    done = [result for result in (*first, *second) if not result.refused]
    assert len(done) == 5
    assert TrailEntry.objects.filter(act="problem.issued").count() == 5


# ---------------------------------------------------------------- one row, two pens


def test_of_two_forms_saved_at_once_one_meets_both_texts(bureau, draft):
    results = at_once(
        *[
            lambda who=who, text=text: problems.fill(
                draft, version=1, facts={"description": text}, by=who, at=AT
            )
            for who, text in ((bureau.liaison, "甲"), (bureau.secretary, "乙"))
        ]
    )

    (stale,) = refused(results)
    kept = Problem.objects.get(pk=draft.pk)
    assert isinstance(stale, Stale)
    assert (stale.now["description"], kept.version) == (kept.description, 2)


def test_a_measure_is_finished_once(bureau, rectifying):
    measure = measures.plan(rectifying, facts={"text": "补"}, by=bureau.member, at=AT)

    results = at_once(
        *[
            lambda who=who: measures.finish(measure, done_on=ON, note="", by=who, at=AT)
            for who in (bureau.member, bureau.liaison)
        ]
    )

    assert len(refused(results)) == 1
    assert ProgressEntry.objects.count() == 1


def test_a_measure_is_finished_or_changed_or_gone(bureau, registered):
    """Each leaves its line in the trail once, and none falls over a row that is gone."""
    measure = measures.plan(registered, facts={"text": "补"}, by=bureau.member, at=AT)
    version = Problem.objects.get(pk=registered.pk).version

    results = at_once(
        lambda: measures.drop(measure, by=bureau.secretary, at=AT),
        lambda: measures.drop(measure, by=bureau.liaison, at=AT),
        lambda: measures.change(
            measure, version=version, facts={"text": "改"}, by=bureau.member, at=AT
        ),
    )

    assert len(refused(results)) in {1, 2}
    assert TrailEntry.objects.filter(act="measure.dropped").count() == 1
    assert not Measure.objects.exists()


def test_evidence_taken_back_twice_at_once_is_taken_back_once(bureau, ready):
    piece = Evidence.objects.get()

    results = at_once(*[lambda: evidences.unprove(piece, by=bureau.member, at=AT) for _ in "ab"])

    assert len(refused(results)) == 1
    assert TrailEntry.objects.filter(act="evidence.dropped").count() == 1


def test_measures_planned_at_once_stand_one_after_the_other(bureau, rectifying):
    at_once(
        *[
            lambda text=text: measures.plan(
                rectifying, facts={"text": text}, by=bureau.member, at=AT
            )
            for text in "甲乙丙丁"
        ]
    )

    assert list(Measure.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
    assert Problem.objects.get(pk=rectifying.pk).version == rectifying.version + 4


# ---------------------------------------------------------------- double clicks


def click(user, url, data):
    """Send a form as a browser of its own; return where it led."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(url, data)
    return response.status_code, getattr(response, "url", "")


def progress(token):
    return {"token": token, "on": "2026-06-02", "progress": "under_way", "text": "已开会"}


def test_a_second_click_has_no_second_effect(bureau, rectifying):
    url, token = reverse("progress-add", args=[rectifying.pk]), uuid.uuid4()

    answers = [click(bureau.users["member"], url, progress(token)) for _ in range(2)]

    assert answers == [(302, f"/problems/{rectifying.pk}/")] * 2
    assert ProgressEntry.objects.count() == 1


def test_a_double_click_has_one_effect(bureau, rectifying):
    url, token = reverse("progress-add", args=[rectifying.pk]), uuid.uuid4()

    answers = at_once(
        *[lambda: click(bureau.users["member"], url, progress(token)) for _ in range(3)]
    )

    assert answers == [(302, f"/problems/{rectifying.pk}/")] * 3
    assert ProgressEntry.objects.count() == 1
    assert Once.objects.count() == 1


def test_a_double_click_makes_one_problem(bureau):
    url = reverse("problem-type", args=[bureau.campaign.pk, bureau.branch.pk])
    data = {
        "token": uuid.uuid4(),
        "description": "值班无人。",
        "owner_kind": "unit",
        "severity": "ordinary",
    }

    answers = at_once(*[lambda: click(bureau.users["liaison"], url, data) for _ in range(2)])

    assert {status for status, _ in answers} == {302}
    assert Problem.objects.count() == 1


def test_a_double_click_keeps_one_file(bureau, rectifying, tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "kept")
    url, token = reverse("evidence-add", args=[rectifying.pk]), uuid.uuid4()

    at_once(
        *[
            lambda: click(
                bureau.users["member"],
                url,
                {
                    "token": token,
                    "kind": "file",
                    "files": SimpleUploadedFile("一.pdf", b"%PDF-1.4"),
                },
            )
            for _ in range(2)
        ]
    )

    assert Evidence.objects.count() == 1
    assert len([path for path in (tmp_path / "kept").rglob("*") if path.is_file()]) == 1


def test_one_token_lets_one_act_through(bureau):
    token, done = uuid.uuid4(), []

    results = at_once(
        *[
            lambda place=place: once.run(token, lambda: done.append(place), by=bureau.member, at=AT)
            for place in range(4)
        ]
    )

    assert len(done) == 1
    assert [type(one) for one in refused(results)] == [Repeated] * 3


def test_a_refused_act_gives_its_token_back_to_whoever_waits(bureau):
    token, tried = uuid.uuid4(), []

    def first_refuses():
        tried.append(1)
        if len(tried) == 1:
            raise Forbidden("不行")

    results = at_once(
        *[lambda: once.run(token, first_refuses, by=bureau.member, at=AT) for _ in range(2)]
    )

    assert [str(one) for one in refused(results)] == ["不行"]
    assert Once.objects.count() == 1


# ---------------------------------------------------------------- workbooks


def keep(bureau, upload):
    return ledger.keep(
        upload,
        source=bureau.campaign.sources.get(name="自己找"),
        found_on=date(2026, 5, 1),
        by=bureau.liaison,
        at=AT,
    )


def test_an_import_kept_twice_at_once_is_kept_once(bureau):
    upload = received(bureau, AT, workbook(GOOD))

    results = at_once(*[lambda: keep(bureau, upload) for _ in range(3)])

    assert len(refused(results)) == 2
    assert Problem.objects.count() == 1


def test_one_file_uploaded_twice_and_kept_at_once_is_kept_once(bureau):
    data = workbook(GOOD)  # made once: a workbook bears the second it was made in
    files = [received(bureau, AT, data) for _ in range(2)]
    assert files[0].sha256 == files[1].sha256

    results = at_once(*[lambda upload=upload: keep(bureau, upload) for upload in files])

    assert len(refused(results)) == 1
    assert Problem.objects.count() == 1
    assert sorted(Upload.objects.values_list("state", flat=True)) == ["kept", "read"]


def test_an_import_is_registered_once(bureau):
    rows = [(place, f"第{place}个问题。", "改", "马超", "2026年6月30日") for place in range(1, 6)]
    upload = received(bureau, AT, workbook(*rows))
    keep(bureau, upload)

    both = at_once(
        *[lambda: uploads.register_all(upload, by=bureau.secretary, at=AT) for _ in range(2)]
    )

    assert sum(len(done) for done, _ in both) == 5
    assert numbers() == [f"YACG-2026-{place:05d}" for place in range(1, 6)]


def test_a_double_click_on_keep_shows_one_import(bureau):
    upload = received(bureau, AT, workbook(GOOD))
    source = bureau.campaign.sources.get(name="自己找").pk
    data = {"token": uuid.uuid4(), "source": source, "found_on": "2026-05-20"}
    url = reverse("import-keep", args=[upload.pk])

    answers = at_once(*[lambda: click(bureau.users["liaison"], url, data) for _ in range(2)])

    assert answers == [(302, f"/imports/{upload.pk}/")] * 2
    assert Problem.objects.count() == 1


# ---------------------------------------------------------------- told once


def test_a_notice_posted_twice_at_once_is_told_once(bureau):
    at_once(
        *[
            lambda: notices.post(
                [bureau.users["member"]],
                subject="请签收",
                key="same",
                event="problem",
                at=AT,
                by=bureau.office,
            )
            for _ in range(4)
        ]
    )

    assert Notice.objects.filter(key="same").count() == 1


def test_of_two_who_make_the_same_account_one_is_refused_in_a_sentence(bureau):
    def making(name):
        return lambda: people.add(
            name=name,
            username="zhangsan",
            organization=bureau.branch,
            since=ON,
            by=actor(bureau.users["system"]),
            at=AT,
        )

    for _ in range(5):
        results = at_once(making("张三"), making("李四"))

        assert ["账号“zhangsan”" in str(one) for one in refused(results)] == [True]
        made = User.objects.get(username="zhangsan")
        User.objects.filter(pk=made.pk).update(username=None)


def test_of_two_confirmations_one_holds(bureau):
    security = person("安全员", bureau.top, Role.SECURITY)
    proposal = duties.grant(
        bureau.users["member"],
        role=Role.LEADER,
        organization=bureau.center,
        since=ON,
        by=actor(security),
        at=AT,
    )
    second = person("系统员二", bureau.top, Role.SYSTEM)
    confirming = [
        lambda user=user: duties.confirm(proposal, by=actor(user), at=AT)
        for user in (bureau.users["system"], second)
    ]

    results = at_once(*confirming)

    assert ["已经处理" in str(one) for one in refused(results)] == [True]
    assert Duty.objects.filter(user=bureau.users["member"], role=Role.LEADER).count() == 1


def test_a_duty_is_given_to_one_delegate(bureau):
    secretary = bureau.users["secretary"]

    def giving(to):
        return lambda: delegations.give(
            Duty.objects.get(user=secretary, role=Role.SECRETARY),
            delegate=bureau.users[to],
            since=ON,
            until=ON,
            reason="请假",
            by=actor(secretary),
            at=AT,
        )

    results = at_once(giving("colleague"), giving("neighbour"))

    assert ["已委托给" in str(one) for one in refused(results)] == [True]
    assert Delegation.objects.count() == 1


def test_of_two_handings_over_one_successor_answers(bureau, rectifying):
    def giving(to):
        return lambda: handovers.hand_over(
            bureau.users["member"],
            kinds=["responsible"],
            successor=bureau.users[to],
            by=actor(bureau.users["secretary"]),
            at=AT,
        )

    at_once(giving("colleague"), giving("liaison"))

    (name,) = rectifying.people.filter(part="responsible").values_list("name", flat=True)
    assert name in {"林芳", "周敏"}
    assert looked_up(name) == {rectifying.pk}


# ---------------------------------------------------------------- one person, two accounts


@pytest.fixture
def two_accounts(bureau):
    """One person's two accounts, and who grants."""
    first, second = person("钱多", bureau.top), person("钱多", bureau.top)
    User.objects.filter(pk=second.pk).update(same_as=first)
    second.refresh_from_db()
    return first, second, actor(person("安全员", bureau.top, Role.SECURITY))


def granting(user, role, bureau, by):
    return lambda: duties.grant(
        User.objects.get(pk=user.pk),
        role=role,
        organization=bureau.center,
        since=ON,
        by=by,
        at=AT,
    )


def roles_of(*accounts):
    held = Duty.objects.filter(user__in=accounts).exclude(role=Role.MEMBER)
    return sorted(held.values_list("role", flat=True))


def test_of_two_grants_to_two_accounts_of_one_person_one_is_refused_in_a_sentence(
    bureau, two_accounts
):
    first, second, security = two_accounts
    for _ in range(5):
        results = at_once(
            granting(first, Role.SYSTEM, bureau, security),
            granting(second, Role.OFFICE, bureau, security),
        )

        assert ["不能再任" in str(one) for one in refused(results)] == [True]
        assert roles_of(first, second) in (["office"], ["system"])
        Duty.objects.filter(user__in=[first, second]).exclude(role=Role.MEMBER).delete()


def test_two_accounts_become_one_person_or_get_what_one_person_may_not_hold(bureau, two_accounts):
    first, second, security = two_accounts
    system = actor(bureau.users["system"])
    granting(first, Role.SYSTEM, bureau, security)()
    for _ in range(5):
        User.objects.filter(pk=second.pk).update(same_as=None)
        results = at_once(
            granting(second, Role.OFFICE, bureau, security),
            lambda: people.mark_same(User.objects.get(pk=second.pk), other=first, by=system, at=AT),
        )

        assert len(refused(results)) == 1
        is_one = User.objects.get(pk=second.pk).same_as_id == first.pk
        assert roles_of(first, second) == (["system"] if is_one else ["office", "system"])
        Duty.objects.filter(user=second, role=Role.OFFICE).delete()


def test_accounts_joined_either_way_at_once_are_joined_once(bureau, two_accounts):
    first, second, _ = two_accounts
    system = actor(bureau.users["system"])
    for _ in range(5):
        User.objects.filter(pk=second.pk).update(same_as=None)
        results = at_once(
            lambda: people.mark_same(first, other=second, by=system, at=AT),
            lambda: people.mark_same(second, other=first, by=system, at=AT),
        )

        assert len(refused(results)) == 1
        assert User.objects.filter(same_as__in=[first, second]).count() == 1
        User.objects.filter(pk=first.pk).update(same_as=None)


def test_a_duty_confirmed_and_granted_at_once_is_held_once(bureau):
    security = actor(person("安全员", bureau.top, Role.SECURITY))
    member = bureau.users["member"]
    for _ in range(5):
        proposal = duties.propose(
            member,
            role=Role.OFFICE,
            organization=bureau.center,
            since=ON,
            origin="import",
            by=actor(bureau.users["system"]),
            at=AT,
        )
        results = at_once(
            lambda proposal=proposal: duties.confirm(proposal, by=security, at=AT),
            granting(member, Role.OFFICE, bureau, security),
        )

        assert ["已任活动办" in str(one) for one in refused(results)] == [True]
        assert roles_of(member) == ["office"]
        Duty.objects.filter(user=member, role=Role.OFFICE).delete()
        proposal.refresh_from_db()
        if proposal.state == "waiting":
            duties.decline(proposal, reason="重复", by=security, at=AT)


def test_who_becomes_an_administrator_stands_in_for_nobody(bureau):
    security = actor(person("安全员", bureau.top, Role.SECURITY))
    secretary, colleague = bureau.users["secretary"], bureau.users["colleague"]
    for _ in range(5):
        results = at_once(
            granting(colleague, Role.SYSTEM, bureau, security),
            lambda: delegations.give(
                Duty.objects.get(user=secretary, role=Role.SECRETARY),
                delegate=colleague,
                since=ON,
                until=ON,
                reason="请假",
                by=actor(secretary),
                at=AT,
            ),
        )

        assert len(refused(results)) == 1
        assert Delegation.objects.count() + len(roles_of(colleague)) == 1
        Delegation.objects.all().delete()
        Duty.objects.filter(user=colleague, role=Role.SYSTEM).delete()
