from campaigns.models.act import Act
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.examination import Examination, Reader
from campaigns.models.kit import Kit
from campaigns.models.plan import CampaignPlan, PlannedStage
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.signed import ChangeRequest, Publication
from campaigns.models.submission import (
    Finding,
    Reading,
    Submission,
    Tick,
    Verdict,
    Withdrawal,
)
from campaigns.models.weekly_plan import Obligation, WeeklyPlan

__all__ = [
    "BEIJING",
    "Act",
    "Campaign",
    "CampaignPlan",
    "Cause",
    "ChangeRequest",
    "Checklist",
    "ClosingLevel",
    "ClosingStep",
    "CutOff",
    "Examination",
    "Finding",
    "Item",
    "Kit",
    "Level",
    "Obligation",
    "Participation",
    "PlannedStage",
    "Policy",
    "Publication",
    "Question",
    "Reader",
    "Reading",
    "Recipient",
    "ReminderRule",
    "Schedule",
    "Source",
    "Submission",
    "Tick",
    "Verdict",
    "Week",
    "WeeklyPlan",
    "Withdrawal",
]
