"""Which rows a filter asks for (筛选): one meaning for the list, its counts, and every export."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from rectification.models import metric, owing
from rectification.models.case_link import came_of
from rectification.models.ledger_search import bears, holds
from rectification.models.problem_queryset import (
    SOON,
    counted_due_within,
    counted_overdue,
    due_within,
    overdue,
)
from rectification.models.task_force_problem import TaskForceProblem
from reform.models import Organization
from reform.models.organization import within
from reform.text import clean, key_of

if TYPE_CHECKING:
    from rectification.models.problem import Problem


def _q(text: str, _on: date) -> Q:
    return holds(text)


def _organization(value: str, _on: date) -> Q:
    place = Organization.objects.filter(pk=key_of(value)).first()
    return at_or_below(place) if place else Q(pk__in=[])


def at_or_below(place: Organization) -> Q:
    """The organization chosen, and all below it; of one that was merged, what it left behind."""
    rows = within(place.path)
    return rows | Q(organization=place) if place.succeeded_by_id else rows


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _due_from(value: str, _on: date) -> Q:
    return Q(due_on__gte=day) if (day := _day(value)) else Q()


def _due_until(value: str, _on: date) -> Q:
    return Q(due_on__lte=day) if (day := _day(value)) else Q()


def _status(value: str, _on: date) -> Q:
    return Q(status=value)


def _of(column: str) -> Callable[[str, date], Q]:
    return lambda value, _on: Q((column, key_of(value)))


def _item(value: str, _on: date) -> Q:
    return bears(key_of(value))


def _task_force(value: str, _on: date) -> Q:
    links = TaskForceProblem.objects.filter(body=key_of(value)).order_by()
    return Q(pk__in=links.values("problem"))


# What stands in the address → the rows it asks for. An unknown or empty value asks for nothing.
FILTERS: dict[str, Callable[[str, date], Q]] = {
    "q": _q,
    "campaign": _of("campaign"),
    "organization": _organization,
    "status": _status,
    "item": _item,
    "source": _of("source"),
    "level": _of("closing_level"),
    "severity": lambda value, _on: Q(severity=value),
    "owner": lambda value, _on: Q(owner_kind=value),
    "progress": lambda value, _on: Q(progress=value),
    "upload": _of("upload"),
    "task_force": _task_force,
    "figure": metric.asked,
    "owes": owing.asked,
    "case": lambda value, _on: came_of(value),
    "due_from": _due_from,
    "due_until": _due_until,
}


def chips() -> dict[str, tuple[str, Callable[[date], Q]]]:
    """Return the views a ledger is looked at by: code → words and rows."""
    return {
        "all": ("全部已入账", lambda _on: ~Q(status="draft")),
        "registered": ("待交办", lambda _on: Q(status="registered")),
        "assigned": ("待签收", lambda _on: Q(status="assigned")),
        "rectifying": ("整改中", lambda _on: Q(status="rectifying")),
        "soon": (f"{SOON}日内到期", lambda on: due_within(SOON, on)),
        "overdue": ("已逾期", overdue),
        "in_review": ("销号审核中", lambda _on: Q(status="in_review")),
        "closed": ("已销号", lambda _on: Q(status="closed")),
        "draft": ("草稿", lambda _on: Q(status="draft")),
    }


# How a chip is counted, where the rows of its list are more quickly found in other words.
COUNTED: dict[str, Callable[[date], Q]] = {"soon": lambda on: counted_due_within(SOON, on)}
COUNTED_ON_SQLITE: dict[str, Callable[[date], Q]] = {**COUNTED, "overdue": counted_overdue}

OFFICIAL = ("organization__sequence", "pk")  # a page of it: models/official_order.py
# How a list may be sorted; anything else in the address means the first.
ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "number": ("编号", ("pk",)),
    "-number": ("编号（新到旧）", ("-pk",)),
    "due": ("整改时限", ("due_on", "pk")),
    "-due": ("整改时限（远到近）", ("-due_on", "-pk")),
    "organization": ("责任单位", OFFICIAL),
}


# Those that no index of the ledger holds: a page has ways of its own with them (ledger_search).
SEARCHED = ("q", "item")


def narrow(
    problems: "models.QuerySet[Problem]", params: Mapping[str, Sequence[str]], *, on: date
) -> "models.QuerySet[Problem]":
    """Return the rows that all filters but the chip ask for."""
    return problems.filter(*(FILTERS[name](value, on) for name, value in asked(params).items()))


def by_columns(params: Mapping[str, Sequence[str]], *, on: date) -> Q:
    """Return what the filters ask of the columns of a row; what other tables say is apart."""
    apart = {"organization", "upload", "task_force", "figure", "owes", "case", *SEARCHED}
    conditions = (
        FILTERS[name](value, on) for name, value in asked(params).items() if name not in apart
    )
    return Q(*conditions)


def searched(params: Mapping[str, Sequence[str]]) -> dict[str, str | int]:
    """Return the text and the item that are asked for, as `ledger_search.search` takes them."""
    found: dict[str, str | int] = dict(asked(params))
    if "item" in found:
        found["item"] = key_of(str(found["item"]))
    return {name: found[name] for name in SEARCHED if name in found}


def asked(params: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what the filters in the address ask for, cleaned; the empty ones ask for nothing."""
    values = {name: clean(_last(params, name), multiline=False)[:100] for name in FILTERS}
    return {name: value for name, value in values.items() if value}


def chip(params: Mapping[str, Sequence[str]]) -> str:
    code = _last(params, "view")
    return code if code in chips() else "all"


def order(params: Mapping[str, Sequence[str]]) -> str:
    code = _last(params, "sort")
    return code if code in ORDERS else "number"


def apply(
    problems: "models.QuerySet[Problem]", params: Mapping[str, Sequence[str]], on: date
) -> "models.QuerySet[Problem]":
    """Return the rows that the address of a ledger page asks for: filters and chip."""
    return narrow(problems, params, on=on).filter(chips()[chip(params)][1](on))


def _last(params: Mapping[str, Sequence[str]], name: str) -> str:
    values = params.get(name) or [""]
    return str(values[-1])
