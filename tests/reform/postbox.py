"""A mail server of a few lines, for tests: takes mail as told, and remembers what it took."""

import socket
import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes, policy


class Postbox(socketserver.ThreadingTCPServer):
    """What it should do wrong is an attribute: `refuses`, `drops`, `slow` and `busy`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Line)
        self.taken, self.connections = [], 0
        self.refuses = set()  # recipients that do not exist
        self.drops = 0  # so many connections are cut after the text came, with the text kept
        self.slow = 0.0  # seconds before each answer to a recipient
        self.busy = False  # 421 to whoever comes
        self.pause = 0.0  # seconds that each mail takes

    @property
    def port(self):
        return self.server_address[1]

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def ids(self):
        return [mail["Message-ID"] for mail in self.taken]

    def handle_error(self, request, client_address):
        """Whoever was killed in the middle has hung up: that is what is tested."""


class Line(socketserver.StreamRequestHandler):
    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self):
        box = self.server
        box.connections += 1
        self.say("421 busy" if box.busy else "220 postbox")
        while words := self.rfile.readline().decode().strip():
            verb = words[:4].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "DATA" and not self.text():
                return
            if verb == "RCPT":
                time.sleep(box.slow)
                known = words.partition("<")[2].rstrip(">") not in box.refuses
                self.say("250 ok" if known else "550 nobody of this name")
            elif verb != "DATA":
                self.say("250 ok")

    def text(self):
        """Take the text; return whether the line still stands."""
        box = self.server
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        time.sleep(box.pause)
        box.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if box.drops:
            box.drops -= 1
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.say("250 taken")
        return True


@contextmanager
def postbox(port=0):
    with Postbox(port) as box:
        thread = threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield box
        finally:
            box.shutdown()
            thread.join()
