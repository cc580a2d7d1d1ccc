"""The demo: made by the acts, the same however often it is asked for."""

import json
from collections import Counter
from contextlib import contextmanager
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from campaigns.actions import advice, readiness
from campaigns.models import (
    Activity,
    Assignment,
    Campaign,
    ChangeRequest,
    Clause,
    Examination,
    Excuse,
    Finding,
    Submission,
    SuperiorRequest,
    Verdict,
)
from rectification.actions import problem_words, registrations
from rectification.models import (
    ActivityProblem,
    ClosureReview,
    Conversion,
    Evidence,
    Problem,
    ProblemWords,
    ReviewStep,
    ledger_search,
)
from rectification.models.measure import with_lasting_done
from rectification.models.stage_standing import standings
from reform.actions import organizations
from reform.models import Organization, TrailEntry, User
from tests.factories import ProblemFactory, actor

pytestmark = pytest.mark.django_db

QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = QUICK


def seed(**options):
    said = StringIO()
    call_command("seed_demo", stdout=said, **options)
    return said.getvalue()


def every_row():
    """Return every row of the three floors, so that any change shows."""
    floors = (apps.get_app_config(name) for name in ("reform", "campaigns", "rectification"))
    tables = [model for floor in floors for model in floor.get_models()]
    return {table: list(table.objects.order_by("pk").values()) for table in tables}


def test_production_with_users_refuses(settings):
    User.objects.create_user("somebody", name="某人")
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="生产环境已有用户"):
        seed()
    assert not Organization.objects.exists()


def test_an_empty_production_database_takes_it(settings):
    settings.PRODUCTION = True

    assert json.loads(seed(json=True))["campaign"] == "YACG"


def test_bulk_data_leaves_a_ledger_that_the_acts_go_on_with():
    said = json.loads(seed(organizations=22, people=100, problems=400, json=True))
    again = json.loads(seed(organizations=22, people=100, problems=400, json=True))

    rows = Problem.objects.filter(campaign__code="BULK")
    assert again == said
    assert said["bench"].keys() == {"whole", "county", "branch", "password"}
    assert rows.count() == 400
    assert 120 <= rows.filter(is_open=True).count() <= 200
    assert 25 <= rows.overdue(timezone.localdate()).count() <= 75
    assert not rows.exclude(path=F("organization__path")).exists()

    secretary = User.objects.get(username=said["bench"]["branch"])
    by = actor(secretary, on=timezone.localdate())
    draft = ProblemFactory(campaign=Campaign.objects.get(code="BULK"), organization=by.home, by=by)
    series = f"BULK-{timezone.localdate().year}"
    serial = rows.filter(number__startswith=series).count() + 1
    assert (
        registrations.register(draft, by=by, at=timezone.now()).number == f"{series}-{serial:05d}"
    )
    new = organizations.create(name="新支部", code="NEW", parent=by.home.parent)
    assert new.path > by.home.path


