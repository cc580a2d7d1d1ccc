"""What the database refuses by itself, on both engines: final rows stay as they are.

SOD-11 (trail) and SOD-18 (review rows, closed problems) in PERMISSIONS.md. Upper floors name their
tables here as text, as settings do. SQLite drops triggers when it rebuilds a table, and cannot
rebuild one that another's trigger asks, so they go before a migrate and come back after it
(reform/apps.py).
"""

from collections.abc import Collection
from typing import Any

from reform.models.checklist_triggers import frozen_checklists
from reform.models.dated_triggers import dated_rows
from reform.models.examination_triggers import case_versions, examinations
from reform.models.pledge_triggers import pledges_and_reflections
from reform.models.portrait_triggers import portraits
from reform.models.trigger import Trigger, append_only, statements

# The path is scope, not history: a closed row moves with its organization. `is_open` and `is_timed`
# follow from the status; PostgreSQL has not computed them yet when a trigger runs before.
MAY_CHANGE_WHEN_CLOSED = {"path", "is_open", "is_timed"}
MAY_CHANGE_WHEN_FILED = {"is_latest"}  # a newer version was begun
MAY_CHANGE_OF_INSTRUCTIONS = {"status", "asked_at", "answer_by", "draft", "drafted_by_id"}


def frozen_children(table: str) -> list[Trigger]:
    """Rows that hang on a problem can no longer be added, changed or taken away once it closed."""
    message = "已销号问题的内容不能再修改"
    closed = "EXISTS (SELECT 1 FROM rectification_problem p WHERE p.id IN ({rows})"
    closed += " AND p.status = 'closed')"
    # A changed row neither leaves a closed problem nor comes into one.
    both = "OLD.problem_id, NEW.problem_id"
    return [
        Trigger(f"{table}_{event.lower()}_closed", table, event, closed.format(rows=rows), message)
        for event, rows in (
            ("INSERT", "NEW.problem_id"),
            ("UPDATE", both),
            ("DELETE", "OLD.problem_id"),
        )
    ]


CHILDREN = (
    "rectification_measure",
    "rectification_progressentry",
    "rectification_evidence",
    "rectification_problemperson",
    "rectification_problemdepartment",
    "rectification_problem_items",
    "rectification_deadlinechange",
    "rectification_closureapplication",
    "rectification_conversion",
    "rectification_taskforceproblem",
    "rectification_caselink",
)


CLOSED_STEP = (
    "EXISTS (SELECT 1 FROM rectification_closureapplication a"
    " JOIN rectification_problem p ON p.id = a.problem_id"
    " WHERE a.id = {row}.application_id AND p.status = 'closed')"
)


# SOD-09: whoever is one of the three administrators holds no other role but membership on any day.
# One person's accounts (same_as) count as one.
ADMINISTRATORS = "('system', 'security', 'audit')"
CLASH = (
    "{a}.role <> {b}.role AND {a}.role <> 'member' AND {b}.role <> 'member'"
    f" AND ({{a}}.role IN {ADMINISTRATORS} OR {{b}}.role IN {ADMINISTRATORS})"
    " AND {a}.since <= COALESCE({b}.until, '9999-12-31')"
    " AND {b}.since <= COALESCE({a}.until, '9999-12-31')"
)
PERSON = "COALESCE((SELECT same_as_id FROM reform_user WHERE id = NEW.user_id), NEW.user_id)"
ACCOUNTS = (
    "(SELECT id FROM reform_user WHERE id = {person}"
    " UNION ALL SELECT id FROM reform_user WHERE same_as_id = {person})"
)
MIXED = (
    "NEW.role <> 'member' AND EXISTS (SELECT 1 FROM reform_duty d"  # noqa: S608 -- our own names
    f" WHERE d.user_id IN {ACCOUNTS.format(person=PERSON)}{{others}}"
    f" AND {CLASH.format(a='NEW', b='d')})"
)
# One account of a person is the first, and the others point at it: no chains.
CHAINED = (
    "NEW.same_as_id IS NOT NULL AND (NEW.same_as_id = NEW.id"
    " OR EXISTS (SELECT 1 FROM reform_user u WHERE u.same_as_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM reform_user u WHERE u.id = NEW.same_as_id"
    " AND u.same_as_id IS NOT NULL))"
)
JOINED = (
    "NEW.same_as_id IS NOT NULL AND EXISTS ("  # noqa: S608 -- our own names
    "SELECT 1 FROM reform_duty d JOIN reform_duty e"
    f" ON {CLASH.format(a='d', b='e')}"
    f" WHERE d.user_id = NEW.id AND e.user_id IN {ACCOUNTS.format(person='NEW.same_as_id')})"
)


def administrators_apart() -> list[Trigger]:
    message = "系统管理员、安全管理员、审计管理员须由不同的人担任，且不兼任其他职责"
    lock = "PERFORM 1 FROM reform_user WHERE id = {person} FOR NO KEY UPDATE;"
    duty, user = lock.format(person=PERSON), lock.format(person="NEW.same_as_id")
    one = "同一人的账号只能指向他的第一个账号"
    return [
        *(
            Trigger(
                f"reform_duty_{event.lower()}_apart",
                "reform_duty",
                event,
                MIXED.format(others=others),
                message,
                first=duty,
            )
            for event, others in (("INSERT", ""), ("UPDATE", " AND d.id <> NEW.id"))
        ),
        Trigger("reform_user_update_apart", "reform_user", "UPDATE", JOINED, message, first=user),
        *(
            Trigger(f"reform_user_{event.lower()}_one_first", "reform_user", event, CHAINED, one)
            for event in ("INSERT", "UPDATE")
        ),
    ]


