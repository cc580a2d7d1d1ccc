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
from campaigns.models.examination import Examination, Reader
from campaigns.models.goal import Goal, GoalFigure
from campaigns.models.kit import Kit
from campaigns.models.likeness import KeptText, TextKey
from campaigns.models.plan import CampaignPlan, PlannedStage
from campaigns.models.reference_case import CaseVersion, ReferenceCase
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.signed import ChangeRequest, Publication
from campaigns.models.stage import Condition, Excuse, ExcuseEnd, Stage, StageChange
from campaigns.models.submission import (
    Finding,
    Reading,
    Submission,
    Tick,
    Verdict,
    Withdrawal,
)
from campaigns.models.weekly_plan import Obligation, WeeklyPlan
from campaigns.models.word_list import WordList

__all__ = [
    "BEIJING",
    "Act",
    "Activity",
    "Assignment",
    "AssignmentEntry",
    "AssignmentImport",
    "Campaign",
    "CampaignPlan",
    "CaseVersion",
    "Cause",
    "ChangeRequest",
    "Checklist",
    "Clause",
    "ClosingLevel",
    "ClosingStep",
    "Condition",
    "CutOff",
    "Examination",
    "Excuse",
    "ExcuseEnd",
    "Finding",
    "Goal",
    "GoalFigure",
    "Item",
    "KeptText",
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
    "ReferenceCase",
    "ReminderRule",
    "Schedule",
    "Source",
    "Stage",
    "StageChange",
    "Submission",
    "SuperiorRequest",
    "TextKey",
    "Tick",
    "Verdict",
    "Week",
    "WeeklyPlan",
    "Withdrawal",
    "WordList",
]
