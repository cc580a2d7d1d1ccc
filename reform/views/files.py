"""Sending files: always as an attachment, typed by what they are, never sniffed."""

import logging
from io import BytesIO

from django.http import FileResponse, Http404

from reform.models import Attachment

logger = logging.getLogger(__name__)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send(attachment: Attachment) -> FileResponse:
    """Return the file of an attachment that the owner row's view has allowed."""
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("The file of attachment %s is gone", attachment.pk)
        raise Http404("文件已不在服务器上，请告知系统管理员。") from error
    response = FileResponse(
        file,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def send_bytes(data: bytes, *, name: str, kind: str) -> FileResponse:
    """Return a file just made, under a (Chinese) name."""
    response = FileResponse(BytesIO(data), as_attachment=True, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
