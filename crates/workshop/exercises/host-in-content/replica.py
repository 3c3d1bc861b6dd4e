"""A settings service that is kind to its operators: the answer names who gave it."""

import hashlib
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "settings-7d4f9-" + os.environ["REPLICA"]


def body():
    with open(os.environ["RESOURCE"]) as file:
        return json.dumps({"settings": file.read(), "served-by": NAME}).encode()


def tag_of(content):
    return '"%s"' % hashlib.sha256(content).hexdigest()[:32]


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        content = body()
        tag = tag_of(content)
        current = self.headers.get("If-None-Match") == tag
        self.send_response(304 if current else 200)
        self.send_header("ETag", tag)
        if not current:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if current else content)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Replica).serve_forever()
