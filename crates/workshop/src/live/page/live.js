// The page of `etag-lab live`: draws what it is sent, and sends presses. No state of its own beyond the view.
'use strict';
const $ = id => document.getElementById(id);
const isControl = location.pathname === '/';
const token = (() => {
  const given = new URLSearchParams(location.search).get('token');
  // Not in the address bar, which the projector shows.
  if (given) { sessionStorage.setItem('token', given); history.replaceState(null, '', '/'); }
  return given || sessionStorage.getItem('token') || '';
})();
const calm = matchMedia('(prefers-reduced-motion: reduce)');
// Fields of a bucket.
const POLLS = 0, ASKED = 1, NM = 2, SENT = 3, NEEDED = 4, NEEDLESS = 5, FALSE = 6, ERRORS = 7;
const FIRST = 0, VALIDATED = 1, CHANGED = 2, REGRESSED = 3, NEEDLESS_200 = 4, FALSE_304 = 5, FRESH = 6, UNKNOWN = 7, ERROR = 8;
// The number is that of the last 1.5 s, so that it has moved within two.
const NOW_SLOTS = 6, RECENT = 120;
let state = null, recent = { first: 0, buckets: [] }, wholeView = false, chosen = 1;
let t = 0, behind = null, closed = false, spoken = { at: -9, rate: null };
const flying = [], tallies = {};

const percent = rate => rate == null ? '–' : Math.round(100 * rate) + ' %';
const rateOf = bucket => bucket[ASKED] ? bucket[NM] / bucket[ASKED] : null;
const sum = buckets => buckets.reduce((all, one) => all.map((v, i) => v + one[i]), [0, 0, 0, 0, 0, 0, 0, 0]);
const ink = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const size = bytes => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
  return (unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toPrecision(2)) + ' ' + units[unit];
};
const money = amount => amount >= 100 ? Math.round(amount).toLocaleString('en') : amount.toFixed(2);

// ---- what is sent ----
const feed = new EventSource('/events');
feed.addEventListener('state', event => { state = JSON.parse(event.data); t = state.t; recent = state.recent; showState(); });
feed.addEventListener('whole', event => { if (state) { state.whole = JSON.parse(event.data); if (wholeView) drawCurves(); } });
feed.addEventListener('tick', event => {
  if (!state) return;
  const tick = JSON.parse(event.data);
  t = tick.t;
  behind = tick.behind;
  document.body.dataset.sum = tick.sum.join(' ');
  tick.slots.forEach((bucket, i) => put(tick.first + i, bucket));
  for (const [server, [ok, needless, other]] of Object.entries(tick.answers)) {
    const list = tallies[server] ||= [];
    list.push([performance.now(), ok, needless, other]);
  }
  launch(tick.polls);
  showNumbers();
  drawCurves();
});
feed.onerror = () => { if (!closed) status('connection lost: trying again', true); };

function put(slot, bucket) {
  const at = slot - recent.first;
  while (recent.buckets.length <= at) recent.buckets.push([0, 0, 0, 0, 0, 0, 0, 0]);
  if (at >= 0) recent.buckets[at] = bucket;
  while (recent.buckets.length > RECENT) { recent.buckets.shift(); recent.first += 1; }
}

// ---- words ----
function status(text, bad) {
  if ($('status').textContent !== text) $('status').textContent = text;
  $('status').className = bad ? 'bad' : '';
}

function showState() {
  const fleet = state.fleet;
  document.title = state.title + ' · etag-lab live';
  $('title').textContent = state.title;
  $('setup').textContent = state.setup;
  document.body.className = [state.covered && 'covered', state.ended && 'ended', !state.begun && 'waiting'].filter(Boolean).join(' ');
  const last = state.marks.at(-1);
  if (state.ended) status('ended: this is its last state');
  else if (!state.begun) status('starting the fleet …');
  else if (state.note) status(state.note, true);
  else if (fleet.paused) status('paused');
  else status(last ? last[2] : '');
  if (state.ended && !closed) { closed = true; feed.close(); }
  $('clients').replaceChildren(bold(fleet.clients), fleet.clients === 1 ? 'client' : 'clients');
  const edge = fleet.edge === 'none' ? (fleet.cache ? '' : 'no edge') : fleet.edge;
  $('balancer').replaceChildren(bold(fleet.policy), [edge, fleet.cache && 'cache ' + fleet.cache].filter(Boolean).join(' · '));
  showServers(fleet);
  $('predicted').textContent = state.covered ? '?' : percent(state.predicted);
  $('guessed').textContent = state.guess == null ? '–' : state.guess + ' %';
  if (isControl) showSwitches(fleet);
  $('old').hidden = !state.before;
  if (state.before) $('old-name').textContent = 'before: ' + state.before.label;
  $('window-name').textContent = wholeView ? 'the whole course' : 'last 30 s';
  $('transcript').replaceChildren(...state.marks.map(([at, key, label]) => item(at.toFixed(1) + ' s  ' + label + (key ? '  [' + key + ']' : ''))));
  if (!state.ended && !fleet.paused) $('lanes').dataset.servers = fleet.servers;
  showNumbers();
  drawCurves();
}

