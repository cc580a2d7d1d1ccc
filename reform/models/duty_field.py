"""What a leader answers for (分管) and looks after (联系点): organizations, from a day to a day."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from reform.models.organization import Organization
from reform.models.user import Duty


class DutyFieldQuerySet(models.QuerySet["DutyField"]):
    def in_force(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class DutyField(models.Model):
    class Kind(models.TextChoices):
        FIELD = "field", "分管"
        CONTACT = "contact", "联系点"  # for information: it opens nothing

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="fields", verbose_name="职责")
    kind = models.CharField("关系", max_length=10, choices=Kind, default=Kind.FIELD)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="looked_after", verbose_name="党组织"
    )
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)

    objects = DutyFieldQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分管与联系点"
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "organization", "kind"],
                condition=Q(until=None),
                name="field_once_at_a_time",
                violation_error_message="已经分管（联系）该党组织。",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="field_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.organization}"


def load_fields(duties: Iterable[Duty], *, on: date) -> None:
    """Give each leader's duty its `field` of that day. One query, and none without a leader."""
    leaders = {duty.pk: duty for duty in duties if duty.has_field}
    found: dict[int, list[Organization]] = {key: [] for key in leaders}
    if leaders:
        rows = DutyField.objects.in_force(on).filter(duty__in=leaders, kind=DutyField.Kind.FIELD)
        for row in rows.select_related("organization").order_by("organization__sequence"):
            found[row.duty_id].append(row.organization)
    for key, places in found.items():
        leaders[key].field = tuple(places)
