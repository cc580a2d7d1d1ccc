from campaigns.models.act import Act
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.examination import Examination, Reader
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
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
    "Cause",
    "Checklist",
    "ClosingLevel",
    "ClosingStep",
    "CutOff",
    "Examination",
    "Finding",
    "Item",
    "Level",
    "Obligation",
    "Participation",
    "Policy",
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