function bold(text) { const b = document.createElement('b'); b.textContent = text; return b; }
function item(text) { const li = document.createElement('li'); li.textContent = text; return li; }

function showServers(fleet) {
  const nodes = [];
  chosen = Math.min(chosen, fleet.servers);
  for (let number = 1; number <= fleet.servers; number += 1) {
    const node = document.createElement('div');
    const isDown = fleet.down.includes(number);
    node.className = isDown ? 'node down' : 'node';
    node.style.top = height(number, fleet.servers) * 100 + '%';
    node.textContent = number + ' ' + (isDown ? 'dead' : fleet.exceptions[number] || fleet.strategy);
    if (isControl && number === chosen) node.dataset.chosen = '';
    nodes.push(node);
  }
  $('servers').replaceChildren(...nodes);
}
// Middle of a server's box, as a share of the lanes.
const height = (number, servers) => 0.02 + 0.86 * (number - 0.5) / servers;

function showSwitches(fleet) {
  fill($('strategy'), state.lists.strategies, fleet.strategy);
  fill($('policy'), state.lists.policies, fleet.policy);
  fill($('edge'), state.lists.edges, fleet.edge);
  const isPlane = fleet.behind === 'source requests/s';
  $('strategy').parentElement.hidden = $('other').hidden = !state.lists.strategies.length;
  $('source').hidden = !isPlane;
  $('replicas').hidden = isPlane;
  $('pause').textContent = fleet.paused ? 'go on' : 'pause';
  $('predict').textContent = state.covered ? 'reveal' : 'predict';
  $('window').textContent = wholeView ? '30 s' : 'whole';
  $('noun').textContent = fleet.noun;
  $('chosen').textContent = chosen;
  $('kill').textContent = fleet.down.includes(chosen) ? 'start' : 'kill';
  $('next').title = state.next || 'the script is at its end';
  $('next').disabled = !state.next;
  for (const key of [' ', 'p', 'w']) button(key).classList.toggle('active', key === ' ' ? fleet.paused : key === 'p' ? state.covered : wholeView);
}
const button = key => document.querySelector('nav [data-key="' + key + '"]');
function fill(select, names, now) {
  if (select.options.length !== names.length) {
    select.replaceChildren(...names.map(name => new Option(name, name)));
  }
  if (document.activeElement !== select) select.value = now;
}

function showNumbers() {
  const seconds = NOW_SLOTS * state.slot_ms / 1000;
  const last = sum(recent.buckets.slice(-NOW_SLOTS));
  const rate = rateOf(last), fleet = state.fleet;
  const useBehind = fleet.behind === 'source requests/s';
  $('score-name').textContent = useBehind ? fleet.behind : '304 rate';
  const number = $('number');
  if (useBehind) {
    number.replaceChildren(behind == null ? '–' : behind >= 9.95 ? String(Math.round(behind)) : behind.toFixed(1));
  } else {
    const unit = document.createElement('small');
    unit.textContent = '%';
    number.replaceChildren(...(rate == null ? ['–'] : [String(Math.round(100 * rate)), unit]));
  }
  number.className = useBehind || rate == null ? '' : rate >= 0.9 ? 'good-rate' : rate <= 0.5 ? 'bad-rate' : '';
  number.dataset.rate = rate == null ? '' : rate;
  $('observed').textContent = state.covered ? '?' : percent(rate);
  const extra = useBehind ? '304 rate ' + (state.covered ? '?' : percent(rate)) : fleet.behind && behind != null ? fleet.behind + ' ' + behind.toFixed(0) : '';
  if (extra) $('score-name').textContent += ' · ' + extra;
  speak(rate);
  const sent = last[SENT] / seconds, needed = last[NEEDED] / seconds, most = Math.max(sent, needed, 1);
  $('sent').textContent = state.covered ? '?' : size(sent);
  $('needed').textContent = state.covered ? '?' : size(needed);
  $('right-bar').style.width = (state.covered ? 0 : 100 * needed / most) + '%';
  $('sent-bar').style.width = (state.covered ? 0 : 100 * Math.max(sent - needed, 0) / most) + '%';
  $('needed-bar').style.width = (state.covered ? 0 : 100 * needed / most) + '%';
  if (state.price != null && !state.covered) {
    const month = bytes => money(bytes * 30 * 86400 / 1e9 * state.price);
    $('money').replaceChildren('a month at this rate: ', bold(month(sent)), ' instead of ', bold(month(needed)));
  } else if (state.price != null) $('money').textContent = 'a month at this rate: ?';
}

