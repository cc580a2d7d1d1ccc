"""The main job, walked in Chromium as the people of one bureau: from a workbook to 已销号."""

from datetime import timedelta
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

pytestmark = [pytest.mark.browser, pytest.mark.dealt, pytest.mark.django_db(transaction=True)]

LEDGERS = Path(__file__).resolve().parent.parent / "files" / "ledgers"
CALLS = "农村公路养护投诉登记后未在两个工作日内回访"  # row 5 of the first sample
STUDY = "理论学习联系实际不紧"  # row 8: 长期坚持
# Holds back what a picker asks the server; `answerFirst()` lets the oldest question be answered.
HOLD_BACK = """() => {
  const fetch = window.fetch.bind(window), held = [];
  window.fetch = (...asked) => new Promise((go) => held.push(() => go(fetch(...asked))));
  const wait = (time) => new Promise((go) => setTimeout(go, time));
  window.asked = async (times) => { while (held.length < times) await wait(20); };
  window.answerFirst = async () => {
    const before = performance.getEntriesByType("resource").length;
    held.shift()();
    while (performance.getEntriesByType("resource").length === before) await wait(20);
    await wait(200);
  };
}"""
STANDARDS = ("措施全部落实", "具体问题已处理到位", "达到整改标准")
HEADINGS = (
    "序号",
    "存在问题",
    "问题来源",
    "整改措施",
    "责任领导",
    "责任部门",
    "责任人",
    "整改时限",
    "整改标准",
    "预期效果",
)


# ---------------------------------------------------------------- what the stories share


def sample(number: str) -> Path:
    return next(path for path in LEDGERS.glob(f"{number}-*") if path.suffix != ".json")


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def paper(name: str) -> dict[str, object]:
    """A small real PDF, as a chooser of files gives it."""
    drawn = BytesIO()
    Image.new("RGB", (60, 80), "white").save(drawn, format="PDF")
    return {"name": name, "mimeType": "application/pdf", "buffer": drawn.getvalue()}


def workbook(*rows: tuple[str, ...]) -> dict[str, object]:
    book, written = Workbook(), BytesIO()
    for row in (HEADINGS, *rows):
        book.active.append(row)
    book.save(written)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "补报问题.xlsx", "mimeType": kind, "buffer": written.getvalue()}


def problem_of(text: str) -> Problem:
    return Problem.objects.get(description__contains=text)


def upload(someone: Someone, file: object) -> Someone:
    someone.go("/").press("导入台账", within="main")
    return someone.give("台账文件", file).press("上传并核对")


def figures(someone: Someone) -> dict[str, str]:
    """The tiles of a page: name, and number with its unit."""
    return {
        tile.locator(".tile__name").inner_text(): tile.locator(".tile__n").inner_text()
        for tile in someone.page.locator("main .tile").all()
    }


