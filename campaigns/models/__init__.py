from campaigns.models.act import Act
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Item, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule

__all__ = [
    "Act",
    "Campaign",
    "Cause",
    "ClosingLevel",
    "ClosingStep",
    "Item",
    "Participation",
    "Recipient",
    "ReminderRule",
    "Source",
]
