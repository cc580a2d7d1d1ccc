"""Words for a ledger by the million (测速用的文字): parts, put together by chance.

Some words stand in every tenth row, some in one of a few hundred, some in a handful, as in a real
ledger: else a search measured here would say little.
"""

import random

NAMES = "清石云青双龙平安河桥高新永长白金和东西南北大马"
SETTLED = "溪岭桥山塘坪湾口坝陂沟泉屯庄店铺"
TOWNS = [f"{a}{b}{c}" for a in NAMES for b in SETTLED for c in ("镇", "乡")]
WHERE = (
    "窗口", "养护工区", "路政中队", "客运站", "检测站", "工程项目部", "信访接待室", "值班室",
    "档案室", "财务室", "货运枢纽", "渡口管理所",
)  # fmt: skip
FAULTS = (
    "{n}件群众诉求登记后未在两个工作日内回访，其中{m}件超过一周才答复",
    "{n}份巡查记录由他人代签，照片日期与记录不符，原始数据无法倒查",
    "上级安排的{n}项任务只转发未分解，没有明确责任人和完成时间",
    "抽查{n}次在岗情况，有{m}次擅自离岗，事后补办请假手续",
    "报送的{n}份材料出现错字漏字和数据前后不一致，被退回{m}次重办",
    "{n}项内部规定多年未清理，部分条款与现行规定不一致，执行中各行其是",
    "办件平均用时超出承诺时限{n}天，内部流转环节过多，没有时限提醒",
    "组织学习{n}次，交流发言多为摘抄，没有联系本岗位实际",
    "安全隐患排查发现{n}处问题，有{m}处整改后未复查，台账没有闭环",
    "设备台账与实物有{n}件不符，人员变动时没有办理交接",
    "桥涵定检漏项{n}处，限载标志缺失{m}处，汛前未补设",
    "{n}笔差旅报销附件不全，{m}笔由经办人自行审批",
    "招标文件设置与项目无关的条件{n}项，质疑答复超过法定时间",
    "投诉电话在{n}次抽查中{m}次无人接听，语音提示已停用的号码",
)
CAUSES = (
    "责任没有落实到人，检查不经常。", "制度陈旧，没有随工作修订。", "满足于完成规定动作。",
    "人手紧张，以会议代替督促。", "业务培训少，对标准把握不准。", "怕得罪人，发现问题不愿指出。",
    "系统之间数据不通，重复填报。", "分工交叉，遇事等靠。",
)  # fmt: skip
STANDARDS = ("按期办结率达到100%", "抽查无同类问题", "记录真实完整、可以倒查", "制度修订并印发执行")
DEPARTMENTS = ("办公室", "养护科", "路政科", "质量安全科", "财务科", "综合科", "窗口科", "执法大队")
MEASURES = (
    "明确首接责任人和办理时限", "建立跟踪台账，每周核对一次", "到期前一天提醒，超期说明原因",
    "修订制度并组织学习", "分管领导每月抽查不少于两次", "双人核对、逐级签字", "补齐缺失记录并归档",
    "开展一次专项清理，列出清单逐项销号",
)  # fmt: skip


def text(chance: random.Random) -> str:
    """Return what is wrong somewhere, 35 to 65 characters long."""
    draw = chance.random
    fault = FAULTS[int(draw() * len(FAULTS))].format(n=3 + int(draw() * 57), m=2 + int(draw() * 7))
    town, where = TOWNS[int(draw() * len(TOWNS))], WHERE[int(draw() * len(WHERE))]
    return f"{town}{where}{fault}（第{1 + int(draw() * 99_998)}号记录）。"