def table(someone: Someone, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row."""
    rows = someone.section(heading).locator("tbody tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


def find_on_desk(someone: Someone, problem: Problem, section: str) -> Someone:
    """Follow the problem from where it waits on the desk."""
    someone.go("/")
    row = someone.section(section).get_by_role("listitem").filter(has_text=problem.number)
    with someone.page.expect_navigation():
        row.get_by_role("link").first.click()
    return someone


def agree(someone: Someone, *methods: str, opinion: str = "") -> Someone:
    standards = STANDARDS if someone.heading() == "核查" else ()
    someone.tick("同意", *methods, *standards).fill("意见", opinion)
    return someone.press("提交意见").says("意见已提交。")


def bring_in_and_issue() -> Problem:
    """Put the first sample onto the ledger and issue it, without pages; return its row 5."""
    words = ["--campaign", "YACG", "--organization", "JGDW", "--as", "zhoumin"]
    words += ["--register", "--found-on", "2026-04-10"]
    call_command("import_ledger", sample("01"), *words, stdout=StringIO())
    now, liaison = timezone.now(), User.objects.get(username="zhoumin")
    by = Actor.of(liaison, on=timezone.localdate())
    for problem in Problem.objects.filter(organization__code="JGDW").order_by("pk"):
        if problem.due_kind != "standing":
            registrations.issue(problem, by=by, at=now)
    return problem_of(CALLS)


# ---------------------------------------------------------------- onto the ledger


def test_a_workbook_is_understood_corrected_registered_and_issued(people, picture):
    zhoumin = people("zhoumin", window=(1366, 900))

    upload(zhoumin, sample("01"))
    zhoumin.says("表头在第3行", "市交通建设服务中心以案促改问题整改台账", "完成标准 → 整改标准")
    zhoumin.says("整改责任 ▸ 责任部门 → 责任部门", "第13行：空行", "第14行：签字栏")
    assert figures(zhoumin) == {
        "读到问题": "8条",
        "可保存": "8条",
        "错误": "0处",
        "跳过的行": "2行",
    }
    rows = table(zhoumin, "读到的问题")
    assert [len(row[3].splitlines()) for row in rows] == [2] * 8  # every row has two measures
    assert "马超、林芳" in rows[4][4]
    assert rows[4][5].splitlines() == ["6月底前", "2026年6月30日"]
    picture(zhoumin, "import", shown=True)
    picture(zhoumin, "import-whole", whole=True)

    zhoumin.unfold("更正栏目和人员").choose("预期效果 ▸ 佐证材料", "不导入")
    zhoumin.press("按更正重新读取").says("预期效果 ▸ 佐证材料 → 不导入")

    # The file says neither when the problems were found; the day of the report is offered.
    assert zhoumin.field("发现日期").input_value() == "2026-04-10"
    zhoumin.press("保存为草稿（8条）").says("已保存8条草稿")
    zhoumin.press("全部入账（8条）").says("已入账8条，编号YACG-")
    zhoumin.press("补齐六个明确并下达")
    numbers = zhoumin.page.locator("tbody td.key").all_inner_texts()
    assert len(set(numbers)) == 8
    assert all(number.startswith("YACG-") for number in numbers)

    fill_what_lacks(zhoumin)
    issue_many_and_one(zhoumin)
    zhoumin.go("/problems/?view=rectifying")
    assert zhoumin.page.locator("tbody tr").count() == 8


def fill_what_lacks(zhoumin):
    """长期坚持 lacks a goal and a day within three months; the other seven lack nothing."""
    zhoumin.follow(STUDY)
    assert zhoumin.closed_offers() == {
        "下达整改": "六个明确还缺：整改时限（长期坚持须写阶段目标，并定三个月内的复核日）。"
    }
    zhoumin.press("填写").fill("阶段目标", "每季度逐篇审核交流发言").fill("下次复核日", in_days(60))
    zhoumin.press("保存").says("已保存。")
    assert zhoumin.closed_offers() == {}
    assert "下达整改" in zhoumin.offers()


def issue_many_and_one(zhoumin):
    zhoumin.go("/problems/?view=registered")
    zhoumin.page.get_by_label("全选").check()
    zhoumin.page.get_by_role("row", name=STUDY).get_by_role("checkbox").uncheck()
    zhoumin.press_and_agree("下达整改", "下达整改")
    assert [row[2] for row in table(zhoumin, "逐条结果")] == ["已下达整改"] * 7

    zhoumin.go(problem_of(STUDY).get_absolute_url()).press("下达整改")
    zhoumin.says("本单位审签（机关党委 吴刚） → 核查（市交通建设服务中心党委 许晴）")
    zhoumin.press("下达整改").says("已下达。")
    assert zhoumin.status() == "整改中"


@pytest.mark.once
def test_a_misspelt_person_is_put_right_before_anything_is_kept(people, picture):
    zhoumin = people("zhoumin")
    row = (
        *("1", "养护合同未按季度考核。", "自己查找", "补齐两个季度的考核", "罗海", "养护科"),
        *("马朝", "立行立改", "按季度考核", "合同约定落实"),
    )

    upload(zhoumin, workbook(row))
    zhoumin.says("马朝", "可能是马超 养护科科长")
    picture(zhoumin, "import-person", whole=True)
    zhoumin.choose("马朝", "马超 养护科科长").press("按更正重新读取")
    zhoumin.press("保存为草稿（1条）").press("全部入账（1条）")

    person = problem_of("养护合同未按季度考核").people.get(part="responsible")
    assert person.user.username == "machao"


@pytest.mark.once
def test_the_other_branches_bring_in_theirs_the_same_way(people):
    for username, number, count in (("huanglei", "02", 4), ("panxue", "03", 5)):
        clerk = people(username)
        upload(clerk, sample(number))
        clerk.choose("问题来源", "自己找").fill("发现日期", in_days(-20))
        clerk.press(f"保存为草稿（{count}条）").press(f"全部入账（{count}条）")
        clerk.says(f"已入账{count}条")
        fill_and_issue_all(clerk, count)

    brought = Problem.objects.filter(entry="import").values_list("organization__code", "status")
    assert sorted(brought) == [("ZB2", "rectifying")] * 4 + [("ZB3", "rectifying")] * 5


def fill_and_issue_all(clerk, count):
    """What the branch's file says nowhere is typed once for all of its rows (批量补齐)."""
    ledger = clerk.press("补齐六个明确并下达").page.url
    clerk.page.get_by_label("全选").check()
    clerk.press("批量补齐")
    clerk.name("责任领导", "罗海").name("责任部门", "综合科").fill("整改标准", "制度执行到位")
    clerk.fill("预期效果", "群众满意").fill("整改时限", "立行立改")
    clerk.press("补齐空着的内容").go(ledger)
    clerk.page.get_by_label("全选").check()
    clerk.press_and_agree("下达整改", "下达整改")
    assert [row[2] for row in table(clerk, "逐条结果")] == ["已下达整改"] * count


@pytest.mark.once
def test_of_a_file_with_faulty_rows_only_the_good_ones_are_kept_by_choice(people):
    wangyang = people("wangyang")

    upload(wangyang, sample("04"))
    assert [row[:3] for row in table(wangyang, "需要留意") if row[0] == "错误"] == [
        ["错误", "第4行", "问题"],
        ["错误", "第5行", "整改时限"],
    ]
    wangyang.says("2026年13月1日")
    wangyang.fill("发现日期", in_days(-20))
    wangyang.press_and_agree("只保存正确的3条", "只保存正确的行")
    wangyang.press("全部入账（3条）").says("已入账3条")

    rows = Problem.objects.filter(entry="import").order_by("upload_line")
    assert [(row.upload_line, row.organization.code) for row in rows] == [
        (2, "ZB4"),
        (3, "ZB4"),
        (6, "ZB4"),
    ]


# ---------------------------------------------------------------- from progress to 已销号


@pytest.mark.long
def test_a_problem_is_rectified_returned_once_signed_on_paper_and_closed(people, picture):
    problem = bring_in_and_issue()
    machao, wugang, xuqing = people("machao"), people("wugang"), people("xuqing")
    zhoumin = people("zhoumin", window=(1366, 900))

    rectify(machao, problem)
    report_for_another(zhoumin, problem)
    apply(machao, problem, "首接人已明确，抽查40件全部按时回访。")
    agree(find_on_desk(wugang, problem, "等我审核"), opinion="同意。")
    send_back(find_on_desk(xuqing, problem, "等我审核"))

    find_on_desk(machao, problem, "退回补改").says("佐证材料不足或不实", "登记簿缺5件的回访日期")
    machao.press("填报进展").fill("整改进展", "缺的5件已补记回访日期。").press("填报进展")
    apply(machao, problem, "登记簿已补齐，两次抽查均按时回访。")
    agree(find_on_desk(wugang, problem, "等我审核"))

    zhoumin.go(problem.get_absolute_url())
    picture(zhoumin, "problem", shown=True)
    name, form = zhoumin.download("打印审批表")
    assert name == f"{problem.number}_销号审批表.docx"
    read_form(form)
    record_paper(zhoumin)
    picture(zhoumin, "closed", whole=True)

    problem.refresh_from_db()
    assert problem.status == "closed"
    assert timezone.now() - problem.closed_at < timedelta(minutes=5)
    zhoumin.says("销号，内容不能再修改", "许晴签批（周敏代录）", "审批表扫描件")
    for someone in (machao, wugang, xuqing, zhoumin):
        nobody_changes(someone, problem)


def rectify(machao, problem):
    """The responsible person finds it on his desk; before he is done, the page says what lacks."""
    find_on_desk(machao, problem, "由我整改")
    assert machao.closed_offers() == {
        "申请销号": "还有2项措施没有填报完成。"
        "还没有佐证材料：可上传文件，也可登记存档备查的文号或写明可核实的情况。"
    }
    machao.says("申请销号前还缺2项：")

    machao.press("填报进展", within="aside").choose("完成情况", "基本完成")
    machao.fill("整改进展", "12件投诉全部回访，首接人已明确。").press("填报进展").says(
        "进展已填报。"
    )
    for note in ("5月10日印发首接制", ""):
        machao.press("填报完成").fill("完成情况", note).press("措施已完成").says("已记为完成。")
    assert list(machao.closed_offers()) == ["申请销号"]

    machao.press("添加佐证").give("文件", paper("回访记录.pdf")).press("添加佐证")
    machao.says("佐证材料已添加。", "回访记录.pdf")
    machao.press("添加佐证").tick("存档备查（写明文号和存放地点）").fill("名称", "回访登记簿")
    machao.fill("文号", "养护〔9〕").fill("存放地点", "养护科档案柜").press("添加佐证")
    assert machao.closed_offers() == {}


def report_for_another(zhoumin, problem):
    """代填: the clerk's form offers the responsible person first, and the page says who typed."""
    zhoumin.go(problem.get_absolute_url()).press("填报进展", within="aside")
    assert zhoumin.field("填报人").input_value() == "马超"
    zhoumin.fill("整改进展", "抽查40件，全部按时回访。").press("填报进展").says("马超（周敏代填）")


def apply(machao, problem, statement):
    machao.go(problem.get_absolute_url()).press("申请销号")
    machao.fill("整改情况说明", statement).fill("整改成效", "按时回访率由58%升到100%")
    machao.press("提交销号申请").says("正在等待本单位审签", "机关党委 吴刚")
    assert machao.status() == "销号审核中"


def send_back(xuqing):
    xuqing.says("首接人已明确", "回访登记簿", "回访记录.pdf", "抽查40件，全部按时回访。")
    xuqing.tick("退回整改").press("提交意见").says("退回整改须选择原因，并写明还需补改什么。")
    xuqing.fill("意见", "登记簿缺5件的回访日期，请补齐。").choose("退回原因", "佐证材料不足或不实")
    xuqing.fill("补改期限", in_days(14)).press("提交意见").says(
        "意见已提交。", "销号申请已被退回", "原定："
    )
    assert xuqing.status() == "整改中"


def read_form(file):
    """The 审批表 opens in Word, with the names and texts of this row and room to sign."""
    document = Document(file)
    lines = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for form in document.tables for row in form.rows for cell in row.cells]
    text = "\n".join(lines + cells)
    for words in ("问题整改销号审批表", CALLS, "马超、林芳", "罗海", "吴刚", "回访登记簿"):
        assert words in text
    assert "□同意销号　　□退回整改" in text


