"""What people write with Flask: right, and wrong in the usual ways. COPY names a folder."""
import os

from flask import Flask, jsonify, request, send_file

app = Flask(__name__)
FLAGS = [f"flag-{n}" for n in range(20)]


@app.get("/file")
def file():
    return send_file(os.path.join(os.environ["COPY"], "config.json"))


@app.get("/conditional")
def conditional():
    response = jsonify(flags=FLAGS)
    response.add_etag()
    return response.make_conditional(request)


@app.get("/unconditional")
def unconditional():
    response = jsonify(flags=FLAGS)
    response.add_etag()
    return response


@app.get("/seeded")
def seeded():
    response = jsonify(flags=FLAGS)
    response.set_etag(str(hash("".join(FLAGS))))
    return response.make_conditional(request)


@app.get("/set")
def unordered():
    response = jsonify(flags=list(set(FLAGS)))
    response.add_etag()
    return response.make_conditional(request)
