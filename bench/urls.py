"""The doors of the product, and beside them the barest signed-in page there can be."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from reform.models import Actor


def bare(request: HttpRequest) -> HttpResponse:
    """Who it is and what he may: every page needs that much."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
    return HttpResponse(f"{actor.user.name} {len(actor.duties)}")


urlpatterns = [path("bare/", bare), path("", include("reform.urls"))]
