"""The draft of a weekly report (周报初稿), written from what happened on the ledger that week.

Each sentence keeps the rows it was made from, so that whoever reads it opens them. Nothing is
invented: without anything that happened the draft says so, and the report may be 零报告.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from campaigns.models import BEIJING
from rectification import statistics
from rectification.models import ClosureApplication, Measure, Problem, ProgressEntry
from rectification.models.metric import Ground, Span, address
from rectification.models.problem_queryset import overdue

SHOWN = 5  # rows a sentence names; the others are counted
TITLE = 24  # characters by which a problem is called
SAID = 40  # characters of a progress entry or a measure
ROWS = 200  # rows a sentence keeps
TOLD = 12  # problems of which is told what was done: a report is to be short (domain §4.2)
MEASURES = 3


@dataclass
class Sentence:
    """One sentence, the keys of the rows behind it, and the ledger's address that shows them."""

    text: str
    rows: list[int] = field(default_factory=list)
    query: str = ""

    def kept(self) -> dict[str, Any]:
        return {"text": self.text, "rows": self.rows[:ROWS], "query": self.query}


@dataclass
class Draft:
    progress: list[Sentence]
    plans: list[Sentence]
    figures: dict[str, int]
    happened: bool  # anything at all; if not, 零报告 is what one would say

    @property
    def progress_text(self) -> str:
        return "\n".join(sentence.text for sentence in self.progress)

    @property
    def plans_text(self) -> str:
        return "\n".join(sentence.text for sentence in self.plans)

    def basis(self) -> list[dict[str, Any]]:
        return [sentence.kept() for sentence in (*self.progress, *self.plans)]


def write(ground: Ground, span: Span, *, until: datetime, brief: bool = False) -> Draft:
    """Write the draft of a report about `span`; plans look on to `until`, the next cut-off.

    A `brief` one says the figures only: what happened stands in the paragraphs it collates.
    """
    rows = Problem.objects.filter(ground.rows(span.on)).exclude(status="draft")
    figures = statistics.figures(ground, span)
    if brief:
        return Draft([overview(figures, ground, span)], [], figures, happened=True)
    told = [*_told(rows, span)]
    progress = [overview(figures, ground, span), *told]
    if not told:
        progress.append(Sentence("本周台账没有新的进展。"))
    plans = [*_planned(rows, span.on, until.astimezone(BEIJING).date())]
    return Draft(progress, plans, figures, happened=bool(told))


def overview(figures: dict[str, int], ground: Ground, span: Span) -> Sentence:
    moment = span.at.astimezone(BEIJING)
    until = f"{moment.month}月{moment.day}日{moment.hour}时"
    late = f"，逾期{figures['overdue']}项" if figures["overdue"] else ""
    text = (
        f"截至{until}，问题总数{figures['total']}项，累计销号{figures['closed']}项，"
        f"正在推进{figures['under_way']}项{late}；"
        f"本周新增{figures['added']}项，销号{figures['closed_in']}项。"
    )
    return Sentence(text, query=f"figure={address('total', span, ground)}")


# ---------------------------------------------------------------- what happened


def _told(rows: Any, span: Span) -> Iterable[Sentence]:
    yield from _listed(
        rows.filter(registered_at__gte=span.since, registered_at__lt=span.until),
        "新入账{n}项：{names}。",
    )
    yield from _work(rows, span)
    applied = ClosureApplication.objects.filter(
        problem__in=rows, applied_at__gte=span.since, applied_at__lt=span.until
    )
    yield from _listed(
        rows.filter(pk__in=applied.values("problem")), "提出销号申请{n}项：{names}。"
    )
    yield from _listed(
        rows.filter(closed_at__gte=span.since, closed_at__lt=span.until),
        "经审核销号{n}项：{names}。",
    )
    returned = ClosureApplication.objects.filter(
        problem__in=rows, outcome="returned", ended_at__gte=span.since, ended_at__lt=span.until
    )
    yield from _listed(rows.filter(pk__in=returned.values("problem")), "退回补改{n}项：{names}。")


