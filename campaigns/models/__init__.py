from campaigns.models.act import Act
from campaigns.models.activity import Activity
from campaigns.models.assignment import (
    Assignment,
    AssignmentEntry,
    AssignmentImport,
    Clause,
    SuperiorRequest,
)
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.stage import Condition, Excuse, ExcuseEnd, Stage, StageChange
from campaigns.models.weekly_plan import Obligation, WeeklyPlan

__all__ = [
    "BEIJING",
    "Act",
    "Activity",
    "Assignment",
    "AssignmentEntry",
    "AssignmentImport",
    "Campaign",
    "Cause",
    "Checklist",
    "Clause",
    "ClosingLevel",
    "ClosingStep",
    "Condition",
    "CutOff",
    "Excuse",
    "ExcuseEnd",
    "Item",
    "Level",
    "Obligation",
    "Participation",
    "Policy",
    "Question",
    "Recipient",
    "ReminderRule",
    "Schedule",
    "Source",
    "Stage",
    "StageChange",
    "SuperiorRequest",
    "Week",
    "WeeklyPlan",
]
