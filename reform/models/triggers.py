"""What the database refuses by itself, on both engines: final rows stay as they are.

SOD-11 (trail) and SOD-18 (review rows, closed problems) in PERMISSIONS.md. Upper floors name their
tables here as text, as settings do. SQLite drops triggers when it rebuilds a table, and cannot
rebuild one that another's trigger asks, so they go before a migrate and come back after it
(reform/apps.py).
"""

from dataclasses import dataclass
from typing import Any

# The path is scope, not history: a closed row moves with its organization. `is_open` and `is_timed`
# follow from the status; PostgreSQL has not computed them yet when a trigger runs before.
MAY_CHANGE_WHEN_CLOSED = {"path", "is_open", "is_timed"}


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    event: str  # UPDATE or DELETE or INSERT
    when: str  # a condition over OLD and NEW, or empty
    message: str


def append_only(table: str, message: str) -> list[Trigger]:
    return [
        Trigger(f"{table}_{event.lower()}_refused", table, event, "", message)
        for event in ("UPDATE", "DELETE")
    ]


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
)


CLOSED_STEP = (
    "EXISTS (SELECT 1 FROM rectification_closureapplication a"
    " JOIN rectification_problem p ON p.id = a.problem_id"
    " WHERE a.id = {row}.application_id AND p.status = 'closed')"
)


def all_triggers(connection: Any) -> list[Trigger]:
    return [
        *append_only("reform_trailentry", "操作留痕不能修改或删除"),
        *append_only("reform_trailseal", "留痕封存记录不能修改或删除"),
        *append_only("rectification_closurereview", "审核记录不能修改或删除"),
        Trigger(
            "rectification_problem_update_closed",
            "rectification_problem",
            "UPDATE",
            f"OLD.status = 'closed' AND ({_changed(connection)})",
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
        # What was shown to a reviewer is the file with this name and this hash.
        Trigger(
            "reform_attachment_update_refused", "reform_attachment", "UPDATE", "", "附件不能修改"
        ),
    ]


def _changed(connection: Any) -> str:
    """Say “any column but the path differs”, null-safe, in the words of the engine."""
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "rectification_problem")
    names = [column.name for column in columns if column.name not in MAY_CHANGE_WHEN_CLOSED]
    return " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in names)


def create_all(connection: Any) -> None:
    """Create every trigger whose table exists, replacing what stands there."""
    write = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    if "rectification_problem" not in tables:
        return
    with connection.cursor() as cursor:
        for trigger in all_triggers(connection):
            for statement in write(trigger):
                cursor.execute(statement)


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


def _sqlite(trigger: Trigger) -> list[str]:
    when = f"WHEN {trigger.when} " if trigger.when else ""
    return [
        f"DROP TRIGGER IF EXISTS {trigger.name}",
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"FOR EACH ROW {when}BEGIN SELECT RAISE(ABORT, '{trigger.message}'); END",
    ]


def _postgresql(trigger: Trigger) -> list[str]:
    """The condition stands inside the function: a WHEN clause may not hold a subquery."""
    condition = f"IF {trigger.when} THEN " if trigger.when else ""
    end = "END IF; " if trigger.when else ""
    row = "OLD" if trigger.event == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger AS $$ BEGIN {condition}"
        f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"{end}RETURN {row}; END $$ LANGUAGE plpgsql",
        f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}",
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger.name}()",
    ]
