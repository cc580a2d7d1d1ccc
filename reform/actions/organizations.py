"""Keeping organizations: founding them, their names, kinds and codes."""

from datetime import date, datetime

from django.db import transaction

from reform import policy
from reform.actions import trail, tree
from reform.errors import Refused
from reform.models import Act, Actor, FormerName, Organization


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
    place = tree.next_place(parent)
    return Organization.objects.create(
        name=name,
        short_name=short_name,
        code=code,
        kind=kind,
        parent=parent,
        depth=place.depth,
        path=place.path,
        sequence=place.sequence,
    )


# ---------------------------------------------------------------- acts of the system administrator


def suggest_code(parent: Organization | None) -> str:
    """Return a code nobody has, after the fashion of the one above: JTJ-03."""
    stem = parent.code[:16] if parent else "ORG"
    taken = set(Organization.objects.filter(code__startswith=stem).values_list("code", flat=True))
    number = parent.steps_given + 1 if parent else Organization.objects.filter(depth=1).count() + 1
    while (code := f"{stem}-{number:02d}") in taken:
        number += 1
    return code[:20]


@transaction.atomic
def establish(
    *,
    name: str,
    code: str,
    kind: str,
    parent: Organization | None,
    short_name: str = "",
    document: str = "",
    by: Actor,
    at: datetime,
) -> Organization:
    """Add an organization by hand. It goes last among those below `parent`."""
    policy.require(by, "org.edit")
    tree.hold_tree()
    if parent is not None:
        tree.require_in_force(parent, on=by.on)
    tree.require_free(name, parent)
    _require_free_code(code)
    made = create(name=name, code=code, kind=kind, parent=parent, short_name=short_name)
    trail.record(
        Act.ORGANIZATION_MADE,
        made,
        by=by,
        at=at,
        say=f"{made}（{parent or '最上级'}）",
        code=code,
        kind=kind,
        document=document,
    )
    return made


def _require_free_code(code: str, but: Organization | None = None) -> None:
    taken = Organization.objects.filter(code=code).first()
    if taken and taken != but:
        raise Refused(f"代码“{code}”已由“{taken}”使用，请换一个代码。")


@transaction.atomic
def rename(
    organization: Organization,
    *,
    name: str,
    short_name: str,
    on: date,
    document: str,
    by: Actor,
    at: datetime,
) -> Organization:
    """Give another name from the day `on`; the old one is kept and still finds it (曾用名)."""
    now = tree.locked(organization, by=by)
    if name == now.name:
        raise Refused("新名称与现名称相同，无需更名；只改简称或代码的，请用“修改信息”。")
    if on > by.on:
        raise Refused("更名日期不能晚于今天，请到那一天再办理。")
    last = now.former_names.first()
    if last and on < last.until:
        raise Refused(f"更名日期不能早于上一次更名（{last.until}）。")
    tree.require_free(name, now.parent, but=now)
    was = now.name
    FormerName.objects.create(
        organization=now, name=was, short_name=now.short_name, until=on, document=document
    )
    now.name, now.short_name = name, short_name
    now.save(update_fields=["name", "short_name"])
    words = f"{was}→{name}（{document}）"
    trail.record(
        Act.ORGANIZATION_RENAMED, now, by=by, at=at, say=words, on=str(on), document=document
    )
    return now


@transaction.atomic
def change(
    organization: Organization, *, kind: str, code: str, short_name: str, by: Actor, at: datetime
) -> Organization:
    """Correct kind, code or short name."""
    now = tree.locked(organization, by=by)
    facts = {"kind": kind, "code": code, "short_name": short_name}
    changed = {
        name: [str(getattr(now, name)), value]
        for name, value in facts.items()
        if getattr(now, name) != value
    }
    if not changed:
        raise Refused("没有任何改动。")
    _require_free_code(code, but=now)
    for name, value in facts.items():
        setattr(now, name, value)
    now.save(update_fields=[*facts])
    trail.record(Act.ORGANIZATION_CHANGED, now, by=by, at=at, changed=changed)
    return now
