"""What of portraits (画像比对) waits on a desk. A line names the branch, never of whom or by whom
something was said: to nobody but its author does it tell that an opinion is there (decision 0032).
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Concat

from campaigns import policy
from campaigns.models import Opinion, Portrait, PortraitSession
from rectification.views.campaign_lines import SOME_DAY, shaped
from reform.models import Actor, Role

Status = Portrait.Status


def parts(actor: Actor) -> Iterator[QuerySet[Any, Any]]:
    every = PortraitSession.objects.all()
    asked = Opinion.objects.by(actor).waiting().exclude(question="").filter(answer="")
    asked = asked.filter(portrait__session=OuterRef("pk"))
    yield _sessions(every.filter(Exists(asked)), "portrait-answer")
    own = Portrait.objects.of(actor).filter(status=Status.SHOWN)
    facts = {"words": _named("session__organization"), "beside": "session__campaign__title"}
    yield shaped(own, "portrait-read", pk="pk", **facts)
    if actor.home and policy.may_here(actor.own, "po.speak", actor.home):
        yield _to_speak(actor)
    if actor.holds(Role.SECRETARY, Role.LEADER):
        merges = Portrait.objects.merged_by(actor).filter(session=OuterRef("pk"))
        closed = every.filter(status=PortraitSession.Status.CLOSED)
        yield _sessions(
            closed.filter(Exists(merges.filter(status=Status.MERGING))), "portrait-merge"
        )
        yield _sessions(closed.filter(Exists(merges.filter(status=Status.READ))), "portrait-file")


def _named(organization: str) -> Concat:
    return Concat(f"{organization}__name", Value("画像比对"), output_field=TextField())


def _sessions(rows: QuerySet[PortraitSession], kind: str, **columns: Any) -> QuerySet[Any, Any]:
    return shaped(
        rows, kind, pk="pk", words=_named("organization"), beside="campaign__title", **columns
    )


def _to_speak(actor: Actor) -> QuerySet[Any, Any]:
    """Until one has said something of somebody; more may follow, from the page of the session."""
    said = Opinion.objects.by(actor).filter(portrait__session=OuterRef("pk"))
    own = Portrait.objects.of(actor).order_by().values("pk")
    others = Portrait.objects.filter(session=OuterRef("pk"), status=Status.MERGING)
    rows = PortraitSession.objects.filter(
        ~Exists(said),
        Exists(others.exclude(pk__in=own)),
        organization=actor.home,
        status=PortraitSession.Status.OPEN,
    )
    return _sessions(rows, "portrait-speak", day=Value(SOME_DAY))
