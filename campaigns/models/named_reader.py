"""Who is named as reader (阅看人) when somebody signs or sends in what is his own: kept as rows.

The name was on the page when he did so, and it stays the promise: whoever takes over the post later
was not named, and reads nothing. A row rests on a duty and gives nothing once that has ended.
"""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from reform.models import Actor, Organization, Role, User

Row = TypeVar("Row", bound="NamedReader")


class NamedReaderQuerySet(models.QuerySet[Row]):
    def for_actor(self, actor: Actor) -> Self:
        """Return the rows by which the actor reads today, by the duties that they rest on."""
        duty = Q(pk__in=[])
        for held in actor.duties:
            duty |= Q(organization=held.organization_id, role=held.role)
        return self.filter(duty, person__in=User.objects.of_person(actor.user))


class NamedReader(models.Model):
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="阅看人")
    words = models.CharField("说明", max_length=200)  # post and place, as the author was told
    role = models.CharField("职责", max_length=20, choices=Role)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="单位"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.person.name}（{self.words}）"
