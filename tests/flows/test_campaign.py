"""A campaign in Chromium, from its kit to what everybody found about himself on the ledger."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from campaigns.models import Campaign, Examination, Finding
from rectification.actions import evidences, measures, problems, registrations
from rectification.models import Problem
from tests.flows.rows import Rows

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.served,
    pytest.mark.django_db(transaction=True),
]
TITLE, LIST = "交通系统庸懒散专项整治", "庸懒散慢虚粗"
TOLD = (
    "今年4月下旬，东街道路坑槽报修后第九天才派人到场，期间两次电话催办都只答复“正在安排”，"
    "一名老人骑车摔伤，社区书记三次上门才把情况说清楚。"
)
GENERAL = "学习不够深入，担当精神不足。"


def scan():
    drawn = BytesIO()
    Image.new("RGB", (60, 80), "white").save(drawn, format="PNG")
    return {"name": "手写.png", "mimeType": "image/png", "buffer": drawn.getvalue()}


def write(someone, item, what):
    """Fill in the sheet that is open."""
    someone.page.get_by_label(item, exact=False).first.check()
    someone.fill("什么事", what).fill("什么时候", "2026年4月下旬")
    someone.fill("造成什么结果", "群众三次上门，答复晚了两周。")
    someone.fill("原因分析体会", "只管转出，没有管到底。")
    someone.fill("改进措施计划", "每周五核对转办跟踪表，12月20日前逐件回访")
    return someone.fill("体会教训", "转出去不等于办完了。")


def begin(someone):
    """Open one's sheet of this campaign's first list."""
    someone.go("/examinations/")
    row = someone.page.locator("main li", has_text=f"{TITLE} · {LIST}")
    return someone.press("开始填写", within=row)


def rectified(problem):
    """The secretary completes what it takes and issues it; its author does what he wrote."""
    rows, today = Rows(), timezone.localdate()
    clear = {"leaders": ["顾明"], "departments": ["机关党委"], "persons": ["马超"]}
    clear |= {"due_kind": Problem.DueKind.DATED, "due_on": today + timedelta(days=20)}
    clear |= {"due_text": "二十天内", "standard": "转办件件件有回音", "effect_expected": "不再漏办"}
    problems.fill(problem, version=problem.version, facts=clear, **rows.by("wugang"))
    problem.refresh_from_db()
    registrations.issue(problem, **rows.by("wugang"))
    for measure in problem.measures.all():
        measures.finish(measure, done_on=today, note="已办", **rows.by("machao"))
    facts = {"kind": "note", "title": "回访记录", "text": "12件逐件回访，有登记。"}
    evidences.prove(problem, facts=facts, **rows.by("machao"))


def closed_and_seen(problem, author, secretary):
    """He does what he wrote that he would; his secretary signs; it stands closed on his page."""
    rectified(problem)
    author.go(problem.get_absolute_url()).press("申请销号")
    author.fill("整改情况说明", "3月以来的转办件逐件回访完毕。")
    author.fill("整改成效", "当日转办、两日答复").press("提交销号申请")
    author.says("正在等待本单位审签", "吴刚")
    secretary.go(problem.get_absolute_url()).press("本单位审签", within="#acts")
    secretary.tick("同意", "访谈").fill("意见", "已经做到。").press("提交意见").says("意见已提交。")
    problem.refresh_from_db()
    assert problem.status == "closed"
    author.go("/findings/mine/").says("已销号")


def test_from_the_kit_to_the_ledger(people):
    # The office takes a kit; somebody else publishes it.
    office = people("caiwen").go("/campaigns/new/").press("庸懒散慢虚粗专项整治", within="main")
    office.fill("名称", TITLE).fill("代码", "YLS")
    office.fill("开始日期", (timezone.localdate() - timedelta(days=30)).isoformat())
    office.press("建立草案").says("方案已齐备，可以送请领导批准发布")
    campaign = Campaign.objects.get(code="YLS")
    leader = people("songyan").go(f"/campaigns/drafts/{campaign.pk}/").press("批准发布")
    leader.page.get_by_label("已看过审核链体检的名单", exact=False).check()
    leader.press("批准发布", within="form").says(TITLE)
    assert Campaign.objects.get(code="YLS").is_open
    assert campaign.stages.count() == 4
    assert campaign.assignments.exists()

    # One writes what happened; one copies him and is told; one is too general and is told.
    first = write(begin(people("machao")), "慢", TOLD).press("保存，下一步核对提交")
    expect(first.page.locator("main")).not_to_contain_text("相同")
    first.press("提交")
    copy = write(begin(people("sunwei")), "慢", f"我科也一样。{TOLD}").press("保存，下一步核对提交")
    copy.says("与本次活动中另一份已提交的材料相同")
    expect(copy.page.locator("main")).not_to_contain_text("马超")
    copy.press("提交")
    general = write(begin(people("linfang")), "懒", GENERAL).press("保存，下一步核对提交")
    general.says("这句话放在谁身上都说得通").press("提交")

    # One writes by hand; the liaison types it, and it counts when he has sent it himself.
    checklist = campaign.checklists.get(title=LIST)
    clerk = people("zhoumin").go(f"/checklists/{checklist.pk}/examinations/record/")
    clerk.name("本人", "郑洁").give("手写材料扫描件", scan())
    write(clerk, "粗", "会议通知把会议室写错，三人走错楼层，会议推迟二十分钟。").press(
        "保存代录材料"
    )
    dictated = Examination.objects.get(author__username="zhengjie", checklist=checklist)
    assert dictated.status == "draft"
    own = people("zhengjie").go(f"/examinations/{dictated.pk}/submit/").press("提交")
    assert own.page.url.endswith(f"/examinations/{dictated.pk}/")

    # The secretary returns one, accepts three, and takes what they found onto the ledger.
    secretary = people("wugang")
    for author, decision, words in (
        ("sunwei", "退回修改", "请写自己科里的事。"),
        ("machao", "审阅通过", ""),
        ("linfang", "审阅通过", ""),
        ("zhengjie", "审阅通过", ""),
    ):
        row = Examination.objects.get(author__username=author, checklist=checklist)
        secretary.go(f"/examinations/{row.pk}/review/")
        if author == "sunwei":
            secretary.says("马超提交的材料")
        secretary.page.get_by_label(decision, exact=True).check()
        secretary.fill("意见", words).press("提交审阅意见")
    assert Finding.objects.count() == 3
    secretary.go("/findings/")
    for box in secretary.page.locator("input[name=pk]").all():
        box.check()
    secretary.press_and_agree("入账", "入账").says("YLS-2026-00001")
    assert Problem.objects.filter(campaign=campaign, owner_kind="personal").count() == 3

    # Each sees what became of his own; nobody else does, and the office only that there are three.
    first.go("/findings/mine/").says("YLS-2026-0000", TOLD[:20])
    office.go("/problems/")
    expect(office.page.locator("body")).not_to_contain_text(TOLD[:20])
    office.go(f"/campaigns/{campaign.pk}/overview/").says("市交通运输局党组")
    assert (
        Examination.objects.get(author__username="sunwei", checklist=checklist).status == "returned"
    )

    row = Problem.objects.get(campaign=campaign, drafted_by__username="machao")
    closed_and_seen(row, first, secretary)
