"""A trigger of the database, and the statements that make it on either engine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    event: str  # UPDATE or DELETE or INSERT
    when: str  # a condition over OLD and NEW, or empty
    message: str
    # What PostgreSQL does before it looks: two who write at once must not miss each other.
    first: str = ""


def append_only(table: str, message: str) -> list[Trigger]:
    return [
        Trigger(f"{table}_{event.lower()}_refused", table, event, "", message)
        for event in ("UPDATE", "DELETE")
    ]


def statements(trigger: Trigger, vendor: str) -> list[str]:
    """Return what makes the trigger, replacing one that stands there."""
    return _postgresql(trigger) if vendor == "postgresql" else _sqlite(trigger)


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
        f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger AS $$ BEGIN {trigger.first} "
        f"{condition}"
        f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"{end}RETURN {row}; END $$ LANGUAGE plpgsql",
        f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}",
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger.name}()",
    ]
