"""Self-examinations as people write them, put together from the words of the domain, by a seed.

A text tells what happened (matter, place, day, number, what came of it), why, and what will be
done.
Some sentences everybody has, since the form or the plan says them: TEMPLATES.
"""

import random


def _words(text: str) -> list[str]:
    return text.split()


PLACES = _words("""
养护科 质安科 综合科 审批窗口 信访接待室 城区工地 三号标段 农村公路管理站 运政大厅
政务服务中心 机关食堂 档案室 值班室 收费站 桥梁检测点 办公室 财务科 人事科 法规科 规划科
项目办 监督站 执法大队 客运枢纽 水上搜救分中心 应急仓库 东城片区 河西片区 开发区分局
驻村工作队 社区网格 老干部活动室
""")
MATTERS = _words("""
投诉件回访 施工许可办件 请示件报送 会议纪要印发 巡查记录填写 合同备案 资金拨付 设备采购
公文校对 督办件反馈 隐患整改复查 台账更新 请销假审批 值班带班 主题党日组织 党课安排
固定资产盘点 政府采购验收 招投标备案 质量抽检 安全生产检查 行政处罚案卷整理 信用评价录入
来信来访登记 项目进度填报 预算执行 公务用车派遣 办公用房清理 统计报表上报 专项方案分解
规章制度清理 桥梁定期检查 超限治理 出租车服务投诉处理 工程变更审核 农民工工资支付核查
政务公开更新 提案答复 档案归集 培训计划落实 新员工带教 联系群众走访 帮扶对象回访 民生实事推进
驾校备案 航道养护 除雪保畅物资储备 竣工资料移交 审计问题销号 巡察反馈整改
""")
FAULTS = _words("""
超过承诺时限 没有按时完成 出现错字漏字 只报了数字没有核实 由他人代为签字 先办事后补手续
没有到现场就写了结论 转发文件了事没有分解到岗位 催了两次才动 沿用去年的数据 材料退回重办
登记之后无人跟踪 口头答应没有落实 没有留下记录 存在重复填报 让群众多跑了一趟 流程卡在中间环节
交接不清导致遗漏 没有向分管领导报告 会后一直没有印发 照片与日期不符 附件缺少盖章页
数据前后不一致 未在规定时间回复 现场无人值守 电话无人接听 责任人空缺 验收走了过场
""")
RESULTS = _words("""
被上级退回 群众当面提出意见 耽误了后面工序 影响了窗口形象 被督查组点名 造成返工
分管领导作了提醒 企业来电询问 延误了资金支付 事后才补齐手续 引起重复投诉 增加了基层负担
险些酿成事故 受到书面批评 没有造成损失但教训不小 让经办同志加了两个晚上的班
使周报数据出了差错 被列入台账督办 延期三天才办结 损害了单位信誉
""")
WHYS = _words("""
把自己当成中转站 满足于过得去 觉得以前一直这么办 认为是业务科室的事 怕得罪人 图省事
对新规定学得不透 手头事情一多就乱了次序 没有换位替办事人着想 习惯等领导催 以为别人会核对
对数据来源不较真 存在老好人思想 年纪大了放松要求 缺少一张清楚的分工表 没有建立提醒
平时跑现场太少 对系统操作不熟 把开会当成落实 把发文当成部署 依赖老同事把关 碰到难题先放一放
怕担责任所以层层请示 没有算过群众的时间账 忙于应付检查 只看结果不看过程
""")
DEEPER = _words("""
说到底是宗旨意识淡了 根子在责任心不强 反映出工作标准降低 是形式主义在自己身上的表现
说明党性锻炼有差距 暴露出纪律观念松弛 这是庸懒习气作怪 归结起来是能力恐慌而不自知
实质是政绩观有偏差 与通报案例中的当事人只差一步
""")
VERBS = _words("""
建立 修订 公布 逐件核对 重新梳理 每周抽查 按月通报 指定专人负责 限时办结 上门回访 集中清理
现场复核 编印 签订 录入系统并跟踪 倒排工期推进 对照标准检查 逐项销号 分批培训 联合督查
""")
OBJECTS = _words("""
办件提醒表 岗位责任清单 文稿三级校对办法 首接负责人名单 逾期件说明单 现场巡查路线图
投诉回访登记簿 请销假台账 合同履约表 议定事项跟踪表 值班交接本 数据核对口径 资金支付流程图
权力运行风险点 采购验收单 岗位轮换计划 工地隐患清单 群众意见箱 党员联系户名册 制度汇编
服务承诺公示牌 车辆使用登记 档案目录 培训考核题库 项目进度横道图 案卷评查表
""")
DAYS = [f"{month}月{day}日前" for month in range(1, 13) for day in (5, 10, 15, 20, 28)]
COUNTS = [f"{number}{unit}" for number in range(2, 40) for unit in ("件", "次", "份", "处", "天")]
# Said by the form, the guidance or the plan.
TEMPLATES = (
    "根据以案促改工作安排，对照庸懒散慢虚粗六个方面，结合本人思想、工作实际，认真开展了自查剖析",
    "通过参加警示教育大会和学习有关案件的通报，思想上受到了一次深刻教育",
    "对照四个意识、四个自信、两个维护的要求，本人进行了深刻反思",
    "以上是本人的自查剖析，不当之处，请组织和同志们批评指正",
    "在今后的工作中，本人将以此次以案促改为契机，举一反三，立行立改",
)


