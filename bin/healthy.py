"""Whether the web process of this container answers: for its health check. Exit 0 or 1."""

import os
import sys
from http.client import HTTPConnection, HTTPException

PORT = int(os.environ.get("PORT", "8000"))


def host() -> str:
    """A name that ALLOWED_HOSTS lets in."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return "localhost" if first in {"", "*"} else first


def main() -> int:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=4)
    try:
        connection.request("GET", "/health/", headers={"Host": host()})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
