"""What the database refuses by itself, on both engines, whoever asks and with whichever tool."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from rectification.actions import (
    closures,
    evidences,
    measures,
    reviews,
    weekly_collations,
    weekly_issues,
    weekly_receipts,
    weekly_reports,
    weekly_signings,
)
from rectification.models import (
    ClosureReview,
    DeadlineChange,
    Evidence,
    Forwarding,
    Measure,
    OwedReport,
    Problem,
    ProblemDepartment,
    ProblemPerson,
    ProgressEntry,
    WeeklyPart,
    WeeklyReceipt,
    WeeklyReport,
)
from reform.models import TrailEntry, triggers
from tests.conftest import last_step, so_far
from tests.factories import AT, ON, ProblemFactory
from tests.rectification import weekly
from tests.rectification.test_closures import APPROVE, VERIFY, step_of
from tests.worlds import made_once

LISTED = [
    "campaigns_sweepsubmission_update_refused",
    "campaigns_sweepsubmission_delete_refused",
    "campaigns_sweepverdict_update_refused",
    "campaigns_sweepverdict_delete_refused",
    "campaigns_sweepfinding_update_refused",
    "campaigns_sweepfinding_delete_refused",
    "campaigns_sweeprequest_update_refused",
    "campaigns_sweeprequest_delete_refused",
    "rectification_sweepproblem_update_refused",
    "rectification_sweepproblem_delete_refused",
    "rectification_sweeporigin_update_refused",
    "rectification_sweeporigin_delete_refused",
    "reform_trailentry_update_refused",
    "reform_trailentry_delete_refused",
    "reform_trailseal_update_refused",
    "reform_trailseal_delete_refused",
    "rectification_closurereview_update_refused",
    "rectification_closurereview_delete_refused",
    "rectification_problem_update_closed",
    "rectification_problem_delete_counted",
    *(
        f"rectification_{table}_{event}_closed"
        for table in (
            *("measure", "progressentry", "evidence", "problemperson", "problemdepartment"),
            *("problem_items", "deadlinechange", "closureapplication", "reviewstep"),
            *("conversion", "taskforceproblem", "caselink"),
        )
        for event in ("insert", "update", "delete")
    ),
    *(
        f"rectification_{table}_{event}_refused"
        for table in ("weeklyreceipt", "forwarding", "owedreport")
        for event in ("update", "delete")
    ),
    "rectification_weeklyreport_update_filed",
    "rectification_weeklyreport_delete_filed",
    *(f"rectification_weeklypart_{event}_filed" for event in ("insert", "update", "delete")),
    "reform_attachment_update_refused",
    "reform_duty_insert_apart",
    "reform_duty_update_apart",
    "reform_user_update_apart",
    "rectification_instruction_update_words",
    "rectification_instruction_delete_refused",
    "rectification_instructionentry_update_refused",
    "rectification_instructionentry_delete_refused",
    *(
        f"campaigns_{table}_{event}_published"
        for table in ("checklist", "question", "item")
        for event in ("insert", "update", "delete")
    ),
    *(
        f"campaigns_{table}_{event}_refused"
        for table in ("stagechange", "excuse", "excuseend", "assignmententry")
        for event in ("update", "delete")
    ),
    *(
        f"campaigns_{table}_{what}"
        for table in ("bodymember", "firstresponsible")
        for what in ("update_kept", "delete_kept")
    ),
    "campaigns_body_update_dissolved",
    "campaigns_body_delete_kept",
    "campaigns_caseversion_update_refused",
    "campaigns_caseversion_delete_shown",
    *(f"campaigns_goalfigure_{event}_refused" for event in ("update", "delete")),
    "reform_user_insert_one_first",
    "reform_user_update_one_first",
    *(
        f"campaigns_{table}_{event}_refused"
        for table in ("submission", "withdrawal", "reading", "verdict", "partverdict", "finding")
        for event in ("update", "delete")
    ),
    "campaigns_portrait_update_final",
    "campaigns_portrait_delete_refused",
    "campaigns_portrait_update_spoken",
    "campaigns_opinion_update_words",
    *(
        f"campaigns_{table}_{event}_{why}"
        for table, why in (
            ("opinion", "final"),
            ("portraititem", "shown"),
            ("portraititem_findings", "shown"),
        )
        for event in ("insert", "update", "delete")
    ),
    *(f"campaigns_portraitreceipt_{event}_refused" for event in ("update", "delete")),
    *(
        f"campaigns_{table}_{event}_refused"
        for table in (
            *("pledge", "pledgeitem", "pledgereader", "fulfilment", "reflectionreader"),
            *("consent", "consentend", "showing", "showingend"),
        )
        for event in ("update", "delete")
    ),
    "campaigns_pledgeitem_insert_signed",
    *(f"campaigns_reflection_{event}_submitted" for event in ("update", "delete")),
]
FINAL = "已销号的问题不能再修改"
CHILD = "已销号问题的内容不能再修改"
LINKS = Problem.items.through


def standing():
    """The triggers that stand in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(name for (name,) in cursor.fetchall())


