"""Production's shape: compose, image and nginx as files; and the same processes, running."""

import os
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
import yaml
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db import connection

from reform import checks
from reform.excel.limits import MAX_BYTES
from tests.production import (
    ROOT,
    answers,
    compose,
    database_on,
    environment,
    free_port,
    manage,
    nginx,
    running,
    wait_until,
    web,
)
from tests.visitor import Visitor

pytestmark = pytest.mark.no_database

NGINX_FILES = ("nginx.conf", "common.conf", "https-0.conf", "https-1.conf")
PAGES = ("400", "413", "502", "504")
# Runs to its end at each start; the others run for as long as the machine does.
PREPARE = "prepare"
MB = 1024 * 1024


def conf(name):
    return (ROOT / "deploy" / "nginx" / name).read_text(encoding="utf-8")


def directives(name, word):
    """What the file says behind a word, comments apart."""
    text = re.sub(r"#.*", "", conf(name))
    return [value.strip() for value in re.findall(rf"^\s*{word}\s+([^;]+);", text, re.MULTILINE)]


# ---- compose ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def services():
    return compose()["services"]


@pytest.mark.once
def test_compose_has_all_that_production_is_made_of(services):
    names = {"nginx", PREPARE, "web", "worker", "beat", "sweeper", "postgres", "redis"}

    assert services.keys() == names


@pytest.mark.once
def test_every_service_is_asked_how_it_is_and_kept_within_bounds(services):
    for name, service in services.items():
        assert name == PREPARE or service["healthcheck"]["test"], name
        assert {"mem_limit", "cpus", "pids_limit", "read_only"} <= service.keys(), name
        assert service["restart"] == ("no" if name == PREPARE else "unless-stopped"), name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert "no-new-privileges:true" in service["security_opt"], name


@pytest.mark.once
def test_only_nginx_has_a_door_to_the_outside(services):
    assert {name for name, service in services.items() if "ports" in service} == {"nginx"}
    assert {tuple(service["networks"]) for service in services.values()} == {("inside",)}
    assert services["nginx"]["ports"] == ["80:8080", "443:8443"]


@pytest.mark.once
def test_what_must_last_lies_in_volumes(services):
    def inside(name):
        return {volume.split(":")[1] for volume in services[name]["volumes"]}

    assert {name: inside(name) for name in services if name != "nginx"} == {
        PREPARE: {"/srv/media", "/srv/static"},
        "web": {"/srv/media", "/srv/trail", "/srv/backups"},
        "worker": {"/srv/media", "/srv/trail", "/srv/sms"},
        "sweeper": {"/srv/media", "/srv/sms"},
        "beat": {"/srv/media", "/srv/beat"},
        "postgres": {"/var/lib/postgresql/data"},
        "redis": {"/data"},
    }
    assert all(volume.endswith(":ro") for volume in services["nginx"]["volumes"])
    assert compose().get("volumes").keys() == {
        *("media", "static", "trail", "postgres", "redis", "beat", "sms")
    }


@pytest.mark.once
def test_one_after_another_each_waits_for_what_it_needs(services):
    waits = {
        name: {other: how["condition"] for other, how in service["depends_on"].items()}
        for name, service in services.items()
        if "depends_on" in service
    }
    after_prepare = {PREPARE: "service_completed_successfully", "redis": "service_healthy"}

    assert waits == {
        "nginx": {"web": "service_healthy"},
        PREPARE: {"postgres": "service_healthy", "redis": "service_healthy"},
        "web": after_prepare,
        "worker": after_prepare,
        "beat": after_prepare,
        "sweeper": after_prepare,
    }


@pytest.mark.once
def test_compose_refuses_to_start_without_secrets():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    assert set(re.findall(r"\$\{(\w+):\?\}", text)) == {
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "POSTGRES_PASSWORD",
    }


@pytest.mark.once
def test_the_proxy_that_is_trusted_is_the_network_of_compose(services):
    subnet = compose(SUBNET="10.7.7.0/24")

    assert subnet["networks"]["inside"]["ipam"]["config"] == [{"subnet": "10.7.7.0/24"}]
    for name in ("web", "worker", "beat", "sweeper", PREPARE):
        assert subnet["services"][name]["environment"]["TRUSTED_PROXIES"] == "10.7.7.0/24"


