"""Files of the demo (演示附件): sheets drawn on the spot, nobody's real paper."""

from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw

from reform.actions import attachments
from reform.models import Actor, Attachment

RED, GREY, INK = "#b3261e", "#9a9a9a", "#444444"


def keep(name: str, *, by: Actor, at: datetime) -> Attachment:
    """Draw a sheet, as PNG or PDF by the ending of `name`, and keep it as a file."""
    return attachments.keep(BytesIO(_sheet(name)), name=name, by=by, at=at)


def _sheet(name: str) -> bytes:
    """A ruled form with a red heading line and a seal; the lines differ by name."""
    page = Image.new("RGB", (620, 877), "white")
    pen = ImageDraw.Draw(page)
    pen.line((60, 110, 560, 110), fill=RED, width=4)
    for line in range(160, 700, 45):
        pen.rectangle((60, line, 560, line + 45), outline=GREY)
        end = 110 + len(name) * 97 * line % 380
        pen.line((80, line + 23, end, line + 23), fill=INK, width=3)
    pen.ellipse((400, 660, 540, 800), outline=RED, width=5)
    drawn = BytesIO()
    page.save(drawn, format=name.rpartition(".")[2].upper())
    return drawn.getvalue()
