"""Which addresses a webhook may call: configured hosts, by https, and nobody on our own machine.

What stands in an address is looked at before a name is resolved, and what it resolves to before
anything is said there; the connection goes to the very address that was looked at.
"""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from reform.errors import Refused

PORTS = {"https": 443, "http": 80}
OPEN = ip_network("2000::/3")  # all of IPv6 that is handed out
OWN = IPv6Address("::1")


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    port: int
    path: str  # with the query: a robot's key stands there
    is_inside: bool  # of our own network, and said to be so


def checked(url: str, *, hosts: Collection[str], inside: Collection[str]) -> Address:
    """Return the address taken apart. Raises Refused, in words that do not repeat it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("群机器人地址写错了，请从群设置中重新复制。") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in PORTS or not host:
        raise Refused("群机器人地址须以 https:// 开头。")
    if parts.username is not None or parts.password is not None:
        raise Refused("群机器人地址中不能带账号和密码。")
    is_inside = host in inside
    if not is_inside and host not in hosts:
        raise Refused(f"只能调用 WEBHOOK_HOSTS 中的主机，“{host}”不在其中。")
    if parts.scheme != "https" and not is_inside:
        raise Refused(
            "群机器人地址须以 https:// 开头；内网主机用 http 的，写入 WEBHOOK_INSIDE_HOSTS。"
        )
    if not is_inside:
        _refuse_own(_literal(host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path, is_inside)


def resolved(address: Address) -> str:
    """Return the number to connect to. Raises Refused, and OSError when there is none."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    numbers = [str(entry[4][0]) for entry in found]
    if not address.is_inside:
        for number in numbers:
            _refuse_own(_literal(number))
    return numbers[0]


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _carries(number: IPv6Address) -> bool:
    return bool(number.sixtofour or number.teredo)


def _refuse_own(number: IPv4Address | IPv6Address | None) -> None:
    """Loopback, private, link-local, multicast, whatever is not the open network."""
    if isinstance(number, IPv6Address):
        # An address of ours may hide within one that carries IPv4 (mapped, 6to4, NAT64, Teredo).
        number = number.ipv4_mapped or (number if number in OPEN and not _carries(number) else OWN)
    if number is not None and (not number.is_global or number.is_multicast):
        raise Refused("群机器人地址指向本机或内网；确需调用内网主机的，写入 WEBHOOK_INSIDE_HOSTS。")
