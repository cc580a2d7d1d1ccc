"""`manage.py create_administrators`: once, on an empty production database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reform.actions import administrators
from reform.actions.administrators import Named
from reform.errors import Refused
from reform.models import AccessCode, Role
from reform.text import clean

ACCOUNTS = ((Role.SYSTEM, "sysadmin"), (Role.SECURITY, "secadmin"), (Role.AUDIT, "auditadmin"))


class Command(BaseCommand):
    help = "建立三类管理员账号，各显示一次性代码一次。只能在还没有管理员时使用。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--organization", default="", metavar="名称", help="最上级党组织的名称；已有时可不写"
        )
        parser.add_argument("--code", required=True, metavar="代码", help="最上级党组织的代码")
        for role, username in ACCOUNTS:
            parser.add_argument(
                f"--{role.value}",
                nargs=2,
                metavar=("账号", "姓名"),
                default=(username, role.label),
                help=f"{role.label}的账号和姓名（{username} {role.label}）",
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        three = [
            Named(role, _word(options[role.value][0], 50), _word(options[role.value][1], 40))
            for role, _ in ACCOUNTS
        ]
        now = timezone.now()
        try:
            made = administrators.create(
                three,
                organization=_word(options["organization"], 100, may_be_empty=True),
                code=_word(options["code"], 20),
                on=timezone.localdate(now),
                at=now,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        days = AccessCode.VALID[AccessCode.Purpose.INVITE].days
        for user, role, code in made:
            self.stdout.write(f"{role.label}  账号 {user.username}  姓名 {user.name}  代码 {code}")
        self.stdout.write(
            f"代码只显示这一次，{days}天内有效。请分别当面交给三个人，"
            "各自打开 /login/code/ 设置密码，然后登录开通动态口令。"
        )


def _word(text: str, longest: int, *, may_be_empty: bool = False) -> str:
    word = clean(text, multiline=False)
    if not word and not may_be_empty:
        raise CommandError("账号、姓名和代码不能为空。")
    if len(word) > longest:
        raise CommandError(f"“{word[:20]}…”太长，最多{longest}个字符。")
    return word
