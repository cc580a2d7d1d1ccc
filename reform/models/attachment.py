"""Files (附件): kept outside the web root under random names, read through their owner row."""

import uuid

from django.db import models

from reform.models.user import User


def random_name(_attachment: models.Model, _name: str) -> str:
    """A name that says nothing: a 120-character Chinese one is too long for the disk."""
    token = uuid.uuid4().hex
    return f"{token[:2]}/{token}"


class Attachment(models.Model):
    """A kept file. Whose it is, is said by the row that points here; there is no other road."""

    file = models.FileField("文件", upload_to=random_name, max_length=100)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    content_type = models.CharField("类型", max_length=100)
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    kept_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name
