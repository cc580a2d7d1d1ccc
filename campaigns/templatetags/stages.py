"""The bar of stages (阶段条), with today's mark."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context

from campaigns.models import Stage

register = template.Library()

NARROW, WIDE = 12.0, 88.0  # percent: beyond them the word 今天 is set inwards


@register.inclusion_tag("_parts/stages.html", takes_context=True)
def stage_bar(context: Context, stages: Iterable[Stage]) -> dict[str, Any]:
    """Each stage as long as it lasts, on one line from the first day to the last."""
    rows, on = list(stages), context["request"].actor.on
    if not rows:
        return {"parts": []}
    first, last = min(row.starts_on for row in rows), max(row.ends_on for row in rows)
    days = (last - first).days + 1

    def percent(number: float) -> str:
        return f"{number * 100 / days:.2f}%"

    parts = [
        {
            "stage": row,
            "number": place,
            "x": percent((row.starts_on - first).days),
            "width": percent((row.ends_on - row.starts_on).days + 1),
            "middle": percent(
                (row.starts_on - first).days + ((row.ends_on - row.starts_on).days + 1) / 2
            ),
            "is_today": row.starts_on <= on <= row.ends_on,
        }
        for place, row in enumerate(rows, start=1)
    ]
    at = ((on - first).days + 0.5) * 100 / days
    anchor = "start" if at < NARROW else "end" if at > WIDE else "middle"
    return {
        "parts": parts,
        "on": on,
        "today": f"{at:.2f}%" if first <= on <= last else "",
        "anchor": anchor,
    }
