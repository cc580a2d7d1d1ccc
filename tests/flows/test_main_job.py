"""The main job, walked in Chromium as the people of one bureau: from a workbook to 已销号."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from docx import Document
from openpyxl import Workbook, load_workbook
from PIL import Image
from playwright.sync_api import expect

from rectification.actions import registrations
from rectification.models import Problem, ProgressEntry
from reform.models import Actor, User
from tests.flows.browser import PHONE, Someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEDGERS = Path(__file__).resolve().parent.parent / "files" / "ledgers"
BUREAU = {
    "description": "农村公路养护投诉登记后未在两个工作日内回访，抽查12件有5件超时。",
    "standing": "理论学习联系实际不紧，交流发言多为摘抄。",
}
STANDARDS = ("措施全部落实", "具体问题已处理到位", "达到整改标准")


def sample(number: str) -> Path:
    return next(path for path in LEDGERS.glob(f"{number}-*") if path.suffix != ".json")


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def paper(name: str, kind: str = "PDF") -> dict[str, object]:
    """A small real file, as a chooser of files gives it."""
    drawn = BytesIO()
    Image.new("RGB", (60, 80), "white").save(drawn, format=kind)
    mime = {"PDF": "application/pdf", "PNG": "image/png"}[kind]
    return {"name": name, "mimeType": mime, "buffer": drawn.getvalue()}


def upload(someone: Someone, file: object) -> Someone:
    someone.go("/").press("导入台账", within="main")
    return someone.give("台账文件", file).press("上传并核对")


def figures(someone: Someone) -> dict[str, str]:
    """The tiles of a page: name and number with its unit."""
    tiles = someone.page.locator("main .tile")
    return {
        tile.locator(".tile__name").inner_text(): tile.locator(".tile__n").inner_text()
        for tile in tiles.all()
    }


def problem_of(text: str) -> Problem:
    return Problem.objects.get(description__contains=text)


def open_from_desk(someone: Someone, problem: Problem, section: str = "等我审核") -> Someone:
    """Find the problem on the desk, under what waits, and follow it."""
    someone.go("/")
    row = someone.section(section).get_by_role("listitem").filter(has_text=problem.number)
    return someone.press(problem.description[:60], within=row)


def agree(someone: Someone, *, methods: tuple[str, ...] = (), opinion: str = "") -> Someone:
    kind = someone.page.locator("h1").inner_text()
    someone.tick("同意", *methods, *(STANDARDS if kind == "核查" else ()))
    return someone.fill("意见", opinion).press("提交意见").says("意见已提交。")
