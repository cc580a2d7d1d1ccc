"""Somebody at a browser: goes, presses, fills and reads, in the words that stand on the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLongError

from rectification.management.demo_people import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESK, PHONE = (1366, 768), (390, 844)
# A sticky bar stands where the window ends; a picture of the whole page has no such place.
UNSTICK = "document.querySelectorAll('.actions').forEach(bar => bar.style.position = 'static')"

# Where a page that did not turn stands: its address, what is in focus, and what is not valid.
STATE = """() => [
  location.href, document.readyState, document.activeElement.outerHTML.slice(0, 200),
  ...Array.from(document.querySelectorAll(":invalid, button:disabled"), (one) => one.outerHTML)
].join(" | ")"""

# The browser's own line about what the policy stopped does not always come; this one does.
TELL_OF_POLICY = """document.addEventListener("securitypolicyviolation", (event) => console.error(
  "policy", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber,
  event.sample));"""
# What can be unfolded is part of the page, and stands there for whoever unfolds it.
UNFOLD = """() => {
  const folded = Array.from(document.querySelectorAll("details:not([open])"));
  folded.forEach((one) => { one.open = true; });
  return folded.some((one) => one.hasAttribute("hx-get"));
}"""

# Sends the form of the page as one who is not stopped by the browser's own checks.
SEND = """(words) => {
  const form = document.querySelector("main form[method=post]");
  form.noValidate = true;
  Object.entries(words).forEach(([name, word]) => { form.elements[name].value = word; });
  form.requestSubmit(form.querySelector("[type=submit], button:not([type])"));
}"""

# What is serious is picked out there: axe tells hundreds of kilobytes more of each page.
RUN_AXE = """async () => {
  const wanted = {resultTypes: ["violations"], elementRef: false, ancestry: false};
  const found = await axe.run(document, wanted);
  return found.violations
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${fault.help} ${node.target}`));
}"""


@cache
def source_of_axe() -> str:
    return AXE.read_text(encoding="utf-8")


class Watch:
    """What no page may do: complain in the console, break, or ask another host for something."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self.expected: list[str] = []

    def over(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def over_requests(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._request(request.url))
        context.on("response", lambda answer: self._answer(answer.status, answer.url))

    def expects(self, status: int) -> None:
        """The next answer of this status is what the test is after."""
        self.expected.append(str(status))

    def taken(self) -> list[str]:
        """The faults so far, which are dealt with by who takes them."""
        found, self.faults[:] = list(self.faults), []
        return found

    def _console(self, kind: str, text: str) -> None:
        # Chromium writes a line for every 4xx page; `_answer` judges those.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.faults.append(f"console: {text}")

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:", "blob:")):
            self.faults.append(f"another host: {url}")

    def _answer(self, status: int, url: str) -> None:
        if status < 400:
            return
        if str(status) in self.expected:
            self.expected.remove(str(status))
            return
        self.faults.append(f"{status}: {url}")


class Someone:
    """A person of the demo, in a browser of his own, signed in by the login page.

    Without a name nobody is signed in.
    """

    def __init__(self, browser: Browser, watch: Watch, username: str, **options: Any) -> None:
        width, height = options.pop("window", DESK)
        self.watch, self.username = watch, username
        self.has_script = options.get("java_script_enabled", True)
        self.context = browser.new_context(
            base_url=watch.address,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        self.context.add_init_script(TELL_OF_POLICY)
        watch.over_requests(self.context)
        self.page = self.context.new_page()
        watch.over(self.page)
        if username:
            self.sign_in(username)
            expect(self.page.locator("h1")).to_have_text("工作台")

    def sign_in(self, username: str) -> Someone:
        self.go("/login/").fill("账号", username).fill("密码", PASSWORD)
        return self.press("登录")

    def leave(self) -> None:
        self.context.close()

    # ---- going and pressing

    def go(self, address: str) -> Someone:
        self.page.goto(address)
        return self

    def press(self, words: str, *, within: str | Locator = "body", nth: int = 0) -> Someone:
        """Press the button or follow the link that says so, and wait for the page it brings."""
        with self.turning(words):
            self.control(words, within=within).nth(nth).click()
        return self

    @contextmanager
    def turning(self, words: str) -> Iterator[None]:
        """Wait for the page that the act within brings; where none comes, say what stands here."""
        try:
            with self.page.expect_navigation():
                yield
        except TooLongError as error:
            state = self.page.evaluate(STATE)
            raise AssertionError(f"{words}: no page came of it. {state} {self.text()}") from error

    def press_and_agree(self, words: str, yes: str) -> Someone:
        """Press what asks back first, read the question, and agree."""
        self.control(words).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        with self.turning(yes):
            dialog.get_by_role("button", name=yes, exact=True).click()
        return self

    def control(self, words: str, *, within: str | Locator = "body") -> Locator:
        area = self.page.locator(within) if isinstance(within, str) else within
        found = area.get_by_role("button", name=words, exact=True)
        return found.or_(area.get_by_role("link", name=words, exact=True)).filter(visible=True)

    def follow(self, words: str) -> Someone:
        """Follow the first link of the page that has these words in it."""
        with self.turning(words):
            self.page.locator("main").get_by_role("link", name=words).first.click()
        return self

    def download(self, words: str, *, menu: str = "") -> tuple[str, BytesIO]:
        """Press what sends a file, and return its name and what is in it."""
        drop = self.page.locator("main details").filter(has_text=menu)
        if menu and drop.get_attribute("open") is None:
            drop.locator("summary").click()
        with self.page.expect_download() as coming:
            self.control(words).click()
        return coming.value.suggested_filename, BytesIO(coming.value.path().read_bytes())

    def unfold(self, heading: str) -> Someone:
        self.section(heading).locator("summary").click()
        return self

    def refused(self, address: str) -> Someone:
        """Go where one may do nothing any more."""
        answer = self.page.request.get(f"{self.watch.address}{address}")
        assert answer.status in {403, 404}, (self.username, address, answer.status)
        return self

    # ---- filling

    def send(self, words: dict[str, str]) -> Someone:
        """Write words into fields by their names, and send the form of the page unchecked."""
        with self.turning("send"):
            self.page.evaluate(SEND, words)
        return self

    def field(self, label: str) -> Locator:
        """The box of a label; required ones bear a star that is no word of it."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")).first

    def fill(self, label: str, words: str) -> Someone:
        self.field(label).fill(words)
        return self

    def choose(self, label: str, words: str) -> Someone:
        self.field(label).select_option(label=words)
        return self

    def tick(self, *labels: str, within: str = "main") -> Someone:
        for label in labels:
            self.page.locator(within).get_by_label(label, exact=True).check()
        return self

    def give(self, label: str, *files: Any) -> Someone:
        self.field(label).set_input_files(list(files))
        return self

    def name(self, label: str, *names: str) -> Someone:
        """Type names into a picker, and take what is offered for each."""
        box = self.field(label)
        for one in names:
            box.press_sequentially(one)
            offered = self.page.locator(".ts-dropdown [data-selectable]", has_text=one)
            self.page.wait_for_timeout(300)
            for _ in range(4):  # an answer that came late: typing on asks again
                if offered.filter(visible=True).count():
                    break
                box.press("Backspace")
                box.press_sequentially(one[-1])
                self.page.wait_for_timeout(2000)
            offered.filter(visible=True).first.click()
            expect(self.page.locator(".ts-control .item", has_text=one).first).to_be_visible()
        box.press("Tab")
        return self

    # ---- reading

    def is_at(self, address: str) -> bool:
        return unquote(self.page.url) == f"{self.watch.address}{address}"

    def text(self, place: str = "main") -> str:
        """What stands there, blanks and line ends made one."""
        return " ".join(self.page.locator(place).first.inner_text().split())

    def says(self, *sentences: str, place: str = "main") -> Someone:
        for sentence in sentences:
            expect(self.page.locator(place).first).to_contain_text(sentence)
        return self

    def section(self, heading: str) -> Locator:
        """The panel under a heading."""
        title = self.page.get_by_role("heading", name=heading, exact=True)
        return self.page.locator("section.panel, details.panel").filter(has=title)

    def offers(self) -> list[str]:
        """What the problem page offers now."""
        return self.section("我可以办理").get_by_role("link").all_inner_texts()

    def closed_offers(self) -> dict[str, str]:
        """The buttons that cannot be pressed, each with its reason."""
        found = {}
        for act in self.page.locator(".act").filter(has=self.page.locator("button:disabled")).all():
            found[act.get_by_role("button").inner_text()] = act.locator(".act__why").inner_text()
        return found

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def status(self) -> str:
        return self.page.locator("h1 .tag").first.inner_text()

    # ---- looking

    def picture(self, path: Path, *, whole: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("window.scrollTo(0, 0)")
        self.page.mouse.move(0, 0)
        if whole:
            self.page.evaluate(UNSTICK)
        self.page.screenshot(path=path, full_page=whole)

    def axe(self) -> list[str]:
        """The serious faults that axe finds, one a line.

        Given to the page by the tool and not by a tag, which the policy would not let in.
        """
        self.page.evaluate(source_of_axe())
        return [f"{self.page.url} {fault}" for fault in self.page.evaluate(RUN_AXE)]

    def resize(self, window: tuple[int, int]) -> None:
        size = {"width": window[0], "height": window[1]}
        if self.page.viewport_size != size:
            self.page.set_viewport_size(size)

    def unfold_all(self) -> None:
        if self.page.evaluate(UNFOLD):
            expect(self.page.locator(".htmx-request")).to_have_count(0)

    def too_wide(self) -> bool:
        """Whether the page as a whole must be pushed sideways."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
