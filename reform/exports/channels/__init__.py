"""The channels that the environment has set up. A closed network may have none: then the inbox is
the channel, nothing waits, and nothing is wrong.
"""

from django.conf import settings

from reform.actions.outbox import Channel
from reform.exports.channels.file_drop import FileDrop
from reform.exports.channels.mail import Mail
from reform.exports.channels.webhook import Webhook
from reform.models import Delivery

NAMES = Delivery.Channel


def configured() -> dict[str, Channel]:
    """Return name → channel."""
    found: dict[str, Channel] = {}
    if settings.EMAIL_URL:
        found[NAMES.MAIL] = Mail()
    if settings.WEBHOOK_URL:
        found[NAMES.WEBHOOK] = Webhook()
    if settings.SMS_FOLDER:
        found[NAMES.FILE] = FileDrop()
    return found