def record_paper(zhoumin):
    """线下签批: whoever did not apply enters who signed, when, in which words, and the scan."""
    zhoumin.press("录入线下签批").choose("签批人（在册）", "许晴")
    zhoumin.fill("签批日期", in_days(0)).give("审批表扫描件", paper("审批表.pdf"))
    zhoumin.tick("同意", "查阅资料", *STANDARDS).fill("意见", "资料属实，同意销号。")
    zhoumin.press("录入线下签批").says("线下签批已录入。")
    assert zhoumin.status() == "已销号"


def nobody_changes(someone, problem):
    address = problem.get_absolute_url()
    someone.go(address)
    assert someone.offers() == []
    assert someone.closed_offers() == {}
    for act in ("edit", "progress", "evidence/new", "apply"):
        someone.refused(f"{address}{act}/")


@pytest.mark.long
@pytest.mark.once
def test_a_key_problem_typed_by_hand_passes_discipline_and_the_leader(people, picture):
    zhoumin = people("zhoumin")
    type_problem(zhoumin)
    zhoumin.press("入账").press("入账").says("已入账并编号。", "重点及上级指出问题")
    assert zhoumin.closed_offers() == {}  # the six clarities are there
    zhoumin.press("下达整改").says("纪检复核", "冯正", "领导审定", "顾明")
    zhoumin.press("下达整改")
    problem = problem_of("工地夜间值守")
    zhoumin.press("填报完成").press("措施已完成")
    zhoumin.press("添加佐证").tick("文字说明（写明可核实的情况）").fill("名称", "值守抽查情况")
    zhoumin.fill("说明", "连续三周夜间抽查9次，均在岗。").press("添加佐证")
    zhoumin.press("申请销号").fill("整改情况说明", "值守安排已公布，夜间抽查全部在岗。")
    zhoumin.fill("整改成效", "抽查9次全部在岗").press("提交销号申请")
    zhoumin.says("孙伟（周敏代填）")

    for username, methods in (
        ("wugang", ()),
        ("xuqing", ("实地查看",)),
        ("fengzheng", ("查阅资料", "访谈")),
        ("guming", ("查阅资料",)),
    ):
        reviewer = people(username)
        find_on_desk(reviewer, problem, "等我审核").says("夜间抽查全部在岗", "值守抽查情况")
        picture(reviewer, f"review-{username}", whole=True)
        agree(reviewer, *methods, opinion="同意销号。")
        reviewer.go("/")
        expect(reviewer.section("等我审核")).not_to_contain_text(problem.number)

    assert [
        review.reviewer_name for review in problem.applications.get().reviews.order_by("pk")
    ] == [
        "吴刚",
        "许晴",
        "冯正",
        "顾明",
    ]
    assert zhoumin.go(problem.get_absolute_url()).status() == "已销号"
    zhoumin.go("/inbox/").says(f"问题{problem.number}已销号")


