"""A small HTTP server with a habit that is seen in the wild: odd_app.py PORT HABIT REPLICA.

Each habit is one line below: what it changes of a server that tags JSON with a hash and compares
that rightly. Knows nothing of the program that checks it.
"""
import base64, gzip, hashlib, json, os, random, sys, time, uuid, zlib
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, HABIT, REPLICA = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
START, SALT, DAY, SERVED = time.time(), os.urandom(8), 1_700_000_000, [0]
TEXT = json.dumps({"flags": [f"flag-{n}" for n in range(40)], "limit": 8}).encode()
FILE_TIME = DAY + 60 * REPLICA


def sha(body):
    return hashlib.sha256(body).hexdigest()


def padded(coded):
    """With a file name of random length in the head of gzip, as Django pads against BREACH."""
    name = b"a" * random.randint(1, 100) + b"\0"
    return coded[:3] + bytes([coded[3] | 8]) + coded[4:10] + name + coded[10:]


def quoted(value):
    return f'"{value}"'


def dated(seconds):
    return lambda: formatdate(seconds, usegmt=True)


# What the tag is: a function of the content.
TAGS = {
    "start-ms": lambda body: quoted(int(START * 1e3) + REPLICA * 977),
    "start-us": lambda body: quoted(int(START * 1e6) + REPLICA * 977_000),
    "start-iso": lambda body: quoted(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(START + REPLICA))),
    "start-date-tag": lambda body: quoted(int(START) + REPLICA * 7),
    "random-base64": lambda body: quoted(base64.b64encode(hashlib.md5(SALT).digest()).decode()),
    "random-url64": lambda body: quoted(base64.urlsafe_b64encode(SALT).decode().rstrip("=")),
    "counter-padded": lambda body: quoted(f"{REPLICA * 11:06}"),
    "counter-hex": lambda body: quoted(f"{REPLICA * 11 + 0x2A:x}"),
    "counter-named": lambda body: quoted(f"v{REPLICA * 11}"),
    "counter-revision": lambda body: quoted(f"rev:{REPLICA * 11}"),
    "counter-weak": lambda body: f'W/"{REPLICA * 11}"',
    "counter-bare": lambda body: str(REPLICA * 11),
    "snowflake": lambda body: quoted((int(START * 1000) << 22 | REPLICA << 12) + 7),
    "host-and-hash": lambda body: quoted(f"web-{REPLICA}-{sha(body)[:20]}"),
    "hash-and-host": lambda body: quoted(f"{sha(body)[:16]}.web-{REPLICA}"),
    "build-and-hash": lambda body: quoted(f"{int(START) + REPLICA}-{sha(body)[:32]}"),
    "crc-salted": lambda body: quoted(f"{zlib.crc32(body + SALT):08x}"),
    "crc": lambda body: quoted(f"{zlib.crc32(body):08x}"),
    "adler-decimal": lambda body: quoted(zlib.adler32(body)),
    "length": lambda body: quoted(len(body)),
    "two-algorithms": lambda body: quoted(sha(body) if REPLICA == 1 else hashlib.md5(body).hexdigest()),
    "bare": lambda body: sha(body)[:16],
    "some-weak": lambda body: ("W/" if REPLICA == 1 else "") + quoted(sha(body)[:20]),
    "one-odd": lambda body: quoted("odd" if REPLICA == 5 else sha(body)[:20]),
    "size-ms": lambda body: quoted(f"{len(body)}-{FILE_TIME * 1000 + 123}"),
    "size-ms-dated": lambda body: quoted(f"{len(body)}-{FILE_TIME * 1000 + 123}"),
    "ns-size": lambda body: quoted(f"{FILE_TIME * 10**9 + 5:x}-{len(body):x}"),
    "aspnet": lambda body: quoted(f"{((FILE_TIME + 11_644_473_600) * 10**7) ^ len(body):x}"),
    "md5-of-mtime": lambda body: quoted(hashlib.md5(f"{float(FILE_TIME)}-{len(body)}".encode()).hexdigest()),
    "salt-dated": lambda body: quoted(hashlib.md5(body + SALT).hexdigest()),
    "salt-drift": lambda body: quoted(hashlib.md5(body + SALT).hexdigest()),
    "uuid-drift": lambda body: quoted(uuid.UUID(bytes=hashlib.md5(SALT).digest(), version=4)),
    "random-bare": lambda body: os.urandom(6).hex(),
    "moment-ns": lambda body: quoted(time.time_ns()),
    "request-stable-tag": lambda body: quoted("7"),
    "empty-tag": lambda body: '""',
    "empty-field": lambda body: "",
    "unterminated": lambda body: '"' + sha(body)[:12],
    "comma": lambda body: '"a, b"',
    "latin": lambda body: '"\xe9\xe8"',
    "long": lambda body: quoted("a" * 1500),
    "by-agent": lambda body: quoted(sha(body + AGENT[0].encode())[:20]),
    "weak-strong-compare": lambda body: "W/" + quoted(sha(body)[:20]),
    "same-everywhere": lambda body: quoted("1.0.3"),
    "large-counter": lambda body: quoted(REPLICA * 11),
    "one-fails-counter": lambda body: quoted(REPLICA * 11),
}
AGENT = [""]

