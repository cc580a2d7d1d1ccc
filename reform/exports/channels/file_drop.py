"""File drop (文件交换): one file a handing over, for a gateway of short messages to take up.

Written under another name and renamed when it is whole, so that nobody reads half of one. The
gateway may meet a number twice after a machine broke down: it is the same message, of the same id.
"""

import csv
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.conf import settings

from reform.actions.outbox import Message, Outcome, Told
from reform.exports import messages as words
from reform.models import Preference, User

HEAD = ("编号", "手机", "内容")
MOBILE = re.compile(r"1\d{10}", re.ASCII)


class FileDrop:
    most = 500

    def reaches(self, person: User, _preference: Preference) -> bool:
        return bool(mobile(person))

    def hand_over(self, messages: Sequence[Message]) -> Iterator[Sequence[Outcome]]:
        try:
            _write(Path(settings.SMS_FOLDER), _table(messages))
        except OSError:
            yield [Outcome(messages[0].delivery, Told.DOWN, "短信文件写不进 SMS_FOLDER 目录。")]
            return
        yield [Outcome(message.delivery, Told.SENT) for message in messages]


def mobile(person: User) -> str:
    """Return the mobile number, or nothing where what is kept is none."""
    digits = re.sub(r"[\s-]", "", person.phone)
    return digits if MOBILE.fullmatch(digits) else ""


def _table(messages: Sequence[Message]) -> str:
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(HEAD)
    for message in messages:
        say = f"【{words.NAME}】您有{words.neutral(message)}，请登录系统查看。"
        lines.writerow((message.message_id.strip("<>"), mobile(message.person), say))
    return text.getvalue()


def _write(folder: Path, text: str) -> None:
    name = f"sms-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}.csv"
    part = folder / f".{name}.part"
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
    except OSError:
        part.unlink(missing_ok=True)
        raise
