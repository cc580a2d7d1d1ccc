"""Hints on what somebody writes (写作提示): sentences as people write them, and what each is told.

Half of them are good ones, which nobody should be bothered about.
"""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import hints
from campaigns.models.hints import Code, Part
from campaigns.models.word_list import GENERAL
from tests.factories import ON

pytestmark = [pytest.mark.no_database, pytest.mark.once]

CASE, CAUSE, MEASURES = Part.CASE, Part.CAUSE, Part.MEASURES
STANDARD, LESSON = Part.STANDARD, Part.LESSON

GOOD = [
    (CASE, "农村公路养护投诉登记后未在两个工作日内回访，抽查12件有5件超时。"),
    (CASE, "报送市局的请示出现错字漏字3处，被退回重办。"),
    (CASE, "会议纪要会后一周仍未印发，党委会议定事项传达滞后。"),
    (CASE, "工地巡查记录由他人代签，现场隐患照片与日期不符。"),
    (CASE, "值班电话无人接听，夜间带班领导不在位。"),
    (CASE, "支部书记讲党课全年仅一次，主题党日以观影代替。"),
    (CASE, "施工许可办件平均超出承诺时限2.5个工作日。"),
    (CASE, "调研报告沿用往年数据，未到现场核实。"),
    (CASE, "对十二个专项方案只转发不研究，未分解到岗位。"),
    (CASE, "制度长期未清理，2015年以前的内部规定仍有9项在用。"),
    (CASE, "理论学习不够深入，比如今年三月中心组学习，我的发言材料是从网上摘抄的。"),
    (CASE, "服务意识不强。４月１２日一位老人来办证，我让他回去补材料，跑了三趟。"),
    (CASE, "打卡后离岗办理私事，二季度抽查发现4人次，请假事后补条。"),
    (CASE, "合同备案催了两次才动，耽误了项目付款。"),
    (CASE, "公文附件缺少盖章页，发出后才由收文单位指出。"),
    (CASE, "存在畏难情绪，去年底承担的桥梁定期检查一拖再拖，到汛期前才补做。"),
    (CAUSE, "责任心不强，总觉得后面还有科长核稿，自己就不逐字校对了。"),
    (CAUSE, "把自己当成中转站，来一件转一件，没有想过群众要跑几趟。"),
    (CAUSE, "对新修订的施工许可办法没有系统学过，遇到新情况只能层层请示。"),
    (CAUSE, "怕得罪人，看到同事代签也没有指出来，存在老好人思想。"),
    (MEASURES, "请假一律事前审批，每周随机抽查两次并通报结果。"),
    (MEASURES, "会后两个工作日内形成初稿；办公室建立议定事项跟踪表。"),
    (MEASURES, "实行起草、核稿、签发三级校对，每月通报文稿差错。"),
    (MEASURES, "7月底前完成现行制度清理，提出废止、修订、新立清单。"),
    (MEASURES, "进一步加强学习，每周读一份业务文件并做笔记。"),
    (MEASURES, "投诉件当天指定首接人，超时件次日提醒分管领导。"),
    (MEASURES, "2026年9月30日前修订《值班管理办法》并组织一次培训。"),
    (MEASURES, "清理2025年6月底前的旧台账，8月完成归档。"),
    (MEASURES, "立即退还超标准领取的补贴，补办手续。"),
    (STANDARD, "纪要印发不超过3个工作日"),
    (STANDARD, "回访及时率100%"),
    (STANDARD, "连续三个月无退文"),
    (STANDARD, "制度汇编印发"),
    (STANDARD, "方案任务全部有人有时限"),
    (LESSON, "那次退件让我明白，省下的十分钟要用整个单位的脸面来还。"),
    (CASE, "执法记录仪未按规定全程开启。"),
    (CASE, "对分管科室的同志批评教育少，发现小张上班炒股，只是笑笑没有制止。"),
    (CASE, "开会时刷手机，领导布置的任务没听清，回来凭印象办，结果方向弄反了。"),
    (MEASURES, "巡查使用定位拍照；质安科按月比对原始记录"),
    (MEASURES, "每日导出检查；缺失件说明"),
    (MEASURES, "从现在起，凡是经我手的文件，念一遍再送出去。"),
    (MEASURES, "向分管领导主动认错，两天内把欠的回访补完。"),
    (STANDARD, "群众来电件件有回音"),
    (CASE, ""),
    (MEASURES, " \n"),
]
TOLD = [
    (CASE, "学习不够深入。", {Code.GENERAL}),
    (CASE, "理论学习不够系统，政治站位不高，担当精神不足，工作标准不高。", {Code.GENERAL}),
    (CASE, "我的大局意识不强，宗旨意识不强，平时对自己的要求有所放松。", {Code.GENERAL}),
    (CASE, "对照“四个意识”“两个维护”，自己的政治敏锐性不强，还有待进一步提高。", {Code.GENERAL}),
    (CASE, "工作作风不实，有时满足于一般化，标准降低了一些。", {Code.GENERAL}),
    (CASE, "服务意识不强，工作主动性不强，习惯于等靠要，缺少干劲和韧劲。", {Code.GENERAL}),
    (CASE, "有时候做事情不用心，只求过得去，不求过得硬，得过且过的想法比较多。", {Code.NO_FACTS}),
    (CASE, "守摊子、占位子、混日子的想法不同程度存在，精气神不足。", {Code.NO_FACTS}),
    (CASE, "动量大、身体沉、加速度太小，有动作没实效，口号喊得多行动少。", {Code.NO_FACTS}),
    (CASE, "工作中存在推诿扯皮现象，事情能推就推，能拖就拖，协调配合不强。", {Code.NO_FACTS}),
    (CASE, "不想干事，推着走。", {Code.SHORT}),
    (CASE, "工作拖拉。", {Code.SHORT}),
    (CAUSE, "责任心不强，学习不够深入。", {Code.GENERAL}),
    (CAUSE, "宗旨意识不强，担当精神不足，存在差距和不足。", {Code.GENERAL}),
    (CAUSE, "图省事。", {Code.SHORT}),
    (MEASURES, "加强学习，提高认识，增强责任意识，努力做好本职。", {Code.NO_DEED}),
    (MEASURES, "进一步转变作风，切实提高工作水平，以更高标准严格要求自己。", {Code.NO_DEED}),
    (MEASURES, "端正态度，克服惰性，树立正确的政绩观。", {Code.NO_DEED}),
    (MEASURES, "建立投诉件首接负责制，指定首接人。", {Code.NO_DAY}),
    (MEASURES, "修订请销假办法，公布值班安排。", {Code.NO_DAY}),
    (MEASURES, "认真落实首问负责制，做到有问必答。", {Code.NO_DEED}),
    (MEASURES, "重新开展现场核查", {Code.NO_DAY}),
    (MEASURES, "2026年3月20日前修订值班办法并公布。", {Code.PAST}),
    (MEASURES, "２０２５年１２月底前完成制度清理。", {Code.PAST}),
    (MEASURES, "每周抽查一次，去年11月底前整改到位。", {Code.PAST}),
    (STANDARD, "工作作风明显好转，群众满意度进一步提高", {Code.UNCHECKABLE}),
    (STANDARD, "取得实效", {Code.UNCHECKABLE}),
    (STANDARD, "办文质量提高", {Code.UNCHECKABLE}),
    (STANDARD, "执行到位，作风过硬", {Code.UNCHECKABLE}),
    (STANDARD, "整改到位", {Code.UNCHECKABLE}),
    (LESSON, "今后注意。", {Code.SHORT}),
    (LESSON, "思想认识不到位，今后要引以为戒，时刻警醒自己。", {Code.GENERAL}),
]


