"""A week of reports, walked in Chromium: drafted, filed with one edit, collated, signed."""

from io import BytesIO

import pytest
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from rectification.models import WeeklyIssue, WeeklyReport

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDIT = "组织支委会逐项过台账，明确每项的责任人。"
POINT = "督促未报送的支部补报。"
MISSING = "第四党支部"


def word_of(file: BytesIO) -> str:
    document = Document(file)
    texts = [paragraph.text for paragraph in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(texts)


def excel_of(file: BytesIO) -> list[tuple[object, ...]]:
    return list(load_workbook(file).active.iter_rows(values_only=True))


def test_a_secretary_files_the_draft_with_one_edit_and_the_office_collates(people, picture):
    issue = WeeklyIssue.objects.filter(since__lte=timezone.now()).latest("number")

    wugang = people("wugang", window=(1366, 900))
    wugang.go("/").says("机关党委" + str(issue) + "周报").press("查看报送情况")
    wugang.press("起草周报", within=wugang.section(f"机关党委周报　{issue}"))
    wugang.says("台账依据", "本周台账没有新的进展。")
    assert "本周台账没有新的进展。" in wugang.field("本周工作进展").input_value()
    wugang.fill("下周工作安排", EDIT)
    picture(wugang, "weekly-edit")
    wugang.press_and_agree("保存并报送", "报送").says("已报送", EDIT)
    assert not wugang.control("修改").count()

    xuqing = people("xuqing", window=(1366, 900))
    xuqing.go("/weekly/")
    card = xuqing.section(f"市交通建设服务中心党委汇总　{issue}")
    xuqing.press("收报情况", within=card).says(MISSING, "提示语", "未报")
    xuqing.press("开始汇总").says(EDIT, MISSING)
    xuqing.press("修改总体情况").fill("下周重点", POINT).press("保存").says(POINT)
    picture(xuqing, "weekly-collated")
    xuqing.press_and_agree("送审核", "送审核").says("办公室仅一人，免审核", "待签发")

    guming = people("guming", window=(1366, 900))
    guming.go("/").follow(f"市交通建设服务中心党委{issue}周报")
    guming.press_and_agree("签发", "签发").says("已签发。", "顾明")

    report = WeeklyReport.objects.get(issue=issue, collated=True, organization__code="FWZX")
    xuqing.go(report.get_absolute_url())
    name, file = xuqing.download("Word")
    words = word_of(file)
    assert name.endswith(".docx")
    (missing,) = (line for line in words.splitlines() if line.startswith("未报送单位："))
    assert f"{MISSING}（未报）" in missing
    assert EDIT.rstrip("。") in words
    assert "顾明" in words
    name, file = xuqing.download("Excel")
    rows = excel_of(file)
    assert name.endswith(".xlsx")
    mine = next(row for row in rows if row[1] == MISSING)
    assert mine[-1] == "未报"
    assert any(row[3] == EDIT for row in rows if row[1] == "机关党委")
