from campaigns.models.act import Act
from campaigns.models.activity import Activity
from campaigns.models.assignment import (
    Assignment,
    AssignmentEntry,
    AssignmentImport,
    Clause,
    SuperiorRequest,
)
from campaigns.models.body import Body, BodyMember
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.copy_request import CopyLine, CopyRequest
from campaigns.models.examination import Examination, Reader
from campaigns.models.given_text import GivenText
from campaigns.models.goal import Goal, GoalFigure
from campaigns.models.kit import Kit
from campaigns.models.likeness import KeptText, TextKey
from campaigns.models.opinion import Opinion
from campaigns.models.plan import CampaignPlan, PlannedStage
from campaigns.models.pledge import Fulfilment, Pledge, PledgeItem, PledgeReader
from campaigns.models.portrait import (
    Portrait,
    PortraitItem,
    PortraitReceipt,
    PortraitSession,
    PortraitSource,
)
from campaigns.models.reference_case import CaseVersion, ReferenceCase
from campaigns.models.reflection import Audience, Reflection, ReflectionReader
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.responsible import FirstResponsible
from campaigns.models.showcase import Consent, ConsentEnd, Showing, ShowingEnd
from campaigns.models.signed import ChangeRequest, Publication
from campaigns.models.stage import Condition, Excuse, ExcuseEnd, Stage, StageChange
from campaigns.models.submission import (
    Finding,
    PartVerdict,
    Reading,
    Submission,
    Tick,
    Verdict,
    Withdrawal,
)
from campaigns.models.sweep import Sweep, SweepObject, SweepRequest
from campaigns.models.sweep_submission import SweepFinding, SweepSubmission, SweepVerdict
from campaigns.models.talk import AdmonitionTalk
from campaigns.models.weekly_plan import Obligation, WeeklyPlan
from campaigns.models.word_list import WordList

__all__ = [
    "BEIJING",
    "Act",
    "Activity",
    "AdmonitionTalk",
    "Assignment",
    "AssignmentEntry",
    "AssignmentImport",
    "Audience",
    "Body",
    "BodyMember",
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
    "Consent",
    "ConsentEnd",
    "CopyLine",
    "CopyRequest",
    "CutOff",
    "Examination",
    "Excuse",
    "ExcuseEnd",
    "Finding",
    "FirstResponsible",
    "Fulfilment",
    "GivenText",
    "Goal",
    "GoalFigure",
    "Item",
    "KeptText",
    "Kit",
    "Level",
    "Obligation",
    "Opinion",
    "PartVerdict",
    "Participation",
    "PlannedStage",
    "Pledge",
    "PledgeItem",
    "PledgeReader",
    "Policy",
    "Portrait",
    "PortraitItem",
    "PortraitReceipt",
    "PortraitSession",
    "PortraitSource",
    "Publication",
    "Question",
    "Reader",
    "Reading",
    "Recipient",
    "ReferenceCase",
    "Reflection",
    "ReflectionReader",
    "ReminderRule",
    "Schedule",
    "Showing",
    "ShowingEnd",
    "Source",
    "Stage",
    "StageChange",
    "Submission",
    "SuperiorRequest",
    "Sweep",
    "SweepFinding",
    "SweepObject",
    "SweepRequest",
    "SweepSubmission",
    "SweepVerdict",
    "TextKey",
    "Tick",
    "Verdict",
    "Week",
    "WeeklyPlan",
    "Withdrawal",
    "WordList",
]