def text(chance: random.Random, length: int = 500) -> str:
    """Return one text of `length` characters, cut at its end."""
    sentences = [_template(chance, 0.4)]
    for kind in (_happened, _why, _shall):
        part = ""
        while len(part) < length * 0.34:
            part += kind(chance)
        sentences.append(part)
    return "".join(sentences)[: length - 1] + "。"


def copied(chance: random.Random, original: str, share: float, length: int = 500) -> str:
    """Return a text of which `share` is sentences of `original`, the rest one's own."""
    parts = [part + "。" for part in original.split("。") if part]
    own = [part + "。" for part in text(chance, length).split("。") if part]
    taken: list[str] = []
    chance.shuffle(parts)
    while parts and sum(map(len, taken)) < length * share:
        taken.append(parts.pop())
    while own and sum(map(len, taken)) < length:
        taken.insert(chance.randrange(len(taken) + 1), own.pop())
    return "".join(taken)


def _template(chance: random.Random, share: float) -> str:
    return chance.choice(TEMPLATES) + "。" if chance.random() < share else ""


def _happened(chance: random.Random) -> str:
    pick = chance.choice
    when = (
        f"今年{chance.randrange(1, 13)}月" if chance.random() < 0.7 else pick(("去年底", "上半年"))
    )
    return pick(
        (
            f"比如{when}，{pick(PLACES)}的{pick(MATTERS)}有{pick(COUNTS)}{pick(FAULTS)}，{pick(RESULTS)}。",
            f"{when}负责{pick(MATTERS)}时，我{pick(FAULTS)}，共涉及{pick(COUNTS)}，结果{pick(RESULTS)}。",
            f"在{pick(PLACES)}{pick(MATTERS)}这件事上，{pick(COUNTS)}{pick(FAULTS)}。",
            f"{pick(MATTERS)}安排给我后，{pick(FAULTS)}，{when}{pick(RESULTS)}。",
        )
    )


def _why(chance: random.Random) -> str:
    pick = chance.choice
    return pick(
        (
            f"出现这个问题，主要是我{pick(WHYS)}，{pick(WHYS)}，{pick(DEEPER)}。",
            f"对{pick(MATTERS)}，我{pick(WHYS)}，总想着{pick(OBJECTS)}有人会做。",
            f"一是{pick(WHYS)}，二是{pick(WHYS)}，{pick(DEEPER)}。",
            f"在{pick(PLACES)}工作久了，{pick(WHYS)}。",
        )
    )


def _shall(chance: random.Random) -> str:
    pick = chance.choice
    return pick(
        (
            f"{pick(DAYS)}{pick(VERBS)}{pick(OBJECTS)}，由{pick(PLACES)}配合。",
            f"对{pick(MATTERS)}{pick(VERBS)}，{pick(DAYS)}完成{pick(COUNTS)}。",
            f"{pick(VERBS)}{pick(OBJECTS)}和{pick(OBJECTS)}，{pick(DAYS)}交支部检查。",
            f"每月到{pick(PLACES)}不少于{chance.randrange(1, 6)}次，{pick(VERBS)}{pick(OBJECTS)}。",
        )
    ) + _template(chance, 0.05)
