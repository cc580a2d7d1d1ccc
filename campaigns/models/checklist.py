"""Checklists (检查清单): what everybody examines himself against, and the words a campaign sorts
problems by. Data, never constants (DESIGN §2)."""

from django.db import models

from campaigns.models.campaign import Campaign

# What an answer has three parts of, unless the campaign calls them otherwise (症状、病根、药方).
PARTS = ("问题具体表现", "原因分析体会", "改进措施计划")


def parts() -> list[str]:
    return list(PARTS)


class Checklist(models.Model):
    """A list to answer: its items are picked, or answered one by one, or it asks questions."""

    class Mode(models.TextChoices):
        PICK = "pick", "选条目、讲实例"
        EACH = "each", "逐条作答"
        QUESTIONS = "questions", "问答"

    class Purpose(models.TextChoices):
        EXAMINATION = "examination", "自查剖析"
        SWEEP = "sweep", "风险排查"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="checklists")
    position = models.PositiveSmallIntegerField("顺序")
    title = models.CharField("名称", max_length=60)
    purpose = models.CharField("用途", max_length=12, choices=Purpose, default=Purpose.EXAMINATION)
    mode = models.CharField("作答方式", max_length=10, choices=Mode, default=Mode.PICK)
    parts = models.JSONField("三个部分的名称", default=parts)
    guidance = models.TextField("填写说明", max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查清单"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "title"], name="checklist_once_per_campaign"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_empty(self) -> bool:
        """Whether the office has still to fill it: the sources name lists they do not define."""
        asks = self.questions if self.mode == self.Mode.QUESTIONS else self.items
        return not asks.exists()


class Question(models.Model):
    """A question of a checklist that asks instead of listing (三问三答、双查双改)."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField("顺序")
    text = models.CharField("问题", max_length=300)
    # Which answers tell of a problem, and may become a finding: not every question asks for one.
    finds = models.BooleanField("答的是问题", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "问答题"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "text"], name="question_once"),
        ]

    def __str__(self) -> str:
        return self.text


class Item(models.Model):
    """An item of a checklist; in a campaign its name stands for one thing, and sorts problems."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="items")
    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("条目", max_length=40)
    description = models.CharField("表现", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "条目"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="item_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """Where a problem came from (问题来源), with the other words people write for it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("来源", max_length=40)
    also = models.JSONField("也写作", default=list)
    # 上级反馈, 巡视巡察, 暗访 …: what comes in from above or outside closes at the highest level.
    from_above = models.BooleanField("上级或外部指出", default=False)
    # Taken when a text fits no other: every campaign has one.
    other = models.BooleanField("其他", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "问题来源"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="source_once_per_campaign"),
            models.UniqueConstraint(
                fields=["campaign"], condition=models.Q(other=True), name="source_one_other"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def fits(self, text: str) -> int:
        """Return how many characters of `text` name this source, 0 when none do."""
        return max((len(word) for word in [self.name, *self.also] if word in text), default=0)


def source_of(text: str, sources: list[Source]) -> Source | None:
    """Return the source whose words fill most of `text`; 其他 when none fits, None for no text."""
    if not text:
        return None
    best = max(sources, key=lambda source: source.fits(text), default=None)
    if best is not None and best.fits(text):
        return best
    return next((source for source in sources if source.other), None)