def told(part, text, on=ON):
    return {hint.code for hint in hints.of({part: text}, general=GENERAL, on=on)}


@pytest.mark.parametrize(("part", "text"), GOOD, ids=str)
def test_what_is_well_written_is_left_alone(part, text):
    assert told(part, text) == set()


@pytest.mark.parametrize(("part", "text", "codes"), TOLD, ids=str)
def test_what_tells_nothing_is_hinted_at(part, text, codes):
    assert told(part, text) == codes


def test_a_hint_names_its_part_and_quotes_its_sentence():
    text = "上月起我负责窗口，来办事的人多。学习不够深入。"
    vague = {"case": "学习不够深入。其他方面还好，同志们也都支持。", "measures": "加强学习。"}

    assert hints.of({"case": text}, general=GENERAL, on=ON) == []
    assert [
        (hint.part, hint.code, hint.quote) for hint in hints.of(vague, general=GENERAL, on=ON)
    ] == [
        (CASE, Code.GENERAL, "学习不够深入"),
        (MEASURES, Code.NO_DEED, "加强学习"),
    ]


def test_the_list_decides_what_is_general():
    text = "点子不多，路子不宽，干劲也不够足，还要再努力一把。"

    assert {hint.code for hint in hints.of({"case": text}, general=["点子不多"], on=ON)} == {
        Code.GENERAL
    }
    assert {hint.code for hint in hints.of({"case": text}, general=[], on=ON)} == {Code.NO_FACTS}


def test_a_date_is_past_the_day_after():
    text = "2026年6月3日前修订值班办法。"

    assert told(MEASURES, text, date(2026, 6, 3)) == set()
    assert told(MEASURES, text, date(2026, 6, 4)) == {Code.PAST}
    assert told(MEASURES, "2026年2月30日前修订值班办法。") == set()  # no such day


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(Part)), st.text(max_size=400))
def test_any_text_gets_sentences_and_no_fault(part, text):
    for hint in hints.of({part: text}, general=GENERAL, on=ON):
        assert hint.words.endswith("。")
        assert len(hint.quote) <= hints.QUOTED + 2


def test_a_text_of_two_hundred_thousand_characters_is_read():
    text = "工作作风不实，一些想法，" * 16_700

    assert told(CASE, text) == {Code.GENERAL}
