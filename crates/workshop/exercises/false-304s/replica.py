"""A settings service. Its entity tag is what many a file server makes: the size, and the time."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The image was built reproducibly: every file in it is dated in second 1.
BUILT = 1


def tag_of(content):
    return '"%x-%x"' % (BUILT, len(content))


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
