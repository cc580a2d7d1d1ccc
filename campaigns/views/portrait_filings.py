"""Handing the lists to the discipline side (送归档): printing them, and the receipt."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import View

from campaigns.actions import portrait_filings
from campaigns.forms.portraits import FileForm
from campaigns.models import Act, Portrait, PortraitSession
from campaigns.reports.portraits import lists_of
from campaigns.views.portraits import SessionAct
from reform.actions import trail
from reform.models import Actor
from reform.views.files import WORD, send_bytes

Status = Portrait.Status


def to_file(session: PortraitSession, actor: Actor) -> QuerySet[Portrait]:
    rows: QuerySet[Portrait] = Portrait.objects.merged_by(actor).filter(session=session)
    return rows.filter(status=Status.READ).order_by("pk")


class MergerAct(SessionAct):
    """Of a session in which one merges something, one's own branch's or from above."""

    def may(self, actor: Actor, session: PortraitSession) -> bool:
        return Portrait.objects.merged_by(actor).filter(session=session).exists()


class FileLists(MergerAct):
    form_class = FileForm
    title = "登记归档回执"
    done = "已登记回执；这些画像办结，是谁提的意见已抹去。"
    template_name = "campaigns/portraits/file.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_form_kwargs() | {
            "portraits": to_file(self.object, actor),
            "on": actor.on,
        }

    def act(self, session: PortraitSession, *, by: Actor, at: datetime, **facts: Any) -> Any:
        facts["chosen"] = [int(key) for key in facts["chosen"]]
        return portrait_filings.file(session, **facts, by=by, at=at)


class Lists(View):
    """The lists to be handed over, printed: of those that were read and are not filed yet."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        rows = PortraitSession.objects.visible_to(actor)
        session = get_object_or_404(rows.select_related("campaign", "organization"), pk=pk)
        chosen = list(to_file(session, actor).select_related("person", "told_by"))
        if not chosen:
            raise PermissionDenied("由您办理的画像中，没有本人已阅、等待送归档的。")
        for row in chosen:
            trail.record(Act.PORTRAIT_PRINTED, row, by=actor, at=now, say=f"{row}，{session}")
        data = lists_of(session, chosen, by=actor, at=now)
        return send_bytes(data, name=f"{session}个人问题清单.docx", kind=WORD)