@made_once(is_final=True)
def one_closed():
    """A bureau with a closed problem, that has something in every table that hangs on it."""
    bureau = so_far("rectifying")()
    row, by, at = bureau.done["rectifying"], bureau.member, AT
    row.items.set(bureau.campaign.items.all()[:2])
    measure = measures.plan(row, facts={"text": "补齐"}, by=by, at=at)
    measures.finish(measure, done_on=ON - timedelta(days=1), note="已补", by=by, at=at)
    facts = {"kind": "note", "title": "说明", "text": "可查"}
    evidences.prove(row, facts=facts, by=by, at=at)
    closures.apply(row, statement="完成。", effect="有效", by=by, at=at)
    reviews.decide(step_of(row), verdict=APPROVE, by=bureau.secretary, at=at)
    reviews.decide(step_of(row), verdict=VERIFY, by=bureau.office, at=at)
    bureau.closed = Problem.objects.get(pk=row.pk)
    return bureau


@pytest.fixture
def bureau(request):
    if "closed" in request.fixturenames:
        return one_closed()
    return so_far(last_step(request.node))()


@pytest.fixture
def closed(bureau):
    return bureau.closed


def refused(message, act):
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        act()


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


# ---------------------------------------------------------------- they are there


def test_every_trigger_is_listed_and_stands():
    assert sorted(LISTED) == sorted(trigger.name for trigger in triggers.all_triggers(connection))
    assert standing() == sorted(LISTED)


def test_every_table_that_hangs_on_a_problem_is_frozen_or_says_why_not():
    """A new table with a problem_id must be decided on."""
    hanging = {
        relation.related_model._meta.db_table  # noqa: SLF001 -- public to Django
        for relation in Problem._meta.related_objects  # noqa: SLF001
    } | {LINKS._meta.db_table}  # noqa: SLF001
    # What a row is searched by follows from what is frozen, and may be indexed anew; what waited
    # for a leader when the row closed waits no longer; what leaders write to it is final by itself.
    free = {
        "rectification_problemwords",
        "rectification_earlierdeadline",
        "rectification_instruction",
    }
    # What the clock has told is withdrawn or settled later on, and a pause ends by its day.
    free |= {"rectification_reminderstep", "rectification_reminderpause"}
    # Final by themselves: that it came from a sweep, that others were asked because of it.
    free |= {"rectification_sweepproblem", "rectification_sweeporigin"}
    # A meeting may be about a problem long after it closed (回头看), and says nothing of it.
    free |= {"rectification_activityproblem"}
    # A promise may be about a problem that closed before anybody said so.
    free |= {"rectification_pledgelink"}
    assert hanging - free == set(triggers.CHILDREN)


def test_they_come_back_after_every_migrate():
    """SQLite drops the triggers of a table that a migration rebuilds."""
    triggers.drop_all(connection)
    assert standing() == []

    call_command("migrate", verbosity=0)

    assert standing() == sorted(LISTED)


@pytest.mark.django_db(transaction=True)
def test_a_database_with_rows_is_migrated_and_has_them_afterwards(bureau):
    """SQLite rebuilds the table of problems, which triggers of nine other tables ask."""
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
    for target in ("0001", None):
        call_command("migrate", "rectification", *filter(None, [target]), verbosity=0)

    assert Problem.objects.get().description == row.description
    assert standing() == sorted(LISTED)


def test_making_them_twice_makes_them_once():
    triggers.create_all(connection)
    triggers.create_all(connection)

    assert standing() == sorted(LISTED)


def test_without_tables_there_is_nothing_to_make(monkeypatch):
    """The first migrate of all tells `reform` before the upper floors have their tables."""
    triggers.drop_all(connection)
    only = ["reform_user", "reform_trailentry"]
    monkeypatch.setattr(connection.introspection, "table_names", lambda cursor=None: only)

    triggers.create_all(connection)

    assert standing() == []


# ---------------------------------------------------------------- a closed problem


def columns():
    return sorted(
        field.column
        for field in Problem._meta.concrete_fields  # noqa: SLF001 -- public to Django
        if not field.generated and field.column not in {"id", "path"}
    )


