"""Fields that search instead of listing: no page carries ten thousand names (DESIGN §8).

On the wire stands “名称 #17”. The browser writes it when a row is picked from the search; without
JavaScript a person types the name alone, which is enough while it is the only one of its kind.
"""

import re
from abc import abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.urls import reverse_lazy

from reform.forms.act import LineField
from reform.models import Organization, User

NUMBERED = re.compile(r"#(\d{1,18})$")
SHOWN = 5  # candidates named when several fit


class PickerInput(forms.TextInput):
    """A text input that static/js/reform.js turns into a search of `url`."""

    def __init__(self, url: Any, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"data-picker": "", "data-url": url, "autocomplete": "off"} | (attrs or {})
        )


class RowField(LineField):
    """One row, by what its search or its name says. A subclass names `page` and `candidates`."""

    page = ""
    nobody = "没有找到“%(words)s”，请输入全称或从列表中选择。"
    several = "有多个“%(words)s”，请从列表中选择，或照此填写：%(found)s。"

    def __init__(self, *, queryset: QuerySet | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", PickerInput(reverse_lazy(self.page)))
        super().__init__(max_length=200, empty_value=None, **kwargs)
        self.queryset = queryset

    def rows(self) -> QuerySet:
        """The rows that may be picked; a form may narrow them through `queryset`."""
        return self.everything() if self.queryset is None else self.queryset.all()

    @abstractmethod
    def everything(self) -> QuerySet: ...

    @abstractmethod
    def named(self, words: str) -> Q: ...

    def to_python(self, value: Any) -> Model | None:
        words = super().to_python(value)
        if not words:
            return None
        numbered = NUMBERED.search(words)
        condition = Q(pk=numbered[1]) if numbered else self.named(words)
        found = list(self.rows().filter(condition)[: SHOWN + 1])
        if not found:
            raise ValidationError(self.nobody, params={"words": words})
        if len(found) > 1:
            shown = "、".join(wire(row) for row in found[:SHOWN])
            raise ValidationError(self.several, params={"words": words, "found": shown})
        return found[0]

    def run_validators(self, value: Any) -> None:
        """The length was checked as text; a row has none."""

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.everything().filter(pk=value).first()
        return wire(value) if isinstance(value, Model) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != (data or "")


def wire(row: Model) -> str:
    return f"{row} #{row.pk}"


class OrganizationField(RowField):
    """A Party organization: by its name, short name or code."""

    page = "organization-search"

    def everything(self) -> QuerySet:
        return Organization.objects.all()

    def named(self, words: str) -> Q:
        """Also by a former name; then the one it is now goes before."""
        now = Q(name=words) | Q(short_name=words) | Q(code=words)
        if self.rows().filter(now).exists():
            return now
        return Q(pk__in=Organization.objects.called(words).values("pk"))


class PersonField(RowField):
    """A person with an account: by name."""

    page = "person-search"

    def everything(self) -> QuerySet:
        return User.objects.active()

    def named(self, words: str) -> Q:
        return Q(name=words)
