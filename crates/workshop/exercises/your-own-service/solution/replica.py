"""Your own service. It compares as RFC 9110 wants it: weakly, and with each tag of a list."""

import hashlib
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def tag_of(content):
    return '"%s"' % hashlib.sha256(content).hexdigest()[:32]


def is_current(if_none_match, tag):
    if if_none_match is None:
        return False
    tags = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in tags or "*" in tags


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        with open(os.environ["RESOURCE"], "rb") as file:
            content = file.read()
        tag = tag_of(content)
        current = is_current(self.headers.get("If-None-Match"), tag)
        self.send_response(304 if current else 200)
        self.send_header("ETag", tag)
        if not current:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if current else content)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Replica).serve_forever()
