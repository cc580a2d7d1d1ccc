"""The house rules that a machine can check."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver
from django.utils.module_loading import import_string

from reform.celery import app

pytestmark = [pytest.mark.once, pytest.mark.no_database]

ROOT = Path(__file__).resolve().parent.parent
APPS = ("reform", "campaigns", "rectification")

PRODUCTION = {
    "REFORM_ENV": "production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "reform.example",
    "DATABASE_URL": "sqlite:///{folder}/db.sqlite3",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "MEDIA_ROOT": "{folder}/media",
    "TRUSTED_PROXIES": "127.0.0.1",
}
SECRETS = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOT")

# Rectification is not a contest (domain §7.3): nothing counts points, ranks or hours online.
CONTEST = re.compile("积分|排行榜|在线时长|打卡")
OTHER_HOST = re.compile(
    r"""(?:src|href|action|srcset)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//"""
)


def files(folder: str, *kinds: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*") if path.suffix in kinds]


def modules() -> list[Path]:
    every = (path for app_name in APPS for path in files(app_name, ".py"))
    return [path for path in every if "migrations" not in path.parts]


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A fresh process under exactly these settings."""
    clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def production(folder: Path) -> dict[str, str]:
    return {key: value.format(folder=folder) for key, value in PRODUCTION.items()}


# ---- modules ------------------------------------------------------------------------------------


def test_imports_point_down():
    """In a process of its own: the linter sets up logging, and would switch our loggers off."""
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_modules_are_short():
    long = [path for path in modules() if len(path.read_text().splitlines()) > 300]

    assert named(long) == []


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True)


def test_every_timetable_entry_names_a_task():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()


def test_what_settings_name_by_string_exists():
    for name in settings.MIDDLEWARE:
        import_string(name)
    assert get_resolver().url_patterns


# ---- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SECRETS)
def test_production_refuses_to_start_without(name, tmp_path):
    done = manage("check", **production(tmp_path) | {name: ""})

    assert done.returncode != 0
    assert f"生产环境缺少设置：{name}。" in done.stderr


def test_no_debug_is_production_as_well():
    done = manage("check", DEBUG="0")

    assert f"生产环境缺少设置：{'、'.join(SECRETS)}。" in done.stderr


def test_an_unknown_environment_is_refused():
    done = manage("check", REFORM_ENV="prodution")

    assert "REFORM_ENV 只能是 development 或 production" in done.stderr


def test_check_deploy_finds_nothing(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", **production(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_env_example_lists_every_setting():
    """Also what compose asks, and nothing that nobody reads."""
    settings_ask = re.findall(r"env\.\w+\(\s*\"(\w+)\"", (ROOT / "reform/settings.py").read_text())
    compose_asks = re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text())
    others = {"PORT", "TEST_DATABASE_URL", "TEST_REDIS_URL"}  # of bin/run.py and tests/servers.py
    listed = set(re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert listed == {*settings_ask, *compose_asks} | others


# ---- pages --------------------------------------------------------------------------------------


def test_pages_ask_no_other_host():
    pages = files("templates", ".html") + files("static", ".css", ".js")

    assert named([path for path in pages if OTHER_HOST.search(path.read_text())]) == []


def test_nothing_is_a_contest():
    pages = files("templates", ".html") + modules()

    assert named([path for path in pages if CONTEST.search(path.read_text())]) == []


# ---- what the machine is given ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "dev", "prod"])
def test_python_lock_holds_hashes_and_no_address(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|^--|\s@\s|file:", text, re.MULTILINE)


def test_what_runs_is_what_was_tested():
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return set(re.findall(r"^([\w.-]+==[^\s;]+)", text, re.MULTILINE))

    assert pins("run") <= pins("dev")
    assert {pin.partition("==")[0] for pin in pins("prod") - pins("dev")} == {"psycopg2"}


def test_npm_lock_holds_hashes_and_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    entries = [entry for path, entry in packages.items() if path]

    assert all("integrity" in entry for entry in entries)
    assert not any("resolved" in entry for entry in entries)
