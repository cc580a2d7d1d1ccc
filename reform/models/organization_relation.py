"""Relations beside the tree (派驻、指导、联合支部), from a day to a day."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from reform.models.organization import Organization

if TYPE_CHECKING:
    from reform.models.user import Duty


class RelationQuerySet(models.QuerySet["OrganizationRelation"]):
    def in_force(self, on: date) -> Self:
        """Return relations on that day: `since` counts, `until` is the last day."""
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)

    def of(self, organization: Organization) -> Self:
        """Return what stands on the page of an organization, at either end, the latest first."""
        rows = self.filter(Q(organization=organization) | Q(other=organization))
        return rows.select_related("organization", "other").order_by("-since", "-pk")

    def stationed(self, on: date) -> Self:
        return self.in_force(on).filter(kind=OrganizationRelation.Kind.STATIONED)


class OrganizationRelation(models.Model):
    """`organization` is stationed at `other`, guides it, or is the joint branch it belongs to.

    Only 派驻 gives rights: inspectors of the stationed organization have the host and all below
    it as *down* (docs/decisions/0016).
    """

    class Kind(models.TextChoices):
        STATIONED = "stationed", "派驻"
        GUIDES = "guides", "指导（行业主管）"
        JOINT = "joint", "联合支部"

    kind = models.CharField("关系", max_length=10, choices=Kind)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="relations", verbose_name="党组织"
    )
    other = models.ForeignKey(
        Organization, models.PROTECT, related_name="relations_from", verbose_name="对方"
    )
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = RelationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "组织关系"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organization", "other"],
                condition=Q(until=None),
                name="relation_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(organization=F("other")), name="relation_is_to_another"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="relation_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["other", "kind"], name="relation_by_other")]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_kind_display()} {self.other}"

    def is_in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or self.until >= on)


def load_hosts(duties: Iterable["Duty"], *, on: date) -> None:
    """Give inspectors' duties at discipline organizations `hosts`: paths of where they are
    stationed. One query, and none for anybody else."""
    duties = [duty for duty in duties if duty.may_be_stationed]
    if not duties:
        return
    found = OrganizationRelation.objects.stationed(on).filter(
        organization__in={duty.organization_id for duty in duties}
    )
    hosts: dict[int, list[str]] = {}
    for group, path in found.values_list("organization", "other__path"):
        hosts.setdefault(group, []).append(path)
    for duty in duties:
        duty.hosts = tuple(hosts.get(duty.organization_id, ()))
