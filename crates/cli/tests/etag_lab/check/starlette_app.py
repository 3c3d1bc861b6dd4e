"""What people write with Starlette: its files, its bodies, its compression. COPY names a folder."""
import hashlib, json, os

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

COPY = os.environ["COPY"]
FLAGS = {"flags": [f"flag-{n}" for n in range(80)]}


def tagged(request, tag):
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    return JSONResponse(FLAGS, headers={"ETag": tag})


def body(request):
    return tagged(request, '"%s"' % hashlib.sha256(json.dumps(FLAGS).encode()).hexdigest())


def seeded(request):
    return tagged(request, '"%x"' % (hash(json.dumps(FLAGS)) & 0xFFFFFFFFFFFFFFFF))


routes = [
    Route("/body", body),
    Route("/seeded", seeded),
    Route("/bare", lambda request: JSONResponse(FLAGS)),
    Route("/file", lambda request: FileResponse(os.path.join(COPY, "config.json"))),
    Mount("/gzip", Starlette(routes=[Route("/body", body)], middleware=[Middleware(GZipMiddleware)])),
    Mount("/", StaticFiles(directory=COPY)),
]
app = Starlette(routes=routes)
