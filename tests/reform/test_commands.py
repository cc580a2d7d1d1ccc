"""Commands: what is wrong with the arguments is said in Chinese, with exit code 2."""

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from rectification.management.commands.export_ledger import Command
from reform.management.command import in_chinese

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        (
            "the following arguments are required: file, --campaign",
            "缺少参数：file、--campaign。",
        ),
        ("unrecognized arguments: --foo bar", "没有这样的参数：--foo bar。"),
        ("argument --campaign: expected one argument", "参数--campaign后面没有写值。"),
        (
            "argument --variant: invalid choice: 'y' (choose from 'printed', 'data')",
            "参数--variant不能写“y”，可写：printed、data。",
        ),
        ("argument -v: invalid int value: 'x'", "参数-v的值“x”不对，请核对。"),
        ("argument --people: “x”不是正整数。", "参数--people：“x”不是正整数。"),
        (
            "ambiguous option: --p could match --people, --problems",
            "参数--p不完整，可能是：--people、--problems。",
        ),
        ("something new", "参数有误：something new"),
    ],
)
def test_what_argparse_says_is_said_in_chinese(said, ours):
    assert in_chinese(said) == ours


@pytest.mark.parametrize("command", ["import_ledger", "export_ledger"])
def test_code_that_forgets_an_argument_is_told(command):
    with pytest.raises(CommandError, match=r"^缺少参数："):
        call_command(command)


def test_the_shell_gets_the_sentence_and_exit_code_2(capsys):
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "export_ledger", "台账.xlsx"])

    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "缺少参数：--campaign。\n用 manage.py export_ledger --help 查看全部参数。\n"
    )


@pytest.mark.once
@pytest.mark.parametrize("words", [("workdays", "2026-09-25", "10"), ("tick", "--dry-run")])
def test_without_a_database_the_shell_is_told_what_to_do(tmp_path, words):
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "CommandError: 数据库还没有建立，请先执行 manage.py migrate。"
