// What people write with Node's frameworks other than Express, each with its own way to make tags,
// to compare them or to forget it. FRAMEWORK names one, PORT where it listens, COPY a folder.
const crypto = require('crypto');
const fs = require('fs');

const { COPY, FRAMEWORK } = process.env;
const PORT = Number(process.env.PORT);
const HOST = '127.0.0.1';
const body = fs.readFileSync(`${COPY}/config.json`, 'utf8');
const data = JSON.parse(body);
const sha1 = (text) => crypto.createHash('sha1').update(text).digest('hex');
const shuffled = Object.keys(data).sort(() => Math.random() - 0.5);

const frameworks = {
  async fastify() {
    const app = require('fastify')();
    await app.register(require('@fastify/static'), { root: COPY, prefix: '/static/' });
    app.get('/bare', async () => data);
    await app.register(async (tagged) => {
      await tagged.register(require('@fastify/etag'));
      tagged.get('/body', async () => data);
      tagged.get('/order', async () => Object.fromEntries(shuffled.map((key) => [key, data[key]])));
    });
    await app.listen({ port: PORT, host: HOST });
  },

  // Layers from the outside in: c compares, e makes tags, s serves files, h cuts HEAD.
  koa() {
    const Koa = require('koa');
    const app = new Koa();
    const layers = {
      c: () => require('koa-conditional-get')(),
      e: () => require('koa-etag').default(),
      s: () => require('koa-static')(COPY),
      h: () => async (context, next) => {
        await next();
        if (context.method === 'HEAD') context.length = 0;
      },
    };
    for (const layer of process.env.LAYERS) app.use(layers[layer]());
    let tag;
    let answered = 0;
    app.use(async (context) => {
      context.type = 'json';
      if (context.path === '/stream') {
        context.body = fs.createReadStream(`${COPY}/config.json`);
      } else if (context.path === '/cold') {
        // The hash is made behind the first answers.
        if (tag) context.set('ETag', tag);
        context.body = body;
        answered += 1;
        if (answered === 4) tag = `"${sha1(body)}"`;
      } else {
        context.body = body;
      }
    });
    app.listen(PORT, HOST);
  },

  async hapi() {
    const server = require('@hapi/hapi').server({ port: PORT, host: HOST });
    await server.register(require('@hapi/inert'));
    const get = (path, handler) => server.route({ method: 'GET', path, handler });
    get('/tag', (_, answer) => answer.response(body).type('application/json').etag(sha1(body)));
    get('/hashed/{file*}', { directory: { path: COPY } });
    get('/simple/{file*}', { directory: { path: COPY, etagMethod: 'simple' } });
    await server.start();
  },

  sirv() {
    const files = require('sirv')(COPY, { etag: true });
    require('http').createServer((request, response) => files(request, response)).listen(PORT, HOST);
  },

  'serve-handler'() {
    const files = require('serve-handler');
    const options = { public: COPY, etag: process.env.TAGS === '1' };
    require('http').createServer((request, response) => files(request, response, options))
      .listen(PORT, HOST);
  },

  restify() {
    const restify = require('restify');
    const server = restify.createServer();
    const tagged = (_, response, next) => {
      response.header('ETag', `"${sha1(body)}"`);
      next();
    };
    const send = (_, response, next) => {
      response.send(data);
      next();
    };
    server.get('/body', tagged, restify.plugins.conditionalRequest(), send);
    server.listen(PORT, HOST);
  },
};

frameworks[FRAMEWORK]();
