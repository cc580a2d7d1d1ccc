"""What was found, for whoever answers to take onto the ledger (入账): the list, and the taking in.

Findings of examinations and of sweeps come here alike; a `Found` says what differs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from rectification import policy
from reform.models import Actor
from reform.text import key_of
from reform.views.lists import PagedList

FIRST = "waiting"  # the state that is shown unless the address names another


@dataclass(frozen=True)
class Found:
    """One kind of findings: whose they are, in which states and order, and who takes them in."""

    address: str  # the name of the list's address
    of: Callable[[Actor], QuerySet[Any]]
    states: Mapping[str, tuple[str, Q]]
    whole: Sequence[str]  # what a row of the page reads beside itself
    order: Sequence[str]
    act: str  # in PERMISSIONS
    not_yours: str
    take_in: Callable[..., list[Any]]
    taken_page: str

    def require_taker(self, actor: Actor) -> None:
        """Raise PermissionDenied, in words, for whoever takes in none of them anywhere."""
        if not actor.holds(*policy.scopes(self.act)):
            raise PermissionDenied(self.not_yours)


class FoundList(PagedList):
    """Those of one kind that are the actor's to take in, those not on the ledger first."""

    kind: ClassVar[Found]
    narrowing: ClassVar[Mapping[str, str]] = {}  # field of the address → field of the rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind.require_taker(request.actor)  # type: ignore[attr-defined]
        asked = request.GET.get("state", "")
        self.state = asked if asked in self.kind.states else FIRST
        return super().get(request, *args, **kwargs)

    def narrowed(self) -> QuerySet[Any]:
        """Return the actor's of all states; only those that the address names, if it does."""
        keys = {
            path: key_of(self.request.GET.get(name, "")) for name, path in self.narrowing.items()
        }
        return self.kind.of(self.request.actor).filter(
            **{path: key for path, key in keys.items() if key}
        )

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.narrowed().filter(self.kind.states[self.state][1])
        return rows.select_related(*self.kind.whole).order_by(*self.kind.order)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        states = self.kind.states
        counts = self.narrowed().aggregate(
            **{code: Count("pk", filter=one or None) for code, (_, one) in states.items()}
        )
        asked = {name: said for name in self.narrowing if (said := self.request.GET.get(name))}
        return super().get_context_data(**kwargs) | {
            "narrowed": bool(asked),
            "takes": self.state != "taken",
            "chips": [
                {
                    "words": words,
                    "count": counts[code],
                    "url": f"{reverse(self.kind.address)}?{urlencode({'state': code, **asked})}",
                    "current": code == self.state,
                }
                for code, (words, _) in states.items()
            ],
        }


class TakeFound(View):
    """入账 of the chosen ones, each with a result of its own."""

    http_method_names = ["post"]
    kind: ClassVar[Found]

    def post(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        self.kind.require_taker(actor)
        pks = [key_of(value) for value in request.POST.getlist("pk")[: FoundList.paginate_by]]
        chosen = self.kind.of(actor).filter(pk__in=pks)
        rows = list(chosen.select_related(*self.kind.whole).order_by(*self.kind.order))
        if not rows:
            messages.info(request, "请先勾选要入账的问题。")
            return redirect(self.kind.address)
        results = self.kind.take_in(rows, by=actor, at=timezone.now())
        return render(request, self.kind.taken_page, {"results": results})
