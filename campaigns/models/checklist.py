"""Items (条目): the words a campaign sorts problems by. Data, never constants (DESIGN §2)."""

from django.db import models

from campaigns.models.campaign import Campaign


class Item(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="items")
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