def _listed(rows: Any, words: str) -> Iterable[Sentence]:
    ordered = rows if rows.query.order_by else rows.order_by("pk")
    found = list(ordered[: ROWS + 1])
    if found:
        yield Sentence(
            words.format(n=len(found) if len(found) <= ROWS else f"{ROWS}余", names=_names(found)),
            [row.pk for row in found],
        )


def _names(found: Sequence[Problem]) -> str:
    names = "、".join(f"“{called(row)}”" for row in found[:SHOWN])
    return f"{names}等" if len(found) > SHOWN else names


def called(problem: Problem) -> str:
    """Return the beginning of a problem's text, up to where it breaks."""
    text = " ".join(problem.description.split())
    for mark in "。；;\n":
        text = text.partition(mark)[0]
    return f"{text[:TITLE]}…" if len(text) > TITLE else text


def _work(rows: Any, span: Span) -> Iterable[Sentence]:
    """What was done, problem by problem: measures finished and progress reported."""
    done, said = _entries(rows, span)
    keys = sorted({*done, *said})
    known = Problem.objects.in_bulk(keys[:TOLD])
    for key in keys[:TOLD]:
        parts = []
        if texts := done.get(key):
            most = "；".join(f"“{text}”" for text in texts[:MEASURES])
            more = f"等{len(texts)}项措施" if len(texts) > MEASURES else ""
            parts.append(f"完成{most}{more}")
        if key in said:
            parts.append(said[key])
        yield Sentence(f"“{called(known[key])}”：{'；'.join(parts)}。", [key])
    if others := keys[TOLD:]:
        yield Sentence(f"另有{len(others)}项问题有进展，见台账。", others)


def _entries(rows: Any, span: Span) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Return by problem the measures finished and what was reported last, by the moment of entry:
    what was done on Wednesday and entered on Friday is not lost between two reports."""
    done: dict[int, list[str]] = defaultdict(list)
    said: dict[int, str] = {}
    entries = ProgressEntry.objects.filter(
        problem__in=rows, at__gte=span.since, at__lt=span.until
    ).select_related("measure")
    for entry in entries.order_by("problem", "at", "pk"):
        if entry.measure is None:
            said[entry.problem_id] = _short(entry.text)
            continue
        text, told = _short(entry.measure.text), done[entry.problem_id]
        if entry.measure.done_on and text not in told:  # not one that was taken back
            told.append(text)
    return {key: texts for key, texts in done.items() if texts}, said


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip("。；;")
    return f"{text[:SAID]}…" if len(text) > SAID else text


# ---------------------------------------------------------------- what comes next


def _planned(rows: Any, on: date, until: date) -> Iterable[Sentence]:
    yield from _listed(rows.filter(overdue(on)).order_by("due_on"), "抓紧办结逾期{n}项：{names}。")
    timed = Q(is_timed=True, due_on__gte=on, due_on__lte=until)
    yield from _listed(rows.filter(timed), f"按期完成{_day(until)}前到期{{n}}项：{{names}}。")
    measures = Measure.objects.filter(
        problem__in=rows.filter(is_timed=True), done_on=None, due_on__gte=on, due_on__lte=until
    )
    found = list(measures.order_by("due_on", "pk")[:SHOWN])
    if found:
        texts = "；".join(f"“{_short(row.text)}”（{_day(row.due_on)}前）" for row in found)
        yield Sentence(f"落实措施：{texts}。", sorted({row.problem_id for row in found}))
    later = rows.filter(is_timed=True, due_on__gt=until)
    yield from _listed(later.order_by("due_on"), "继续推进未到期{n}项：{names}。")
    yield from _listed(rows.filter(status="registered"), "补齐六个明确并下达{n}项：{names}。")
    yield from _listed(rows.filter(status="assigned"), "签收交办{n}项：{names}。")
    yield from _listed(rows.filter(status="in_review"), "配合做好销号审核{n}项：{names}。")


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""
