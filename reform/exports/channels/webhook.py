"""Group robots (群机器人) of 企业微信 and 钉钉: lines to a group that call people by name.

A group reads along, so the line says how many things wait, and never what. One post is for up to
twenty people: a robot takes twenty posts a minute.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import time
from typing import Any
from urllib.parse import quote_plus

from django.conf import settings

from reform.actions.outbox import Message, Outcome, Told
from reform.errors import Refused
from reform.exports import messages as words
from reform.exports.channels.address import Address, checked, resolved
from reform.exports.channels.file_drop import mobile
from reform.models import Preference, User

PATIENCE = 5.0  # seconds
AT_ONCE = 20  # people in one post
LONGEST = 2_000  # bytes of a post: 企业微信 refuses a text of more than 2,048, whole
READ = 64 * 1024  # of an answer
HEAD = f"【{words.NAME}】请登录系统查看："
BUSY = {45009, 130101, 660026}  # too many posts a minute: of 企业微信, and of 钉钉
KINDS = ("wecom", "dingtalk")


class Webhook:
    most = 100

    def reaches(self, person: User, _preference: Preference) -> bool:
        return bool(mobile(person))

    def hand_over(self, messages: Sequence[Message]) -> Iterator[Sequence[Outcome]]:
        for some in posts(messages):
            if error := posted(content(some), [mobile(message.person) for message in some]):
                yield [Outcome(some[0].delivery, Told.DOWN, error)]
                return
            yield [Outcome(message.delivery, Told.SENT) for message in some]


def posts(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Return the messages as posts: so many people, and so many bytes, as a robot takes in one."""
    some: list[Message] = []
    size = len(HEAD.encode())
    for message in messages:
        more = len(_line_of(message).encode()) + 1
        if some and (len(some) == AT_ONCE or size + more > LONGEST):
            yield some
            some, size = [], len(HEAD.encode())
        some.append(message)
        size += more
    if some:
        yield some


def content(messages: Sequence[Message]) -> str:
    return "\n".join([HEAD, *map(_line_of, messages)])


def _line_of(message: Message) -> str:
    """钉钉 calls only whose number stands in the text as well, and shows his name for it."""
    at = f"@{mobile(message.person)} " if settings.WEBHOOK_KIND == "dingtalk" else ""
    return f"{at}{message.person.name}：{words.neutral(message)}"


def posted(text: str, mobiles: Sequence[str]) -> str:
    """Post to the group; return what is wrong, or nothing when the robot has taken it."""
    try:
        address = own_address()
        status, answer = _post(address, json.dumps(body(text, mobiles)).encode())
    except Refused as refusal:
        return str(refusal)
    except TimeoutError:
        return "群机器人没有及时应答。"
    except (OSError, HTTPException):
        return "连不上群机器人的服务器。"
    return _fault(status, answer)


def own_address() -> Address:
    """Return the robot of the environment. Raises Refused."""
    return checked(
        settings.WEBHOOK_URL, hosts=settings.WEBHOOK_HOSTS, inside=settings.WEBHOOK_INSIDE_HOSTS
    )


def body(text: str, mobiles: Sequence[str]) -> dict[str, Any]:
    if settings.WEBHOOK_KIND == "dingtalk":
        return {
            "msgtype": "text",
            "text": {"content": text},
            "at": {"atMobiles": list(mobiles), "isAtAll": False},
        }
    return {
        "msgtype": "text",
        "text": {"content": text, "mentioned_mobile_list": list(mobiles)},
    }


def signature(secret: str, milliseconds: int) -> str:
    """What 钉钉 asks behind the address: HMAC-SHA256 over the moment and the secret."""
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return f"&timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest))}"


def _post(address: Address, data: bytes) -> tuple[int, bytes]:
    path = address.path
    if settings.WEBHOOK_KIND == "dingtalk" and settings.WEBHOOK_SECRET:
        path += signature(settings.WEBHOOK_SECRET, round(time() * 1000))
    line = _line(address)
    try:
        line.request("POST", path, data, {"Content-Type": "application/json; charset=utf-8"})
        answer = line.getresponse()
        return answer.status, answer.read(READ)
    finally:
        line.close()


def _line(address: Address) -> HTTPConnection:
    """Return a connection to the number that was looked at, under the name that was configured."""
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    line = kind(address.host, address.port, timeout=PATIENCE)
    plain = socket.create_connection((resolved(address), address.port), timeout=PATIENCE)
    line.sock = plain
    if address.scheme == "https":
        line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
    return line


def _fault(status: int, answer: bytes) -> str:
    if 300 <= status < 400:
        return "群机器人的地址转到了别处，没有跟随；请核对 WEBHOOK_URL。"
    if status != 200:
        return f"群机器人没有收下（HTTP {status}）。"
    try:
        code = json.loads(answer)["errcode"]
    except (ValueError, KeyError, TypeError):
        return "群机器人的应答看不懂，请核对 WEBHOOK_URL。"
    if code in BUSY:
        return "群机器人发送太频繁，稍后再发。"
    return "" if code == 0 else f"群机器人没有收下（错误码{code!r:.20}）。"
