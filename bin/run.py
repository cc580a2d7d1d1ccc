"""`make run` after the environment stands: tables, a demo campaign, then all the processes.

honcho runs what Procfile names and stops all of them together; a companion process waits for the
first answer and prints the address and the demo accounts, so that they stand last on the screen.
"""

import os
import signal
import socket
import sys
import time
import urllib.request
from io import StringIO
from multiprocessing import Process
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
ACCOUNTS = ROOT / "var" / "demo.txt"  # what seed_demo said, for the next start
PATIENCE = 60  # seconds until the first page


def prepare() -> None:
    """Bring the tables up to date and, in an empty database, make the demo campaign."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reform.settings")
    if settings.PRODUCTION:
        sys.exit("make run 只用于开发和演示；生产环境用 docker compose up。")
    django.setup()
    call_command("migrate", verbosity=0)
    if not apps.get_model("campaigns.Campaign").objects.exists():
        print("正在建立演示数据……", flush=True)
        said = StringIO()
        call_command("seed_demo", stdout=said)
        ACCOUNTS.write_text(said.getvalue())
    connections.close_all()


def free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"从 {wanted} 起的 100 个端口都被占用。")


def answers(address: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5):
            return True
    except OSError:  # URLError is one, an error page as well
        return False


def announce(address: str) -> None:
    """Say where it is and as whom to sign in, once a page has come."""
    deadline = time.monotonic() + PATIENCE
    while not answers(address):
        if time.monotonic() > deadline:
            print(f"{PATIENCE} 秒内没有打开 {address}/，请看上面的输出。", flush=True)
            return
        time.sleep(0.3)
    accounts = ACCOUNTS.read_text() if ACCOUNTS.exists() else ""
    words = [f"打开 {address}/", *accounts.splitlines(), "停止 Ctrl-C"]
    print("\n".join(["", *(f"  {line}" for line in words), ""]), flush=True)


def keep_going(port: int) -> int:
    """Web, worker, beat and sweeper until one of them ends or somebody stops us."""
    manager = Manager()
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    own = {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    for name, command in processes.items():
        manager.add_process(name, command, env=os.environ | own)
    # honcho stops them on Ctrl-C and on SIGTERM; a closed terminal must not leave them behind.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return manager.returncode


def main() -> int:
    prepare()
    port = free_port(int(os.environ.get("PORT", "8000")))
    Process(target=announce, args=[f"http://127.0.0.1:{port}"], daemon=True).start()
    return keep_going(port)


if __name__ == "__main__":
    sys.exit(main())
