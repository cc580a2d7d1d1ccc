"""Keeping files: checked by content, hashed, stored before the transaction that uses them."""

import hashlib
import logging
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import IO
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.core.files import File

from reform.errors import Refused
from reform.models import Actor, Attachment
from reform.text import clean

logger = logging.getLogger(__name__)

# What a file begins with → the endings it may bear and the type it is sent as.
KINDS: tuple[tuple[bytes, dict[str, str]], ...] = (
    (b"%PDF-", {"pdf": "application/pdf"}),
    (b"\xff\xd8\xff", {"jpg": "image/jpeg", "jpeg": "image/jpeg"}),
    (b"\x89PNG\r\n\x1a\n", {"png": "image/png"}),
    (
        b"PK\x03\x04",
        {
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "zip": "application/zip",
            "ofd": "application/ofd",
        },
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        {
            "doc": "application/msword",
            "xls": "application/vnd.ms-excel",
            "ppt": "application/vnd.ms-powerpoint",
            "wps": "application/octet-stream",
            "et": "application/octet-stream",
        },
    ),
)
ENDINGS = tuple(ending for _, endings in KINDS for ending in endings)
PLAIN = {"txt": "text/plain", "csv": "text/csv", "tsv": "text/csv"}


def keep(
    file: IO[bytes],
    *,
    name: str,
    by: Actor,
    at: datetime,
    endings: tuple[str, ...] = ENDINGS,
    kind: str = "",
) -> Attachment:
    """Store a file under a random name and return its row.

    Called outside the transaction of the act that uses it. `kind` is given for files of our own
    making. Raises Refused when the file is empty, too large, or not what its name says.
    """
    data = file.read(settings.ATTACHMENT_MAX_BYTES + 1)
    name = shown_name(name)
    if not data:
        raise Refused(f"文件“{name}”是空的，请重新选择。")
    if len(data) > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
        raise Refused(f"文件“{name}”超过{limit}MB，请压缩或拆分后再上传。")
    attachment = Attachment(
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        content_type=kind or content_type(data, name=name, endings=endings),
        kept_by=by.user,
        kept_at=at,
    )
    try:
        attachment.file.save(name, File(BytesIO(data)), save=False)
    except OSError as error:  # a full or unwritable disk
        logger.exception("A file could not be stored")
        raise Refused(
            f"文件“{name}”暂时无法保存，请稍后再试；仍不成功，请告知系统管理员。"
        ) from error
    attachment.save()
    return attachment


def shown_name(name: str) -> str:
    """Return the name without folders and control characters, cut to 200 with its ending kept."""
    plain = clean(PurePath(name.replace("\\", "/")).name, multiline=False) or "未命名"
    path = PurePath(plain)
    return f"{path.stem[: 200 - len(path.suffix)]}{path.suffix}" if len(plain) > 200 else plain


def content_type(data: bytes, *, name: str, endings: tuple[str, ...] = ENDINGS) -> str:
    """Return the type that the content has; raise Refused when the name says otherwise."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    for start, known in KINDS:
        if data.startswith(start) and ending in known and ending in endings:
            _refuse_macros(data, name)
            return known[ending]
    if ending in PLAIN and ending in endings and b"\0" not in data[:4096]:
        return PLAIN[ending]
    raise Refused(f"文件“{name}”的内容与扩展名不符或类型不允许，可上传：{'、'.join(endings)}。")


def _refuse_macros(data: bytes, name: str) -> None:
    """No macros, neither in a package nor in an old container, whose names are UTF-16."""
    found = data.startswith(b"\xd0\xcf\x11\xe0") and "_VBA_PROJECT".encode("utf-16-le") in data
    if data.startswith(b"PK\x03\x04"):
        try:
            parts = ZipFile(BytesIO(data)).namelist()
        except (BadZipFile, RuntimeError, ValueError, OSError) as error:
            raise Refused(f"文件“{name}”已损坏，请重新导出后上传。") from error
        found = any(part.lower().endswith("vbaproject.bin") for part in parts)
    if found:
        raise Refused(f"文件“{name}”含有宏，请另存为不含宏的文件后再上传。")


def drop(attachment: Attachment) -> None:
    """Take away a file that no row points at any more."""
    storage, name = attachment.file.storage, attachment.file.name
    attachment.delete()
    if name:
        storage.delete(name)
