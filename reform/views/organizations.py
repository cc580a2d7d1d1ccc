"""Organizations (党组织): the tree, opened branch by branch, and the page of one."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property

from reform import policy
from reform.forms.filters import KindFilter
from reform.models import Duty, DutyField, Organization, OrganizationRelation, Role
from reform.views.lists import PagedList
from reform.views.people import StaffList

# How a relation reads on the page of either end.
RELATED = {
    "stationed": ("派驻", "派驻纪检"),
    "guides": ("指导", "受其指导"),
    "joint": ("参加单位", "参加联合支部"),
}
SHOWN = 200  # of one branch at once; beyond it the list of that branch has pages
FEW = 5  # tops that come opened


def with_counts(rows: QuerySet, on: date) -> QuerySet:
    """Add how many members each row has, and whether anything lies below it."""
    members = (
        Duty.objects.in_force(on)
        .filter(organization=OuterRef("pk"), role=Role.MEMBER, user__is_active=True)
        .order_by()
        .values("organization")
        .annotate(people=Count("user", distinct=True))
        .values("people")
    )
    below = Organization.objects.in_force(on).filter(parent=OuterRef("pk"))
    return rows.annotate(members=Coalesce(Subquery(members), 0), is_parent=Exists(below))


def with_lineage(rows: Iterable[Organization]) -> list[Organization]:
    """Give each row `above`: the organizations over it, top first. One query for all."""
    rows = list(rows)
    paths = {path for row in rows for path in row.lineage[:-1]}
    known = {row.path: row for row in Organization.objects.filter(path__in=paths)}
    for row in rows:
        row.above = [known[path] for path in row.lineage[:-1] if path in known]
    return rows


class OrganizationTree(PagedList):
    """The tree; with words or a kind asked for, the list of what fits."""

    title = "组织"
    filter_class = KindFilter
    template_name = "reform/organizations/list.html"

    @cached_property
    def here(self) -> QuerySet:
        rows = Organization.objects.in_force(self.request.actor.on).official_order()
        return with_counts(rows, self.request.actor.on)

    def get_queryset(self) -> QuerySet:
        if not self.chosen:
            return self.here.filter(depth=1)
        rows = self.here
        if words := self.chosen.get("q"):
            # Who looks for an old name, or for one that is gone, finds it.
            everything = Organization.objects.official_order()
            rows = with_counts(everything.like(words), self.request.actor.on)
            rows = rows.prefetch_related("former_names")
        if kind := self.chosen.get("kind"):
            rows = rows.filter(kind=kind)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = policy.may(self.request.actor, "org.edit")
        context = super().get_context_data(**kwargs) | {"may_edit": may_edit}
        if self.chosen:
            return (
                context
                | {"on": self.request.actor.on}
                | {"found": with_lineage(context["page_obj"])}
            )
        return context | {"tops": self.opened(list(context["page_obj"]))}

    def opened(self, tops: list[Organization]) -> list[Organization]:
        """Give each of a few tops `shown`, what lies right below it, and `more` if not all does."""
        if len(tops) > FEW:
            return tops
        children = list(self.here.filter(parent__in=tops)[: SHOWN + 1])
        for top in tops:
            top.shown = [child for child in children[:SHOWN] if child.parent_id == top.pk]
            top.more = len(children) > SHOWN
        return tops


class Branch(PagedList):
    """What lies right below one organization: a piece of the tree for htmx, else a page."""

    template_name = "reform/organizations/children.html"

    def get_queryset(self) -> QuerySet:
        self.organization = get_object_or_404(Organization, pk=self.kwargs["pk"])
        rows = Organization.objects.in_force(self.request.actor.on).filter(parent=self.organization)
        return with_counts(rows.official_order(), self.request.actor.on)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.htmx:
            return super().get(request, *args, **kwargs)
        rows = list(self.get_queryset()[: SHOWN + 1])
        context = {"organization": self.organization, "nodes": rows[:SHOWN], "more": rows[SHOWN:]}
        return render(request, "reform/organizations/_nodes.html", context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = with_lineage([self.organization])[0]
        facts = {"organization": organization, "title": f"{organization}的下级组织"}
        return super().get_context_data(**kwargs) | facts


class OrganizationPage(StaffList):
    """One organization: where it stands, what lies below it, who serves there."""

    template_name = "reform/organizations/detail.html"
    first_children = 30

    def get_queryset(self) -> QuerySet:
        self.organization = get_object_or_404(Organization, pk=self.kwargs["pk"])
        return self.serving(self.organization)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.request.actor.on
        below = Organization.objects.in_force(on).filter(parent=self.organization).official_order()
        children = list(with_counts(below, on)[: self.first_children + 1])
        context = super().get_context_data(**kwargs)
        for person in context["object_list"]:
            person.here = [
                duty for duty in person.held if duty.organization_id == self.organization.pk
            ]
        place = self.organization
        may_edit = policy.may(self.request.actor, "org.edit")
        return context | {
            "title": place.name,
            "organization": with_lineage([place])[0],
            "former_names": place.former_names.all(),
            "relations": [
                {
                    "row": row,
                    "words": RELATED[row.kind][row.other_id == place.pk],
                    "place": row.organization if row.other_id == place.pk else row.other,
                }
                for row in OrganizationRelation.objects.of(place)
            ],
            "predecessors": place.predecessors.official_order(),
            "may_edit": may_edit and not place.is_retired(on),
            "may_add": policy.may(self.request.actor, "user.create", place.path)
            and not place.is_retired(on),
            "on": on,
            "children": children[: self.first_children],
            "more_children": len(children) > self.first_children,
            "looked_after": DutyField.objects.in_force(on)
            .filter(organization=self.organization, duty__user__is_active=True)
            .select_related("duty__user")
            .order_by("kind", "pk"),
        }