OTHER = {
    "BooleanField": "NOT {}",
    "DateField": "'2001-01-01'",
    "DateTimeField": "'2001-01-01 00:00:00'",
}
CHANGED = {
    "CharField": "'x'",
    "TextField": "'x'",
    "JSONField": "'[0]'",
    **dict.fromkeys(("ForeignKey", "OneToOneField"), "COALESCE({}, 0) + 1"),
    "PositiveIntegerField": "COALESCE({}, 0) + 1",
    "PositiveSmallIntegerField": "COALESCE({}, 0) + 1",
} | OTHER


@pytest.mark.parametrize("column", columns())
def test_no_column_of_a_closed_problem_changes(closed, column):
    (field,) = [field for field in Problem._meta.concrete_fields if field.column == column]  # noqa: SLF001
    other = CHANGED[field.get_internal_type()].format(f'"{column}"')

    refused(
        FINAL,
        lambda: run(
            f'UPDATE rectification_problem SET "{column}" = {other} WHERE id = %s',  # noqa: S608
            closed.pk,
        ),
    )


@pytest.mark.parametrize("column", ["due_days", "review_on", "upload_id"])
def test_nothing_is_put_where_nothing_was(closed, column):
    """Null-safe: NULL and a value differ."""
    assert getattr(closed, column) is None
    value = "'2027-01-01'" if column == "review_on" else "1"

    refused(
        FINAL,
        lambda: run(
            f'UPDATE rectification_problem SET "{column}" = {value} WHERE id = %s',  # noqa: S608
            closed.pk,
        ),
    )


@pytest.mark.parametrize("column", ["found_on", "closing_level_id", "applied_on"])
def test_nothing_is_taken_away(closed, column):
    assert getattr(closed, column) is not None

    refused(
        FINAL,
        lambda: run(
            f'UPDATE rectification_problem SET "{column}" = NULL WHERE id = %s',  # noqa: S608
            closed.pk,
        ),
    )


def test_a_closed_problem_moves_with_its_organization(closed):
    assert Problem.objects.filter(pk=closed.pk).update(path="00090009") == 1


def test_saving_what_stands_there_changes_nothing_and_is_let_through(closed):
    closed.save()

    assert Problem.objects.get(pk=closed.pk).closed_at == closed.closed_at


def test_an_open_problem_may_change(rectifying):
    assert Problem.objects.filter(pk=rectifying.pk).update(description="改写") == 1


@pytest.mark.parametrize("state", ["registered", "rectifying", "applied"])
def test_a_problem_that_was_counted_is_never_deleted(request, state):
    row = request.getfixturevalue(state)
    never_deleted(getattr(row, "problem", row))


def test_one_that_is_closed_is_never_deleted(closed):
    never_deleted(closed)


def never_deleted(row):
    refused(
        "已入账的问题不能删除",
        lambda: run("DELETE FROM rectification_problem WHERE id = %s", row.pk),
    )


def test_a_draft_may_be_deleted(draft):
    Problem.objects.get(pk=draft.pk).delete()

    assert not Problem.objects.exists()


# ---------------------------------------------------------------- what hangs on it


TABLES = {
    Measure: {"text": "改写"},
    ProgressEntry: {"text": "改写"},
    Evidence: {"title": "改写"},
    ProblemPerson: {"name": "改写"},
    ProblemDepartment: {"name": "改写"},
    DeadlineChange: {"reason": "改写"},
    LINKS: {"item_id": 1},
}


