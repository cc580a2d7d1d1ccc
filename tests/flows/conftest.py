"""The stage of the flows: the demo, a live server, and people with browsers of their own."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright

from rectification.management import demo as demo_data
from tests.flows.browser import ROOT, Someone, Watch
from tests.run import BROWSERS, IN_CI
from tests.worlds import made_once

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--in-process-gpu",
    "--renderer-process-limit=2",
)
PATIENCE = 20_000  # milliseconds; two cores with two workers are sometimes slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = f"No browser: none of {', '.join(BROWSERS)} is on the PATH."
        (pytest.fail if IN_CI else pytest.skip)(reason)
    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop runs in this thread, so Django takes the tests for coroutines.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(executable_path=program, args=ARGS)


@made_once(is_final=True)
def seeded() -> None:
    demo_data.make(timezone.now(), examined=False)


@pytest.fixture
def demo(transactional_db: None, settings: object) -> None:
    """The demo as `seed_demo` makes it, but for stages and self-examinations, which the flows tell
    themselves; made once a process, then put back row by row."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    seeded()


@pytest.fixture
def people(demo: None, live_server: object, chromium: Browser) -> Iterator[Callable[..., Someone]]:
    """Return a function that seats somebody; at the end, no page may have misbehaved."""
    watch, seated = Watch(live_server.url), []

    def sit_down(username: str = "", **options: object) -> Someone:
        seated.append(Someone(chromium, watch, username, **options))
        seated[-1].page.set_default_timeout(PATIENCE)
        return seated[-1]

    yield sit_down
    for someone in seated:
        someone.leave()
    assert watch.faults == []


@pytest.fixture
def picture() -> Callable[..., None]:
    """Return a function that takes a picture where they are asked for: REFORM_PICTURES=1.

    The README shows those of a desk's window; the others are only for looking.
    """

    def take(someone: Someone, name: str, *, whole: bool = False, shown: bool = False) -> None:
        if os.environ.get("REFORM_PICTURES") == "1":
            folder = ROOT / ("docs" if shown else "var") / "pictures"
            someone.picture(folder / f"{name}.png", whole=whole)

    return take
