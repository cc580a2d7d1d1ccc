"""The page of many rows: filtered by its address, 50 a page, never failing on a strange address."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.views.generic import ListView


class CappedPaginator(Paginator):
    """Counts no further than CAP: the page then says “10000+” and goes no deeper."""

    CAP = 10_000

    @cached_property
    def found(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by().values("pk")[: self.CAP + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, self.CAP)

    @property
    def capped(self) -> bool:
        return self.found > self.CAP


class PagedList(ListView):
    """A list whose filters are a form over the address (`filter_class`), all of them optional.

    A page that does not exist is the nearest that does: addresses are mailed and bookmarked.
    """

    template_name = "list.html"
    paginator_class = CappedPaginator
    paginate_by = 50
    filter_class: type[forms.Form] | None = None
    title = ""

    @cached_property
    def filter(self) -> forms.Form | None:
        return self.filter_class(self.request.GET) if self.filter_class else None

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The filters that make sense; the others are shown with their fault, and do nothing."""
        if self.filter is None:
            return {}
        self.filter.is_valid()
        return {name: value for name, value in self.filter.cleaned_data.items() if value}

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Paginator, Page, Any, bool]:
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get(self.page_kwarg))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {"title": self.title, "filter": self.filter, "chosen": self.chosen} | context
