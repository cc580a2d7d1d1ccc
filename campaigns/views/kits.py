"""Beginning a campaign (新建活动): from a kit of ours, from a file, from an earlier campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views import View

from campaigns import policy
from campaigns.actions import drafts, kits, reference_cases
from campaigns.exports.kits import toml
from campaigns.forms.drafts import KitFileForm, StartForm
from campaigns.imports.kits import BIGGEST, KitFaults, read, shipped
from campaigns.models import Campaign, Kit, ReferenceCase
from reform.errors import Refused
from reform.models import Actor, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import Reach
from reform.text import key_of
from reform.views.act import ActView
from reform.views.files import send_bytes

TOML = "application/toml"


@dataclass(frozen=True)
class Beginning:
    """What a campaign begins with: a kit, where it is from, and who takes part besides."""

    kit: Kit
    made_from: str
    campaign: Campaign | None = None


def places_of(actor: Actor) -> OrganizationQuerySet:
    """Return the organizations for which the actor may begin a campaign."""
    reach = Reach.of(actor, policy.TABLE["kit.use"][1], key="pk")
    rows = Organization.objects.in_force(actor.on).official_order()
    return rows if reach.whole else rows.filter(reach.condition())


def filled(kit: Kit, place: Organization, year: int) -> str:
    return kit.title.replace("{单位}", place.name).replace("{年}", str(year))[:200]


def free_code(kit: Kit, year: int) -> str:
    """Return a code like YLSMXC-2026 that no campaign bears yet."""
    letters = "".join(part[0] for part in kit.code.split("-") if part).upper()[:10]
    code, number = f"{letters}-{year}", 1
    while Campaign.objects.filter(code=code).exists():
        number += 1
        code = f"{letters}-{year}-{number}"
    return code


class KitAct(ActView):
    """Begins a campaign; the office of the place may."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.actor.holds(Role.OFFICE):
            raise PermissionDenied("活动由活动办建立。")
        return super().dispatch(request, *args, **kwargs)

    def may(self, actor: Actor, _object: Any) -> bool:
        return actor.holds(Role.OFFICE)

    @cached_property
    def home(self) -> Organization:
        """The lowest organization whose office the actor is."""
        held = [duty.organization for duty in self.request.actor.holding(Role.OFFICE)]
        return max(held, key=lambda place: place.depth)

    def back(self) -> str:
        return reverse("campaign-new")

    def next_page(self, result: Campaign) -> str:
        return reverse("draft", args=[result.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"places": places_of(self.request.actor)}

    def get_initial(self) -> dict[str, Any]:
        return {"organization": self.home, "starts_on": self.request.actor.on}


class NewCampaign(KitAct):
    """All kits to choose from; with one chosen, what it holds and the few things it cannot say."""

    form_class = StartForm
    title = "新建活动"
    done = "草案已建立，请核对；发布前还缺的会列在这里。"
    template_name = "campaigns/kits/new.html"

    def load(self) -> Beginning | None:
        sent = self.request.POST or self.request.GET
        if code := sent.get("kit", ""):
            kit = next((one for one in shipped() if one.code == code), None)
            if kit is None:
                raise Http404("没有这个活动套件。")
            return Beginning(kits.completed(kit), f"活动套件“{kit.name}”（第{kit.version}版）")
        if key := key_of(sent.get("campaign", "")):
            rows = Campaign.objects.workable_by(self.request.actor)
            campaign = get_object_or_404(rows.select_related("organization"), pk=key)
            return Beginning(kits.of_campaign(campaign), f"活动“{campaign}”", campaign)
        return None

    @cached_property
    def case(self) -> ReferenceCase | None:
        """The case it is begun from (按此案例新建活动), where the address names one."""
        sent = self.request.POST or self.request.GET
        key = key_of(sent.get("case", ""))
        rows = ReferenceCase.objects.visible_to(self.request.actor)
        return get_object_or_404(rows, pk=key) if key else None

    def get_initial(self) -> dict[str, Any]:
        if self.object is None:
            return {}
        kit, campaign, year = self.object.kit, self.object.campaign, self.request.actor.on.year
        return super().get_initial() | {
            "kit": "" if campaign else kit.code,
            "campaign": campaign.pk if campaign else None,
            "case": self.case.pk if self.case else None,
            "title": filled(kit, self.home, year),
            "code": free_code(kit, year),
        }

    def form_valid(self, form: Any) -> Any:
        if self.object is None:
            form.add_error(None, "请先选择一个活动套件，或一项以前的活动。")
            return self.form_invalid(form)
        return super().form_valid(form)

    def act(
        self, begun: Beginning, *, by: Actor, at: datetime, organization: Organization, **facts: Any
    ) -> Campaign:
        facts = {key: facts[key] for key in ("title", "code", "starts_on")}
        others = []
        if begun.campaign and begun.campaign.organization_id == organization.pk:
            rows = begun.campaign.participations.select_related("organization")
            others = [row.organization for row in rows if not row.organization.is_retired(by.on)]
        start = partial(reference_cases.begin_campaign, self.case) if self.case else None
        return (start or drafts.start_here)(
            begun.kit,
            organization=organization,
            participants=others or [organization],
            made_from=begun.made_from,
            by=by,
            at=at,
            **facts,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        earlier = Campaign.objects.visible_to(actor).select_related("organization")
        return super().get_context_data(**kwargs) | {
            "begun": self.object,
            "case": self.case,
            "kit": self.object.kit if self.object else None,
            "kits": shipped(),
            "earlier": earlier.order_by("-starts_on", "-pk")[:20],
        }


class ImportKit(KitAct):
    """A kit file from elsewhere becomes a draft; a wrong one is not read at all."""

    form_class = KitFileForm
    title = "导入活动套件"
    done = "套件已读入，草案已建立。请核对；发布前还缺的会列在草案页。"
    template_name = "campaigns/kits/import.html"
    faults: Sequence[str] = ()

    def load(self) -> None:
        return None

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read the file before the transaction; what is wrong in it is listed above the form."""
        try:
            data["kit"] = read(data.pop("file").read(BIGGEST + 1))
        except KitFaults as wrong:
            self.faults = wrong.faults
            raise Refused("套件文件有错误，没有读入。请照上面逐处改正，再选这个文件。") from wrong
        return data

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"faults": self.faults}

    def act(
        self,
        _object: None,
        *,
        by: Actor,
        at: datetime,
        kit: Kit,
        organization: Organization,
        title: str,
        code: str,
        **facts: Any,
    ) -> Campaign:
        year = facts["starts_on"].year
        return drafts.start_here(
            kit,
            title=title or filled(kit, organization, year),
            code=code or free_code(kit, year),
            organization=organization,
            participants=[organization],
            made_from=f"导入的套件“{kit.name}”（第{kit.version}版）",
            by=by,
            at=at,
            **facts,
        )


class ExportKit(View):
    """A campaign as a kit file."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        rows = Campaign.objects.workable_by(request.actor).select_related("organization")
        campaign = get_object_or_404(rows, pk=pk)
        if not policy.may_here(request.actor, "kit.use", campaign.organization):
            raise PermissionDenied("活动套件由牵头单位或上级活动办导出。")
        kit = kits.export(campaign, by=request.actor, at=timezone.now())
        return send_bytes(toml(kit), name=f"活动套件_{campaign.code}.toml", kind=TOML)