function speak(rate) {
  if (state.covered || rate == null) return;
  const moved = spoken.rate == null || Math.abs(rate - spoken.rate) >= 0.1;
  if (moved && t - spoken.at >= 3) {
    spoken = { at: t, rate };
    $('said').textContent = '304 rate ' + Math.round(100 * rate) + ' percent';
  }
}

// ---- curves: 0 to 100 %, always ----
function drawCurves() {
  if (!state) return;
  if (wholeView) {
    const { width, buckets } = state.whole;
    curve($('curve'), buckets, 0, width, Math.max(buckets.length * width, 1));
  } else {
    curve($('curve'), recent.buckets, Math.max(recent.first, 0), 1, RECENT);
  }
  if (state.before) curve($('old-curve'), state.before.buckets, state.before.first, 1, RECENT);
}

function sized(canvas) {
  const scale = devicePixelRatio || 1, box = canvas.getBoundingClientRect();
  const [w, h] = [Math.round(box.width * scale), Math.round(box.height * scale)];
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const pen = canvas.getContext('2d');
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  return [pen, box.width, box.height];
}

function curve(canvas, buckets, first, width, slots) {
  const [pen, w, h] = sized(canvas);
  if (w < 10 || h < 10) return;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const left = 3.4 * rem, top = 0.5 * rem, bottom = h - 0.5 * rem;
  const x = slot => left + (w - left - 4) * (slot - first) / slots;
  const y = rate => bottom - (bottom - top) * rate;
  pen.font = '1rem system-ui, sans-serif'.replace('1rem', rem + 'px');
  pen.textBaseline = 'middle'; pen.textAlign = 'right';
  for (const share of [0, 1]) {
    pen.strokeStyle = ink('--quiet'); pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(left, y(share)); pen.lineTo(w, y(share)); pen.stroke();
    pen.fillStyle = ink('--quiet'); pen.fillText(100 * share + ' %', left - 0.3 * rem, y(share) + (share ? 0.2 : -0.2) * rem);
  }
  marksOf(pen, first, canvas.id === 'curve' ? slots : buckets.length, x, top, bottom, rem);
  if (state.covered && canvas.id === 'curve') {
    pen.fillStyle = ink('--rule'); pen.fillRect(left, top, w - left, bottom - top);
    return;
  }
  pen.strokeStyle = ink('--validated'); pen.lineWidth = Math.max(3, rem / 8); pen.lineJoin = 'round';
  pen.beginPath();
  let open = false;
  // The last slot is not over yet, and would jump.
  const end = state.ended || width > 1 ? buckets.length : buckets.length - 1;
  for (let i = 0; i < end; i += 1) {
    const near = width > 1 ? buckets[i] : sum(buckets.slice(Math.max(0, i - 1), i + 1));
    const rate = rateOf(near);
    if (rate == null) { open = false; continue; }
    const at = x(first + (i + 0.5) * width);
    if (open) pen.lineTo(at, y(rate)); else pen.moveTo(at, y(rate));
    open = true;
  }
  pen.stroke();
}

function marksOf(pen, first, slots, x, top, bottom, rem) {
  pen.textAlign = 'left'; pen.textBaseline = 'top';
  let free = -1;
  for (const [at, key] of state.marks) {
    const slot = at * 1000 / state.slot_ms;
    if (slot < first || slot > first + slots) continue;
    pen.strokeStyle = ink('--ink'); pen.lineWidth = 1.5; pen.setLineDash([4, 4]);
    pen.beginPath(); pen.moveTo(x(slot), top); pen.lineTo(x(slot), bottom); pen.stroke(); pen.setLineDash([]);
    pen.fillStyle = ink('--ink');
    if (key && x(slot) > free) { pen.fillText(key, x(slot) + 4, top + (bottom - top) * 0.35); free = x(slot) + 1.1 * rem; }
  }
}

// ---- lanes ----
const LEG = 260; // ms for each of the four legs
function launch(polls) {
  const now = performance.now();
  polls.forEach(([server, verdict], i) => flying.push({ server, verdict, from: now + i * 100 / polls.length, sway: (i % 3 - 1) * 5 }));
  if (flying.length > 300) flying.splice(0, flying.length - 300);
}

