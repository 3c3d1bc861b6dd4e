"""A small HTTP server that handles conditions wrongly: handling_app.py PORT HABITS REPLICA.

HABITS are words joined by "+"; a word with "@N" holds for replica N alone. Each is one line of what a
server with a hash for a tag, a date and gzip does rightly. Knows nothing of the program that checks it.
"""
import gzip, hashlib, json, sys
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, REPLICA = int(sys.argv[1]), sys.argv[3]
WORDS = [word.split("@") for word in sys.argv[2].split("+")]
HABITS = {word[0] for word in WORDS if len(word) == 1 or word[1] == REPLICA}
BODY = json.dumps({"flags": [f"flag-{n}" for n in range(60)]}).encode()
MODIFIED = 1_700_000_000
SERVED = [0]


def digest(*parts):
    return '"' + hashlib.sha256(b"".join(parts)).hexdigest()[:24] + '"'


class Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "app", ""

    def log_message(self, *_):
        pass

    def holds(self, tag, coded):
        """RFC 9110 §13.2.2, unless a habit says otherwise."""
        sent, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if sent is not None:
            if "ignores-tags" in HABITS or "ignores-coded" in HABITS and coded:
                return False
            if "ignores-pairs" in HABITS and since is not None:
                return False
            return tag is not None and (sent.strip() == "*" or tag in [one.strip() for one in sent.split(",")])
        if since is None or "ignores-dates" in HABITS or "no-date" in HABITS:
            return False
        return parsedate_to_datetime(since).timestamp() >= MODIFIED

    def do_GET(self):
        SERVED[0] += 1
        body, parts = BODY, []
        vary = ["Accept-Encoding"]
        for habit, name in (("by-accept", "Accept"), ("by-language", "Accept-Language"), ("by-agent", "User-Agent")):
            if habit in HABITS or habit + "-negotiated" in HABITS:
                vary.append(name)
                parts.append(self.headers.get(name, "").encode())
                if habit + "-negotiated" in HABITS:
                    body = BODY + parts[-1]
        coded = "gzip" in self.headers.get("Accept-Encoding", "")
        sent = gzip.compress(body, mtime=0) if coded else body
        tag = None if "no-tag" in HABITS else digest(sent, *parts)
        if "late-tag" in HABITS and SERVED[0] == 1:
            tag = None
        if "late-strength" in HABITS and SERVED[0] == 1:
            tag = '"first"'
        fields = [("Vary", ", ".join(vary))] + ([("ETag", tag)] if tag else [])
        if "no-date" not in HABITS:
            fields.append(("Last-Modified", formatdate(MODIFIED, usegmt=True)))
        if not self.holds(tag, coded):
            return self.answer(200, fields, sent, coded)
        if "empty-200" in HABITS:
            return self.answer(200, fields, b"", False)
        if "message-200" in HABITS:
            return self.answer(200, fields, b'{"status":"not modified"}', False)
        for habit, status in (("match-412", 412), ("match-500", 500), ("match-404", 404)):
            if habit in HABITS:
                return self.answer(status, [], b"no", False)
        return self.answer(304, fields, None, False)

    def answer(self, status, fields, content, coded):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        if content is not None:
            if coded:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content or b"")


ThreadingHTTPServer.request_queue_size = 64
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
