import hashlib, itertools, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIZE = 8192


# ANSWER


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        content, tag, matches = answer(self.headers)
        self.send_response(304 if matches else 200)
        self.send_header("ETag", tag)
        if not matches:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if matches else content)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Replica).serve_forever()
