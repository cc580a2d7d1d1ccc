"""Keeping the tree of organizations."""

from django.db import transaction

from reform.actions import counters
from reform.errors import Refused
from reform.models import Organization
from reform.models.organization import LEVELS, STEP


@transaction.atomic
def create(
    *,
    name: str,
    code: str,
    kind: str = Organization.Kind.BRANCH,
    parent: Organization | None = None,
    short_name: str = "",
) -> Organization:
    """Add an organization below `parent`, on a step of the tree that was never used before.

    Raises Refused when the tree is full there: eight levels, 9,999 organizations under one.
    """
    depth = parent.depth + 1 if parent else 1
    if depth > LEVELS:
        raise Refused(f"组织层级最多{LEVELS}级，“{parent}”下面不能再设党组织。")
    step = _next_step(parent)
    if step >= 10**STEP:
        raise Refused(f"“{parent or '顶层'}”下面的党组织已满{10**STEP - 1}个。")
    return Organization.objects.create(
        name=name,
        short_name=short_name,
        code=code,
        kind=kind,
        parent=parent,
        depth=depth,
        path=f"{parent.path if parent else ''}{step:0{STEP}}",
    )


def _next_step(parent: Organization | None) -> int:
    if parent is None:
        return counters.take("organization:top")[0]
    locked = Organization.objects.select_for_update().get(pk=parent.pk)
    locked.steps_given += 1
    locked.save(update_fields=["steps_given"])
    return locked.steps_given