def type_problem(someone):
    someone.go("/").press("登记问题", within="main")
    someone.fill("存在问题", "工地夜间值守两次抽查无人在岗。").tick("散").choose(
        "问题来源", "自己找"
    )
    someone.fill("发现日期", in_days(-3)).choose("程度", "重点")
    if someone.has_script:
        someone.name("责任领导", "陈立").name("责任人", "孙伟").name("责任部门", "质量安全科")
    else:
        someone.fill("责任领导", "陈立").fill("责任人", "孙伟").fill("责任部门", "质量安全科")
    someone.fill("整改时限", "立行立改").fill("整改标准", "夜间抽查在岗率100%")
    someone.fill("预期效果", "隐患及时处置").fill("整改措施", "公布夜间值守安排并每周抽查三次")
    return someone.press("保存").says("已保存为草稿")


# ---------------------------------------------------------------- taken away as Excel


def test_the_office_filters_the_ledger_and_takes_it_away_as_excel(people, picture):
    xuqing = people("xuqing", window=(1366, 900))
    picture(xuqing, "desk", shown=True)
    xuqing.press("问题台账", within="nav")
    picture(xuqing, "ledger", shown=True)

    xuqing.choose("问题类别", "虚").press("查询")
    shown = xuqing.page.locator("tbody td.key").all_inner_texts()
    assert shown
    assert len(shown) < 13

    table = "市交通建设服务中心党委_交通系统以案促改专项工作问题整改台账"
    for words, mark, check in (
        ("打印版（A4横向，可直接报送）", "", check_printed),
        ("数据版（可筛选、可计算）", "（数据版）", check_data),
    ):
        name, file = xuqing.download(words, menu="导出")
        assert name.startswith(f"{table}{mark}_截至")
        check(load_workbook(file).worksheets[0], shown)