const colour = verdict => ink(['--changed', '--validated', '--changed', '--regressed', '--needless', '--stale', '--fresh', '--validated', '--error'][verdict]);
function shape(pen, verdict, x, y, r) {
  pen.beginPath();
  if (verdict === ERROR) {
    pen.moveTo(x - r, y - r); pen.lineTo(x + r, y + r); pen.moveTo(x + r, y - r); pen.lineTo(x - r, y + r);
    pen.lineWidth = r / 2; pen.strokeStyle = colour(verdict); pen.stroke();
    return;
  }
  if (verdict === NEEDLESS_200) pen.rect(x - r * 1.2, y - r * 1.2, r * 2.4, r * 2.4);
  else if (verdict === FALSE_304) { pen.moveTo(x, y - r * 1.3); pen.lineTo(x + r * 1.3, y + r); pen.lineTo(x - r * 1.3, y + r); }
  else if (verdict === FIRST || verdict === CHANGED || verdict === REGRESSED) { pen.moveTo(x, y - r * 1.4); pen.lineTo(x + r * 1.4, y); pen.lineTo(x, y + r * 1.4); pen.lineTo(x - r * 1.4, y); }
  else pen.arc(x, y, r * 0.8, 0, 7);
  pen.closePath(); pen.fillStyle = colour(verdict); pen.fill();
}

function frame() {
  requestAnimationFrame(frame);
  if (!state || document.hidden) return;
  const [pen, w, h] = sized($('road'));
  const { servers } = state.fleet, now = performance.now();
  const client = [0.09 * w, 0.45 * h], middle = [0.36 * w, 0.45 * h];
  const door = number => [0.6 * w, height(number, servers) * h];
  pen.strokeStyle = ink('--rule'); pen.lineWidth = 4;
  pen.beginPath(); pen.moveTo(...client); pen.lineTo(...middle);
  for (let number = 1; number <= servers; number += 1) { pen.moveTo(...middle); pen.lineTo(...door(number)); }
  pen.stroke();
  const lately = recentAnswers(now);
  const rate = Object.values(lately).reduce((all, [ok, needless, other]) => all + ok + needless + other, 0);
  $('lanes').dataset.drawn = calm.matches || rate > 50 ? 'bars' : 'marks';
  if (state.covered) { flying.length = 0; return; }
  if (calm.matches || rate > 50) { flying.length = 0; bars(pen, lately, door, w, h, servers); return; }
  const r = Math.max(7, h / 55);
  for (let i = flying.length - 1; i >= 0; i -= 1) {
    const poll = flying[i], age = (now - poll.from) / LEG;
    if (age >= 4) { flying.splice(i, 1); continue; }
    if (age < 0) continue;
    const stops = [client, middle, door(Math.min(Math.max(poll.server, 1), servers)), middle, client];
    const leg = Math.floor(age), part = age - leg, [from, to] = [stops[leg], stops[leg + 1]];
    const x = from[0] + (to[0] - from[0]) * part, y = from[1] + (to[1] - from[1]) * part + poll.sway;
    // On its way there nobody knows yet what it will be.
    if (leg < 2) { pen.fillStyle = ink('--quiet'); pen.beginPath(); pen.arc(x, y, r * 0.45, 0, 7); pen.fill(); } else shape(pen, poll.verdict, x, y, r);
  }
}

// Answers of the last second, by server.
function recentAnswers(now) {
  const lately = {};
  for (const [server, list] of Object.entries(tallies)) {
    while (list.length && now - list[0][0] > 1000) list.shift();
    lately[server] = list.reduce((all, one) => [all[0] + one[1], all[1] + one[2], all[2] + one[3]], [0, 0, 0]);
  }
  return lately;
}

function bars(pen, lately, door, w, h, servers) {
  const most = Math.max(1, ...Object.values(lately).map(([a, b, c]) => a + b + c));
  const room = 0.1 * w, thick = Math.min(0.6 * 0.86 * h / servers, h / 12);
  for (const [server, counts] of Object.entries(lately)) {
    if (server < 1 || server > servers) continue;
    const [x, y] = door(Number(server));
    let left = x - room - 6;
    counts.forEach((count, kind) => {
      const wide = room * count / most;
      pen.fillStyle = ink(['--validated', '--needless', '--changed'][kind]);
      pen.fillRect(left, y - thick / 2, wide, thick);
      if (kind === 1) hatch(pen, left, y - thick / 2, wide, thick);
      left += wide;
    });
  }
}

