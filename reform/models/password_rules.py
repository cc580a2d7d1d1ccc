"""What a password must be (密码规则), in two named profiles; each sentence says what is lacking.

`modern` is NIST SP 800-63B: long, on no list, nothing of one's own in it; no expiry, no
composition. `dengbao` is what reviews under 等保 2.0 (GB/T 22239—2019, 身份鉴别) ask: several
kinds of characters and a change after a while. PASSWORD_PROFILE says which.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from pypinyin import lazy_pinyin

from reform.models.past_password import PastPassword
from reform.models.user import User

MOST = 128  # longer is not safer, and costs the hasher


@dataclass(frozen=True)
class Profile:
    name: str
    length: int
    kinds: int = 0  # of capitals, small letters, digits, others
    remembered: int = 1  # of the last passwords, which may not come back
    lasts: timedelta | None = None
    first_change: bool = False  # what somebody else has set is changed at the first sign-in

    def is_over(self, user: User, at: datetime) -> bool:
        """Return whether the password must be changed before anything else is done."""
        if user.password_set_at is None:
            return self.first_change
        return self.lasts is not None and at - user.password_set_at >= self.lasts

    def in_words(self) -> list[str]:
        """Say the rules, a sentence each, for the pages that show them."""
        words = [f"至少{self.length}个字符"]
        if self.kinds:
            words.append(f"大写字母、小写字母、数字、符号中至少{self.kinds}种")
        words.append("不能是常见密码，不能全是数字，不能含有账号、姓名或单位名称的拼音")
        if self.remembered > 1:
            words.append(f"不能与最近{self.remembered}次用过的密码相同")
        else:
            words.append("不能与现在的密码相同")
        if self.lasts:
            words.append(f"每{self.lasts.days}天更换一次")
        return words


PROFILES = {
    "modern": Profile("通行规则（长度优先，不定期更换）", length=10),
    "dengbao": Profile(
        "等级保护规则（复杂度、定期更换）",
        length=10,
        kinds=3,
        remembered=5,
        lasts=timedelta(days=90),
        first_change=True,
    ),
}


def profile() -> Profile:
    return PROFILES[settings.PASSWORD_PROFILE]


# What Chinese lists of leaked passwords are made of, and what this office would think of first.
COMMONPLACE = frozenset(
    word
    for line in (
        "woaini woaiwo iloveyou aini nihao zhongguo china beijing shanghai wodemima mima",
        "password passwd admin administrator root test guest user welcome login letmein dragon",
        "qwer qwert qwerty qwertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qaz qazwsx",
        "qazwsxedc qwe asd zxc abc abcd abcdef abcdefg aa aaa aabb monkey master super",
        "dang dangyuan dangzhibu dangwei jiwei jijian zhengfu jiguan bangongshi yanchugai",
        "yianchugai zhenggai xunshi buwangchuxin chuxin shiming gongchandang renmin",
        "weirenminfuwu wuxing zuguo aizuguo",
    )
    for word in line.split()
)
LEET = str.maketrans("@0$1!3457", "aosiieast")
WALKS = (
    "0123456789012345678901234567890",
    "9876543210987654321098765432109",
    "abcdefghijklmnopqrstuvwxyzabcdef",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)


def faults(password: str, user: User | None) -> Iterator[str]:
    """Say what the password lacks under the profile in force, a sentence a fault."""
    for rule in (_too_short, _too_few_kinds, _too_common, _ones_own, _had_before):
        yield from rule(password, user, profile())


def _too_short(password: str, _user: User | None, asked: Profile) -> Iterator[str]:
    if len(password) < asked.length:
        yield f"密码至少{asked.length}个字符，现在是{len(password)}个。"
    if len(password) > MOST:
        yield f"密码最多{MOST}个字符。"


KINDS = (("大写字母", "[A-Z]"), ("小写字母", "[a-z]"), ("数字", "[0-9]"), ("符号", "[^A-Za-z0-9]"))


def _too_few_kinds(password: str, _user: User | None, asked: Profile) -> Iterator[str]:
    lacking = [words for words, pattern in KINDS if not re.search(pattern, password)]
    short = asked.kinds - (len(KINDS) - len(lacking))
    if asked.kinds and short > 0:
        yield f"密码里没有{'、'.join(lacking)}，请至少再用上其中{short}种。"


def _too_common(password: str, _user: User | None, _asked: Profile) -> Iterator[str]:
    if password.isdigit():
        yield "密码不能全是数字：电话、日期、证件号最先被猜到。"
    elif is_commonplace(password):
        yield "这个密码太常见，容易被猜到，请换一个。"


def is_commonplace(password: str) -> bool:
    """Return whether it is on a list of leaked passwords, or built as most of those are."""
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return True
    small = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small)
    return (
        core in COMMONPLACE
        or core.translate(LEET) in COMMONPLACE
        or re.fullmatch(r"(.{1,5}?)\1+", small) is not None
        or any(small in walk for walk in WALKS)
    )


def _ones_own(password: str, user: User | None, _asked: Profile) -> Iterator[str]:
    if user is None:
        return
    small = password.casefold()
    found = [words for words, own in _own_words(user) if len(own) >= 4 and own in small]
    if found:
        yield f"密码里不能有{'、'.join(dict.fromkeys(found))}，容易被猜到。"


def _own_words(user: User) -> Iterator[tuple[str, str]]:
    yield "账号", (user.username or "").casefold()
    yield "姓名", user.name.casefold()
    yield "姓名拼音", _pinyin(user.name)
    if user.phone:
        yield "联系电话", re.sub(r"\D", "", user.phone)
    if user.pk is None:
        return
    for duty in user.duties.select_related("organization"):
        for name in {duty.organization.name, duty.organization.short_name}:
            yield "单位名称", name.casefold()
            yield "单位名称", _pinyin(name)


def _pinyin(name: str) -> str:
    return "".join(lazy_pinyin(name)).casefold()


def _had_before(password: str, user: User | None, asked: Profile) -> Iterator[str]:
    if user is None or user.pk is None:
        return
    past = PastPassword.objects.filter(user=user).order_by("-at", "-pk")
    held = [user.password, *past.values_list("password", flat=True)[: asked.remembered - 1]]
    if any(check_password(password, old) for old in held):
        yield (
            f"不能与最近{asked.remembered}次用过的密码相同。"
            if asked.remembered > 1
            else "新密码不能与现在的密码相同。"
        )


class ProfileValidator:
    """The profile in force, for every door of Django's that asks AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: User | None = None) -> None:
        found = list(faults(password, user))
        if found:
            raise ValidationError(found)

    def get_help_text(self) -> str:
        return "；".join(profile().in_words()) + "。"