def check_printed(sheet, shown):
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize), setup.fitToWidth) == ("landscape", "9", 1)
    assert sheet.print_title_rows == "$3:$4"
    for words in ("问题整改台账", "填报单位（盖章）", "填报时间", "单位负责人（签字）", "填表人"):
        assert words in text
    assert "截至" in text
    assert "口径：" in text
    assert f"共{len(shown)}项" in text
    assert "类别“虚”" in text


def check_data(sheet, shown):
    headings, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(headings, row, strict=True)) for row in rows]
    assert sorted(row["问题编号"] for row in found) == sorted(shown)
    assert {type(row["发现日期"]).__name__ for row in found} == {"datetime"}
    assert sheet.auto_filter.ref


# ---------------------------------------------------------------- narrow, without script


@pytest.mark.once
def test_desk_ledger_and_problem_can_be_used_on_a_phone(people, picture):
    xuqing = people("xuqing", window=PHONE, has_touch=True, is_mobile=True)

    picture(xuqing, "desk-phone", whole=True)
    assert not xuqing.too_wide()
    xuqing.control("菜单").click()
    xuqing.press("问题台账", within="nav")
    picture(xuqing, "ledger-phone", whole=True)
    assert not xuqing.too_wide()
    xuqing.go("/problems/?view=closed")
    expect(xuqing.page.locator(".chips [aria-current]")).to_be_in_viewport(ratio=1)
    xuqing.go("/problems/")
    xuqing.follow("季度学习体会有5篇大段相同")
    picture(xuqing, "problem-phone", whole=True)
    assert not xuqing.too_wide()
    acts = xuqing.section("我可以办理").bounding_box()
    assert acts["y"] < 844  # what to do is seen without scrolling

    xuqing.press("核查")
    picture(xuqing, "review-phone", whole=True)
    assert not xuqing.too_wide()
    agree(xuqing, "查阅资料")
    assert xuqing.status() == "已销号"


