// What people write with Express: right, and wrong in the usual ways.
// PORT is where it listens, COPY names a folder.
const crypto = require('crypto');
const express = require('express');

const app = express();
const flags = Array.from({ length: 20 }, (_, n) => `flag-${n}`);
const salt = crypto.randomBytes(8).toString('hex');
const md5 = (text) => crypto.createHash('md5').update(text).digest('hex');

app.get('/body', (_, response) => response.json({ flags }));

const strong = express();
strong.set('etag', 'strong');
strong.get('/', (_, response) => response.json({ flags }));
app.use('/strong', strong);

const salted = express();
salted.set('etag', (body) => `"${md5(salt + body)}"`);
salted.get('/', (_, response) => response.json({ flags }));
app.use('/salted', salted);

const bare = express();
bare.set('etag', false);
bare.get('/', (_, response) => response.json({ flags }));
app.use('/bare', bare);

app.get('/pid', (_, response) => response.json({ flags, pid: process.pid }));

// `end` is Node's own and knows nothing of preconditions.
app.get('/end', (_, response) => {
  const body = JSON.stringify({ flags });
  response.set('ETag', `"${md5(body)}"`).type('json').end(body);
});

// A monitor is to get less.
app.head('/head', (_, response) => response.json({ exists: true }));
app.get('/head', (_, response) => response.json({ flags }));

app.use(express.static(process.env.COPY));
app.listen(Number(process.env.PORT), '127.0.0.1');
