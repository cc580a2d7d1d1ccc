"""The scan of a signed paper (扫描件), as every page that enters one keeps it."""

from typing import Any

from reform.actions import attachments
from reform.views.act import ActView

ENDINGS = ("pdf", "jpg", "jpeg", "png")


class ScanAct(ActView):
    """An act whose form has a `scan`, signed by `signers` on some day; the act gets it stored, or
    None where none came along."""

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"signed_on": self.request.actor.on}

    def prepare(self, data: dict[str, Any]) -> dict[str, Any]:
        if (file := data["scan"]) is None:
            return data
        self.kept = attachments.keep(
            file, name=file.name, by=self.request.actor, at=self.at, endings=ENDINGS
        )
        return data | {"scan": self.kept}

    def discard(self, data: dict[str, Any]) -> None:  # noqa: ARG002 -- the scan is all there is
        if kept := getattr(self, "kept", None):
            attachments.drop(kept)
