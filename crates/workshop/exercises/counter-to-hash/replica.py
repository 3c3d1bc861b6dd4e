"""A settings service. Its entity tag is the number of changes that this process has seen."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# This process has been up for a while; its neighbours were started at other times.
changes = int(os.environ["REPLICA"]) * 17
last = None


def tag_of(content):
    global changes, last
    if content != last:
        changes, last = changes + 1, content
    return '"%d"' % changes


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        with open(os.environ["RESOURCE"], "rb") as file:
            content = file.read()
        tag = tag_of(content)
        current = self.headers.get("If-None-Match") == tag
        self.send_response(304 if current else 200)
        self.send_header("ETag", tag)
        if not current:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if current else content)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Replica).serve_forever()
