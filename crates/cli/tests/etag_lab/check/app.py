"""A small HTTP server that is wrong (or right) in one named way: app.py PORT MODE REPLICA.

Serves GET on every path. Knows nothing of the program that checks it.
"""
import gzip, hashlib, json, os, random, sys, time, uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, MODE, REPLICA = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
DATA = {"name": "config", "flags": [f"flag-{n}" for n in range(40)], "limit": 8, "zone": "a"}
START, SALT, DAY = time.time(), os.urandom(8).hex(), 1_700_000_000
SERVED = 0


def content():
    data = dict(DATA)
    if MODE == "host-name":
        data["host"] = f"web-{REPLICA}"
    if MODE == "frozen":
        data["limit"] = REPLICA
    if MODE in ("live", "live-slow"):
        data["now"] = int(time.time() * (1 if MODE == "live-slow" else 1000))
    if MODE == "request-id":
        data["request"] = str(uuid.uuid4())
    if MODE == "unordered":
        keys = list(data)
        random.Random(REPLICA).shuffle(keys)
        data = {key: data[key] for key in keys}
    if MODE == "unordered-list":
        data["flags"] = data["flags"][REPLICA:] + data["flags"][:REPLICA]
    if MODE == "unordered-lines":
        lines = [f"route{n}: Path(\"/{n}\") -> \"http://b{n}\";" for n in range(30)]
        random.Random(REPLICA).shuffle(lines)
        return "\n".join(lines).encode()
    return json.dumps(data).encode()


def tag(body):
    digest = hashlib.sha256(body).hexdigest()
    return {
        "counter": f'"{REPLICA * 11}"',
        "salt": f'"{hashlib.md5(body + SALT.encode()).hexdigest()}"',
        "salt-sha": f'W/"{hashlib.sha256(body + SALT.encode()).hexdigest()}"',
        "seeded-hash": f'"{abs(hash(body))}"',
        "start-time": f'"{int(START * 1000) + REPLICA * 977}-3"',
        "host-in-tag": f'"web-{REPLICA}-{digest[:12]}"',
        "uuid": f'"{uuid.UUID(int=random.Random(SALT).getrandbits(128), version=4)}"',
        "per-response": f'"{uuid.uuid4()}"',
        "request-counter": f'"{SERVED}"',
        "etag-and-drift": f'"{DAY + REPLICA * 60:x}-{len(body):x}"',
        "frozen": f'"{DAY:x}-{len(body):x}"',
        "sha1-base64": '"%s"' % __import__("base64").b64encode(hashlib.sha1(body).digest()).decode(),
        "unquoted": digest[:16],
        "none": None, "date-only": None, "date-drift": None, "date-clock": None, "date-ignored": None,
        "weak": f'W/"{digest[:20]}"',
    }.get(MODE, f'"{digest[:32]}"')


def date():
    if MODE in ("date-only", "date-wins", "date-wins-matching", "date-ignored"):
        return formatdate(DAY, usegmt=True)
    if MODE in ("date-drift", "date-drift-tagged", "etag-and-drift"):
        return formatdate(DAY + REPLICA * 60, usegmt=True)
    if MODE == "date-clock":
        return formatdate(START + REPLICA * 7, usegmt=True)
    return None


def opaque(one):
    one = one.strip()
    return one[2:] if one.startswith("W/") else one


class Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "app", ""

    def log_message(self, *_):
        pass

    def matches(self, current, coded):
        sent, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if MODE in ("ignored", "date-ignored") or (MODE == "some-ignore" and REPLICA == 1):
            return False
        if MODE == "date-wins" and since:
            return since == date()
        if MODE == "date-wins-matching" and since and since != date():
            return False
        if sent is not None and current:
            if MODE == "one-string":
                return sent == current
            if MODE == "no-list":
                return opaque(sent) == opaque(current) or sent.strip() == "*"
            if MODE in ("weak-refused", "weak-strict") and sent.startswith("W/"):
                return False
            if MODE == "suffix" and coded:
                return '"%s"' % tag(content()).strip('"') in sent
            return sent.strip() == "*" or any(
                opaque(one) == opaque(current) for one in sent.split(","))
        if sent is None and since and date():
            return since == date()
        return False

    def do_GET(self):
        global SERVED
        SERVED += 1
        if MODE in ("404", "500", "401"):
            self.send_response(int(MODE))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if MODE == "redirect" and self.path != "/there":
            self.send_response(302)
            self.send_header("Location", "/there")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        body = content()
        current = None if MODE == "some-bare" and REPLICA == 1 else tag(body)
        compresses = MODE in ("strip", "suffix", "suffix-fine", "shared", "weaken", "weak-refused",
                              "no-vary", "vary-fine", "weak")
        coded = compresses and "gzip" in self.headers.get("Accept-Encoding", "")
        plain = current
        if coded:
            current = {"strip": None, "suffix": plain[:-1] + '-gzip"', "weaken": "W/" + plain,
                       "suffix-fine": plain[:-1] + '-gzip"', "weak-refused": "W/" + plain,
                       "no-vary": plain[:-1] + '-gzip"', "vary-fine": plain[:-1] + '-gzip"',
                       }.get(MODE, plain)
        not_modified = self.matches(current, coded)
        self.send_response(304 if not_modified else 200)
        if current and not (MODE == "bare-304" and not_modified):
            self.send_header("ETag", current)
        if date():
            self.send_header("Last-Modified", date())
        control = {"no-store": "no-store", "immutable": "public, max-age=31536000, immutable"}
        if control.get(MODE):
            self.send_header("Cache-Control", control[MODE])
        if compresses and MODE != "no-vary":
            self.send_header("Vary", "Accept-Encoding")
        if MODE == "cdn":
            self.send_header("Age", "37")
            self.send_header("X-Cache", "HIT")
        if not_modified:
            self.end_headers()
            if MODE == "body-304":
                self.wfile.write(body)
            return None
        sent = gzip.compress(body) if coded else body
        if coded:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)
        return None


ThreadingHTTPServer.request_queue_size = 64
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
