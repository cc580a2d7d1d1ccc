"""The state of the system (系统状态), for its administrator; machines ask /health/."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from reform import policy
from reform.views import vitals


@method_decorator(never_cache, name="dispatch")
class SystemStatus(TemplateView):
    template_name = "reform/system/status.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.actor, "cfg.system"):
            raise PermissionDenied("系统状态由系统管理员查看。")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = vitals.look(now)
        return super().get_context_data(**kwargs) | {
            "title": "系统状态",
            "now": now,
            "vitals": found,
            "trouble": [vital for vital in found if vital.advice],
        }
