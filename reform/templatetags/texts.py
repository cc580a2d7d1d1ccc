"""Two texts of the same thing: what differs (更正前后), and what a stale form must decide."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reform.errors import Stale
from reform.templatetags.reform import day

register = template.Library()

SENTENCE = re.compile(r"[^。；;！？\n]*[。；;！？\n]?")


@register.inclusion_tag("_parts/diff.html")
def diff(
    before: object, after: object, before_title: str = "原来", after_title: str = "现在"
) -> dict[str, Any]:
    """Two texts side by side, the sentences that differ marked by more than colour."""
    old, new = (SENTENCE.findall(_lines(text)) for text in (before, after))
    moves = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    left = ((kind != "equal", "".join(old[start:end])) for kind, start, end, _, _ in moves)
    right = ((kind != "equal", "".join(new[start:end])) for kind, _, _, start, end in moves)
    return {
        "before": _marked(left, "del"),
        "after": _marked(right, "ins"),
        "before_title": before_title,
        "after_title": after_title,
    }


def _lines(text: object) -> str:
    return str("" if text is None else text).replace("\r\n", "\n")


def _marked(parts: Iterable[tuple[bool, str]], name: str) -> SafeString:
    pieces = {True: f"<{name}>{{}}</{name}>", False: "{}"}  # name is del or ins
    return SafeString("".join(format_html(pieces[new], text) for new, text in parts if text))


@register.simple_tag
def conflicts(form: BaseForm, stale: Stale) -> list[dict[str, Any]]:
    """The fields of a stale form whose text is no longer what stands in the row."""
    return [
        {
            "field": form[name],
            "mine": _shown(form[name], _typed(form, name)),
            "now": _shown(form[name], now),
            "value": _value(form[name], now),
            "single": not getattr(form.fields[name].widget, "allow_multiple_selected", False),
        }
        for name, now in stale.now.items()
        if name in form.fields
        and not form[name].is_hidden
        and _shown(form[name], _typed(form, name)) != _shown(form[name], now)
    ]


@register.simple_tag
def unclashed(form: BaseForm, clashes: list[dict[str, Any]]) -> list[BoundField]:
    """The visible fields of a stale form that are not among its conflicts."""
    names = {clash["field"].name for clash in clashes}
    return [field for field in form.visible_fields() if field.name not in names]


def _typed(form: BaseForm, name: str) -> Any:
    cleaned = getattr(form, "cleaned_data", {})
    return cleaned[name] if name in cleaned else form[name].value()


def _shown(field: BoundField, value: Any) -> str:
    """What a person reads for `value`: the label of a choice, the names of rows, a day, a text."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return day(value)
    if not isinstance(value, str) and isinstance(value, Iterable):
        return "、".join(_shown(field, one) for one in value)
    return _labels(field).get(str(getattr(value, "pk", value)), _lines(value))


def _labels(field: BoundField) -> dict[str, str]:
    choices = getattr(field.field, "choices", None) or ()
    plain = ((value, label) for value, label in choices if not isinstance(label, list | tuple))
    return {str(value): str(label) for value, label in plain}


def _value(field: BoundField, now: Any) -> str:
    """What the control would send for `now`."""
    by_label = {label: value for value, label in _labels(field).items()}
    if isinstance(now, datetime | date):
        return now.isoformat()
    return by_label.get(str(now), str(getattr(now, "pk", "" if now is None else now)))
