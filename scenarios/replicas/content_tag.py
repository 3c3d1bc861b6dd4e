"""A replica of your own, mended: its entity tag is a hash of the content, and of nothing else."""

import hashlib
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = b'{"limits": [' + b", ".join(b"%d" % n for n in range(1_500)) + b"]}"
TAG = '"%s"' % hashlib.sha256(CONTENT).hexdigest()[:32]


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        current = self.headers.get("If-None-Match") == TAG
        self.send_response(304 if current else 200)
        self.send_header("ETag", TAG)
        if not current:
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(b"" if current else CONTENT)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Replica).serve_forever()
