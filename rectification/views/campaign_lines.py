"""One line of what waits in campaigns, as a desk shows it (views/campaign_desk.py)."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse

AT_ONCE = date(1900, 1, 1)  # of what has no day: somebody waits for it
SOME_DAY = date(9999, 12, 31)  # of what has no day, and nobody waits for it yet


class Line(NamedTuple):
    """One thing that waits: what to do, with what, by when; `query` ends its address."""

    kind: str
    pk: int
    words: str
    beside: str
    day: date
    query: str

    @property
    def is_dated(self) -> bool:
        return self.day not in {AT_ONCE, SOME_DAY}

    @property
    def url(self) -> str:
        return reverse(PAGES[self.kind][0], args=[self.pk]) + self.query

    @property
    def act(self) -> str:
        return PAGES[self.kind][1]

    @property
    def what(self) -> str:
        return PAGES[self.kind][2]


# Kind → its page, the word on the button, and what it is.
PAGES: dict[str, tuple[str, str, str]] = {
    "publish": ("draft", "批准发布", "送请批准的草案"),
    "change": ("change-decide", "办理变更", "变更申请"),
    "draft-back": ("draft", "修改草案", "草案已退回"),
    "told": ("problem", "查看理由", "您的问题拟转为单位问题"),
    "turn": ("problem", "办理转换", "可以转为单位问题"),
    "portrait-read": ("portrait", "阅看", "对您的意见已合并，请阅看后确认"),
    "portrait-answer": ("portrait-session", "补充意见", "请您补充所提的意见"),
    "portrait-merge": ("portrait-session", "合并意见", "意见待合并"),
    "portrait-file": ("portrait-session", "送交归档", "本人已阅，待送交归档"),
    "sweep-back": ("sweep", "修改后报送", "风险排查表已退回"),
    "stage": ("stages", "阶段总结", "阶段到期"),
    "task": ("assignment", "填报进展", "任务"),
    "request": ("superior-request", "填落实情况", "上级要求"),
    "sweep": ("sweeps", "填写", "风险排查表"),
    "sweep-draft": ("sweep", "继续填写", "风险排查表"),
    "sweep-review": ("sweeps", "审阅", "风险排查表，待审阅"),
    "portrait-speak": ("portrait-session", "提意见", "正在征求意见"),
}
ORDER = {kind: place for place, kind in enumerate(PAGES)}


def shaped(rows: QuerySet[Any, Any], kind: str, **columns: Any) -> QuerySet[Any, Any]:
    """Return (kind, pk, words, beside, day, query), of one type on either engine."""
    said = {
        "kind_": Value(kind, CharField()),
        "pk_": F(columns["pk"]),
        "words_": Cast(columns["words"], TextField()),
        "beside_": Cast(columns["beside"], TextField()),
        "day_": Cast(columns.get("day", Value(AT_ONCE)), DateField()),
        "query_": Cast(columns.get("query", Value("")), TextField()),
    }
    return rows.order_by().annotate(**said).values_list(*said)
