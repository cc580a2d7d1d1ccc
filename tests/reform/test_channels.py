"""The channels: real sockets on our own machine, and every fault they can have."""

import base64
import csv
import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as real

from reform.actions.outbox import Line, Message, Section, Told
from reform.checks import production
from reform.errors import Refused
from reform.exports.channels import configured, webhook
from reform.exports.channels.address import checked, resolved
from reform.exports.channels.file_drop import FileDrop, mobile
from reform.exports.channels.mail import Mail
from reform.models import Event, Preference, User
from tests.reform.postbox import postbox

pytestmark = [pytest.mark.once, pytest.mark.no_database]

DAY = SimpleNamespace(month=11, day=20)


def message(number, name="马超", subject="问题YACG-1逾期", **facts):
    user = User(pk=number, name=name, phone=f"138{number:08}")
    preference = Preference(user=user, email=f"u{number}@example.cn")
    facts = {"timing": "direct", "day": DAY} | facts
    one = Message(number, f"<id{number}@reform>", user, preference, **facts)
    one.sections = [Section("overdue", [Line(subject, "/problems/1/", False)], 1)]
    return one


def messages(count):
    return [message(number) for number in range(1, count + 1)]


def handed(channel, some):
    """What became of each."""
    return [one for known in channel.hand_over(some) for one in known]


def told(channel, some):
    return [(one.delivery, one.told) for one in handed(channel, some)]


# ---------------------------------------------------------------- mail


@pytest.fixture
def box(settings):
    with postbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_TIMEOUT = 1
        yield box


def test_fifty_mails_go_over_one_connection_each_to_one_person(box):
    assert told(Mail(), messages(50)) == [(n, Told.SENT) for n in range(1, 51)]

    assert box.connections == 1
    assert box.ids() == [f"<id{n}@reform>" for n in range(1, 51)]
    mail = box.taken[0]
    assert (mail["To"], mail["From"]) == ("u1@example.cn", real.DEFAULT_FROM_EMAIL)
    assert mail["Subject"].strip() == "【以案促改】逾期提醒：问题YACG-1逾期"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "马超同志" in mail.get_content()


def test_one_bad_recipient_among_fifty_is_the_only_one_that_fails(box):
    box.refuses = {"u7@example.cn"}

    outcomes = handed(Mail(), messages(50))

    assert [one.delivery for one in outcomes if one.told != Told.SENT] == [7]
    assert outcomes[6].told == Told.DEAD
    assert outcomes[6].error == "邮件服务器不接受这个收件地址（550）。"
    assert (box.connections, len(box.taken)) == (1, 49)


def test_a_line_cut_after_the_text_leaves_it_open_and_the_rest_goes_on(box):
    box.drops = 1

    outcomes = handed(Mail(), messages(3))

    assert [one.told for one in outcomes] == [Told.LATER, Told.SENT, Told.SENT]
    assert outcomes[0].error == "邮件服务器中断了连接，不能确定是否已收下。"
    assert told(Mail(), messages(1)) == [(1, Told.SENT)]
    assert box.ids().count("<id1@reform>") == 2  # known as one by its Message-ID


def test_a_server_that_cuts_every_line_is_not_tried_with_all_of_them(box):
    box.drops = 99

    assert [one for _, one in told(Mail(), messages(50))] == [Told.LATER] * 3


def test_a_server_that_answers_too_slowly_is_told(box, settings):
    box.slow, settings.EMAIL_TIMEOUT = 0.6, 0.2

    outcomes = handed(Mail(), messages(1))

    assert (outcomes[0].told, outcomes[0].error) == (Told.LATER, "邮件服务器没有及时应答。")


def test_a_server_that_refuses_is_down_for_all(settings):
    with postbox() as gone:
        pass
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", gone.port

    (outcome,) = handed(Mail(), messages(50))

    assert (outcome.told, outcome.error) == (Told.DOWN, "连不上邮件服务器。")


def test_a_busy_server_is_down_for_all(box):
    box.busy = True

    (outcome,) = handed(Mail(), messages(50))

    assert (outcome.told, outcome.error) == (Told.DOWN, "邮件服务器暂不接受连接（421）。")


def test_a_subject_of_several_lines_breaks_no_head(box):
    one = message(1, subject="第一行\nBcc: x@example.cn")

    assert told(Mail(), [one]) == [(1, Told.SENT)]
    assert "Bcc" not in box.taken[0]


def test_an_address_that_no_mail_can_bear_holds_up_nobody(box):
    """One such address, typed years ago, would stop the sweeper at each round, for everybody."""
    some = messages(3)
    some[1].preference.email = f"a@{'例' * 60}.cn"
    found = handed(Mail(), some)

    assert [one.told for one in found] == [Told.SENT, Told.DEAD, Told.SENT]
    assert "收件地址写错了" in found[1].error


