"""How rows by the hundred thousand reach the database (批量写库), on both engines."""

import time
from collections.abc import Iterable
from itertools import islice

from django.db import connection, reset_queries
from django.db.models import Model

BATCH = 2_000
PATIENCE = 60  # seconds for autovacuum, which may hold a snapshot of its own, to be through


def create(rows: Iterable[Model]) -> None:
    """Keep rows of one model, a batch at a time."""
    rows = iter(rows)
    for first in rows:
        batch = [first, *islice(rows, BATCH - 1)]
        type(first)._base_manager.bulk_create(batch)  # noqa: SLF001 -- the plain manager
        reset_queries()  # under DEBUG every statement would be kept, with all its values


def keys(count: int) -> list[int]:
    """Take keys of problems before the rows are there: from the sequence on PostgreSQL, on SQLite
    after the last one, under the write lock of the transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('rectification_problem', 'id'))"
                " FROM generate_series(1, %s)",
                [count],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM rectification_problem")
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def settle(*grown: type[Model]) -> None:
    """PostgreSQL: check foreign keys now, not a million at the end; and look at tables that have
    grown, or the triggers go on reading them from end to end, as planned while they were small."""
    if connection.vendor != "postgresql":
        return
    connection.check_constraints()
    with connection.cursor() as cursor:
        for model in grown:
            cursor.execute(f"ANALYZE {model._meta.db_table}")  # noqa: SLF001 -- its own name


def vacuum() -> None:
    """PostgreSQL: do at once what autovacuum does within minutes; in a transaction it cannot.

    Until every row is known to be visible to all, a count opens the table for each row it finds
    in an index; an ANALYZE under way elsewhere holds that back, so look and do it again.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    ends = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while True:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute(
                "SELECT relallvisible >= relpages FROM pg_class"
                " WHERE oid = 'rectification_problem'::regclass"
            )
            if cursor.fetchone()[0] or time.monotonic() > ends:
                return
            time.sleep(1)
