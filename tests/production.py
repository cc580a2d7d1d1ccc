"""Production's shape without containers: the very command lines and nginx files of compose.

For tests/test_production.py and bench/load.py. Addresses differ (127.0.0.1 and free ports), and
folders; the words are compose's.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import yaml

from tests.servers import _free_port as free_port
from tests.visitor import HOST

ROOT = Path(__file__).resolve().parent.parent
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
SECRETS = {  # what .env would say
    "SECRET_KEY": "of-one-afternoon-and-of-nobody-in-the-world-0123456789-abcdefgh",
    "ALLOWED_HOSTS": HOST,
    "POSTGRES_PASSWORD": "unused",
}
PATIENCE = 60


def compose(**given: str) -> dict[str, Any]:
    """docker-compose.yml with its variables filled in, as compose would."""
    known = SECRETS | given

    def value(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        if name in known:
            return known[name]
        assert kind == "-", f"{name} is asked for and not given"
        return default

    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(VARIABLE.sub(value, text))


def environment(service: str, folder: Path, *, database: str, redis: str, **more: str) -> dict:
    """What compose gives the service, with our addresses and folders in the place of its own."""
    given = compose(**more)["services"][service]["environment"]
    own = {
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "MEDIA_ROOT": f"{folder}/media",
        "STATIC_ROOT": f"{folder}/static",
        "BEAT_SCHEDULE": f"{folder}/beat",
        "TRUSTED_PROXIES": "127.0.0.1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Compose fills in after reading, so that what is empty stays a text.
    return {name: "" if value is None else str(value) for name, value in given.items()} | own


@contextmanager
def database_on(server: str, name: str) -> Iterator[str]:
    """A database of our own on a PostgreSQL server, taken away afterwards."""
    _command(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _command(url: str, words: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(words)
    connection.close()


def manage(env: dict, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@contextmanager
def running(command: str | list[str], env: dict, log: Path) -> Iterator[subprocess.Popen]:
    """A process until the end of the block; what it says goes to the log."""
    words = shlex.split(command) if isinstance(command, str) else command
    program = shutil.which(words[0], path=env["PATH"]) or words[0]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *words[1:]], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(true: Callable[[], bool], *logs: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        said = "\n".join(log.read_text(errors="replace")[-2000:] for log in logs)
        assert time.monotonic() < deadline, f"It did not come about:\n{said}"
        time.sleep(0.2)


def answers(port: int, path: str = "/health/") -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers={"Host": HOST})
        return line.getresponse().status in {200, 204}
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


@contextmanager
def web(env: dict, folder: Path, port: int) -> Iterator[subprocess.Popen]:
    """gunicorn by compose's command line, on a port of our own."""
    command = compose()["services"]["web"]["command"].replace("0.0.0.0:8000", f"127.0.0.1:{port}")
    log = folder / "web.log"
    with running(command, env, log) as process:
        wait_until(lambda: answers(port), log)
        yield process


@contextmanager
def nginx(folder: Path, *, https: int, web_port: int, static: Path) -> Iterator[dict[str, int]]:
    """nginx by our own files, as compose mounts them; its ports by what compose calls them."""
    home, ports = folder / f"nginx-{https}", {"8080": free_port(), "8443": free_port()}
    (home / "tmp").mkdir(parents=True)
    site = ROOT / "deploy" / "nginx"
    shutil.copytree(site / "pages", home / "pages")
    for mounted, source in (
        ("nginx.conf", "nginx.conf"),
        ("common.conf", "common.conf"),
        ("site.conf", f"https-{https}.conf"),
    ):
        text = (site / source).read_text(encoding="utf-8")
        (home / mounted).write_text(_moved(text, home, ports, web_port, static), encoding="utf-8")
    if https:
        _certificate(home)
    command = [str(NGINX), "-c", str(home / "nginx.conf"), "-g", f"daemon off;{_as_root()}"]
    log = home / "log"
    with running(command, {"PATH": os.environ["PATH"]}, log):
        wait_until(lambda: answers(ports["8080"], "/nginx-health"), log)
        yield ports


def _moved(text: str, home: Path, ports: dict[str, int], web_port: int, static: Path) -> str:
    for theirs, ours in (
        ("/tmp/", f"{home}/tmp/"),  # noqa: S108 -- their words; first: ours hold it too
        ("listen 8080", f"listen 127.0.0.1:{ports['8080']}"),
        ("listen 8443", f"listen 127.0.0.1:{ports['8443']}"),
        ("server web:8000", f"server 127.0.0.1:{web_port}"),
        ("/etc/nginx/reform/", f"{home}/"),
        ("/etc/nginx/certificates/", f"{home}/"),
        ("/srv/static/", f"{static}/"),
        ("/dev/stderr", f"{home}/error.log"),
        ("/dev/stdout", f"{home}/access.log"),
    ):
        text = text.replace(theirs, ours)
    return text


def _as_root() -> str:
    """Root's nginx would serve as somebody who may not look into a test's folder."""
    return " user root;" if os.geteuid() == 0 else ""


def _certificate(home: Path) -> None:
    words = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec"]
    words += ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
    names = ["-keyout", str(home / "privkey.pem"), "-out", str(home / "fullchain.pem")]
    subprocess.run(
        [*words, "-days", "2", "-subj", f"/CN={HOST}", *names],
        check=True,
        capture_output=True,
    )
