"""Pages of changing the tree: move, retire, merge, split; each shows first what will happen."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from rectification import statistics
from rectification.actions import reorganizations
from rectification.actions.successions import STAYING
from rectification.forms.reorganizations import (
    MergeForm,
    MoveForm,
    PreviewedForm,
    RetireForm,
    SplitForm,
)
from rectification.models import ReviewStep
from reform import policy
from reform.actions import organizations
from reform.forms.organizations import EndRelationForm
from reform.models import Actor, Duty, Organization, OrganizationRelation
from reform.models.organization import within
from reform.templatetags.reform import day
from reform.views.act import ActView
from reform.views.organization_acts import OrganizationAct

NAMED = 10  # duties named in a preview


class Reorganization(OrganizationAct):
    """An act in two steps. A subclass says `sentences(data)`: what will happen."""

    template_name = "rectification/organizations/reorganize.html"
    form_class: type[PreviewedForm]
    meaning = ""
    whole = False  # whether what lies below comes along

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organization": self.object}

    def form_valid(self, form: PreviewedForm) -> HttpResponse:
        if not form.is_sure:
            data = dict(form.cleaned_data)
            form.ask()
            context = self.get_context_data(form=form, previewed=True)
            return self.render_to_response(context | self.preview(data))
        form.cleaned_data.pop("sure")
        return super().form_valid(form)

    def form_invalid(self, form: PreviewedForm) -> HttpResponse:
        """What was refused is asked from the beginning: no yes stays in the form."""
        form.data = form.data.copy()
        form.data["sure"] = ""
        return super().form_invalid(form)

    def preview(self, data: dict[str, Any]) -> dict[str, Any]:
        places = self.places(data)
        return {
            "places": [(place, self.left(place).named()) for place in places],
            "sentences": self.sentences(data),
        }

    def places(self, _data: dict[str, Any]) -> list[Organization]:
        return [self.object]

    def left(self, place: Organization) -> statistics.Left:
        return statistics.left_at(place, on=self.request.actor.on, whole=self.whole)


class MoveOrganization(Reorganization):
    form_class = MoveForm
    title = "调整隶属"
    done = "已移动。问题编号和已销号问题的单位名称不变。"
    whole = True
    meaning = "把这个党组织连同全部下级移到另一个上级之下。编号、名称、人员和职责都不变。"

    def act(self, organization: Organization, *, under: Any, by: Actor, at: Any) -> Any:
        return reorganizations.move(organization, under=under, by=by, at=at)

    def sentences(self, data: dict[str, Any]) -> list[str]:
        place, under = self.object, data["under"]
        now = set(place.lineage[:-1])
        then = set(under.lineage) if under else set()
        rows = within(place.path, "application__problem__path")
        steps = ReviewStep.objects.open().filter(rows, holder__path__in=now - then).count()
        return [
            f"上级由“{place.parent or '最上级'}”改为“{under or '最上级'}”，排在其下级的末位。",
            f"今后由“{under or place}”及其上级查看、审核，原上级不再看到这些问题。",
            f"{steps}个待办的审核步骤将改送新的上级，并通知新的审核人。"
            if steps
            else "没有待办的审核步骤需要改送。",
            "已销号问题的单位名称不变，随本单位归新的上级查看。",
        ]


class RetireOrganization(Reorganization):
    form_class = RetireForm
    title = "撤销组织"
    done = "已撤销。已销号问题仍可由上级查看。"
    meaning = "撤销后不能再填报，各处选单里不再出现，筛选时仍可选用。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"on": self.request.actor.on}

    def act(
        self, organization: Organization, *, into: Any, on: Any, document: str, by: Actor, at: Any
    ) -> Any:
        facts = {"on": on, "document": document, "by": by, "at": at}
        if into:
            return reorganizations.merge([organization], into=into, **facts)
        return reorganizations.retire(organization, **facts)

    def form_valid(self, form: PreviewedForm) -> HttpResponse:
        left = self.left(self.object).in_words()
        if left and not form.cleaned_data["into"]:
            form.add_error("into", f"还有{left}，请填写由哪个党组织承接，或先移交。")
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"left": self.left(self.object).in_words()}

    def sentences(self, data: dict[str, Any]) -> list[str]:
        if not data["into"]:
            return [f"“{self.object}”自{day(data['on'])}起撤销。"]
        return handed_over([self.object], str(data["into"]), data["on"], self.request.actor)


class MergeOrganization(Reorganization):
    form_class = MergeForm
    title = "合并"
    done = "已合并，未办结事项已移交。"
    meaning = "合并后，被并的党组织撤销，由承接的党组织接管下级、未办结事项和人员。"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {
            "on": self.request.actor.on,
            "kind": self.object.kind,
            "code": organizations.suggest_code(self.object.parent),
        }

    def places(self, data: dict[str, Any]) -> list[Organization]:
        return list(dict.fromkeys([self.object, *data["also"]]))

    def act(self, _organization: Organization, *, by: Actor, at: Any, **data: Any) -> Any:
        facts = {"on": data["on"], "document": data["document"], "by": by, "at": at}
        if data["way"] == "existing":
            return reorganizations.merge(self.places(data), into=data["into"], **facts)
        new = {name: data[name] for name in ("name", "short_name", "kind", "code")}
        return reorganizations.merge_into_new(self.places(data), **new, **facts)

    def next_page(self, result: Organization) -> Organization:
        return result

    def sentences(self, data: dict[str, Any]) -> list[str]:
        into = str(data["into"]) if data["way"] == "existing" else f"{data['name']}（新建）"
        return handed_over(self.places(data), into, data["on"], self.request.actor)


class SplitOrganization(Reorganization):
    form_class = SplitForm
    title = "分设"
    done = "已分设。新党组织的职责请安全管理员授予。"
    meaning = "在同一上级之下分出一个新的党组织，并划转部分成员、未销号问题和下级党组织。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": self.request.actor.on}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {
            "on": self.request.actor.on,
            "kind": self.object.kind,
            "code": organizations.suggest_code(self.object.parent),
        }

    def act(self, organization: Organization, *, by: Actor, at: Any, **facts: Any) -> Any:
        return reorganizations.split(organization, by=by, at=at, **facts)

    def next_page(self, result: Organization) -> Organization:
        return result

    def sentences(self, data: dict[str, Any]) -> list[str]:
        members, rows = len(data["members"]), len(data["problems"])
        children = list(data["children"])
        names = "、".join(str(child) for child in children[:NAMED])
        more = f"等{len(children)}个" if len(children) > NAMED else ""
        return [
            f"新建“{data['name']}”，与“{self.object}”同属“{self.object.parent or '最上级'}”。",
            f"下级党组织{names}{more}连同其下级、人员和问题划到新党组织之下。"
            if children
            else "没有划转的下级党组织。",
            f"{members}名成员自{day(data['on'])}起转入新党组织，主要隶属随之转移；其他职责不变。",
            f"{rows}条未销号问题由新党组织负责，编号不变；其他问题和全部已销号问题留在原单位。",
            "新党组织参加原单位参加的活动。书记、联络员等职责由安全管理员另行授予。",
        ]


def handed_over(parts: list[Organization], into: str, on: Any, by: Actor) -> list[str]:
    """Return what a merger does, in sentences; the duties that end are named."""
    held = Duty.objects.in_force(by.on).filter(organization__in=parts, user__is_active=True)
    ended = held.exclude(role__in=STAYING).select_related("user", "organization")
    names = [f"{duty.user}（{duty.organization}{duty.get_role_display()}）" for duty in ended]
    more = f"等{len(names)}项" if len(names) > NAMED else ""
    words = "、".join(names[:NAMED])
    return [
        f"{'、'.join(map(str, parts))}自{day(on)}起撤销，由“{into}”承接。",
        "下级党组织、未销号问题、草稿、待核对的导入和牵头的活动一并移交，问题编号不变。",
        "已销号问题保留原单位名称，由承接单位查看。",
        "成员转入承接单位，主要隶属随之转移；审核指派保留。",
        f"以下职责终止，列入“待确认职责”由安全管理员确认：{words}{more}。"
        if names
        else "没有需要终止的职责。",
    ]


class EndRelation(ActView):
    """End a relation beside the tree; of a 派驻 the steps waiting there are seated anew."""

    form_class = EndRelationForm
    model = OrganizationRelation
    title = "终止组织关系"
    done = "组织关系已终止。"
    template_name = "reform/organizations/relation_end.html"

    def load(self) -> OrganizationRelation:
        rows = OrganizationRelation.objects.select_related("organization", "other")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def may(self, actor: Actor, _relation: OrganizationRelation) -> bool:
        return policy.may(actor, "org.edit")

    def back(self) -> Organization:
        return self.object.organization

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"until": self.request.actor.on - timedelta(days=1)}

    def act(self, relation: OrganizationRelation, *, until: Any, by: Actor, at: Any) -> Any:
        return reorganizations.end_relation(relation, until=until, by=by, at=at)