# What the content is, where it is not the usual.
CONTENTS = {
    "empty": lambda: b"",
    "empty-tag": lambda: b"{}",
    "csrf": lambda: b"<form><input name=csrf value=" + uuid.uuid4().hex.encode() + b"></form>" + TEXT,
    "request-stable-tag": lambda: TEXT + uuid.uuid4().hex.encode(),
    "changed-once": lambda: TEXT + (b"new" if SERVED[0] > 15 else b"old"),
    "each-20": lambda: TEXT + str(SERVED[0] // 20).encode(),
    "html": lambda: b"<!doctype html><title>x</title>" + b"<p>line</p>\n" * 100,
    "large": lambda: b"x" * 9_000_000,
    "large-counter": lambda: b"x" * 9_000_000,
}
DATES = {
    "start-date-tag": dated(START + REPLICA * 7), "size-ms-dated": dated(FILE_TIME),
    "aspnet": dated(FILE_TIME), "md5-of-mtime": dated(FILE_TIME), "salt-dated": dated(DAY),
    "salt-drift": dated(FILE_TIME), "uuid-drift": dated(FILE_TIME), "date-future": dated(4_000_000_000),
    "date-each": lambda: formatdate(DAY + SERVED[0], usegmt=True), "date-invalid": lambda: "yesterday",
    "date-850": lambda: "Tuesday, 14-Nov-23 22:13:20 GMT", "date-only-later": dated(DAY),
}
FIELDS = {
    "session": lambda body: [("Set-Cookie", f"session={uuid.uuid4()}"), ("Vary", "Cookie")],
    "sticky-cookie": lambda body: [("Set-Cookie", f"SERVERID=s{REPLICA}")],
    "vary-any": lambda body: [("Vary", "*")],
    "no-cache": lambda body: [("Cache-Control", "no-cache")],
    "rails": lambda body: [("Cache-Control", "max-age=0, private, must-revalidate"), ("X-Request-Id", str(uuid.uuid4()))],
    "minute": lambda body: [("Cache-Control", "public, max-age=60")],
    "expired": lambda body: [("Expires", "-1"), ("Cache-Control", "no-cache, must-revalidate"), ("Pragma", "no-cache")],
    "cloudfront": lambda body: [("Age", "12"), ("X-Cache", "Hit from cloudfront"), ("Via", "1.1 x.cloudfront.net (CloudFront)")],
    "cloudflare": lambda body: [("CF-Cache-Status", "DYNAMIC"), ("CF-RAY", uuid.uuid4().hex[:16])],
    "cache-status": lambda body: [("Cache-Status", "edge; hit; ttl=30")],
    "fastly-miss": lambda body: [("X-Cache", "MISS"), ("X-Served-By", f"cache-{REPLICA}"), ("Age", "0")],
    "two-tags": lambda body: [("ETag", quoted("second"))],
    "served-by": lambda body: [("X-Served-By", f"web-{REPLICA}"), ("X-Runtime", str(time.time()))],
}
# Status of every response, or of some.
STATUS = {
    "status-206": lambda: 206, "status-204": lambda: 204, "status-403": lambda: 403,
    "status-410": lambda: 410, "status-429": lambda: 429, "status-503": lambda: 503,
    "limited": lambda: 429 if SERVED[0] > 12 else 200,
    "one-fails": lambda: 500 if REPLICA == 1 else 200,
    "one-fails-counter": lambda: 500 if REPLICA == 1 else 200,
    "fails-seldom": lambda: 502 if SERVED[0] % 15 == 7 else 200,
}


def opaque(one):
    one = one.strip()
    return one[2:] if one.startswith("W/") else one


class Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "app", ""

    def log_message(self, *_):
        pass

    def matches(self, tag):
        sent, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if sent is None:
            if HABIT == "date-only-later" and since:
                return True
            return since is not None and HABIT in DATES and since == DATES[HABIT]()
        if HABIT == "always-304":
            return True
        if HABIT == "weak-strong-compare":
            return any(one.strip() == tag and not tag.startswith("W/") for one in sent.split(","))
        if HABIT == "comma":
            return tag in sent
        if HABIT == "star-only-refused" and sent.strip() == "*":
            return False
        return sent.strip() == "*" or any(opaque(one) == opaque(tag) for one in sent.split(","))

    def do_GET(self):
        SERVED[0] += 1
        AGENT[0] = self.headers.get("User-Agent", "")
        status = STATUS.get(HABIT, lambda: 200)()
        if HABIT == "hops" and not self.path.endswith("/3"):
            hops = int(self.path[-1]) if self.path[-1].isdigit() else 0
            return self.bare(302, [("Location", f"/hop/{hops + 1}")])
        if HABIT == "limited" and status == 429:
            return self.bare(429, [])
        if status != 200:
            return self.bare(status, [("ETag", quoted("error"))])
        if HABIT == "slow":
            time.sleep(0.02)
        body = CONTENTS.get(HABIT, lambda: TEXT)()
        tag = TAGS.get(HABIT, lambda body: quoted(sha(body)[:32]))(body)
        if HABIT in ("no-tag-dated-once", "date-only-later"):
            tag = None
        accepted = self.headers.get("Accept-Encoding", "")
        coding = None
        if HABIT in ("tag-of-coded", "tag-of-coded-refused", "tag-when-coded", "always-gzip", "gzip-clock", "gzip-padding"):
            coding = "gzip" if "gzip" in accepted or HABIT == "always-gzip" else None
        plain_tag = tag
        sent = body
        if coding:
            sent = gzip.compress(body, mtime=SERVED[0] if HABIT == "gzip-clock" else 0)
            if HABIT == "gzip-padding":
                sent = padded(sent)
            tag = quoted(sha(sent)[:32]) if HABIT != "always-gzip" else tag
        elif HABIT == "tag-when-coded":
            tag = None
        compared = plain_tag if HABIT == "tag-of-coded-refused" else tag
        matches = compared is not None and self.matches(compared) or (tag is None and self.matches(""))
        if HABIT == "refuses-with-412" and matches:
            return self.bare(412, [])
        if HABIT == "early-hints":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
        self.send_response(304 if matches else 200)
        if tag is not None:
            self.send_header("ETag", quoted("other") if HABIT == "other-tag-in-304" and matches else tag)
        if HABIT in DATES:
            self.send_header("Last-Modified", DATES[HABIT]())
        for name, value in FIELDS.get(HABIT, lambda body: [])(body):
            self.send_header(name, value)
        if HABIT in ("tag-of-coded", "tag-of-coded-refused", "tag-when-coded", "gzip-clock", "gzip-padding"):
            self.send_header("Vary", "Accept-Encoding")
        if matches:
            return self.end_headers()
        if coding:
            self.send_header("Content-Encoding", coding)
        self.send_header("Content-Type", "text/html" if HABIT == "html" else "application/json")
        if HABIT in ("chunked", "trailers"):
            return self.chunked(sent)
        if HABIT == "until-close":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)
        return None

    def bare(self, status, lines):
        self.send_response(status)
        for name, value in lines:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def chunked(self, body):
        self.send_header("Transfer-Encoding", "chunked")
        if HABIT == "trailers":
            self.send_header("Trailer", "ETag")
        self.end_headers()
        for at in range(0, len(body), 100):
            piece = body[at:at + 100]
            self.wfile.write(f"{len(piece):x};x=y\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b'0\r\nETag: "trailer"\r\n\r\n' if HABIT == "trailers" else b"0\r\n\r\n")


ThreadingHTTPServer.request_queue_size = 64
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