@pytest.mark.once
def test_whatever_may_be_set_reaches_the_containers(services):
    """A line in .env that compose does not hand on would do nothing, and nobody would know."""
    asked = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "reform/settings.py").read_text()))
    by_the_image = set(re.findall(r"^(?:ENV|   ) (\w+)=", (ROOT / "Dockerfile").read_text(), re.M))

    for name in ("web", "worker", "beat", "sweeper", PREPARE):
        given = services[name]["environment"].keys() | by_the_image
        assert asked - given == {"DEBUG"}, name


@pytest.mark.once
def test_postgresql_is_15_and_sorts_by_code(services):
    postgres = services["postgres"]

    assert postgres["image"] == "postgres:15-bookworm"
    assert postgres["environment"]["POSTGRES_INITDB_ARGS"] == "--encoding=UTF8 --locale=C.UTF-8"


@pytest.mark.once
def test_pages_files_are_handed_over_at_each_start(services):
    """A volume is filled from an image once only; after an upgrade it would hold the old ones."""
    assert services[PREPARE]["command"].endswith('cp -R /app/collected/. /srv/static/"')
    assert "check --deploy --fail-level WARNING" in services[PREPARE]["command"]
    assert "migrate" in services[PREPARE]["command"]


@pytest.mark.once
def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular(services):
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]

    assert "gcc" in text
    assert "gcc" not in last
    assert "npm" not in last
    assert "--require-hashes" in text
    assert "collectstatic" in last
    assert "postgresql-client-15" in last
    assert re.findall(r"^USER (\w+)$", last, re.MULTILINE) == ["reform"]
    # The image alone does what compose says.
    started = yaml.safe_load(re.search(r"^CMD (.+)$", last, re.MULTILINE)[1])
    assert " ".join(started) == services["web"]["command"]


# ---- what operations.md tells ------------------------------------------------------------------


@pytest.mark.once
def test_the_notes_name_commands_and_options_that_exist():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = re.findall(r"manage(?:\.py)? ([a-z_]+)([^`\n>]*)", text)

    assert {"backup", "restore", "verify_backup", "create_administrators"} <= {
        name for name, _ in told
    }
    for name, rest in told:
        command = load_command_class(get_commands()[name], name)
        known = command.create_parser("manage.py", name)._option_string_actions  # noqa: SLF001
        assert set(re.findall(r"--[a-z-]+", rest)) <= known.keys(), (name, rest)


@pytest.mark.once
def test_the_notes_name_services_and_settings_that_exist(services):
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    for words in re.findall(r"dc (?:stop|restart|logs|exec) ([^`\n]+)", text):
        first = words.split("--since 1h ")[-1].split(" python")[0].split()
        assert first[0] in services, words
    for name in re.findall(r"`([A-Z][A-Z_]+)`", text):
        assert f"{name}=" in example or name in {"SHA256SUMS", "CHANGELOG"}, name


# ---- nginx, as files ----------------------------------------------------------------------------


@pytest.mark.once
def test_nginx_takes_what_the_application_takes():
    size = int(re.fullmatch(r"(\d+)m", directives("nginx.conf", "client_max_body_size")[0])[1])

    assert settings.ATTACHMENT_MAX_BYTES == 20 * MB
    assert size * MB > checks.NGINX_TAKES_MB * MB + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert size * MB > max(settings.ATTACHMENT_MAX_BYTES * 10, MAX_BYTES)
    assert f"超过{size}MB" in conf("pages/413.html")


@pytest.mark.once
def test_nginx_waits_as_long_as_gunicorn_and_no_longer_for_who_is_slow(services):
    timeout = int(re.search(r"--timeout (\d+)", services["web"]["command"])[1])
    waits = int(directives("common.conf", "proxy_read_timeout")[0].rstrip("s"))
    kept = int(re.search(r"--keep-alive (\d+)", services["web"]["command"])[1])

    assert timeout < waits < timeout + 30
    assert kept > int(directives("nginx.conf", "keepalive_timeout")[0].rstrip("s"))
    assert directives("nginx.conf", "client_header_timeout") == ["15s"]
    assert directives("nginx.conf", "client_body_timeout") == ["60s"]
    assert directives("nginx.conf", "send_timeout") == ["60s"]


