"""The problem ledger (问题台账): one row per problem, from draft to closure (销号)."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse

from campaigns.models import Campaign, ClosingLevel, Finding, Item, Source
from rectification.models.problem_queryset import APPLIED, OPEN, UNDER_CLOCK, ProblemQuerySet
from rectification.models.upload import Upload
from reform.models import Actor, Lifecycle, Organization, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from rectification.models.people import ProblemDepartment, ProblemPerson


class Progress(models.TextChoices):
    NOT_STARTED = "not_started", "未启动"
    UNDER_WAY = "under_way", "正在推进"
    MOSTLY_DONE = "mostly_done", "基本完成"
    DONE = "done", "已完成"


# What lists filter by beside scope, status and day; the key last, which PostgreSQL keeps elsewhere.
FILTERED_BY = (
    "owner_kind",
    "is_timed",
    "campaign",
    "source",
    "closing_level",
    "severity",
    "progress",
    "id",
)
BY_DUE = tuple(name for name in FILTERED_BY if name not in {"is_timed", "id"})


class Problem(Lifecycle):
    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        REGISTERED = "registered", "待交办"
        ASSIGNED = "assigned", "待签收"
        RECTIFYING = "rectifying", "整改中"
        IN_REVIEW = "in_review", "销号审核中"
        CLOSED = "closed", "已销号"

    NEXT = {
        Status.DRAFT: (Status.REGISTERED,),
        Status.REGISTERED: (Status.ASSIGNED, Status.RECTIFYING),
        Status.ASSIGNED: (Status.RECTIFYING, Status.REGISTERED),
        Status.RECTIFYING: (Status.IN_REVIEW,),
        Status.IN_REVIEW: (Status.CLOSED, Status.RECTIFYING),
        Status.CLOSED: (),
    }

    class DueKind(models.TextChoices):
        DATED = "dated", "定期限"
        AT_ONCE = "at_once", "立行立改"
        STANDING = "standing", "长期坚持"
        UNDETERMINED = "undetermined", "未确定"

    class OwnerKind(models.TextChoices):
        TEAM = "team", "班子"
        UNIT = "unit", "单位"
        PERSONAL = "personal", "个人"

    class Severity(models.TextChoices):
        ORDINARY = "ordinary", "一般"
        KEY = "key", "重点"

    class Entry(models.TextChoices):
        TYPED = "typed", "录入"
        IMPORT = "import", "导入"
        EXAMINATION = "examination", "自查剖析"
        SWEEP = "sweep", "风险排查"

    number = models.CharField("编号", max_length=40, unique=True, null=True, editable=False)  # noqa: DJ001 -- a draft has none, and '' would not be unique
    # Of few values each: an index of its own would find half the table, and SQLite would take it.
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="problems", verbose_name="活动", db_index=False
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="problems", verbose_name="责任单位"
    )
    # The organization's path, copied: scope by a range on this table alone (DESIGN §8).
    path = models.CharField(max_length=32, editable=False)
    # What the organization and the one above it were called when the row closed: path is scope,
    # history is the name kept as text (DESIGN §8). Empty while open.
    organization_name = models.CharField(
        "销号时责任单位", max_length=100, blank=True, editable=False
    )
    above_name = models.CharField("销号时上级单位", max_length=100, blank=True, editable=False)
    items = models.ManyToManyField(
        Item, blank=True, related_name="problems", verbose_name="问题类别"
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        related_name="problems",
        verbose_name="问题来源",
        db_index=False,
    )
    source_text = models.CharField("来源（原文）", max_length=200, blank=True)
    superior_number = models.CharField("上级编号", max_length=60, blank=True)
    found_on = models.DateField("发现日期", null=True, blank=True)
    description = models.TextField("存在问题")
    original_text = models.TextField("问题原文", blank=True, editable=False)
    cause = models.TextField("原因分析", blank=True)
    standard = models.TextField("整改标准", blank=True)
    effect_expected = models.TextField("预期效果", blank=True)
    effect_achieved = models.TextField("整改成效", blank=True)
    owner_kind = models.CharField("类型", max_length=10, choices=OwnerKind, default=OwnerKind.UNIT)
    severity = models.CharField("程度", max_length=10, choices=Severity, default=Severity.ORDINARY)
    closing_level = models.ForeignKey(
        ClosingLevel,
        models.PROTECT,
        null=True,
        related_name="problems",
        verbose_name="销号层级",
        db_index=False,
    )
    due_text = models.CharField("整改时限（原文）", max_length=100, blank=True)
    due_kind = models.CharField(
        "时限类型", max_length=15, choices=DueKind, default=DueKind.UNDETERMINED
    )
    due_days = models.PositiveSmallIntegerField("时限（天）", null=True)
    due_workdays = models.PositiveSmallIntegerField("时限（工作日）", null=True)
    # The day working days were counted from; the calendar moves only what has one.
    due_since = models.DateField("时限起算日", null=True, editable=False)
    # The day the clock goes by; of a standing row, from its issue on, the next review day.
    due_on = models.DateField("整改时限", null=True, blank=True)
    first_due_on = models.DateField("最初时限", null=True, editable=False)
    then_standing = models.BooleanField("并长期坚持", default=False)
    stage_goal = models.TextField("阶段目标", blank=True)
    review_on = models.DateField("下次复核日", null=True, blank=True)
    progress = models.CharField("进展", max_length=15, choices=Progress, blank=True)
    status = models.CharField("状态", max_length=15, choices=Status, default=Status.DRAFT)
    remark = models.TextField("备注", blank=True)
    # What the branch's own file says of closing; never a reviewed state of ours (SOD-08).
    claimed_closed_on = models.DateField("自报销号日期", null=True, blank=True)

    entry = models.CharField("录入方式", max_length=15, choices=Entry, default=Entry.TYPED)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="problems")
    upload_line = models.PositiveIntegerField(null=True)
    # What somebody found in himself, never taken onto the ledger twice.
    finding = models.OneToOneField(
        Finding, models.PROTECT, null=True, related_name="problem", editable=False
    )
    fingerprint = models.CharField(max_length=40, blank=True, editable=False)
    drafted_by = models.ForeignKey(
        User, models.PROTECT, related_name="drafted_problems", verbose_name="录入人"
    )
    drafted_at = models.DateTimeField("录入时间")
    registered_at = models.DateTimeField("入账时间", null=True, editable=False)
    issued_at = models.DateTimeField("下达时间", null=True, editable=False)
    applied_on = models.DateField("申请销号日期", null=True, editable=False)
    closed_at = models.DateTimeField("销号时间", null=True, editable=False)
    # Raised by every act on the row, its measures and its evidence.
    version = models.PositiveIntegerField(default=1, editable=False)
    # SQLite does not use a partial index conditioned by `status IN (…)`, so the sets are columns:
    # still open; and those whose clock runs, which alone can be overdue.
    is_open = models.GeneratedField(
        expression=Case(When(status__in=OPEN, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_timed = models.GeneratedField(
        expression=Case(When(status__in=UNDER_CLOCK, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = ProblemQuerySet.as_manager()

    if TYPE_CHECKING:
        people: RelatedManager[ProblemPerson]
        departments: RelatedManager[ProblemDepartment]

    class Meta:
        verbose_name = verbose_name_plural = "问题"
        indexes = [
            # Each ends in all that a list filters by, so that neither a count nor the search for
            # the 50 rows of a page ever opens the table (decision 0012).
            models.Index(
                fields=["path", "due_on", "status", *FILTERED_BY],
                name="problem_timed_path",
                condition=Q(is_timed=True),
            ),
            models.Index(
                fields=["due_on", "id", "path", "status", "is_timed", *BY_DUE],
                name="problem_timed_due",
                condition=Q(is_timed=True),
            ),
            models.Index(fields=["path", "status", "due_on", *FILTERED_BY], name="problem_by_path"),
            # Without `is_timed`: else it is taken for what is overdue, and walks through all that
            # was closed long ago.
            models.Index(fields=["due_on", "id", "path", "status", *BY_DUE], name="problem_by_due"),
            models.Index(
                fields=["status", "due_on", "path", *FILTERED_BY], name="problem_by_status_due"
            ),
            models.Index(
                fields=["status", "path", "due_on", *FILTERED_BY], name="problem_by_status"
            ),
            models.Index(fields=["status", "id", "owner_kind"], name="problem_by_status_number"),
            models.Index(fields=["organization", "fingerprint"], name="problem_same_text"),
        ]
        constraints = [
            # Who reads a row and who reviews it hang on these words: no others get in.
            models.CheckConstraint(
                condition=Q(owner_kind__in=["team", "unit", "personal"])
                & Q(severity__in=["ordinary", "key"]),
                name="problem_words_are_known",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", number=None, registered_at=None)
                | ~Q(status="draft") & Q(number__isnull=False, registered_at__isnull=False),
                name="problem_registered_has_number",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | ~Q(status="closed") & Q(closed_at=None),
                name="problem_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rectifying", "in_review", "closed"])
                | Q(due_on__isnull=False, first_due_on__isnull=False),
                name="problem_issued_has_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"草稿{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("problem", args=[self.pk])

    @property
    def unit_name(self) -> str:
        """The responsible organization as the row says it: of a closed row, as it was then."""
        return self.organization_name or self.organization.name

    def heir(self) -> Organization | None:
        """Return who answers now for a closed row that says another name (现归), if somebody does.

        After a merger the path is the successor's; after a new name the organization is the same.
        """
        if self.status != self.Status.CLOSED:
            return None
        place = self.organization
        if self.path != place.path:
            found = Organization.objects.filter(path=self.path).first()
            place = found or place
        return place if place.name != self.unit_name else None

    def keep_names(self) -> list[str]:
        """Write down what the organizations are called, for ever; return the columns to save."""
        place = self.organization
        self.organization_name = place.name
        self.above_name = place.parent.name if place.parent else ""
        return ["organization_name", "above_name"]

    @property
    def is_personal(self) -> bool:
        return self.owner_kind == self.OwnerKind.PERSONAL

    def is_overdue(self, on: date) -> bool:
        """The same meaning as `problem_queryset.overdue`; a test holds the two together."""
        return self.status in UNDER_CLOCK and self.due_on is not None and self.due_on < on

    def missed_first(self, on: date) -> bool:
        """The same meaning as `problem_queryset.missed_first`; a test holds the two together."""
        applied = self.status in APPLIED and self.applied_on
        first = self.first_due_on
        return first is not None and first < (applied or on)

    def is_own_of(self, actor: Actor) -> bool:
        """Whether the record is *self* to the actor: drafted by him, or he answers for it."""
        if self.drafted_by_id == actor.user.pk:
            return True
        return any(
            person.user_id == actor.user.pk and person.part == "responsible"
            for person in self.people.all()
        )

    def days_left(self, on: date) -> int | None:
        return (self.due_on - on).days if self.due_on else None
