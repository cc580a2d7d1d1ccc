"""Weekly reports on paper (周报、工作简报): one organization's, and what was collated (§4.2)."""

from datetime import datetime

from campaigns.models import BEIJING, CampaignPlan
from rectification.models import WeeklyPart, WeeklyReport
from rectification.models.metric import METRICS
from rectification.models.weekly_report import reported_words
from reform import word
from reform.word import CENTRED, LABEL, long_day

# What stands beside a name in the table of a briefing, in this order.
COUNTED = ("total", "added", "closed_in", "closed", "under_way", "overdue")


def word_of(report: WeeklyReport, *, at: datetime) -> bytes:
    """Return a report as .docx; one that is not filed yet says so."""
    return _briefing(report, at=at) if report.collated else _own(report, at=at)


def _day(moment: datetime) -> str:
    return long_day(moment.astimezone(BEIJING).date())


# ---------------------------------------------------------------- one organization's


def _own(report: WeeklyReport, *, at: datetime) -> bytes:
    campaign = report.issue.campaign
    paper = word.Paper(title=str(report))
    paper.title(f"{report.name}\n{campaign}周报（第{report.issue.number}期）")
    paper.blank()
    line = paper.table((80, 76), ruled=False)
    line.row(
        (f"填报单位：{report.name}", 1, word.TEXT),
        (f"填报时间：{_day(report.filed_at or at)}", 1, word.RIGHT),
    )
    if not report.is_filed:
        paper.body("（草稿，未报送）")
    paper.heading("一、本周工作进展")
    _text(paper, report.progress)
    paper.heading("二、下周工作安排")
    _text(paper, "无专项安排。" if report.zero else report.plans)
    paper.blank()
    foot = paper.table((56, 44, 56), ruled=False)
    phone = report.drafted_by.phone
    foot.row(
        (f"审核人：{report.signed_words}", 1, word.TEXT),
        (f"填报人：{report.drafted_by.name}", 1, word.TEXT),
        (f"电话：{phone}", 1, word.TEXT),
    )
    paper.page_numbers()
    return paper.bytes()


def _text(paper: word.Paper, text: str) -> None:
    for line in text.split("\n"):
        if line.strip():
            paper.body(line.strip())


# ---------------------------------------------------------------- the briefing


def _briefing(report: WeeklyReport, *, at: datetime) -> bytes:
    issue, campaign = report.issue, report.issue.campaign
    parts = list(report.parts.order_by("position").select_related("source"))
    own = [part for part in parts if part.position == 0]
    others = [part for part in parts if part.position > 0]
    paper = word.Paper(title=str(report))
    paper.masthead(
        CampaignPlan.of(campaign).title_of("weekly"),
        f"第{issue.number}期（{campaign}周报）",
        left=f"{report.name}{campaign.office_name}",
        right=_day(report.filed_at or at),
    )
    if not report.is_filed:
        paper.body(f"（{report.status_words}，尚未签发）")
    paper.heading(f"一、总体情况（{issue.period()}）")
    _text(paper, report.progress)
    for sentence in reported_words(parts):
        paper.body(sentence)
    paper.heading("二、各单位进展")
    for part in [*own, *others]:
        _paragraphs(paper, part)
    for number, (heading, text) in enumerate(
        [
            (heading, text)
            for heading, text in (
                ("好的做法", report.practices),
                ("存在问题", report.troubles),
                ("下周重点", report.plans),
            )
            if text.strip()
        ]
    ):
        paper.heading(f"{'三四五'[number]}、{heading}")
        _text(paper, text)
    paper.blank()
    paper.heading("附：各单位问题整改情况表")
    _table(paper, report, [*own, *others])
    _definitions(paper, report)
    _imprint(paper, report)
    paper.page_numbers()
    return paper.bytes()


def _paragraphs(paper: word.Paper, part: WeeklyPart) -> None:
    if part.source_id is None and part.position > 0:
        return  # named above as missing; nothing to tell
    texts = [line.strip() for line in part.progress.split("\n") if line.strip()]
    if part.position == 0 and not texts:
        return
    paper.heading(f"{part.name}", level=2)
    for line in texts:
        paper.body(line)
    plans = [line.strip().rstrip("。") for line in part.plans.split("\n") if line.strip()]
    if plans:
        paper.body(f"下周安排：{'；'.join(plans)}。")


def _table(paper: word.Paper, report: WeeklyReport, parts: list[WeeklyPart]) -> None:
    widths = (10.0, 38.0, *[15.0] * len(COUNTED), 18.0)
    table = paper.table(widths, size=10.5)
    # Broken in the middle, not where the column ends: “问题” above “总数”.
    names = [f"{name[:2]}\n{name[2:]}".strip() for name in (METRICS[code].name for code in COUNTED)]
    table.row(*((text, 1, LABEL) for text in ("序号", "单位", *names, "报送情况")), heads=True)
    for number, part in enumerate(parts, start=1):
        counts = [str(part.figures.get(code, "—")) for code in COUNTED]
        table.row(
            (str(number), 1, CENTRED),
            (part.name, 1, word.TEXT),
            *((count, 1, CENTRED) for count in counts),
            (part.note or "—", 1, CENTRED),
            breaks=False,
        )
    total = [str(report.figures.get(code, "—")) for code in COUNTED]
    table.row(
        ("合计", 2, LABEL),
        *((count, 1, CENTRED) for count in total),
        ("", 1, CENTRED),
        breaks=False,
    )


def _definitions(paper: word.Paper, report: WeeklyReport) -> None:
    moment = report.counted_at.astimezone(BEIJING)
    until = f"{long_day(moment.date())}{moment.hour}时{moment:%M}分"
    words = "".join(f"{METRICS[code].name}：{METRICS[code].definition}" for code in COUNTED)
    table = paper.table((paper.width,), ruled=False, size=10.5)
    text = (
        f"注：合计截至{until}，按台账计算；各单位数据截至其报送时，“本周”各按本单位"
        f"报告期，各单位之和与合计可能不等。未报单位的问题计入合计。{words}"
    )
    table.row((text, 1, word.TEXT))


def _imprint(paper: word.Paper, report: WeeklyReport) -> None:
    above = report.organization.parent
    sent = [row.to for row in report.forwardings.all()]
    to = "、".join(dict.fromkeys(sent)) or (above.name if above else "")
    paper.blank()
    paper.imprint(
        *([[f"报：{to}"]] if to else []),
        ["发：各填报单位"],
        [
            f"签发：{report.signed_words or '（未签发）'}",
            f"审核：{_reviewer(report)}",
            f"拟稿：{report.drafted_by.name}",
        ],
    )


def _reviewer(report: WeeklyReport) -> str:
    if report.review_waived:
        return "（办公室一人，免审核）"
    return report.reviewed_by.name if report.reviewed_by else ""