@pytest.mark.once
def test_what_clients_say_of_themselves_goes_no_further():
    set_by_us = dict(
        value.split(maxsplit=1) for value in directives("common.conf", "proxy_set_header")
    )

    assert set_by_us == {
        "Connection": '""',
        "Host": "$http_host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-Host": '""',
        "X-Real-IP": '""',
        "Forwarded": '""',
    }
    assert not any("$proxy_add_x_forwarded_for" in conf(name) for name in NGINX_FILES)


@pytest.mark.once
def test_nginx_logs_no_query_strings():
    form = directives("nginx.conf", "log_format")[0]

    assert "$asked_path" in form
    assert not re.search(r"\$(request|request_uri|args|query_string|http_cookie)\b", form)


@pytest.mark.once
def test_tls_or_plain_is_one_switch():
    def mounted(https):
        volumes = compose(HTTPS=https)["services"]["nginx"]["volumes"]
        return [volume.split(":")[0] for volume in volumes if "site.conf" in volume]

    assert mounted("1") == ["./deploy/nginx/https-1.conf"]
    assert mounted("0") == ["./deploy/nginx/https-0.conf"]
    assert directives("https-1.conf", "ssl_protocols") == ["TLSv1.2 TLSv1.3"]
    assert directives("https-0.conf", "ssl_certificate") == []


@pytest.mark.once
def test_pages_of_nginx_are_chinese_and_ask_no_other_host():
    told = {
        code: line.split()[-1]
        for line in directives("common.conf", "error_page")
        for code in line.split()[:-1]
    }

    assert {told["413"], told["502"], told["504"], told["414"]} == {
        f"/_pages/{name}.html" for name in PAGES
    }
    for name in PAGES:
        page = conf(f"pages/{name}.html")
        assert '<html lang="zh-CN">' in page
        assert "//" not in page.replace("<!doctype", "")
        assert "style=" not in page
        for asked in re.findall(r'"/static/([^"]+)"', page):
            assert is_served(asked), asked


def is_served(name):
    if name.startswith("vendor/bootstrap/css/"):
        return (settings.NODE_MODULES / "bootstrap/dist/css" / name.rpartition("/")[2]).exists()
    return (ROOT / "static" / name).exists()


# ---- check --deploy -----------------------------------------------------------------------------


GOOD = {
    "SECRET_KEY": "x1" * 30,
    "HTTPS": True,
    "TRUSTED_PROXIES": ["127.0.0.1"],
    "ALLOWED_HOSTS": ["reform.example"],
    "MEDIA_ROOT": "/srv/media",
    "STATIC_ROOT": "/srv/static",
}


@pytest.mark.once
@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"INSTALLED_APPS": [*settings.INSTALLED_APPS, "django.contrib.admin"]}, ["reform.E002"]),
        ({"SECRET_KEY": "insecure-and-only-good-for-development" * 2}, ["reform.E003"]),
        ({"SECRET_KEY": "short"}, ["reform.E003"]),
        ({"MEDIA_ROOT": "/srv/static/media"}, ["reform.E004"]),
        ({"MEDIA_ROOT": str(ROOT / "static")}, ["reform.E004"]),
        ({"MEDIA_ROOT": "/srv"}, ["reform.E004"]),
        ({"PASSWORD_HASHERS": settings.PASSWORD_HASHERS[::-1]}, ["reform.E005"]),
        ({"TRUSTED_PROXIES": []}, ["reform.W006"]),
        ({"TRUSTED_PROXIES": [], "HTTPS": False}, []),
        ({"ATTACHMENT_MAX_BYTES": 201 * MB}, ["reform.W007"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["reform.W008"]),
    ],
)
def test_check_deploy_finds_what_is_not_fit_for_production(changed, found):
    facts = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    standing = SimpleNamespace(**facts | GOOD | changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "settings", standing)

        assert [message.id for message in checks.production(None)] == found


