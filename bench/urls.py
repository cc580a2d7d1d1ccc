"""The doors of the product, and beside them the barest signed-in page there can be."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def bare(request: HttpRequest) -> HttpResponse:
    """Who it is and what he may: every page needs that much."""
    return HttpResponse(f"{request.user.name} {len(request.actor.duties)}")


urlpatterns = [path("bare/", bare), path("", include("reform.urls"))]
