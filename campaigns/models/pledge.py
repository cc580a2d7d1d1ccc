"""Pledges (公开承诺): what a person, or the team that leads an organization, has promised.

Signed is final, by trigger, with its promises: a change is another version, and the earlier stays.
What became of a promise is asked of the ledger, which the upper floor does, and of the pledger.
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from campaigns.models.activity import DOWN, NOT_BUSINESS
from campaigns.models.campaign import Campaign
from campaigns.models.named_reader import NamedReader, NamedReaderQuerySet
from reform.models import Actor, Organization, Role, User
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

MOST = 8  # promises of one pledge: it is read on one page
# A team's pledge that is not public: its own secretary and leaders, and who stands above.
TEAM: dict[str, str] = {Role.SECRETARY: "U", Role.LEADER: "D", Role.OFFICE: "D"}


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def of(self, actor: Actor) -> Self:
        """Return the actor's own, by whichever of his accounts he signed them."""
        return self.filter(person__in=User.objects.of_person(actor.user))

    def current(self) -> Self:
        return self.filter(replaced_by=None)

    def visible_to(self, actor: Actor) -> Self:
        """Return one's own; public ones as `ca.read` has it, of one's organizations and those
        above, for some also those below; of others those whose reader one was named, or, a team's,
        within whose reach one is."""
        readers = PledgeReader.objects.for_actor(actor).filter(pledge=OuterRef("pk"))
        seen = Q(is_public=True) & _near(actor) | Q(person=None) & _inside(actor, TEAM)
        seen |= Q(Exists(readers))
        campaigns = Campaign.objects.visible_to(actor).order_by().values("pk")
        own = self.of(actor).order_by().values("pk")
        return self.filter(Q(pk__in=own) | Q(campaign__in=campaigns) & seen)

    def official_order(self) -> Self:
        """Organizations in their order, in each the team before persons."""
        team_first = models.F("person").asc(nulls_first=True)
        return self.order_by("organization__sequence", team_first, "pk")


def _near(actor: Actor) -> Q:
    own = {
        path
        for duty in actor.duties
        if duty.role not in NOT_BUSINESS
        for path in duty.organization.lineage
    }
    return Q(organization__path__in=own) | _inside(actor, DOWN)


def _inside(actor: Actor, scopes: dict[str, str]) -> Q:
    reach = Reach.of(actor, scopes, key="pk")
    places = Organization.objects.order_by()
    if not reach.whole:
        places = places.filter(reach.condition())
    return Q(organization__in=places.values("pk"))


class Pledge(models.Model):
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="pledges")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="pledges", verbose_name="单位"
    )
    # Nobody: the leading team of the organization (班子) promises.
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="pledges", verbose_name="承诺人"
    )
    is_public = models.BooleanField("公开")
    number = models.PositiveSmallIntegerField("版本")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="上一版"
    )
    # How many promises it has: the trigger lets no further one in.
    size = models.PositiveSmallIntegerField("承诺事项数")
    made_on = models.DateField("承诺日期")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签署人")
    signed_name = models.CharField("签署人姓名", max_length=40)
    signed_post = models.CharField("职务", max_length=60, blank=True)
    signed_at = models.DateTimeField("签署时间")

    objects = PledgeQuerySet.as_manager()

    if TYPE_CHECKING:
        items: RelatedManager["PledgeItem"]
        readers: RelatedManager["PledgeReader"]

    class Meta:
        verbose_name = verbose_name_plural = "公开承诺"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person", "number"],
                condition=Q(person__isnull=False),
                name="pledge_version_once_a_person",
            ),
            models.UniqueConstraint(
                fields=["campaign", "organization", "number"],
                condition=Q(person=None),
                name="pledge_version_once_a_team",
            ),
            models.CheckConstraint(
                condition=Q(number=1, replaces=None) | Q(number__gt=1, replaces__isnull=False),
                name="pledge_follows_another",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=MOST), name="pledge_has_promises"
            ),
        ]

    def __str__(self) -> str:
        version = f"（第{self.number}版）" if self.number > 1 else ""
        return f"{self.pledger}的承诺{version}"

    def get_absolute_url(self) -> str:
        return reverse("pledge", args=[self.pk])

    @property
    def is_teams(self) -> bool:
        return self.person_id is None

    @property
    def pledger(self) -> str:
        """“马超”, or “第一党支部班子”."""
        return f"{self.organization}班子" if self.is_teams else self.signed_name


class PledgeItem(models.Model):
    """One promise: what, and by when, as it was written."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("序号")
    text = models.TextField("承诺事项", max_length=500)
    due_text = models.CharField("时限", max_length=40)
    due_on = models.DateField("完成日期", null=True)  # none: 长期坚持 and the like

    if TYPE_CHECKING:
        fulfilments: RelatedManager["Fulfilment"]

    class Meta:
        verbose_name = verbose_name_plural = "承诺事项"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["pledge", "position"], name="pledge_item_in_order"),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(due_text=""), name="pledge_item_says_what_and_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pledge}第{self.position}项"

    @property
    def says(self) -> tuple[str, str]:
        """What makes it the same promise in a later version."""
        return self.text, self.due_text


class Fulfilment(models.Model):
    """The pledger's own word that he has kept a promise (承诺人填报): what was done, which day."""

    item = models.ForeignKey(PledgeItem, models.PROTECT, related_name="fulfilments")
    text = models.TextField("兑现情况", max_length=1000)
    done_on = models.DateField("完成日期")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "承诺兑现填报"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="fulfilment_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.item}，{self.done_on}完成"


class PledgeReader(NamedReader):
    """Who reads a person's pledge that is not public, as was said to him when he signed."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="readers")

    objects = NamedReaderQuerySet["PledgeReader"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承诺阅看人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["pledge", "person"], name="pledge_reader_once"),
        ]