@pytest.mark.once
def test_check_deploy_finds_a_superuser_flag(monkeypatch):
    flagged = SimpleNamespace(
        _meta=SimpleNamespace(get_fields=lambda: [SimpleNamespace(name="is_superuser")])
    )
    monkeypatch.setattr(checks, "get_user_model", lambda: flagged)

    assert "reform.E001" in [message.id for message in checks.production(None)]


# ---- the same processes, running ----------------------------------------------------------------


needs_servers = pytest.mark.skipif(
    connection.vendor != "postgresql" or not settings.REDIS_URL,
    reason="runs on the pass with PostgreSQL and Redis",
)
needs_nginx = pytest.mark.proxy


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Tables, people, pages' files; web, worker and beat by compose's words; nginx with TLS."""
    folder = tmp_path_factory.mktemp("production")
    server, redis = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    # A database of its own, a process: what others publish is not for this worker.
    number = 7 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    redis = f"{redis.rpartition('/')[0]}/{number}"
    services, port = compose()["services"], free_port()
    with database_on(server, f"reform_production_{os.getpid()}") as database:
        env = environment("web", folder, database=database, redis=redis)
        manage(env, "check", "--deploy", "--fail-level", "WARNING")
        manage(env, "migrate", "--no-input")
        manage(env, "collectstatic", "--no-input")
        manage(env, "shell", "--no-imports", "-c", PEOPLE)
        manage(env, "shell", "--no-imports", "-c", DUE)
        with (
            web(env, folder, port),
            running(services["worker"]["command"], env, folder / "worker.log"),
            running(services["beat"]["command"], env, folder / "beat.log"),
            nginx(folder, https=1, web_port=port, static=folder / "static") as ports,
        ):
            yield SimpleNamespace(folder=folder, env=env, port=port, tls=ports["8443"], ports=ports)


PEOPLE = """
from datetime import date
from reform.actions import organizations, users
from reform.models import Role
top = organizations.create(name="市交通局党组", code="TOP", kind="committee")
for username, role in (("system", Role.SYSTEM), ("member", Role.MEMBER), ("guessed", Role.MEMBER)):
    user = users.create(username=username, name="甲", password="Demo-2026-pass")
    users.give_duty(user, organization=top, role=role, since=date(2020, 1, 1))
"""
# Beat has last run long ago, so that its first minute is now.
DUE = """
from datetime import timedelta
from reform.celery import app
from celery.beat import PersistentScheduler
schedule = PersistentScheduler(app, schedule_filename=app.conf.beat_schedule_filename)
for entry in schedule.schedule.values():
    entry.last_run_at -= timedelta(minutes=5)
