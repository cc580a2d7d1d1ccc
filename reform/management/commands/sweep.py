import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from reform.exports import outbox
from reform.exports.channels import NAMES
from reform.management.command import ChineseCommand


class Command(ChineseCommand):
    help = (
        "发送等待发出的提醒（邮件、工作群、短信文件）。一直运行，不需要消息队列；--once 只发一轮。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="只发一轮，说明结果后退出")
        parser.add_argument("--alive", metavar="FILE", help="每发完一轮更新这个文件的时间")

    def handle(self, *_args: Any, once: bool, alive: str | None, **_options: Any) -> None:
        if once:
            self._once()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._round(stop)
            if alive:
                Path(alive).touch()
            stop.wait(settings.SWEEP_SECONDS)

    def _once(self) -> None:
        done = outbox.sweep(at=timezone.now())
        if not done:
            self.stdout.write("没有配置发送渠道，提醒只在收件箱中。")
        for name, one in done.items():
            say = f"{NAMES(name).label}：发出{one.sent}条，未成{one.failed}条"
            self.stdout.write(f"{say}；{one.down}" if one.down else say)

    def _round(self, stop: threading.Event) -> None:
        """A database that is away comes back; then what waits is still there."""
        try:
            outbox.sweep(at=timezone.now(), stopping=stop.is_set)
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"这一轮没有完成（{type(error).__name__}），下一轮再试。")
            connection.close()