def test_at_a_desk_mails_are_files(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)

    assert told(Mail(), messages(2)) == [(1, Told.SENT), (2, Told.SENT)]
    (file,) = tmp_path.iterdir()
    assert file.read_text().count("Message-ID: <id") == 2


# ---------------------------------------------------------------- files


def test_a_gateway_finds_one_whole_file_a_handing_over(settings, tmp_path):
    settings.SMS_FOLDER = str(tmp_path)

    assert told(FileDrop(), messages(3)) == [(n, Told.SENT) for n in (1, 2, 3)]

    (file,) = tmp_path.iterdir()
    head, first, *_ = csv.reader(file.open(encoding="utf-8", newline=""))
    assert head == ["编号", "手机", "内容"]
    assert first == [
        *("id1@reform", "13800000001"),
        "【以案促改】您有1条提醒（逾期提醒1），请登录系统查看。",
    ]
    assert "YACG" not in file.read_text()


def test_a_folder_that_is_not_there_is_down_and_leaves_nothing(settings, tmp_path):
    settings.SMS_FOLDER = str(tmp_path / "nowhere")

    (outcome,) = handed(FileDrop(), messages(3))

    assert (outcome.told, outcome.error) == (Told.DOWN, "短信文件写不进 SMS_FOLDER 目录。")


@pytest.mark.parametrize(
    ("kept", "number"),
    [
        ("138 0013-8000", "13800138000"),
        ("0371-6666666", ""),
        ("", ""),
        ("１３８００１３８０００", ""),
        ("13800138000;13900139000", ""),
        ("=13800138000", ""),
    ],
)
def test_only_a_mobile_number_is_one(kept, number):
    assert mobile(User(phone=kept)) == number


# ---------------------------------------------------------------- robots


@contextmanager
def robot(answer='{"errcode": 0}', status=200, **heads):
    """A robot of a group on our own machine; remembers what was posted to it."""
    seen = []

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, json.loads(body)))
            self.send_response(status)
            for name, value in heads.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield SimpleNamespace(seen=seen, url=f"http://127.0.0.1:{server.server_port}/send?key=K")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def inside(settings):
    settings.WEBHOOK_INSIDE_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_KIND, settings.WEBHOOK_SECRET = "wecom", ""
    return settings


def test_wecom_is_given_its_shape_twenty_people_a_post_and_no_text_of_ours(inside):
    with robot() as found:
        inside.WEBHOOK_URL = found.url
        assert {one for _, one in told(webhook.Webhook(), messages(25))} == {Told.SENT}

    (path, first), (_, second) = found.seen
    assert path == "/send?key=K"
    assert first["msgtype"] == "text"
    assert first["text"]["content"].startswith("【以案促改】请登录系统查看：\n马超：1条提醒")
    assert len(first["text"]["mentioned_mobile_list"]) == 20
    assert second["text"]["mentioned_mobile_list"] == [f"138{n:08}" for n in range(21, 26)]
    assert "YACG" not in json.dumps(found.seen, ensure_ascii=False)


def test_dingtalk_is_given_its_shape_and_signed(inside):
    inside.WEBHOOK_KIND, inside.WEBHOOK_SECRET = "dingtalk", "SECabc"
    with robot() as found:
        inside.WEBHOOK_URL = found.url
        assert told(webhook.Webhook(), messages(1)) == [(1, Told.SENT)]

    ((path, body),) = found.seen
    query = parse_qs(urlsplit(path).query)
    (moment,) = query["timestamp"]
    sign = hmac.new(b"SECabc", f"{moment}\nSECabc".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(sign).decode()]
    assert query["key"] == ["K"]
    assert body["at"] == {"atMobiles": ["13800000001"], "isAtAll": False}


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ('{"errcode": 93000}', 200, "错误码93000"),
        ('{"errcode": 45009}', 200, "太频繁"),
        ("<html>", 200, "看不懂"),
        ("[]", 200, "看不懂"),
        ("", 500, "HTTP 500"),
    ],
)
def test_a_robot_that_says_no_is_down_in_words(inside, answer, status, words):
    with robot(answer, status) as found:
        inside.WEBHOOK_URL = found.url
        (outcome,) = handed(webhook.Webhook(), messages(3))

    assert outcome.told == Told.DOWN
    assert words in outcome.error


def test_a_robot_that_leads_elsewhere_is_not_followed(inside):
    with robot() as other, robot("", 302, Location=other.url) as found:
        inside.WEBHOOK_URL = found.url
        (outcome,) = handed(webhook.Webhook(), messages(1))

    assert "转到了别处" in outcome.error
    assert other.seen == []


def test_a_robot_that_is_not_there_is_said_without_its_key(inside):
    with robot() as gone:
        pass
    inside.WEBHOOK_URL = gone.url
    (outcome,) = handed(webhook.Webhook(), messages(1))

    assert (outcome.told, outcome.error) == (Told.DOWN, "连不上群机器人的服务器。")


