"""poll.py URL FILE [SECONDS] keeps FILE up to date. TOKEN=… is sent; SSL_CERT_FILE=ca.pem is trusted."""
import http.client, json, os, sys, time, urllib.error, urllib.request

url, path, seconds = sys.argv[1], sys.argv[2], float((sys.argv[3:] or ["3"])[0])
fields = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {}
while True:
    try:
        request = urllib.request.Request(url, headers=fields)
        with urllib.request.urlopen(request, timeout=10) as response:
            content, tag = response.read(), response.headers["ETag"]
        json.loads(content)["routes"]  # half a table, or none, is not kept
        with open(path + ".new", "wb") as file:
            file.write(content)
        os.replace(path + ".new", path)  # readers see the old table or the new one
        fields["If-None-Match"] = tag  # only now: the table of this tag is kept
        print("200", tag, flush=True)
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        print("304" if getattr(error, "code", 0) == 304 else f"kept: {error}", flush=True)
    time.sleep(seconds)
