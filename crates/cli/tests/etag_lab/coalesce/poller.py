"""A data-plane client in Python: keeps its table, and says what became of each poll.

    poller.py URL INTERVAL

Prints `200 TAG COUNT` when it loads a table, `304` when it may keep the one it has, and `kept` when
the proxy does not answer.
"""

import json
import sys
import time
import urllib.error
import urllib.request

url, interval = sys.argv[1], float(sys.argv[2])
table, tag = None, None

while True:
    request = urllib.request.Request(url)
    if tag is not None:
        request.add_header("If-None-Match", tag)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            table, tag = json.load(response), response.headers["ETag"]
            said = f"200 {tag} {len(table['routes'])}"
    except urllib.error.HTTPError as error:
        said = "304" if error.code == 304 else "kept"
    except (OSError, ValueError):
        said = "kept"
    print(said, flush=True)
    time.sleep(interval)
