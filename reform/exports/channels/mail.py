"""Mail (邮件): one connection for up to 500 messages, each to one person."""

from collections.abc import Iterator, Sequence
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from reform.actions.outbox import Message, Outcome, Told
from reform.exports import messages as words
from reform.models import Preference, User

FAULTS = 3  # one after the other: then it is the server, and no message
Trouble = (SMTPException, OSError)  # timeouts and refused connections are OSErrors

SLOW, UNSURE = "邮件服务器没有及时应答。", "邮件服务器中断了连接，不能确定是否已收下。"
UNWRITABLE = "收件地址写错了，发不成邮件；请收件人在“提醒方式”中更正。"


class Mail:
    most = 500

    def reaches(self, _person: User, preference: Preference) -> bool:
        return bool(preference.email)

    def hand_over(self, messages: Sequence[Message]) -> Iterator[Sequence[Outcome]]:
        connection, faults = mail.get_connection(), 0
        try:
            for message in messages:
                try:
                    connection.open()
                except Trouble as trouble:
                    yield [Outcome(message.delivery, Told.DOWN, _closed(trouble))]
                    return
                outcome = _sent(connection, message)
                faults = faults + 1 if outcome.told == Told.LATER else 0
                yield [outcome]
                if faults == FAULTS:
                    return
        finally:
            _close(connection)


def _sent(connection: BaseEmailBackend, message: Message) -> Outcome:
    try:
        connection.send_messages([made(message)])
    except ValueError:
        # No server was asked: this address, or this text, cannot be written into a mail at all.
        return Outcome(message.delivery, Told.DEAD, UNWRITABLE)
    except Trouble as trouble:
        told, error = _refused(trouble)
        # A recipient or a text that is refused leaves the line as it was; all else may cut it.
        if not isinstance(trouble, SMTPRecipientsRefused | SMTPDataError):
            _close(connection)
        return Outcome(message.delivery, told, error)
    return Outcome(message.delivery, Told.SENT)


def made(message: Message) -> mail.EmailMessage:
    return mail.EmailMessage(
        subject=words.subject(message),
        body=words.text(message),
        to=[message.preference.email],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )


def posted(to: str, subject: str, text: str) -> str:
    """Send one mail now; return what is wrong, or nothing when the server has taken it."""
    connection = mail.get_connection()
    headers = {"Auto-Submitted": "auto-generated"}
    try:
        connection.open()
    except Trouble as trouble:
        return _closed(trouble)
    try:
        connection.send_messages([mail.EmailMessage(subject, text, to=[to], headers=headers)])
    except ValueError:
        return UNWRITABLE
    except Trouble as trouble:
        return _refused(trouble)[1]
    finally:
        _close(connection)
    return ""


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except Trouble:
        # It is gone already. What it had taken is marked, and the next try opens a new one.
        connection.connection = None  # type: ignore[attr-defined]


def _closed(trouble: Exception) -> str:
    if isinstance(trouble, SMTPAuthenticationError):
        return f"邮件服务器不接受账号或密码（{trouble.smtp_code}），请检查 EMAIL_URL。"
    if isinstance(trouble, SMTPResponseException):
        return f"邮件服务器暂不接受连接（{trouble.smtp_code}）。"
    return SLOW if _timed_out(trouble) else "连不上邮件服务器。"


def _timed_out(trouble: Exception) -> bool:
    """smtplib makes a broken line of an answer that did not come in time."""
    return any(isinstance(one, TimeoutError) for one in (trouble, trouble.__context__))


def _refused(trouble: Exception) -> tuple[Told, str]:
    """Return whether another try may do better, and why this one did not."""
    if isinstance(trouble, SMTPRecipientsRefused):
        code = next(iter(trouble.recipients.values()), (0, b""))[0]
        return _by_code(code), f"邮件服务器不接受这个收件地址（{code}）。"
    if isinstance(trouble, SMTPSenderRefused):
        return Told.DOWN, f"邮件服务器不接受发件地址（{trouble.smtp_code}），请检查 MAIL_FROM。"
    if isinstance(trouble, SMTPResponseException):
        return _by_code(trouble.smtp_code), f"邮件服务器没有收下这封邮件（{trouble.smtp_code}）。"
    if isinstance(trouble, SMTPNotSupportedError):
        return Told.DEAD, "邮件服务器不支持这个地址中的文字。"
    return Told.LATER, SLOW if _timed_out(trouble) else UNSURE


def _by_code(code: int) -> Told:
    return Told.DEAD if code >= 500 else Told.LATER
