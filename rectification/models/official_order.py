"""One page of the ledger in official order (机构序列): organizations first, then their rows.

Joined and sorted, a hundred thousand rows take a second on SQLite. Walked from the organizations,
in the order of their index, and from each into the index of paths, a page stops when it is full;
CROSS JOIN keeps SQLite to that order, and on PostgreSQL the limit makes it the cheapest
(docs/decisions/0016).
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from rectification.models.problem_queryset import named_outside, read_scopes
from reform.models import Actor, Organization

WALK = (
    "SELECT rectification_problem.id FROM reform_organization"
    " CROSS JOIN rectification_problem"
    " WHERE rectification_problem.path = reform_organization.path{conditions}"
    " ORDER BY reform_organization.sequence, rectification_problem.id LIMIT %s OFFSET %s"
)


def page(problems: "models.QuerySet[Any]", *, actor: Actor, start: int, size: int) -> Q:
    """Return which are `size` of the actor's `problems` from `start` on, in official order."""
    try:
        parts = [_where(problems.order_by().values("pk")), _where(_organizations(actor))]
    except EmptyResultSet:
        return Q(pk__in=[])
    conditions = "".join(f" AND ({words})" for words, _ in parts if words)
    params = [value for words, values in parts if words for value in values]
    statement = WALK.format(conditions=conditions)
    return Q(pk__in=RawSQL(statement, [*params, size, start]))  # noqa: S611 -- the ORM's words


def _where(rows: "models.QuerySet[Any, Any]") -> tuple[str, tuple[Any, ...]]:
    sql, params = rows.query.sql_with_params()
    return sql.partition(" WHERE ")[2], tuple(params)


def _organizations(actor: Actor) -> "models.QuerySet[Any, Any]":
    """Return the organizations whose rows the actor may meet; all, when rows outside name him."""
    rows = Organization.objects.order_by().values("pk")
    reach = read_scopes(actor, key="pk")
    return rows if reach.whole or named_outside(actor) else rows.filter(reach.condition())
