"""The shape of every page that does one thing to one object."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import FormView

from reform.actions import once
from reform.errors import Forbidden, Refused, Repeated, Stale


class ActView(FormView):
    """Load the object in the actor's scope, ask who may, show a form, call one act.

    A subclass names `model`, `form_class`, `template_name`, `title`, `done` and, where the form
    is a plain confirmation, `submit`; and writes
    `may(actor, object)` and `act(object, by=, at=, **data)`. Out of scope is 404, not allowed is
    403, a Refused comes back as an error on the form with everything typed still in it, a Stale
    as the page that shows both texts. Where what is *chosen* in the form decides whether he may
    (whose text, which organization), `chosen_decides` brings that 403 back on the form as well.
    """

    # Django would take a PUT for a POST.
    http_method_names = ["get", "post", "head", "options"]
    model: type[models.Model]
    template_name = "act.html"
    title = ""
    done = ""
    submit = ""  # what the button says, where its form does not say it
    chosen_decides = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.object = self.load()

    def load(self) -> models.Model:
        return get_object_or_404(
            self.model.objects.visible_to(self.request.actor), pk=self.kwargs["pk"]
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may(request.actor, self.object):
            raise PermissionDenied("您没有办理此事项的权限。")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Do the act once. Files are stored before its transaction, and go when it fails."""
        token, data = form.cleaned_data.pop("token", None), form.cleaned_data
        actor, kept = self.request.actor, False
        try:
            data = self.prepare(dict(data))
            result = once.run(
                token or uuid.uuid4(),
                lambda: self.act(self.object, by=actor, at=self.at, **data),
                by=actor,
                at=self.at,
            )
            kept = True
        except Repeated as repeated:
            messages.info(self.request, str(repeated))
            return redirect(self.back())
        except Stale as stale:
            return self.conflict(form, stale)
        except Forbidden as forbidden:
            if not self.chosen_decides:
                raise PermissionDenied(str(forbidden)) from forbidden
            form.add_error(None, str(forbidden))
            answer = self.form_invalid(form)
            answer.status_code = 403
            return answer
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        finally:
            if not kept:
                self.discard(data)
        if self.done:
            messages.success(self.request, self.done)
        return redirect(self.next_page(result))

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        """Do what must not happen inside the transaction: store the files that came along."""
        return data

    def discard(self, data: dict[str, Any]) -> None:
        """Take away what `prepare` stored, when the act did not happen."""

    def conflict(self, form: Any, stale: Stale) -> HttpResponse:
        form.add_error(None, str(stale))
        context = self.get_context_data(form=form, stale=stale)
        return render(self.request, "conflict.html", context, status=409)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if self.submit:
            form.submit = self.submit
        return form

    def back(self) -> Any:
        return self.object

    def next_page(self, result: Any) -> Any:  # noqa: ARG002 -- for views whose act makes a row
        """Where to go when it is done: the object's page, unless the act made another."""
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"object": self.object, "title": self.title}
        return super().get_context_data(**kwargs) | context
