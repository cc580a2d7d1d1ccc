"""A browser without a screen: cookies, forms with their tokens, one connection kept alive."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode

HOST = "reform.example"


@dataclass
class Form:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    is_guarded: bool = False  # the form of the page, not the one that signs out


class _Forms(HTMLParser):
    """Every form that is posted, with what its fields say."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.name, self.is_text = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form" and (facts.get("method") or "").lower() == "post":
            self.form = Form(facts.get("action") or "", is_guarded="data-guard" in facts)
            self.found.append(self.form)
        elif self.form is not None and facts.get("name"):
            self._field(tag, facts)
        elif tag == "option" and self.form is not None and "selected" in facts and self.name:
            self.form.fields[self.name] = facts.get("value") or ""

    def _field(self, tag: str, facts: dict[str, str | None]) -> None:
        name, kind = facts["name"] or "", facts.get("type", "text")
        if tag == "input" and (kind not in {"radio", "checkbox", "submit"} or "checked" in facts):
            self.form.fields[name] = facts.get("value") or ""
        elif tag in {"textarea", "select"}:
            self.form.fields[name] = ""
            self.name, self.is_text = name, tag == "textarea"

    def handle_data(self, data: str) -> None:
        if self.is_text:
            self.form.fields[self.name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self.name, self.is_text = "", False
        elif tag == "form":
            self.form = None


@dataclass(frozen=True)
class Page:
    status: int
    headers: dict[str, str]
    body: bytes

    @cached_property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @cached_property
    def form(self) -> Form:
        """The form that the page is about."""
        parser = _Forms()
        parser.feed(self.text)
        return next((form for form in parser.found if form.is_guarded), parser.found[-1])


class Visitor:
    def __init__(self, port: int, *, tls: bool = False, address: str = "127.0.0.1") -> None:
        self.port, self.tls, self.address = port, tls, address
        self.cookies: dict[str, str] = {}
        self.connection: HTTPConnection | None = None
        self.retries = 0

    def get(self, path: str, **headers: str) -> Page:
        return self._ask("GET", path, b"", headers)

    def post(self, path: str, data: dict[str, str | list[str]], **headers: str) -> Page:
        """Send a form; the token against forgery is the cookie's own."""
        whole = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")} | data
        body = urlencode(whole, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, kind | headers)

    def send(self, path: str, **changes: str) -> Page:
        """Open the page of a form and send it as it stands, with what is changed."""
        form = self.get(path).form
        return self.post(form.action or path, form.fields | changes)

    def sign_in(self, username: str, password: str, **headers: str) -> Page:
        self.get("/login/", **headers)
        return self.post("/login/", {"username": username, "password": password}, **headers)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        scheme = "https" if self.tls else "http"
        every = {"Host": HOST, "Origin": f"{scheme}://{HOST}", "Content-Length": str(len(body))}
        if self.cookies:
            every["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        fresh = self.connection is None
        line = self.connection = self.connection or self._connect()
        try:
            line.request(method, path, body, every | headers)
            answer = line.getresponse()
            page = Page(answer.status, _headers(answer.getheaders()), answer.read())
        except (HTTPException, OSError):
            # A connection kept alive may have been ended from there just now; nothing was done yet
            # when no byte of an answer came, and a form's own token makes twice once.
            self.close()
            if fresh:
                raise
            self.retries += 1
            return self._ask(method, path, body, headers)
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        if answer.will_close:
            self.close()
        return page

    def _connect(self) -> HTTPConnection:
        if not self.tls:
            return HTTPConnection(self.address, self.port, timeout=60)
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001 -- our own, of today
        return HTTPSConnection(self.address, self.port, timeout=60, context=unverified)

    def _keep(self, cookies: list[str]) -> None:
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if not value.strip('"'):
                del self.cookies[name]

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _headers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs}
