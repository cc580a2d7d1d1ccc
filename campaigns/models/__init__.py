from campaigns.models.act import Act
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Item, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep

__all__ = ["Act", "Campaign", "ClosingLevel", "ClosingStep", "Item", "Participation", "Source"]