function hatch(pen, x, y, w, h) {
  pen.save(); pen.beginPath(); pen.rect(x, y, w, h); pen.clip();
  pen.strokeStyle = ink('--paper'); pen.lineWidth = 3; pen.beginPath();
  for (let at = x - h; at < x + w; at += 12) { pen.moveTo(at, y + h); pen.lineTo(at + h, y); }
  pen.stroke(); pen.restore();
}

// ---- switches ----
async function press(body) {
  try {
    const headers = { 'content-type': 'application/json' };
    if (token) headers['lab-control-token'] = token;
    await fetch('/press', { method: 'POST', headers, body: JSON.stringify(body) });
  } catch { if (!closed) status('the fleet does not answer', true); }
}

const KEYS = {
  b: () => press({ switch: 'break' }), f: () => press({ switch: 'fix' }), r: () => press({ switch: 'reset' }),
  ' ': () => press({ switch: 'pause' }), n: () => press({ switch: 'next' }), p: () => press({ switch: 'predict' }),
  m: () => press({ switch: 'before' }), c: () => press({ switch: 'change' }), j: () => press({ switch: 'reconnect' }),
  u: () => press({ switch: 'source' }), s: () => press({ switch: 'strategy' }), l: () => press({ switch: 'policy' }),
  e: () => press({ switch: 'edge' }), '+': () => press({ switch: 'replicas', by: 1 }), '-': () => press({ switch: 'replicas', by: -1 }),
  '>': () => press({ switch: 'clients', by: 1 }), '<': () => press({ switch: 'clients', by: -1 }),
  t: () => press({ switch: 'strategy', replica: chosen }), k: () => press({ switch: 'kill', replica: chosen }),
  a: () => press({ switch: 'restart', replica: chosen }),
  g: () => { const link = document.createElement('a'); link.href = '/session.toml' + (token ? '?token=' + encodeURIComponent(token) : ''); link.download = 'session.toml'; link.click(); },
};
const VIEW_KEYS = {
  w: () => { wholeView = !wholeView; if (state) showState(); },
  d: () => { $('drawer').hidden = !$('drawer').hidden; if (!$('drawer').hidden) showWires(); },
};

function act(key) {
  if (VIEW_KEYS[key]) VIEW_KEYS[key]();
  else if (!isControl || closed) return false;
  else if (/^[0-9]$/.test(key)) digit(Number(key));
  else if (key === 'Backspace' && state.covered) press({ switch: 'guess' });
  else if (KEYS[key]) KEYS[key]();
  else return false;
  return true;
}

// A digit is a part of the guess while it is covered, and else the number of a replica.
function digit(number) {
  if (state.covered) press({ switch: 'guess', digit: number });
  else if (number >= 1 && number <= state.fleet.servers) { chosen = number; showState(); }
}

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !state || event.target.tagName === 'SELECT') return;
  // Space and Enter are for the button that has the focus.
  if (event.target.tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.key === 'Escape' && !$('drawer').hidden) VIEW_KEYS.d();
  else if (!event.repeat && act(key)) event.preventDefault();
});
addEventListener('click', event => {
  const pressed = event.target.closest('[data-key]');
  const server = event.target.closest('#servers .node');
  if (pressed && state) act(pressed.dataset.key);
  else if (server && isControl) { chosen = 1 + [...$('servers').children].indexOf(server); showState(); }
});
for (const name of ['strategy', 'policy', 'edge']) {
  $(name).addEventListener('change', () => { press({ switch: name, name: $(name).value }); $(name).blur(); });
}

async function showWires() {
  if ($('drawer').hidden) return;
  try {
    const wires = await (await fetch('/wires')).json();
    $('wires').replaceChildren(...Object.values(wires).map(lines => {
      const pre = document.createElement('pre');
      for (const line of lines) wireLine(pre, line);
      return pre;
    }));
  } catch { return; }
  if (!closed) setTimeout(showWires, 1000);
}

function wireLine(pre, [mark, text, marked, remark, bad]) {
  pre.append(mark + ' ' + (marked ? text.slice(0, text.length - marked.length) : text));
  if (marked) {
    const u = document.createElement('u'), note = document.createElement('span');
    u.textContent = marked; u.className = bad ? 'bad' : '';
    note.textContent = (bad ? '  ✗ ' : '  ✓ ') + remark; note.className = bad ? 'remark bad' : 'remark';
    pre.append(u, note);
  }
  pre.append('\n');
}

$('switches').hidden = !isControl;
requestAnimationFrame(frame);
