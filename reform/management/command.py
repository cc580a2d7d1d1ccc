"""The base of our commands (管理命令): what is wrong with the arguments is said in Chinese too."""

import re
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection

# What argparse says, and what we say; the first that fits. Its `{}` are the groups.
SENTENCES: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (.+)", "缺少参数：{}。"),
    (r"unrecognized arguments: (.+)", "没有这样的参数：{}。"),
    (r"ambiguous option: (\S+) could match (.+)", "参数{}不完整，可能是：{}。"),
    (r"argument (\S+): expected .*argument.*", "参数{}后面没有写值。"),
    (r"argument (\S+): ignored explicit argument '(.*)'", "参数{}后面不写值，现在写了“{}”。"),
    (
        r"argument (\S+): invalid choice: '(.*)' \(choose from (.+)\)",
        "参数{}不能写“{}”，可写：{}。",
    ),
    (r"argument (\S+): invalid \S+ value: '(.*)'", "参数{}的值“{}”不对，请核对。"),
    (r"argument (\S+): not allowed with argument (\S+)", "参数{}和{}不能一起写。"),
    (r"argument (\S+): (.+)", "参数{}：{}"),
)


def in_chinese(message: str) -> str:
    """Return what argparse says of a wrong argument as a sentence of ours."""
    for pattern, sentence in SENTENCES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*(_listed(words) for words in found.groups()))
    return f"参数有误：{message}"


def _listed(words: str) -> str:
    return "、".join(word.strip("'") for word in words.split(", "))


class ChineseCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if connection.introspection.table_names():
                raise
            raise CommandError("数据库还没有建立，请先执行 manage.py migrate。") from error

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def refuse(message: str) -> NoReturn:
            """Exit with 2, as for wrong arguments everywhere; raise when called by code."""
            sentence = in_chinese(message)
            if not getattr(self, "_called_from_command_line", False):
                raise CommandError(sentence)
            self.stderr.write(f"{sentence}\n用 manage.py {subcommand} --help 查看全部参数。")
            sys.exit(2)

        parser.error = refuse  # type: ignore[method-assign]
        return parser
