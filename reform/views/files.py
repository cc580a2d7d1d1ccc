"""Sending files: always as an attachment, typed by what they are, never sniffed."""

from io import BytesIO

from django.http import FileResponse

from reform.models import Attachment


def send(attachment: Attachment) -> FileResponse:
    """Return the file of an attachment that the owner row's view has allowed."""
    response = FileResponse(
        attachment.file.open("rb"),
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
