"""The tree of Party organizations (党组织): who is above whom, kept as a path of digits."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

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

    def called(self, name: str) -> Self:
        """Return those of this name, short name or code, now or formerly, or that took over from
        one of this name: papers go on using an old name for a while."""
        now = Q(name=name) | Q(short_name=name) | Q(code=name)
        then = Q(former_names__name=name) | Q(former_names__short_name=name)
        return self.filter(pk__in=self._keys(now | then | Q(predecessors__name=name)))

    def like(self, words: str) -> Self:
        """Return those whose name, short name, code or former name contains the words."""
        now = Q(name__contains=words) | Q(short_name__contains=words) | Q(code__contains=words)
        return self.filter(now | Q(pk__in=self._keys(Q(former_names__name__contains=words))))

    def _keys(self, condition: Q) -> models.QuerySet:
        return self.model._base_manager.filter(condition).order_by().values("pk")  # noqa: SLF001

    def official_order(self) -> Self:
        """Order as papers list them (机构序列): down the tree, siblings as they were placed."""
        return self.order_by("sequence")


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
    # The official order (机构序列) as a key over the whole tree: like the path, but of ranks, which
    # the system administrator changes. A rank is at most `steps_given`, so a new child goes last.
    sequence = models.CharField(max_length=STEP * LEVELS, editable=False, default="")
    retired_on = models.DateField("撤销日期", null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="承接单位",
    )

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
        indexes = [models.Index(fields=["sequence"], name="organization_in_order")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.pk])

    def is_retired(self, on: date) -> bool:
        return self.retired_on is not None and self.retired_on <= on

    @property
    def lineage(self) -> list[str]:
        """The paths of all above and of this one, top first."""
        return [self.path[: STEP * n] for n in range(1, len(self.path) // STEP + 1)]

    def every_name(self) -> list[str]:
        """Return its name and short name, those it had before, and those it took over from."""
        before = self.former_names.values_list("name", "short_name")
        rows = [*before, *self.predecessors.values_list("name", "short_name")]
        names = [self.name, self.short_name, *(name for row in rows for name in row)]
        return [name for name in dict.fromkeys(names) if name]

    @property
    def reads_below(self) -> bool:
        """Whether its secretary reads what lies below (机关党委, 党总支), PERMISSIONS.md."""
        return self.kind in {self.Kind.COMMITTEE, self.Kind.GENERAL_BRANCH}

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)
