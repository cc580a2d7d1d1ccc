"""Seals of the trail (留痕封存): a chain of digests over all that was sealed. Append-only.

Each seal covers the entries after those of the one before, up to `last_id`. Its digest is taken
over its own head, the digest before it among it, and over every line of trail_line.py.
"""

import json
from datetime import UTC

from django.db import models
from django.db.models import Q

FORM = 1


class TrailSeal(models.Model):
    number = models.PositiveIntegerField("序号", unique=True)  # 1, 2, 3 … without a gap
    # Which lines and head the digest was taken over; code must go on knowing every form.
    form = models.PositiveSmallIntegerField("格式", default=FORM)
    algorithm = models.CharField("算法", max_length=10)
    first_id = models.BigIntegerField("首条", null=True, blank=True)
    last_id = models.BigIntegerField("末条")
    count = models.PositiveIntegerField("条数")
    sealed_at = models.DateTimeField("封存时间")
    previous = models.CharField("上次摘要", max_length=64, blank=True)
    digest = models.CharField("摘要", max_length=64)
    # Key and short digest of each entry (LEAF bytes), so that checking can name the very one.
    leaves = models.BinaryField("逐条摘要", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "留痕封存"
        constraints = [
            models.CheckConstraint(
                condition=Q(count=0, first_id=None) | Q(count__gt=0, first_id__isnull=False),
                name="trailseal_has_first_when_it_has_any",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}号封存"

    def head(self) -> bytes:
        """What of the seal itself goes into its digest, as one line of JSON in ASCII."""
        facts = [
            *(self.form, self.number, self.algorithm, self.first_id, self.last_id, self.count),
            *(self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"), self.previous),
        ]
        return json.dumps(facts, separators=(",", ":")).encode()
