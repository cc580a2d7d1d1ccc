"""The closure approval form, opened again with python-docx."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document

from rectification.actions import closures, measures, reviews
from rectification.models import ClosureReview, Decision, Evidence, Method, Standard
from rectification.reports.approval_form import closure_form
from reform.actions import attachments
from tests.factories import ON
from tests.reform.test_word import drawn

pytestmark = pytest.mark.dealt

Verdict = reviews.Verdict


@pytest.fixture
def form(applied):
    """Return a function that prints the form and gives its rows as {label: text}."""

    def print_again():
        applied.refresh_from_db()
        document = Document(BytesIO(closure_form(applied, on=date(2026, 6, 5))))
        return document, rows_of(document.tables[1])

    return print_again


def rows_of(table):
    """Return what stands beside each label; an opinion and its signature are two texts."""
    found = {}
    for row in table.rows:
        texts = [cell.text for cell in dict.fromkeys(row.cells)]
        for label, text in zip(texts[::2], texts[1::2], strict=True):
            found.setdefault(label.replace("\n", ""), []).append(text)
    return found


def approve(step, by, at, **facts):
    reviews.decide(step, verdict=Verdict(Decision.APPROVED, **facts), by=by, at=at)


def sign_on_paper(bureau, step, at, **facts):
    scan = attachments.keep(BytesIO(b"%PDF-1.7"), name="审批表.pdf", by=bureau.liaison, at=at)
    return reviews.record(
        step,
        verdict=Verdict(Decision.APPROVED, opinion="情况属实。"),
        signer=None,
        signer_name="王建国",
        signed_on=ON,
        scan=scan,
        by=bureau.liaison,
        at=at,
        **facts,
    )


def test_the_head_says_who_what_and_when(form, applied):
    document, _ = form()

    assert [p.text for p in document.paragraphs if p.text] == [
        str(applied.problem.campaign),
        "问题整改销号审批表",
    ]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["", f"编号：{applied.problem.number}-1"],
        ["填报单位（盖章）：第一党支部", "填报时间：2026年6月5日"],
    ]


def test_it_tells_the_whole_story_of_the_problem(form, applied):
    problem = applied.problem
    _, rows = form()

    assert rows["问题来源"] == ["自己找"]
    assert rows["问题编号"] == [problem.number]
    assert rows["责任领导"] == ["罗海"]
    assert rows["责任人"] == ["马超"]
    assert rows["问题内容"] == [problem.description]
    assert rows["整改标准"] == ["回访及时率100%\n预期效果：群众满意"]
    assert rows["整改时限"] == ["2026年6月30日"]
    assert rows["实际完成时间"] == ["2026年6月2日"]
    assert rows["整改措施及落实情况"] == [
        "投诉件指定首接人（2026年6月2日完成）\n已全部回访并建立台账。"
    ]
    assert rows["整改成效"] == ["无超时件"]
    assert rows["佐证材料目录"] == ["回访登记簿（存放：养护科）"]


def test_one_opinion_stands_for_each_step_of_this_chain(form):
    _, rows = form()

    labels = list(rows)
    assert labels[labels.index("责任人意见") :] == [
        "责任人意见",
        "责任单位主要负责人意见",
        "活动办核查意见",
    ]


def test_a_key_problem_has_four(bureau, ready, at):
    ready.closing_level = bureau.campaign.closing_levels.get(for_key=True)
    ready.save()
    application = closures.apply(ready, statement="已整改。", effect="好", by=bureau.member, at=at)

    table = Document(BytesIO(closure_form(application, on=ON))).tables[1]

    assert list(rows_of(table))[-4:] == [
        "责任单位主要负责人意见",
        "活动办核查意见",
        "纪检机构复核意见",
        "领导审定意见",
    ]


def test_an_open_step_has_the_boxes_that_the_page_asks_for(form):
    _, rows = form()

    text, signature = rows["活动办核查意见"]
    assert "□同意销号" in text
    assert "□退回整改，补改期限：" in text
    assert all(f"□{label}" in text for label in [*Method.labels, *Standard.labels])
    assert signature.startswith("核查人（2人）签字：")
    assert re.sub(r"\s", "", signature).endswith("年月日")


def test_the_organizations_own_signature_asks_for_no_method(form):
    _, rows = form()

    text, signature = rows["责任单位主要负责人意见"]
    assert "核查方式" not in text
    assert signature.startswith("签字（盖章）：")


def test_a_decided_step_is_printed_with_opinion_name_and_day(form, applied, bureau, at):
    approve(applied.steps.get(state="open"), bureau.secretary, at, opinion="同意上报。")
    office_step = applied.steps.get(state="open")
    approve(
        office_step,
        bureau.office,
        at,
        opinion="措施落实到位",
        methods=[Method.PAPERS, Method.SITE],
        standards=[Standard.MEASURES, Standard.HANDLED, Standard.RESULT],
    )

    _, rows = form()

    assert rows["责任单位主要负责人意见"] == ["同意。同意上报。", "第一党支部 郑洁　2026年6月3日"]
    assert rows["活动办核查意见"] == [
        "同意。措施落实到位。\n核查方式：查阅资料、实地查看\n"
        "对照标准：措施全部落实、具体问题已处理到位、达到整改标准",
        "服务中心党委 何静　2026年6月3日",
    ]


def test_a_post_that_names_the_organization_is_not_said_twice(form, applied, bureau, at):
    bureau.secretary.user.post = "第一党支部书记"
    approve(applied.steps.get(state="open"), bureau.secretary, at)

    _, rows = form()

    assert rows["责任单位主要负责人意见"][1] == "第一党支部书记 郑洁　2026年6月3日"


@pytest.mark.rendering
def test_the_head_of_the_form_does_not_wrap(bureau, applied, tmp_path):
    path = tmp_path / "审批表.docx"
    applied.problem.organization.name = "市交通建设服务中心党委机关第一党支部"
    path.write_bytes(closure_form(applied, on=date(2026, 11, 26)))

    lines = ["".join(line.split()) for line in drawn(path)[0].splitlines()]

    assert f"编号：{applied.problem.number}-1" in lines
    unit = applied.problem.organization.name
    assert f"填报单位（盖章）：{unit}填报时间：2026年11月26日" in lines


def test_a_decision_on_paper_names_signer_and_recorder(form, applied, bureau, at):
    sign_on_paper(bureau, applied.steps.get(state="open"), at)

    _, rows = form()

    assert rows["责任单位主要负责人意见"] == [
        "同意。情况属实。",
        "王建国签批（周敏代录）　2026年6月3日",
    ]


def test_a_return_says_why_and_until_when(form, applied, bureau, at):
    verdict = Verdict(
        Decision.RETURNED,
        opinion="请补充回访记录。",
        reason="evidence",
        new_due_on=ON + timedelta(days=10),
    )
    reviews.decide(applied.steps.get(state="open"), verdict=verdict, by=bureau.secretary, at=at)

    _, rows = form()

    assert rows["责任单位主要负责人意见"][0] == (
        "退回整改（佐证材料不足或不实，补改期限2026年6月13日）：请补充回访记录。"
    )
    assert rows["整改时限"] == ["2026年6月13日\n（原2026年6月30日）"]


def test_a_waived_signature_is_said_so(bureau, ready, at):
    Evidence.objects.filter(problem=ready).update(supplier=bureau.secretary.user)
    application = closures.apply(
        ready, statement="已整改。", effect="好", by=bureau.secretary, at=at
    )
    assert ClosureReview.objects.get(application=application).decision == Decision.WAIVED

    rows = rows_of(Document(BytesIO(closure_form(application, on=ON))).tables[1])

    assert rows["责任单位主要负责人意见"] == ["本人申请、免审签。", "2026年6月3日"]
    assert "（须实地查看或访谈）" in rows["活动办核查意见"][0]


def test_who_typed_for_another_is_named(form):
    _, rows = form()

    assert rows["责任人意见"][0] == "申请人：马超，2026年6月3日提出第1次销号申请。"


def test_users_text_goes_in_whole(bureau, ready, at):
    hard = "=1+1 & <b> {{ x }} {% y %} 😀\x0b第二行"
    measures.report(ready, text=hard, progress="under_way", on=ON, by=bureau.member, at=at)
    ready.refresh_from_db()
    application = closures.apply(
        ready, statement=hard + "长" * 3_000, effect=hard, by=bureau.member, at=at
    )

    rows = rows_of(Document(BytesIO(closure_form(application, on=ON))).tables[1])

    assert rows["整改成效"] == ["=1+1 & <b> {{ x }} {% y %} 😀\n第二行"]
    assert rows["整改措施及落实情况"][0].count("长") == 3_000


def test_it_asks_as_much_for_many_measures_as_for_one(
    form, applied, django_assert_max_num_queries, bureau
):
    for position in range(2, 12):
        applied.problem.measures.create(
            text="措施", position=position, entered_by=bureau.member.user, done_on=ON
        )

    with django_assert_max_num_queries(16):
        _, rows = form()

    assert "11. 措施（2026年6月3日完成）" in rows["整改措施及落实情况"][0]


@pytest.mark.rendering
def test_an_ordinary_form_fits_on_one_page(bureau, ready, at, tmp_path):
    ready.closing_level = bureau.campaign.closing_levels.get(for_key=True)
    ready.save()
    application = closures.apply(
        ready, statement="已全部回访。" * 10, effect="好" * 60, by=bureau.member, at=at
    )
    path = tmp_path / "审批表.docx"
    path.write_bytes(closure_form(application, on=ON))

    pages = drawn(path)

    assert len(pages) == 1
    assert "第 1 页，共 1 页" in " ".join(pages[0].split())


@pytest.mark.rendering
def test_a_long_one_goes_on_with_whole_opinions(bureau, ready, at, tmp_path):
    application = closures.apply(
        ready, statement="已全部回访。" * 400, effect="好", by=bureau.member, at=at
    )
    path = tmp_path / "审批表.docx"
    path.write_bytes(closure_form(application, on=ON))

    pages = drawn(path)

    assert len(pages) in {2, 3}
    assert all(page.strip() for page in pages)
    assert "签字" in pages[-1]
