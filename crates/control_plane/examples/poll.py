"""A client of the proxy: keeps FILE up to date, and as it is when nobody answers.

    poll.py URL FILE [SECONDS]

Prints `200 TAG COUNT` for a new table, `304` where it holds the current one, and `kept` with the
reason where it keeps the one it has. An authority of your own: SSL_CERT_FILE=ca.pem. A token: TOKEN=…
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

url, path, seconds = sys.argv[1], sys.argv[2], float((sys.argv[3:] or ["3"])[0])
fields = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {}
while True:
    try:
        request = urllib.request.Request(url, headers=fields)
        with urllib.request.urlopen(request, timeout=10) as response:
            content, tag = response.read(), response.headers["ETag"]
        count = len(json.loads(content)["routes"])
        with open(path + ".new", "wb") as file:
            file.write(content)
        os.replace(path + ".new", path)  # readers see the old table or the new one, and no half
        fields["If-None-Match"] = tag  # only now: the tag of a table that was not kept is of no use
        print("200", tag, count, flush=True)
    except urllib.error.HTTPError as error:
        print("304" if error.code == 304 else f"kept: {error}", flush=True)
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        print("kept:", error, flush=True)
    time.sleep(seconds)
