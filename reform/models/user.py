"""People (人员), and the dated duties (职责) they hold at organizations."""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, FilteredRelation, Q

from reform.models.organization import Organization


class Role(models.TextChoices):
    MEMBER = "member", "党员干部"
    LIAISON = "liaison", "联络员"
    SECRETARY = "secretary", "支部书记"
    LEADER = "leader", "领导"
    OFFICE = "office", "活动办"
    INSPECTOR = "inspector", "纪检"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDIT = "audit", "审计管理员"


UNPLACED = 9_999  # the rank of whoever has been given none: last, by name
ADMINISTRATORS = (Role.SYSTEM, Role.SECURITY, Role.AUDIT)


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def of_person(self, user: "User") -> Self:
        """Return all accounts of the same person (SOD-16)."""
        return self.filter(Q(pk=user.person_id) | Q(same_as=user.person_id))

    def official_order(self, on: date, *before: str) -> Self:
        """Order as papers list people: by the home organization, and there as it ranks them;
        behind the columns `before`, if any."""
        home = Q(duties__home=True, duties__since__lte=on)
        home &= Q(duties__until=None) | Q(duties__until__gte=on)
        rows = self.annotate(at_home=FilteredRelation("duties", condition=home))
        return rows.order_by(
            *before,
            F("at_home__organization__sequence").asc(nulls_last=True),
            "at_home__place",
            "name",
            "pk",
        )

    def holding(self, role: Role, organization: Organization, on: date) -> Self:
        """Return the active people who hold `role` at exactly `organization` on that day."""
        held = Duty.objects.in_force(on).filter(role=role, organization=organization)
        return self.active().filter(pk__in=held.values("user"))

    def members_of(self, organization: Organization, on: date) -> Self:
        return self.holding(Role.MEMBER, organization, on)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(
        self, username: str | None, password: str | None = None, **facts: Any
    ) -> "User":
        user = self.model(username=username or None, **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person, with an account or without one: then a name on the register, who cannot sign in.

    No superuser, no staff flag: what a person may do comes from duties alone.
    """

    username = models.CharField(
        "账号",
        max_length=50,
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": "该账号已被使用。"},
    )
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    is_active = models.BooleanField("启用", default=True)
    # When the person himself last set it; None while it is what somebody else gave him.
    password_set_at = models.DateTimeField("密码设置时间", null=True)
    # Separation of duties compares persons, not accounts (SOD-16): a second account of the
    # same person points at the first.
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="同一人账号"
    )

    # On leave, and in whose place this person is asked; set where holders of a step are looked up.
    in_place_of: "User | None" = None

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects: ClassVar = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        indexes = [models.Index(fields=["name"], name="user_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def person_id(self) -> int:
        """The person behind the account; equal for two accounts of one person."""
        return self.same_as_id or self.pk

    @property
    def has_account(self) -> bool:
        return self.username is not None


class DutyQuerySet(models.QuerySet["Duty"]):
    def in_force(self, on: date) -> Self:
        """Return duties held on that day: `since` counts, `until` is the last day."""
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)

    def in_force_between(self, since: date, until: date | None) -> Self:
        """Return duties held on any day from `since` to `until` (for ever when None)."""
        begun = self if until is None else self.filter(since__lte=until)
        return begun.filter(Q(until=None) | Q(until__gte=since))


class Duty(models.Model):
    """A role at an organization, from a day to a day. Membership is a duty too."""

    user = models.ForeignKey(User, models.CASCADE, related_name="duties", verbose_name="人员")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="duties", verbose_name="党组织"
    )
    role = models.CharField("职责", max_length=20, choices=Role)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    # One membership a day is home: the organization a person belongs to on papers.
    home = models.BooleanField("主要隶属", default=False)
    # 主要负责人 answers for everything below; another leader only for his field (分管).
    principal = models.BooleanField("主要负责人", default=False)
    # 单位管理员: an office that keeps the people of its organization and below (PERMISSIONS.md).
    unit_admin = models.BooleanField("单位管理员", default=False)
    # The official order inside an organization; papers and lists follow it.
    place = models.PositiveSmallIntegerField("排序", default=UNPLACED)

    # Set where duties are looked up for a day (models/duty_field.py, models/actor.py).
    field: tuple[Organization, ...]  # what a leader who is not the 主要负责人 answers for (分管)
    behalf: User | None = None  # on leave, and in whose place the duty is held (请假委托)

    # Where a stationed inspector is posted (派驻): paths, looked up with an Actor's duties.
    hosts: tuple[str, ...] = ()

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职责"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(until=None),
                name="duty_once_at_a_time",
                violation_error_message="该人员在该党组织已有此职责。",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(home=True, until=None),
                name="duty_one_home",
                violation_error_message="一个人同一时间只能有一个主要隶属的党组织。",
            ),
            models.CheckConstraint(
                condition=Q(home=False) | Q(role=Role.MEMBER),
                name="duty_home_is_membership",
            ),
            models.CheckConstraint(
                condition=Q(unit_admin=False) | Q(role=Role.OFFICE),
                name="duty_unit_admin_is_office",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="duty_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]
        indexes = [models.Index(fields=["organization", "role"], name="duty_by_place")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization} · {self.get_role_display()}"

    @property
    def has_field(self) -> bool:
        """Whether the holder is a leader who answers for named organizations only (分管)."""
        return self.role == Role.LEADER and not self.principal

    @property
    def may_be_stationed(self) -> bool:
        """Whether the holder may act at another organization by 派驻: an inspector of a 纪检组."""
        discipline = self.organization.kind == Organization.Kind.DISCIPLINE
        return self.role == Role.INSPECTOR and discipline
