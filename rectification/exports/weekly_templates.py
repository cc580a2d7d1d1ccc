"""A superior's own template, filled: a workbook or a Word document (上级模板)."""

from pathlib import PurePath

from rectification.exports import weekly_template, weekly_word_template
from rectification.models import WeeklyReport
from reform.errors import Refused

ENDINGS = ("xlsx", "docx")


def ending_of(name: str) -> str:
    return PurePath(name).suffix.lower().lstrip(".")


def fill(data: bytes, *, name: str, report: WeeklyReport) -> bytes:
    """Return the template filled; raise Refused for one that cannot be."""
    match ending_of(name):
        case "xlsx":
            return weekly_template.fill(data, name=name, report=report)
        case "docx":
            return weekly_word_template.fill(data, report=report)
    raise Refused(
        "上级模板请用 .xlsx 或 .docx。旧格式（.xls、.doc、.wps、.et）和带宏的文件，"
        "请用 WPS 或 Office 另存为 .xlsx 或 .docx 再上传。"
    )
