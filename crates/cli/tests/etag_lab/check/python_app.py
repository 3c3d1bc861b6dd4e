"""What people write with Python's frameworks: python_app.py PORT FRAMEWORK, a folder in COPY.

Each framework makes, compares or forgets tags in its own way; paths say what is done by hand.
"""
import hashlib, json, os, sys, time

PORT, FRAMEWORK = int(sys.argv[1]), sys.argv[2]
COPY = os.environ["COPY"]
BODY = open(os.path.join(COPY, "config.json")).read()
DIGEST = hashlib.md5(BODY.encode()).hexdigest()


def wsgi(app):
    """Serves on Python's own server, a thread for each connection."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    make_server("127.0.0.1", PORT, app, Server, Quiet).serve_forever()


def bottle():
    from bottle import Bottle, request, response, static_file
    app = Bottle()
    app.route("/file")(lambda: static_file("config.json", root=COPY))

    @app.route("/unquoted")
    def unquoted():
        response.set_header("ETag", DIGEST)
        if request.get_header("If-None-Match") == DIGEST:
            response.status = 304
            return ""
        return BODY

    wsgi(app)


def tornado():
    import asyncio
    from tornado import web

    class Body(web.RequestHandler):
        def get(self):
            # Three times, so that it is long enough to be compressed.
            self.write({"data": [json.loads(BODY)] * 3})

        head = get

    class GetAlone(Body):
        def head(self):
            raise web.HTTPError(405)

    class Clock(web.RequestHandler):
        def get(self):
            self.write({"now": time.time(), "data": json.loads(BODY)})

    class Stream(web.RequestHandler):
        async def get(self):
            for _ in range(3):
                self.write(BODY)
                await self.flush()

    class Identity(web.RequestHandler):
        def compute_etag(self):
            return f'"v{id(self.application)}"'

        def get(self):
            self.write(BODY)

    async def main():
        plain = [("/body", Body), ("/get", GetAlone), ("/clock", Clock),
                 ("/stream", Stream), ("/identity", Identity),
                 ("/static/(.*)", web.StaticFileHandler, {"path": COPY})]
        coded = os.environ.get("CODED") == "1"
        web.Application(plain, compress_response=coded).listen(PORT, "127.0.0.1")
        await asyncio.Event().wait()

    asyncio.run(main())


def falcon():
    import falcon

    class Resource:
        def on_get(self, request, response):
            self.answer(request, response, bool(request.if_none_match))

        def matches(self, request):
            return any(str(tag) in (DIGEST, "*") for tag in request.if_none_match or [])

    class Right(Resource):
        def answer(self, request, response, _):
            response.etag = DIGEST
            if self.matches(request):
                response.status = falcon.HTTP_304
            else:
                response.text = BODY

    class Strong(Resource):
        def answer(self, request, response, asked):
            current = falcon.ETag(DIGEST)
            response.etag = current
            if asked and any(current.strong_compare(tag) for tag in request.if_none_match):
                response.status = falcon.HTTP_304
            else:
                response.text = BODY

    class Empty(Resource):
        def answer(self, request, response, _):
            response.etag, response.text = DIGEST, "" if self.matches(request) else BODY

    class Refused(Resource):
        def answer(self, request, response, _):
            response.etag, response.text = DIGEST, BODY
            if self.matches(request):
                raise falcon.HTTPPreconditionFailed(title="it is the same")

    class Names(Resource):
        def answer(self, request, response, _):
            response.text = json.dumps(list(set(json.loads(BODY))))
            response.etag = hashlib.sha1(response.text.encode()).hexdigest()
            if response.etag.strip('"') in (request.if_none_match or []):
                response.status, response.text = falcon.HTTP_304, None

    class Language(Resource):
        def answer(self, request, response, _):
            language = "de" if (request.get_header("Accept-Language") or "").startswith("de") else "en"
            response.text = json.dumps({"language": language, "data": BODY})
            if "silent" not in request.params:
                response.vary = ["Accept-Language"]
            tag = DIGEST if "shared" in request.params else hashlib.md5(response.text.encode()).hexdigest()
            response.etag = tag
            if tag in (request.if_none_match or []):
                response.status, response.text = falcon.HTTP_304, None

    app = falcon.App()
    for resource in (Right, Strong, Empty, Refused, Names, Language):
        app.add_route("/" + resource.__name__.lower(), resource())
    wsgi(app)


def webob():
    from datetime import datetime, timezone
    from webob import Request, Response
    from webob.static import FileApp

    def app(environ, start):
        path = Request(environ).path
        if path == "/file":
            return FileApp(os.path.join(COPY, "config.json"))(environ, start)
        response = Response(BODY, content_type="application/json", charset="utf-8")
        response.conditional_response = path != "/unconditional"
        if path == "/clock":
            # Slow, so that a few answers take more than a second.
            time.sleep(0.05)
            response.last_modified = datetime.now(timezone.utc)
        else:
            response.md5_etag()
        if path == "/coded":
            response.vary = ["Accept-Encoding"]
            if "gzip" in Request(environ).accept_encoding:
                response.encode_content("gzip")
        return response(environ, start)

    wsgi(app)


def django():
    import django
    from django.conf import settings
    middleware = {"c": "django.middleware.http.ConditionalGetMiddleware",
                  "g": "django.middleware.gzip.GZipMiddleware",
                  "l": "django.middleware.locale.LocaleMiddleware",
                  "s": "django.contrib.sessions.middleware.SessionMiddleware",
                  "x": "django.middleware.csrf.CsrfViewMiddleware",
                  "w": "whitenoise.middleware.WhiteNoiseMiddleware"}
    settings.configure(
        ALLOWED_HOSTS=["*"], SECRET_KEY="k" * 50, ROOT_URLCONF=__name__, STATIC_URL="/static/",
        STATIC_ROOT=COPY, WHITENOISE_MAX_AGE=0, LANGUAGES=[("en", "English"), ("de", "German")],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        MIDDLEWARE=[middleware[letter] for letter in os.environ.get("MIDDLEWARE", "")],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.template import engines
    from django.urls import path
    from django.utils.translation import get_language
    from django.views.decorators.cache import never_cache

    def body(request):
        return HttpResponse(BODY, content_type="application/json")

    def form(request):
        text = "<form>{% csrf_token %}</form>" + "<p>Tell us.</p>" * 80
        return HttpResponse(engines["django"].from_string(text).render({}, request))

    def session(request):
        request.session["seen"] = request.session.get("seen", 0) + 1
        return body(request)

    def language(request):
        return HttpResponse(get_language() + BODY)

    global urlpatterns
    urlpatterns = [path("body", body), path("form", form), path("session", session),
                   path("language", language), path("never", never_cache(body))]
    wsgi(get_wsgi_application())


def aiohttp():
    from aiohttp import web

    async def coded(request):
        response = web.Response(text=BODY, content_type="application/json")
        response.etag = DIGEST
        if any(tag.value in (DIGEST, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": f'"{DIGEST}"'})
        response.enable_compression()
        return response

    app = web.Application()
    app.router.add_get("/coded", coded)
    app.router.add_static("/static", COPY)
    web.run_app(app, host="127.0.0.1", port=PORT, print=None)


def cherrypy():
    import cherrypy as cherry

    class Root:
        @cherry.expose
        def body(self):
            cherry.response.headers["Content-Type"] = "application/json"
            return BODY.encode()

        coded = body

    tags = {"tools.etags.on": True, "tools.etags.autotags": True}
    coded = {**tags, "tools.gzip.on": True, "tools.gzip.mime_types": ["application/json"]}
    files = {"tools.staticdir.on": True, "tools.staticdir.dir": COPY}
    cherry.config.update({"server.socket_host": "127.0.0.1", "server.socket_port": PORT,
                          "log.screen": False, "engine.autoreload.on": False})
    cherry.quickstart(Root(), "/", {"/body": tags, "/coded": coded, "/static": files,
                                    "/tagged": {**files, **tags}})


globals()[FRAMEWORK]()