def test_a_post_is_never_longer_than_a_robot_takes(inside):
    """企业微信 refuses a text of more than 2,048 bytes; the same twenty would wait for ever."""
    some = messages(50)
    for one in some:
        one.person.name = "买买提·阿卜杜热合曼"
        one.sections = [Section(event, [], 123) for event in Event.values]
    with robot() as found:
        inside.WEBHOOK_URL = found.url
        assert {one for _, one in told(webhook.Webhook(), some)} == {Told.SENT}

    texts = [body["text"] for _, body in found.seen]
    assert max(len(text["content"].encode()) for text in texts) <= 2048
    called = [number for text in texts for number in text["mentioned_mobile_list"]]
    assert called == [f"138{n:08}" for n in range(1, 51)]


def test_dingtalk_calls_by_the_number_that_stands_in_the_text(inside):
    inside.WEBHOOK_KIND = "dingtalk"
    with robot() as found:
        inside.WEBHOOK_URL = found.url
        told(webhook.Webhook(), messages(2))

    ((_, body),) = found.seen
    lines = body["text"]["content"].split("\n")[1:]
    assert lines == [f"@1380000000{n} 马超：1条提醒（逾期提醒1）" for n in (1, 2)]


HOSTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K", "须以 https:// 开头"),
        ("file:///etc/passwd", "须以 https:// 开头"),
        ("ftp://qyapi.weixin.qq.com/", "须以 https:// 开头"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "须以 https:// 开头"),
        ("//qyapi.weixin.qq.com/", "须以 https:// 开头"),
        ("", "须以 https:// 开头"),
        ("https:///send", "须以 https:// 开头"),
        ("https://qyapi.weixin.qq.com:x/", "写错了"),
        ("https://[::1/", "写错了"),
        ("https://user:pass@qyapi.weixin.qq.com/", "账号和密码"),
        ("https://qyapi.weixin.qq.com@127.0.0.1/", "账号和密码"),
        ("https://127.0.0.1/", "WEBHOOK_HOSTS"),
        ("https://localhost/", "WEBHOOK_HOSTS"),
        ("https://qyapi.weixin.qq.com.evil.example/", "WEBHOOK_HOSTS"),
        ("https://evil.example/", "WEBHOOK_HOSTS"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_in_words(url, words):
    with pytest.raises(Refused, match=words):
        checked(url, hosts=HOSTS, inside=())


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *(
            "[::1]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fec0::1]"),
            "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
            "224.0.0.1",
        ),
    ],
)
def test_our_own_machine_and_network_are_refused_even_in_the_list(host):
    with pytest.raises(Refused, match="本机或内网"):
        checked(f"https://{host}/", hosts=(host.strip("[]"),), inside=())


def test_a_name_that_resolves_to_our_own_machine_is_refused():
    found = checked("https://localhost/send", hosts=("localhost",), inside=())

    with pytest.raises(Refused, match="本机或内网"):
        resolved(found)


def test_a_host_of_ones_own_network_that_is_named_may_be_called():
    found = checked("http://127.0.0.1:8080/send?key=K", hosts=(), inside=("127.0.0.1",))

    assert (found.port, found.path, resolved(found)) == (8080, "/send?key=K", "127.0.0.1")


def test_what_stands_in_the_address_goes_whole():
    found = checked("https://oapi.dingtalk.com/robot/send?access_token=T", hosts=HOSTS, inside=())

    assert (found.host, found.port) == ("oapi.dingtalk.com", 443)
    assert found.path == "/robot/send?access_token=T"


# ---------------------------------------------------------------- what is set up


def test_only_what_the_environment_names_is_a_channel(settings, tmp_path):
    settings.EMAIL_URL = settings.WEBHOOK_URL = settings.SMS_FOLDER = ""
    assert configured() == {}

    settings.EMAIL_URL, settings.SMS_FOLDER = "smtp://mail:25", str(tmp_path)
    settings.WEBHOOK_URL = "https://oapi.dingtalk.com/robot/send?access_token=T"
    assert list(configured()) == ["mail", "webhook", "file"]


def said(settings):
    return [one.id for one in production(None) if one.id in {"reform.E009", "reform.E010"}]


def test_the_check_before_the_start_refuses_a_wrong_channel(settings, tmp_path):
    settings.WEBHOOK_URL, settings.WEBHOOK_KIND, settings.SMS_FOLDER = "", "wecom", ""
    assert said(settings) == []

    settings.WEBHOOK_URL = "https://127.0.0.1/send"
    assert said(settings) == ["reform.E009"]
    settings.WEBHOOK_URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K"
    assert said(settings) == []
    settings.WEBHOOK_KIND = "feishu"
    assert said(settings) == ["reform.E009"]
    settings.WEBHOOK_KIND, settings.SMS_FOLDER = "wecom", str(tmp_path / "nowhere")
    assert said(settings) == ["reform.E010"]