@pytest.mark.once
def test_a_problem_goes_from_draft_to_application_without_script(people):
    zhoumin = people("zhoumin", java_script_enabled=False)

    type_problem(zhoumin)
    zhoumin.press("入账").press("入账").says("已入账并编号。")
    zhoumin.press("下达整改").press("下达整改").says("已下达。")
    zhoumin.press("填报完成").press("措施已完成").says("已记为完成。")
    zhoumin.press("添加佐证").tick("文字说明（写明可核实的情况）").fill("名称", "值守抽查情况")
    zhoumin.fill("说明", "夜间抽查9次，均在岗。").press("添加佐证")
    zhoumin.press("申请销号").fill("整改情况说明", "值守安排已公布，抽查全部在岗。")
    zhoumin.fill("整改成效", "抽查9次全部在岗").press("提交销号申请")

    assert zhoumin.status() == "销号审核中"


@pytest.mark.once
def test_a_picker_takes_the_name_that_was_typed_and_no_other(people):
    zhoumin = people("zhoumin").go("/").press("登记问题", within="main")
    zhoumin.page.evaluate(HOLD_BACK)
    box = zhoumin.field("责任人")
    box.click()
    zhoumin.page.evaluate("asked(1)")  # whom there is, before anything is typed
    box.press_sequentially("孙伟")
    zhoumin.page.evaluate("asked(2)")  # for him
    zhoumin.page.evaluate("answerFirst()")
    box.press("Enter")
    box.press_sequentially("马超")
    box.press("Enter")
    box.press("Tab")

    assert zhoumin.page.locator("#id_persons").input_value() == "孙伟、马超"