schedule.close()
"""


def visitor(site, username=""):
    browser = Visitor(site.tls, tls=True)
    if username:
        assert browser.sign_in(username, "Demo-2026-pass").status == 302
    return browser


@needs_servers
@needs_nginx
def test_somebody_signs_in_through_nginx_over_tls(site):
    browser = visitor(site, "member")

    desk = browser.get("/")

    assert desk.status == 200
    assert "工作台" in desk.text
    assert desk.headers["strict-transport-security"] == "max-age=31536000"
    assert "unsafe" not in desk.headers["content-security-policy"]
    assert "server" not in desk.headers or not re.search(r"\d", desk.headers["server"])


@needs_servers
@needs_nginx
def test_pages_files_come_from_nginx_hashed_packed_and_for_a_year(site):
    browser = visitor(site)
    asked = re.findall(r'"(/static/[^"]+\.(?:css|js))"', browser.get("/login/").text)

    assert asked
    assert [name for name in asked if not re.search(r"\.[0-9a-f]{12}\.", name)] == []
    for name in asked:
        page = browser.get(name, **{"Accept-Encoding": "gzip"})
        assert (page.status, page.headers["cache-control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )
        assert page.headers["content-encoding"] == "gzip"
        assert page.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/static/nothing.css").status == 404
    assert browser.get("/static/../media/x").status in {400, 404}


@needs_servers
@needs_nginx
def test_plain_http_is_sent_on_to_tls(site):
    page = Visitor(site.ports["8080"]).get("/problems/?view=overdue")

    assert page.status == 308
    assert page.headers["location"] == "https://reform.example/problems/?view=overdue"


@needs_servers
@needs_nginx
def test_forged_addresses_through_nginx_do_not_help_who_guesses_passwords(site):
    browser = visitor(site)

    answered = [
        browser.sign_in(
            "guessed", "wrong-guess", **{"X-Forwarded-For": f"1.1.1.{n}", "X-Real-IP": "1.1.1.1"}
        ).status
        for n in range(6)
    ]

    assert answered[0] == 200
    assert answered[-1] == 429


@needs_servers
def test_who_asks_web_past_the_proxy_cannot_say_it_was_tls(site):
    """From 127.0.0.1 he could; this is what another container meets."""
    page = Visitor(site.port).get("/login/")

    assert page.status == 301
    assert page.headers["location"].startswith("https://")
    assert answers(site.port, "/health/")


@needs_servers
@needs_nginx
def test_the_page_of_the_state_says_that_all_is_well_once_a_backup_is_made(site):
    said = manage(site.env, "backup", str(site.folder / "backups"), "--rotate", "3")
    browser = visitor(site, "system")
    take_the_second_step(browser)

    wait_until(
        lambda: "各部分运行正常" in browser.get("/system/").text,
        site.folder / "worker.log",
        site.folder / "beat.log",
    )

    assert "备份已完成" in said
    assert "完整：" in manage(site.env, "verify_backup", str(site.folder / "backups"))
    assert browser.get("/health/").text == "ok\n"


def take_the_second_step(browser):
    """What production asks of an administrator before anything else: his telephone."""
    page = browser.get("/profile/second/")
    secret = re.search(r'<code class="secret">([^<]+)</code>', page.text)[1].replace(" ", "")
    number = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    done = browser.post("/profile/second/", page.form.fields | {"code": number})
    assert done.status in {200, 302}


@needs_servers
def test_health_checks_of_compose_find_their_processes_well(site):
    services = compose()["services"]
    web_check = services["web"]["healthcheck"]["test"][1:]
    ping = services["worker"]["healthcheck"]["test"][1].replace("$$HOSTNAME", "$(hostname)")
    bin_path = site.env["PATH"]

    assert shell(site, f"PORT={site.port} {' '.join(web_check)}") == 0
    assert shell(site, f"PORT={free_port()} {' '.join(web_check)}") == 1
    wait_until(lambda: shell(site, ping) == 0, site.folder / "worker.log")
    beat = services["beat"]["healthcheck"]["test"][1]
    beat = beat.replace("/srv/beat", str(site.folder)).replace("schedule*", "beat*")
    assert shell(site, beat) == 0
    assert shutil.which("celery", path=bin_path)


def shell(site, command):
    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=ROOT, env=site.env, capture_output=True, check=False
    )
    return done.returncode


@pytest.mark.once
@needs_nginx
def test_while_web_is_away_nginx_answers_with_pages_of_its_own(tmp_path):
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "reform.css").write_text("body {}")
    with nginx(tmp_path, https=0, web_port=free_port(), static=static) as ports:
        browser = Visitor(ports["8080"])
        away = browser.get("/problems/")
        large = Visitor(ports["8080"]).get("/imports/new/", **{"Content-Length": str(300 * MB)})
        long = Visitor(ports["8080"]).get("/problems/?q=" + "a" * 40_000)
        style = browser.get("/static/css/reform.css")

    assert (away.status, "系统正在启动或维护" in away.text) == (502, True)
    assert (large.status, "上传内容过大" in large.text) == (413, True)
    assert (long.status, "请求无法识别" in long.text) == (414, True)
    assert away.headers["cache-control"] == "no-store"
    assert (style.status, style.headers["cache-control"]) == (200, "public, max-age=300")
    log = (tmp_path / "nginx-0" / "access.log").read_text()
    assert "GET /problems/ 502" in log
    assert "aaaa" not in log
