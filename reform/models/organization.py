"""The tree of Party organizations (党组织): who is above whom, kept as a path of digits."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

STEP = 4  # digits a level: 9,999 children, more than any committee has
LEVELS = 8


def successor(path: str) -> str:
    """Return the first path after everything below `path`: the number plus one, zero-filled."""
    return str(int(path) + 1).zfill(len(path))


def below(path: str, field: str = "path") -> Q:
    """Return the condition “`field` lies strictly below `path`”, as a range every index serves."""
    return Q((f"{field}__gt", path), (f"{field}__lt", successor(path)))


def within(path: str, field: str = "path") -> Q:
    """Return the condition “`field` is `path` or lies below it”."""
    return Q((f"{field}__gte", path), (f"{field}__lt", successor(path)))


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def in_force(self, on: date) -> Self:
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))

    def under(self, top: "Organization") -> Self:
        """Return `top` and everything below it."""
        return self.filter(within(top.path))

    def official_order(self) -> Self:
        """Order as papers list them (机构序列): down the tree, siblings as they were entered."""
        return self.order_by("path")


class Organization(models.Model):
    class Kind(models.TextChoices):
        COMMITTEE = "committee", "党委（党组）"
        DISCIPLINE = "discipline", "纪委（纪检组）"
        GENERAL_BRANCH = "general_branch", "党总支"
        BRANCH = "branch", "党支部"
        DEPARTMENT = "department", "部门"

    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    code = models.SlugField("代码", max_length=20, unique=True)
    kind = models.CharField("类型", max_length=20, choices=Kind, default=Kind.BRANCH)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    # "000300170042": the 42nd child of the 17th child of the third top. Kept by
    # actions.organizations; digits sort alike under every collation, so a subtree is a range.
    path = models.CharField(max_length=STEP * LEVELS, unique=True, editable=False)
    depth = models.PositiveSmallIntegerField(editable=False, default=1)
    # Steps given to children so far. A step is never given again: a new organization on an old
    # path would read the old one's closed rows.
    steps_given = models.PositiveSmallIntegerField(editable=False, default=0)
    retired_on = models.DateField("撤销日期", null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "党组织"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(retired_on=None),
                name="organization_name_once_per_parent",
                violation_error_message="上级下面已有同名的党组织。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lineage(self) -> list[str]:
        """The paths of all above and of this one, top first."""
        return [self.path[: STEP * n] for n in range(1, len(self.path) // STEP + 1)]

    @property
    def reads_below(self) -> bool:
        """Whether its secretary reads what lies below (机关党委, 党总支), PERMISSIONS.md."""
        return self.kind in {self.Kind.COMMITTEE, self.Kind.GENERAL_BRANCH}

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)