def all_triggers(connection: Any) -> list[Trigger]:
    closed = _changed(connection, "rectification_problem", MAY_CHANGE_WHEN_CLOSED)
    return [
        *append_only("reform_trailentry", "操作留痕不能修改或删除"),
        *append_only("reform_trailseal", "留痕封存记录不能修改或删除"),
        *append_only("rectification_closurereview", "审核记录不能修改或删除"),
        Trigger(
            "rectification_problem_update_closed",
            "rectification_problem",
            "UPDATE",
            f"OLD.status = 'closed' AND ({closed})",
            "已销号的问题不能再修改",
        ),
        Trigger(
            "rectification_problem_delete_counted",
            "rectification_problem",
            "DELETE",
            "OLD.status <> 'draft'",
            "已入账的问题不能删除",
        ),
        *(trigger for table in CHILDREN for trigger in frozen_children(table)),
        *(
            Trigger(
                f"rectification_reviewstep_{event.lower()}_closed",
                "rectification_reviewstep",
                event,
                CLOSED_STEP.format(row=row),
                "已销号问题的内容不能再修改",
            )
            for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
        ),
        *append_only("rectification_weeklyreceipt", "周报的收退记录不能修改或删除"),
        *append_only("rectification_forwarding", "报送登记不能修改或删除"),
        *append_only("rectification_owedreport", "应报单位在截止时确定，不能修改或删除"),
        *weekly_reports(connection),
        *append_only("rectification_instructionentry", "批示的答复和办理记录不能修改或删除"),
        *instructions(connection),
        *examinations(),
        *pledges_and_reflections(),
        *append_only("campaigns_stagechange", "阶段转换记录不能修改或删除"),
        *append_only("campaigns_excuse", "免计登记不能修改或删除，需要时另行取消"),
        *append_only("campaigns_excuseend", "取消免计的记录不能修改或删除"),
        *append_only("campaigns_assignmententry", "任务进展不能修改或删除"),
        *append_only("campaigns_goalfigure", "目标数据不能修改或删除，更正时另填一次"),
        *case_versions(),
        # What was shown to a reviewer is the file with this name and this hash.
        Trigger(
            "reform_attachment_update_refused", "reform_attachment", "UPDATE", "", "附件不能修改"
        ),
        *administrators_apart(),
        *frozen_checklists(connection),
        *dated_rows(connection, _changed),
        *portraits(),
    ]


def weekly_reports(connection: Any) -> list[Trigger]:
    """A filed report is final, and so are its paragraphs: a correction is another version."""
    report, part, message = (
        "rectification_weeklyreport",
        "rectification_weeklypart",
        "已报送的周报不能再修改",
    )
    if report not in connection.introspection.table_names():
        return []
    changed = _changed(connection, report, MAY_CHANGE_WHEN_FILED)
    filed = f"EXISTS (SELECT 1 FROM {report} r WHERE r.id = {{row}}.report_id"  # noqa: S608
    filed += " AND r.status = 'filed')"
    return [
        Trigger(
            f"{report}_update_filed",
            report,
            "UPDATE",
            f"OLD.status = 'filed' AND ({changed})",
            message,
        ),
        Trigger(f"{report}_delete_filed", report, "DELETE", "OLD.status = 'filed'", message),
        *(
            Trigger(f"{part}_{event.lower()}_filed", part, event, filed.format(row=row), message)
            for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
        ),
    ]


def instructions(connection: Any) -> list[Trigger]:
    """An instruction keeps its words; how it stands, and an answer in preparation, go on."""
    table, message = "rectification_instruction", "批示不能修改或删除"
    if table not in connection.introspection.table_names():
        return []
    changed = _changed(connection, table, MAY_CHANGE_OF_INSTRUCTIONS)
    return [
        Trigger(f"{table}_update_words", table, "UPDATE", changed, message),
        Trigger(f"{table}_delete_refused", table, "DELETE", "", message),
    ]


def _changed(connection: Any, table: str, but: Collection[str]) -> str:
    """Say “any column but some differs”, null-safe, in the words of the engine."""
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
    names = [column.name for column in columns if column.name not in but]
    return " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in names)


def create_all(connection: Any) -> None:
    """Create every trigger whose table exists, replacing what stands there."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    if "rectification_problem" not in tables:
        return
    # Going back to an earlier release takes tables away.
    ours = [trigger for trigger in all_triggers(connection) if trigger.table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _drop_others(cursor, {trigger.name for trigger in ours})
        for trigger in ours:
            for statement in statements(trigger, connection.vendor):
                cursor.execute(statement)


def _drop_others(cursor: Any, names: set[str]) -> None:
    """Drop what a later release had made on tables that are still there: it asks tables that are
    not. On SQLite nothing stands at this moment."""
    cursor.execute(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND starts_with(t.tgname::text, c.relname::text)"
    )
    for name, table in cursor.fetchall():
        if name not in names:
            cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')


def drop_all(connection: Any) -> None:
    """Drop every trigger, also those of an earlier release: before SQLite rebuilds tables, and
    for a test that empties them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
            return
        for trigger in all_triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