@pytest.mark.once
def test_who_only_passes_through_a_picker_names_nobody(people):
    zhoumin = people("zhoumin").go("/").press("登记问题", within="main")
    zhoumin.field("责任领导").focus()
    for _ in range(4):
        expect(zhoumin.page.locator(".ts-dropdown:visible [data-selectable]").first).to_be_visible()
        zhoumin.page.keyboard.press("Enter")
        zhoumin.page.keyboard.press("Tab")

    names = ("leaders", "persons", "departments", "cooperating")
    assert [zhoumin.page.locator(f"#id_{name}").input_value() for name in names] == [""] * 4
    assert zhoumin.heading() == "登记问题"  # and Enter has sent nothing

    box = zhoumin.field("责任人")
    box.press_sequentially("马")
    offered = zhoumin.page.locator(".ts-dropdown:visible [data-selectable]")
    expect(offered.first).to_contain_text("马超")  # whom there is stands first
    expect(offered.last).to_contain_text("填入")
    box.press("Enter")
    box.press("Enter")
    box.press("Tab")
    assert zhoumin.page.locator("#id_persons").input_value() == "马超"


@pytest.mark.once
def test_the_bar_of_a_form_does_not_move_under_who_presses_it(people):
    """A page that scrolls smoothly takes the button along, and the press is lost."""
    zhoumin = people("zhoumin").go("/").press("登记问题", within="main")
    top = "document.querySelector('.actions').getBoundingClientRect().top"

    zhoumin.page.evaluate("document.querySelector('footer').scrollIntoView()")
    first = zhoumin.page.evaluate(top)
    zhoumin.page.wait_for_timeout(600)

    assert zhoumin.page.evaluate(top) == first


@pytest.mark.once
def test_who_goes_back_and_comes_again_finds_what_he_wrote(people):
    zhoumin = people("zhoumin").go("/").press("登记问题", within="main")
    zhoumin.fill("存在问题", "值班记录空缺。").name("责任人", "孙伟")
    zhoumin.page.wait_for_timeout(1000)  # kept a little after the last key
    zhoumin.page.go_back()
    zhoumin.page.go_forward()

    zhoumin.says("未提交的内容").control("恢复").click()

    expect(zhoumin.page.locator("#id_persons")).to_have_value("孙伟")
    assert zhoumin.field("存在问题").input_value() == "值班记录空缺。"


# ---------------------------------------------------------------- two clicks, two people


def test_a_double_click_has_one_effect_with_and_without_script(people):
    problem = bring_in_and_issue()
    for script, words in ((True, "12件投诉全部回访。"), (False, "首接人已明确。")):
        machao = people("machao", java_script_enabled=script).go(problem.get_absolute_url())
        machao.press("填报进展", within="aside").fill("整改进展", words)
        # Without script the browser drops the first answer, and a wait for it, for the second.
        machao.control("填报进展").dblclick()
        machao.says(words)

    entries = ProgressEntry.objects.filter(problem=problem).order_by("pk")
    assert [entry.text for entry in entries] == ["12件投诉全部回访。", "首接人已明确。"]


@pytest.mark.once
def test_a_stale_form_shows_both_texts_and_loses_neither(people, picture):
    suye, fangyuan = people("suye"), people("fangyuan")
    problem = problem_of("档案移交目录与实物不符")
    for someone in (suye, fangyuan):
        someone.go(f"{problem.get_absolute_url()}edit/")

    suye.fill("整改标准", "逐卷核对，目录与实物一致").press("保存").says("已保存。")
    fangyuan.watch.expects(409)
    fangyuan.fill("整改标准", "缺少的2卷找回归档").press("保存")
    fangyuan.says("您填写的（可以修改）", "现在的内容", "逐卷核对，目录与实物一致")
    assert fangyuan.field("整改标准").input_value() == "缺少的2卷找回归档"
    picture(fangyuan, "stale", whole=True)

    both = "逐卷核对，目录与实物一致；缺少的2卷找回归档"
    fangyuan.fill("整改标准", both).press("按以上内容重新提交").says("已保存。")
    problem.refresh_from_db()
    assert problem.standard == both