def copied(row, problem):
    """The same row for another problem."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields  # noqa: SLF001 -- public to Django
        if not field.primary_key
    }
    for name in ("name", "text"):
        if name in values:
            values[name] = f"{values[name]}2"
    return type(row)(**values | {"problem_id": problem.pk})


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_what_hangs_on_a_closed_problem_stays_as_it_is(closed, model):
    rows = model.objects.filter(problem=closed)
    count = rows.count()
    assert count

    refused(CHILD, lambda: rows.update(**TABLES[model]))
    refused(CHILD, rows.delete)
    refused(CHILD, lambda: copied(rows.first(), closed).save(force_insert=True))
    refused(CHILD, lambda: model.objects.bulk_create([copied(rows.first(), closed)]))
    assert rows.count() == count


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_nothing_moves_into_or_out_of_a_closed_problem(bureau, closed, at, model):
    other = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)
    row = copied(model.objects.filter(problem=closed).first(), other)
    if model is LINKS:
        row.item = bureau.campaign.items.last()
    row.save(force_insert=True)

    refused(CHILD, lambda: model.objects.filter(pk=row.pk).update(problem=closed))
    refused(CHILD, lambda: model.objects.filter(problem=closed).update(problem=other))


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_what_hangs_on_an_open_problem_may_change(bureau, ready, at, model):
    ready.items.set(bureau.campaign.items.all()[:1])
    rows = model.objects.filter(problem=ready)
    assert rows.exists()

    if model is not LINKS:
        assert rows.update(**TABLES[model])
    assert rows.delete()[0]


# ---------------------------------------------------------------- reviews and trail


def test_a_review_is_written_once(closed):
    for change in (
        lambda: ClosureReview.objects.update(opinion="改写"),
        lambda: ClosureReview.objects.update(kept={}),
        lambda: ClosureReview.objects.all().delete(),
        lambda: run("DELETE FROM rectification_closurereview"),
    ):
        refused("审核记录不能修改或删除", change)


def test_a_trail_entry_is_written_once(closed):
    for change in (
        lambda: TrailEntry.objects.update(sentence="改写"),
        lambda: run("UPDATE reform_trailentry SET at = at"),
        lambda: run("DELETE FROM reform_trailentry"),
    ):
        refused("操作留痕不能修改或删除", change)


def test_many_rows_at_once_are_refused_when_one_of_them_is_final(bureau, closed):
    other = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)

    refused(FINAL, lambda: Problem.objects.update(remark="批量改写"))

    assert Problem.objects.get(pk=other.pk).remark == ""


# ---------------------------------------------------------------- weekly reports


@pytest.fixture
def sent(bureau, at):
    """A collated report that was signed and sent on, of a week whose branches' cut-off is past."""
    weekly.planned(bureau, at=at)
    issue, moment = weekly.opened(bureau), weekly.beijing(weekly.FRIDAY, 9)
    told = weekly_reports.file_zero(issue, bureau.branch, by=bureau.secretary, at=at)
    weekly_receipts.receive(told, by=bureau.office, at=at)
    report = weekly_collations.collate(issue, bureau.center, by=bureau.office, at=moment)
    report = weekly_reports.write(
        report, edition=report.edition, texts=weekly.TEXTS, by=bureau.office, at=moment
    )
    report = weekly_signings.submit(report, by=bureau.office, at=moment)
    report = weekly_signings.sign(report, by=bureau.leader, at=moment)
    facts = {"to": "上级", "sent_at": moment, "way": "paper", "receipt": ""}
    weekly_signings.forward(report, **facts, by=bureau.office, at=moment)
    weekly_issues.open_due(at=moment)
    return report


def test_no_column_of_a_filed_report_changes(sent):
    """But that it is no longer the latest: a correction is another version."""
    for field in WeeklyReport._meta.concrete_fields:  # noqa: SLF001 -- public to Django
        if field.primary_key or field.name == "is_latest":
            continue
        other = CHANGED[field.get_internal_type()].format(f'"{field.column}"')
        sql = f'UPDATE rectification_weeklyreport SET "{field.column}" = {other}'  # noqa: S608
        refused("已报送的周报不能再修改", lambda sql=sql: run(f"{sql} WHERE id = %s", sent.pk))

    refused("已报送的周报不能再修改", lambda: run("DELETE FROM rectification_weeklyreport"))
    assert WeeklyReport.objects.filter(pk=sent.pk).update(is_latest=False) == 1


def test_the_paragraphs_of_a_filed_report_stay_as_they_are(bureau, sent):
    parts = sent.parts.all()
    assert parts.count() == 3
    more = WeeklyPart(report=sent, organization=bureau.top, name="后加的一段", position=9)

    for change in (
        lambda: parts.update(progress="改写"),
        parts.delete,
        lambda: WeeklyPart.objects.bulk_create([more]),
    ):
        refused("已报送的周报不能再修改", change)


def test_a_draft_of_a_report_may_change(bureau, sent):
    draft = weekly_reports.begin(
        weekly.opened(bureau), bureau.sibling, by=bureau.neighbour, at=sent.filed_at
    )

    assert WeeklyReport.objects.filter(pk=draft.pk).update(progress="改写") == 1


@pytest.mark.parametrize(
    ("model", "message", "change"),
    [
        (WeeklyReceipt, "周报的收退记录不能修改或删除", {"reason": "改写"}),
        (Forwarding, "报送登记不能修改或删除", {"receipt": "改写"}),
        (OwedReport, "应报单位在截止时确定，不能修改或删除", {"name": "改写"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_became_of_reports_and_who_owed_them_is_written_once(sent, model, message, change):
    assert model.objects.exists()
    table = model._meta.db_table  # noqa: SLF001 -- public to Django

    refused(message, lambda: model.objects.update(**change))
    refused(message, lambda: run(f"DELETE FROM {table}"))  # noqa: S608 -- our own names
