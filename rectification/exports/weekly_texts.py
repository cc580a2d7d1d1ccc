"""What a collated report says in a form that is filled once: its texts whole, days and figures."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from campaigns.models import BEIJING
from rectification.exports.cover import long_day
from rectification.models import WeeklyPart, WeeklyReport
from rectification.models.metric import METRICS
from rectification.models.weekly_report import reported_words


class Texts(NamedTuple):
    report: WeeklyReport
    parts: Sequence[WeeklyPart]
    listed: bool  # each organization has a row of its own: its text is not said twice

    def said(self, places: Collection[str]) -> dict[str, str]:
        """Return what → text; what the form has no place for stands below the progress."""
        report = self.report
        day = (report.filed_at or report.counted_at).astimezone(BEIJING).date()
        progress = [*_lines(report.progress), *reported_words(self.parts)]
        if not self.listed:
            progress += [line for part in self.parts for line in _told(part, part.progress)]
        for code, heading, text in (
            ("practices", "好的做法", report.practices),
            ("troubles", "存在问题", report.troubles),
        ):
            if code not in places and text.strip():
                progress += [f"{heading}：", *_lines(text)]
        plans = self._plans()
        if "plans" not in places and not self.listed and plans:
            progress += ["下周工作安排：", *plans]
        return {
            "unit": report.name,
            "date": long_day(day),
            "issue": str(report.issue.number),
            "period": report.issue.period(),
            "progress": "\n".join(progress),
            "plans": "\n".join(plans),
            "practices": report.practices,
            "troubles": report.troubles,
            **{code: str(report.figures.get(code, "")) for code in METRICS},
        }

    def in_a_row(self, columns: Collection[str]) -> dict[str, str | int | None]:
        """Return what → value for one row that speaks for all, beside its number and name."""
        said, figures = self.said(columns), self.report.figures
        return {code: figures.get(code) if code in METRICS else said.get(code) for code in columns}

    def _plans(self) -> list[str]:
        own = _lines(self.report.plans)
        if self.listed:
            return own
        return [*own, *(line for part in self.parts for line in _told(part, part.plans))]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _told(part: WeeklyPart, text: str) -> list[str]:
    """Return an organization's lines, the first with its name; none where it says nothing."""
    lines = _lines(text)
    return [f"{part.name}：{lines[0]}", *lines[1:]] if lines else []
