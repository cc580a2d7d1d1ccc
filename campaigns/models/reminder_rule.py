"""Reminder rules (催办规则): which step of the clock is told to whom. All of it campaign data."""

from typing import Self

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign, CampaignQuerySet
from reform.models import Actor


class Cause(models.TextChoices):
    """Why somebody is told. Orders (督办单) will bring a cause of their own when they exist."""

    OVERDUE = "overdue", "逾期"
    DUE_TODAY = "due_today", "当日到期"
    DUE_SOON = "due_soon", "将到期"
    REVIEW_WAITING = "review_waiting", "审核等待"
    NO_PROGRESS = "no_progress", "没有进展"


class Recipient(models.TextChoices):
    RESPONSIBLE = "responsible", "责任人"
    SECRETARY = "secretary", "支部书记"
    LIAISON = "liaison", "联络员"
    LEADER = "leader", "单位负责人"
    OFFICE = "office", "上级活动办"
    REVIEWER = "reviewer", "审核人"


OWN = ("responsible", "secretary", "liaison", "leader", "office")
# Who may be told of what; and who stands above whom on the ladder.
FITTING: dict[str, tuple[str, ...]] = {
    Cause.OVERDUE: OWN,
    Cause.DUE_TODAY: OWN,
    Cause.DUE_SOON: OWN,
    Cause.REVIEW_WAITING: ("reviewer", "office"),
    Cause.NO_PROGRESS: OWN,
}
RANK = {"responsible": 0, "reviewer": 0, "secretary": 1, "liaison": 1, "leader": 2, "office": 3}
ORDER = {code: place for place, code in enumerate(Cause.values)}


class ReminderRuleQuerySet(models.QuerySet["ReminderRule"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the rules of what the actor sees, drafts of his included."""
        campaigns: CampaignQuerySet = Campaign.objects.workable_by(actor)
        return self.filter(campaign__in=campaigns)

    def running(self) -> Self:
        """Return the rules that the clock goes by: switched on, of campaigns that are open."""
        return self.filter(active=True, campaign__status=Campaign.Status.PUBLISHED)


class ReminderRule(models.Model):
    """One step: so many working days before or after, whom it tells, and what it proposes."""

    DAYS = 250  # working days of a year; whoever waits longer waits for nothing

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reminder_rules")
    cause = models.CharField("事由", max_length=20, choices=Cause)
    # Before the day of 将到期, after it of 逾期, waited for of the others; 0 of 当日到期.
    workdays = models.PositiveSmallIntegerField("工作日")
    recipients = models.JSONField("提醒谁", default=list)
    # “建议下达蓝色督办单”: the machine proposes, people decide.
    proposal = models.CharField("建议", max_length=60, blank=True)
    active = models.BooleanField("启用", default=True)
    # What was owed before a rule was set is not late.
    since = models.DateTimeField("生效时间")

    objects = ReminderRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "催办规则"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "cause", "workdays"], name="reminder_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(cause="due_today", workdays=0)
                | ~Q(cause="due_today") & Q(workdays__gte=1, workdays__lte=250),
                name="reminder_rule_days_are_sane",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=Cause.values), name="reminder_rule_cause_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        return step_words(self.cause, self.workdays)

    @property
    def people_in_words(self) -> str:
        return "、".join(str(Recipient(code).label) for code in self.recipients)

    @property
    def code(self) -> str:
        """How machines name it: “YACG:overdue:3”; the campaign must be at hand."""
        return f"{self.campaign.code}:{self.cause}:{self.workdays}"

    def place(self) -> tuple[int, int]:
        """Sort by cause, and within one as time goes."""
        days = -self.workdays if self.cause == Cause.DUE_SOON else self.workdays
        return ORDER[self.cause], days


def step_words(cause: str, workdays: int) -> str:
    match cause:
        case Cause.DUE_SOON:
            return f"到期前第{workdays}个工作日"
        case Cause.DUE_TODAY:
            return "到期当日"
        case Cause.OVERDUE:
            return f"逾期第{workdays}个工作日"
        case Cause.REVIEW_WAITING:
            return f"审核等待满{workdays}个工作日"
    return f"{workdays}个工作日没有进展"


# A ladder to begin with (DESIGN §4, domain §3.8): cause, working days, who, what it proposes.
DEFAULTS: tuple[tuple[str, int, tuple[str, ...], str], ...] = (
    (Cause.DUE_SOON, 7, ("responsible",), ""),
    (Cause.DUE_SOON, 2, ("responsible",), ""),
    (Cause.DUE_TODAY, 0, ("responsible",), ""),
    (Cause.OVERDUE, 1, ("responsible", "secretary"), ""),
    (Cause.OVERDUE, 3, ("leader",), ""),
    (Cause.OVERDUE, 5, ("office",), "建议下达蓝色督办单"),
    (Cause.REVIEW_WAITING, 3, ("reviewer",), ""),
    (Cause.NO_PROGRESS, 15, ("responsible", "secretary"), ""),
)
