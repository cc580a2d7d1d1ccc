"""What the system administrator does to one organization: found below it, rename, change, place."""

from typing import Any

from django.shortcuts import get_object_or_404

from reform import policy
from reform.actions import organizations, relations, tree
from reform.forms.organizations import (
    ChangeForm,
    EstablishForm,
    PlaceForm,
    RelationForm,
    RenameForm,
)
from reform.models import Actor, Organization
from reform.views.act import ActView
from reform.views.organizations import with_lineage

NEAR = 15  # siblings shown before and after the one that is placed


class OrganizationAct(ActView):
    """An act on one organization, which everybody may see."""

    model = Organization
    object: Organization
    template_name = "reform/organizations/act.html"

    def load(self) -> Organization:
        rows = Organization.objects.select_related("parent")
        return with_lineage([get_object_or_404(rows, pk=self.kwargs["pk"])])[0]

    def may(self, actor: Actor, _organization: Organization) -> bool:
        return policy.may(actor, "org.edit")

    def back(self) -> Organization | str:
        return self.object

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"organization": self.object}


class EstablishOrganization(OrganizationAct):
    """Found one below the organization in the address."""

    form_class = EstablishForm
    title = "新建下级组织"
    done = "党组织已建立。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"code": organizations.suggest_code(self.object)}

    def act(self, parent: Organization, *, by: Actor, at: Any, **facts: Any) -> Organization:
        return organizations.establish(parent=parent, by=by, at=at, **facts)

    def next_page(self, result: Organization) -> Organization:
        return result


class EstablishTop(EstablishOrganization):
    """Found one at the very top."""

    title = "新建最上级组织"

    def load(self) -> Any:
        return None

    def back(self) -> str:
        return "organizations"


class RenameOrganization(OrganizationAct):
    form_class = RenameForm
    title = "更名"
    done = "名称已更改，旧名称保留在“曾用名”，仍可查到。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {
            "short_name": self.object.short_name,
            "on": self.request.actor.on,
        }

    def act(self, organization: Organization, *, by: Actor, at: Any, **facts: Any) -> Any:
        return organizations.rename(organization, by=by, at=at, **facts)


class ChangeOrganization(OrganizationAct):
    form_class = ChangeForm
    title = "修改信息"
    done = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        place = self.object
        facts = {"kind": place.kind, "code": place.code, "short_name": place.short_name}
        return super().get_initial() | facts

    def act(self, organization: Organization, *, by: Actor, at: Any, **facts: Any) -> Any:
        return organizations.change(organization, by=by, at=at, **facts)


class PlaceOrganization(OrganizationAct):
    """机构序列 among siblings: one up, one down, first, or right after another."""

    form_class = PlaceForm
    title = "调整机构序列"
    done = "机构序列已调整，各处列表和报表都按新的顺序。"
    template_name = "reform/organizations/place.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organization": self.object}

    def act(
        self, organization: Organization, *, direction: str, after: Any, by: Actor, at: Any
    ) -> Any:
        if direction in {"earlier", "later"}:
            return tree.shift(organization, earlier=direction == "earlier", by=by, at=at)
        return tree.place_after(
            organization, after=None if direction == "first" else after, by=by, at=at
        )

    def next_page(self, _result: Any) -> str:
        return self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Organization.objects.in_force(self.request.actor.on)
        siblings = rows.filter(parent=self.object.parent_id)
        before = siblings.filter(sequence__lt=self.object.sequence).order_by("-sequence")
        after = siblings.filter(sequence__gt=self.object.sequence).official_order()
        first = list(before[: NEAR + 1])[::-1]
        last = list(after[: NEAR + 1])
        return super().get_context_data(**kwargs) | {
            "siblings": [*first[-NEAR:], self.object, *last[:NEAR]],
            "more_before": len(first) > NEAR,
            "more_after": len(last) > NEAR,
            "is_first": not first,
            "is_last": not last,
        }


class AddRelation(OrganizationAct):
    form_class = RelationForm
    title = "登记组织关系"
    done = "组织关系已登记。"
    template_name = "reform/organizations/relation.html"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"since": self.request.actor.on}

    def act(self, organization: Organization, *, by: Actor, at: Any, **facts: Any) -> Any:
        return relations.add(organization, by=by, at=at, **facts)
