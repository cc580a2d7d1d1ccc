"""One page of the ledger in official order (机构序列): organizations first, then their rows.

Joined and sorted, a hundred thousand rows take a second on SQLite. Walked from the organizations,
in the order of their index, and from each into the index of paths, a page stops when it is full;
CROSS JOIN keeps SQLite to that order, and on PostgreSQL the limit makes it the cheapest
(docs/decisions/0016).
"""

from functools import lru_cache
from typing import Any

from django.db import connection, models

from rectification.models.problem_queryset import named_outside, read_scopes
from reform.models import Actor, Organization
from reform.models.statement import Sql, condition_of

WALK = (
    "SELECT rectification_problem.id FROM reform_organization"
    " CROSS JOIN rectification_problem"
    " WHERE rectification_problem.path = reform_organization.path{conditions}"
    " ORDER BY reform_organization.sequence, rectification_problem.id LIMIT %s OFFSET %s"
)


def page(problems: "models.QuerySet[Any]", *, actor: Actor, start: int, size: int) -> Sql:
    """Return the keys of `size` of the actor's `problems` from `start` on, in official order.

    Raises EmptyResultSet for somebody without a scope.
    """
    parts = [condition_of(problems), _organizations(actor)]
    conditions = "".join(f" AND ({words})" for words, _ in parts if words)
    params = [value for words, values in parts if words for value in values]
    statement = WALK.format(conditions=conditions)
    if connection.vendor == "sqlite" and not read_scopes(actor).is_flat:
        # By the index of paths it would sort all rows of a county: “+” leaves it that of the order.
        for path in ("reform_organization.path", '"reform_organization"."path"'):
            statement = statement.replace(path, f"+{path}")
    return statement, [*params, size, start]


def _organizations(actor: Actor) -> Sql:
    """Return the organizations whose rows the actor may meet; all, when rows outside name him."""
    reach = read_scopes(actor, key="pk")
    if reach.whole or named_outside(actor):
        return "", ()
    return _those(connection.vendor, reach.condition())


@lru_cache(maxsize=256)
def _those(_vendor: str, condition: models.Q) -> Sql:
    return condition_of(Organization.objects.filter(condition))
