"""Reference cases (通报案例): what was made known, and what it teaches (domain A2, B8).

A case says nothing of persons: no name, no number of anybody (§5.4). No clue of a case is ever
entered. The row holds what readers read; what is still to be published stands in its versions.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from campaigns.models.campaign import Campaign
from reform.models import Actor, Lifecycle, Organization, Role, User
from reform.models.scope import Reach

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

# Who sees a case before it is published: who writes it, sums it up or publishes it.
PREPARE: dict[str, str] = {Role.OFFICE: "D", Role.LEADER: "D", Role.INSPECTOR: "VX"}
MOST = 50  # cases of a campaign: a list to choose from stays one
# 一案一总结: what the discipline side adds to a case (domain B8).
SUMMARY = ("loopholes", "common", "lessons")
TEXTS = ("summary", *SUMMARY)
COLUMNS = ("name", "level", "document", "document_number", "document_on", *TEXTS)


class ReferenceCaseQuerySet(models.QuerySet["ReferenceCase"]):
    def published(self) -> Self:
        return self.filter(status=ReferenceCase.Status.PUBLISHED)

    def visible_to(self, actor: Actor) -> Self:
        """Return the published cases of campaigns one sees (`ca.read`), and every case of those
        that one prepares, drafts of campaigns among them."""
        seen = Campaign.objects.visible_to(actor).order_by().values("pk")
        readable = Q(status=ReferenceCase.Status.PUBLISHED, campaign__in=seen)
        reach = Reach.of(actor, PREPARE, key="pk")
        if reach.whole:
            return self
        places = Organization.objects.filter(reach.condition()).order_by()
        return self.filter(readable | Q(campaign__organization__in=places.values("pk")))


class ReferenceCase(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "未发布"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤下"

    class Level(models.TextChoices):
        """Who made it known, and how."""

        CENTRAL = "central", "中央通报"
        PROVINCE = "province", "省级通报"
        CITY = "city", "市级通报"
        COUNTY = "county", "县级通报"
        SYSTEM = "system", "本系统通报"
        OWN = "own", "本单位通报"
        OTHER = "other", "其他公开通报"

    NEXT = {
        Status.DRAFT: (Status.PUBLISHED, Status.WITHDRAWN),
        Status.PUBLISHED: (Status.WITHDRAWN,),
        Status.WITHDRAWN: (),
    }

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reference_cases")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("案例简称", max_length=60)
    level = models.CharField("通报级别", max_length=10, choices=Level)
    document = models.CharField("通报文件", max_length=200, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    document_on = models.DateField("通报日期", null=True)
    summary = models.TextField("案情摘要")
    loopholes = models.TextField("暴露的漏洞", blank=True)
    common = models.TextField("共性问题", blank=True)
    lessons = models.TextField("教训警示", blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)  # the newest there is
    published_version = models.PositiveIntegerField("发布的版本", null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField("发布时间", null=True)
    withdrawn_for = models.CharField("撤下原因", max_length=300, blank=True)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="copies")

    objects = ReferenceCaseQuerySet.as_manager()

    if TYPE_CHECKING:
        versions: RelatedManager["CaseVersion"]

    class Meta:
        verbose_name = verbose_name_plural = "通报案例"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="reference_case_named_once"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(summary=""), name="reference_case_has_text"
            ),
            models.CheckConstraint(
                condition=Q(published_by=None, published_at=None, published_version=None)
                | Q(published_by__isnull=False, published_at__isnull=False)
                & Q(published_version__isnull=False, published_version__lte=F("version")),
                name="reference_case_publication_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_version__isnull=False),
                name="reference_case_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn") & ~Q(withdrawn_for="")
                | ~Q(status="withdrawn") & Q(withdrawn_for=""),
                name="reference_case_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reference-case", args=[self.pk])

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def has_news(self) -> bool:
        """Whether something newer than what readers read waits to be published."""
        return self.is_published and self.version != self.published_version

    @property
    def document_in_words(self) -> str:
        """《…》（文号，日期）, as much of it as is known."""
        if not self.document:
            return ""
        more = [self.document_number, f"{self.document_on:%Y-%m-%d}" if self.document_on else ""]
        inside = "，".join(part for part in more if part)
        return f"{self.document}（{inside}）" if inside else self.document

    def facts(self) -> dict[str, Any]:
        """Return what readers read, in the shape of an act's facts."""
        return {name: getattr(self, name) for name in COLUMNS}

    def newest(self) -> dict[str, Any]:
        """Return the newest text, published or not, in the same shape."""
        return self.versions.get(number=self.version).facts()


class CaseVersion(models.Model):
    """A state of a case's text: who wrote it when, and whether he confirmed that it names nobody
    (已去标识). Final by trigger; of a case that was never published it goes with the draft."""

    case = models.ForeignKey(ReferenceCase, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("版本")
    texts = models.JSONField("内容", default=dict)  # COLUMNS; the day in ISO
    deidentified = models.BooleanField("已确认去标识", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    behalf = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "案例版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="case_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case}第{self.number}版"

    def facts(self) -> dict[str, Any]:
        day = self.texts["document_on"]
        return self.texts | {"document_on": date.fromisoformat(day) if day else None}

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """(what, text) of all that is written, for pages."""
        values = self.texts | {"level": ReferenceCase.Level(self.texts["level"]).label}
        return [(label(name), str(values[name])) for name in COLUMNS if values[name]]


def label(name: str) -> str:
    """Return what pages call one of COLUMNS."""
    return str(getattr(ReferenceCase._meta.get_field(name), "verbose_name", name))  # noqa: SLF001


def kept(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as a version keeps them."""
    day = facts["document_on"]
    return {name: facts[name] for name in COLUMNS} | {"document_on": day.isoformat() if day else ""}