def the_database():
    """Return every index, constraint and trigger as the engine itself writes it down."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
            return cursor.fetchall()
        cursor.execute("SELECT 'index', indexname, indexdef FROM pg_indexes ORDER BY 2")
        found = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
            " FROM pg_constraint ORDER BY 1, 2"
        )
        found += cursor.fetchall()
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2"
        )
        return found + cursor.fetchall()


def facts_of(row):
    names = [field.attname for field in Problem._meta.concrete_fields if not field.generated]  # noqa: SLF001
    return {name: getattr(row, name) for name in names if name != "id"}


@contextmanager
def for_a_class(blocker, folders):
    """What is seeded within stays for the tests of one class."""
    media = str(folders.mktemp("media"))
    with (
        blocker.unblock(),
        override_settings(PASSWORD_HASHERS=QUICK, MEDIA_ROOT=media),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="class")
def before(django_db_setup, django_db_blocker, tmp_path_factory):
    with for_a_class(django_db_blocker, tmp_path_factory):
        was = the_database()
        seed(organizations=22, people=100, problems=300)
        yield was


class TestBulkData:
    """Many rows, which are made once for both."""

    def test_it_leaves_the_database_as_it_was_and_guarded(self, before):
        assert the_database() == before
        connection.check_constraints()
        rows = Problem.objects.filter(campaign__code="BULK")
        closed = rows.filter(status="closed").first()
        for change in (
            lambda: rows.filter(pk=closed.pk).update(cause="改过"),
            lambda: closed.measures.update(text="改过"),
            lambda: Problem.objects.create(**facts_of(closed)),
            lambda: rows.filter(status="draft").update(owner_kind="nobody"),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    @pytest.mark.usefixtures("before")
    def test_its_rows_are_in_no_state_that_cannot_be(self):
        rows = Problem.objects.filter(campaign__code="BULK")
        for row in rows:
            row.validate_constraints()
            assert row.people.count() == 2
            assert row.measures.count() == 2
            assert row.items.exists()
            assert row.applications.filter(outcome="").exists() == (row.status == "in_review")
        texts = rows.values_list("description", flat=True)
        assert len(set(texts)) == 300
        kept = {row.pk: (row.names, row.text) for row in ProblemWords.objects.all()}
        now = {row.pk: (row.names, row.text) for row in problem_words.of(Problem.objects.all())}
        assert kept == now
        row = rows.exclude(number=None).last()
        for asked in (row.number, row.description[:3], row.people.first().name):
            assert row.pk in ledger_search.search(rows, q=asked).keys


@pytest.fixture(scope="class")
def said(django_db_setup, django_db_blocker, tmp_path_factory):
    with for_a_class(django_db_blocker, tmp_path_factory):
        yield json.loads(seed(json=True))


@pytest.mark.usefixtures("said")
class TestTheDemo:
    """What was made; it is made once for all of these."""

    def test_json_holds_what_a_newcomer_needs(self, said):
        assert said == {
            "campaign": "YACG",
            "organization": "JGDW",
            "password": "Yacg-Demo-2026",
            "users": {
                "member": "machao",
                "liaison": "zhoumin",
                "secretary": "wugang",
                "leader": "guming",
                "office": "xuqing",
                "inspector": "fengzheng",
                "system": "sysadmin",
                "security": "secadmin",
                "audit": "auditadmin",
            },
        }

    def test_the_second_time_nothing_changes_and_the_same_is_printed(self, said):
        before = every_row()

        assert json.loads(seed(json=True)) == said
        assert seed() == seed()
        assert every_row() == before

    def test_every_goal_has_something_to_count(self):
        assert Problem.objects.filter(with_lasting_done()).exclude(status="draft").count() == 6

    def test_too_few_people_are_refused(self):
        with pytest.raises(CommandError, match="22个党组织至少要66人"):
            seed(organizations=22, people=10, problems=5)

    def test_the_table_says_who_comes_for_what(self):
        lines = seed().splitlines()

        assert lines[0].split() == ["角色", "账号", "姓名", "单位", "来做什么"]
        assert lines[1].split()[:4] == ["党员干部", "machao", "马超", "机关党委"]
        assert lines[-1] == "密码都是 Yacg-Demo-2026"
        assert len(lines) == 11

    def test_every_status_is_there(self):
        assert Counter(Problem.objects.values_list("status", flat=True)) == {
            "draft": 2,
            "registered": 10,  # six of them found by people in themselves, one by a sweep
            "assigned": 2,
            "rectifying": 8,
            "in_review": 4,
            "closed": 5,
        }
        assert Problem.objects.overdue(timezone.localdate()).count() == 2
        assert sorted(ReviewStep.objects.open().values_list("kind", "holder__code")) == [
            ("approve", "FWZX"),
            ("endorse", "ZB1"),
            ("recheck", "FWZX"),
            ("verify", "FWZX"),
        ]

    def test_one_was_returned_and_one_was_signed_on_paper(self):
        returned = ClosureReview.objects.get(decision="returned").application.problem
        paper = ClosureReview.objects.exclude(recorded_by=None).get()

        assert returned.status == "rectifying"
        assert returned.due_on > returned.first_due_on
        assert (paper.reviewer_name, paper.recorded_by.name) == ("顾明", "潘雪")
        assert paper.scan.content_type == "application/pdf"
        assert paper.application.problem.status == "closed"
        assert set(Evidence.objects.values_list("kind", flat=True)) == {"file", "reference", "note"}

    def test_the_newcomers_own_ledger_is_empty(self):
        newcomer = actor(User.objects.get(username="zhoumin"), on=timezone.localdate())
        unit = Problem.objects.filter(organization__code="JGDW").exclude(owner_kind="personal")

        assert not unit.exists()
        assert not Problem.objects.visible_to(newcomer).filter(organization__code="JGDW").exists()

    def test_a_stage_is_over_with_a_summary_and_the_next_says_who_is_missing(self):
        today = timezone.localdate()
        first, second, third, fourth = Campaign.objects.get(code="YACG").stages.all()

        assert [one.status for one in (first, second, third, fourth)] == [
            "closed",
            "open",
            "planned",
            "planned",
        ]
        assert (first.has_summary, first.missing) == (True, [])
        assert second.starts_on < today < second.ends_on
        standing = {one.code: one for one in standings(second, on=today)}
        assert [code for code, one in standing.items() if one.holds] == ["summary_filed"]
        assert "机关党委：马超" in standing["examinations_submitted"].missing
        assert not any("段磊" in name for name in standing["examinations_submitted"].missing)
        assert Excuse.objects.get().reason == "seconded"

    def test_tasks_stand_in_every_state_and_a_clause_waits_for_one(self):
        rows = Assignment.objects.all()

        assert Counter(rows.values_list("status", flat=True)) == {
            "done": 3,
            "under_way": 3,
            "not_started": 3,
        }
        assert [row.person_name for row in rows if row.is_overdue(timezone.localdate())] == ["何静"]
        assert Clause.objects.filter(assignments=None).count() == 2
        answered = SuperiorRequest.objects.values_list("answered_by", flat=True)
        assert sorted(answered) == ["", "蔡文"]
        assert Activity.objects.count() == 15
        assert ActivityProblem.objects.exists()

    def test_examinations_stand_in_every_state(self):
        rows = Examination.objects.all()
        of = rows.values_list("author__username", flat=True)

        assert "machao" not in of  # who tries the demo begins himself
        assert Counter(rows.values_list("status", flat=True)) == {
            "accepted": 11,
            "submitted": 6,
            "returned": 1,
            "draft": 1,
        }
        assert rows.get(status="draft").recorded_by.username == "jiangyue"
        waiting = Submission.objects.filter(verdict=None)
        assert {one.examination.author.username for one in waiting if one.on_paper} == {"qinling"}
        assert Verdict.objects.exclude(scan=None).get().by_name == "沈度"
        assert rows.get(author__username="tianye").submissions.count() == 2
        assert not rows.get(author__username="zhoumin").submissions.get().findings.exists()

    def test_the_reviewer_is_told_that_two_are_alike(self):
        secretary = actor(User.objects.get(username="wugang"), on=timezone.localdate())
        row = Examination.objects.get(author__username="zhengjie")

        told = advice.to_reviewer(
            row, row.submissions.get().content, by=secretary, on=timezone.localdate()
        )

        assert ["林芳提交的材料" in one.words for one in told.alike] == [True]

    def test_some_findings_are_on_the_ledger_and_one_is_to_become_the_units(self):
        on_ledger = Problem.objects.exclude(finding=None)

        assert Finding.objects.count() - on_ledger.count() == 7
        assert set(on_ledger.values_list("owner_kind", flat=True)) == {"personal"}
        told = Conversion.objects.get()
        assert (told.problem.organization.code, told.agreed_at, told.done_at) == ("ZB1", None, None)

    def test_a_change_and_a_draft_wait_for_their_leaders(self):
        on = timezone.localdate()
        draft = Campaign.objects.get(status="draft")

        assert ChangeRequest.objects.get().status == "pending"
        assert readiness.obstacles(draft, on=on) == []
        leader = actor(User.objects.get(username="guming"), on=on)
        assert Campaign.objects.drafts_of(leader).get() == draft

    def test_each_printed_account_signs_in(self, client, said):
        for username in said["users"].values():
            answer = client.post("/login/", {"username": username, "password": said["password"]})
            assert (username, answer.status_code, answer.url) == (username, 302, "/")
            client.logout()

    def test_the_password_would_be_accepted(self, said):
        for user in User.objects.all():
            user.password = ""  # it is his already; would he have been given it?
            validate_password(said["password"], user)

    def test_no_row_was_written_past_the_acts(self):
        for problem in Problem.objects.all():
            acts = list(TrailEntry.objects.of(problem).values_list("act", flat=True))
            first = "finding.taken_in" if problem.finding else "problem.drafted"
            assert acts[0] == ("sweep.taken_in" if problem.entry == "sweep" else first)
            assert ("problem.registered" in acts) == (problem.status != "draft")
            assert acts.count("evidence.added") == problem.evidence.count()
            assert acts.count("measure.finished") == problem.measures.exclude(done_on=None).count()
            assert ("problem.closed" in acts) == (problem.status == "closed")

    def test_nothing_happens_before_what_led_to_it_or_after_now(self):
        now = timezone.now()
        for problem in Problem.objects.all():
            moments = list(TrailEntry.objects.of(problem).values_list("at", flat=True))
            assert moments == sorted(moments)
            assert moments[-1] < now
