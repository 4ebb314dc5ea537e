// The operator's page: /metrics, /readyz and /clients of this listener, every few seconds. What a
// number is of is in its help text there; here it is only shown.
'use strict';

const INTERVAL_MS = 3000;
const KEPT = 20;               // looks that make up "the last minute"
const CLASSES = ['2xx', '3xx', '4xx', '5xx'];

const looks = [];              // {at, samples}, the newest last
const rates = [];              // requests a second by class, one for each look
const slowest = [];            // 99 % of each look, in seconds

const byId = (id) => document.getElementById(id);

// ---- reading

// `name{a="1",b="2"} 3` as {name, labels, value}.
function parse(text) {
  const samples = new Map();
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) continue;
    const labels = {};
    for (const part of (found[2] || '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[part[1]] = part[2].replace(/\\(.)/g, (all, c) => (c === 'n' ? '\n' : c));
    }
    if (!samples.has(found[1])) samples.set(found[1], []);
    samples.get(found[1]).push({ labels, value: Number(found[3].replace('Inf', 'Infinity')) });
  }
  return samples;
}

const of = (look, name) => look.samples.get(name) || [];
const key = (labels) => JSON.stringify(labels);

// By how much each sample of a counter has grown between two looks, and in how many seconds.
function growth(before, now, name, wanted = () => true) {
  const old = new Map(of(before, name).map((one) => [key(one.labels), one.value]));
  return of(now, name).filter((one) => wanted(one.labels)).map((one) => {
    const was = old.get(key(one.labels)) || 0;
    // After a restart everything begins at nothing.
    return { labels: one.labels, by: one.value >= was ? one.value - was : one.value };
  });
}

const sum = (list, value = (one) => one.by) => list.reduce((all, one) => all + value(one), 0);
const seconds = (before, now) => Math.max((now.at - before.at) / 1000, 0.001);

// The bound of a histogram's buckets within which that share lies; null if there was nothing.
function quantile(buckets, share) {
  const counts = new Map();
  for (const { labels, by } of buckets) {
    const bound = Number(labels.le.replace('Inf', 'Infinity'));
    counts.set(bound, (counts.get(bound) || 0) + by);
  }
  const bounds = [...counts.keys()].sort((a, b) => a - b);
  const all = counts.get(Infinity) || 0;
  if (all === 0) return null;
  let low = 0;
  let under = 0;
  for (const bound of bounds) {
    const count = counts.get(bound);
    if (count >= share * all) {
      if (bound === Infinity) return low;
      return low + (bound - low) * ((share * all - under) / Math.max(count - under, 1e-9));
    }
    low = bound;
    under = count;
  }
  return low;
}

// ---- writing

function rounded(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en');
  if (number >= 10) return number.toFixed(1);
  return number === 0 ? '0' : number.toFixed(number < 0.1 ? 3 : 2);
}
const whole = (number) => Math.round(number).toLocaleString('en');
function time(s) {
  if (s === null) return '–';
  if (s < 0.001) return `${Math.round(s * 1e6)} µs`;
  if (s < 1) return `${(s * 1000).toFixed(s < 0.01 ? 1 : 0)} ms`;
  return `${s.toFixed(s < 10 ? 1 : 0)} s`;
}
function span(s) {
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}
function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  while (count >= 1024 && at < units.length - 1) { count /= 1024; ++at; }
  return `${at === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[at]}`;
}
const percent = (share) => (share === null ? '–' : `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`);

function set(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
// Rows of cells: a text, or [text, class].
function fill(id, rows, nothing) {
  const body = byId(id).tBodies[0];
  const list = rows.length ? rows : [[[nothing, 'quiet']]];
  body.replaceChildren(...list.map((cells) => {
    const row = element('tr');
    cells.forEach((cell, i) => {
      const [text, kind] = Array.isArray(cell) ? cell : [cell, i === 0 ? '' : 'number'];
      row.append(element('td', text, kind));
    });
    return row;
  }));
}
function drawn(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// ---- charts: as wide as they are shown, so that their texts keep their size

function frame(svg, most, label) {
  const width = svg.clientWidth || 600;
  const height = svg.clientHeight || 110;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const lines = [0, 0.5, 1].map((share) => {
    const y = height - 2 - share * (height - 18);
    return drawn('line', { class: 'grid', x1: 0, x2: width, y1: y, y2: y });
  });
  const text = drawn('text', { x: 0, y: 11 }, label(most));
  svg.replaceChildren(...lines, text);
  return { width, y: (value) => height - 2 - (value / (most || 1)) * (height - 18) };
}

function drawTraffic() {
  const svg = byId('traffic');
  const total = (rate) => sum(CLASSES, (one) => rate[one]);
  const most = Math.max(...rates.map(total), 1);
  const { width, y } = frame(svg, most, (value) => `${rounded(value)} a second`);
  const slot = width / KEPT;
  rates.forEach((rate, i) => {
    const x = width - (rates.length - i) * slot;
    let below = 0;
    for (const one of CLASSES) {
      if (rate[one] > 0) {
        const top = y(below + rate[one]);
        svg.append(drawn('rect', { class: `s${one[0]}`, x: x + 1, width: Math.max(slot - 2, 1), y: top, height: Math.max(y(below) - top, 1) }));
      }
      below += rate[one];
    }
  });
}

function drawLatency() {
  const svg = byId('latency');
  const known = slowest.filter((one) => one !== null);
  const { width, y } = frame(svg, Math.max(...known, 0.001), time);
  const slot = width / KEPT;
  const points = [];
  slowest.forEach((one, i) => {
    if (one !== null) points.push(`${width - (slowest.length - i - 0.5) * slot},${y(one)}`);
  });
  svg.append(drawn('polyline', { class: 'line', points: points.join(' ') }));
}

// ---- the parts of the page

// What the operator's own listeners answer is no traffic.
const isPublic = (labels) => (labels.listener ? !/^(operations|control)$/.test(labels.listener)
  : !/^\/(metrics|readyz|livez|ops|jobs)\b/.test(labels.route || ''));

function showTraffic(before, now) {
  const span = seconds(before, now);
  const grown = growth(before, now, 'portal_http_responses_total', isPublic);
  const rate = {};
  for (const one of CLASSES) {
    rate[one] = sum(grown.filter(({ labels }) => labels.status === one)) / span;
  }
  rates.push(rate);
  if (rates.length > KEPT) rates.shift();
  const all = sum(CLASSES, (one) => rate[one]);
  set('rate', rounded(all));
  set('errors', all === 0 ? '–' : percent(rate['5xx'] / all));
  const hits = sum(growth(before, now, 'portal_cache_hits_total'));
  const asked = hits + sum(growth(before, now, 'portal_cache_misses_total'));
  set('hits', asked === 0 ? '–' : percent(hits / asked));
  set('connections', whole(sum(of(now, 'portal_http_connections').filter((one) => isPublic(one.labels)), (one) => one.value)));
  byId('traffic-key').replaceChildren(...CLASSES.map((one) => {
    const item = element('li');
    item.append(element('i', '', `s${one[0]}`), `${one} ${rounded(rate[one])}/s`);
    return item;
  }));
  drawTraffic();
}

function showLatency(before, now) {
  const buckets = growth(before, now, 'portal_http_handler_seconds_bucket', isPublic);
  set('p50', time(quantile(buckets, 0.5)));
  const p99 = quantile(buckets, 0.99);
  set('p99', time(p99));
  slowest.push(p99);
  if (slowest.length > KEPT) slowest.shift();
  drawLatency();
}

function showRoutes(first, now) {
  const span = seconds(first, now);
  const routes = new Map();
  for (const { labels, by } of growth(first, now, 'portal_http_responses_total', isPublic)) {
    const one = routes.get(labels.route) || { all: 0, failed: 0 };
    one.all += by;
    if (labels.status === '5xx') one.failed += by;
    routes.set(labels.route, one);
  }
  const buckets = growth(first, now, 'portal_http_handler_seconds_bucket');
  const rows = [...routes].filter(([, one]) => one.all > 0).sort((a, b) => b[1].all - a[1].all).slice(0, 15);
  fill('routes', rows.map(([route, one]) => {
    const own = buckets.filter(({ labels }) => labels.route === route);
    return [route, rounded(one.all / span),
      [percent(one.failed / one.all), one.failed ? 'number bad' : 'number'],
      time(quantile(own, 0.5)), time(quantile(own, 0.99))];
  }), 'No requests in the last minute.');
}

// Samples of these metrics as rows, without those that there are not.
function rows(now, wanted) {
  const list = [];
  for (const [name, words, write, bad] of wanted) {
    for (const { labels, value } of of(now, name)) {
      const whose = Object.values(labels).join(' ');
      list.push([whose ? `${words}: ${whose}` : words,
        [write(value), bad && bad(value) ? 'number warn' : 'number']]);
    }
  }
  return list;
}

function showWaiting(now) {
  const some = (value) => value > 0;
  const many = (value) => value >= 100;
  fill('waiting', rows(now, [
    ['portal_news_view_backlog_events', 'events not in the view', whole, many],
    ['portal_recommendation_users_backlog_events', 'events of users not in the graph', whole, many],
    ['portal_recommendation_visits_backlog', 'visits not in the graph', whole, many],
    ['portal_django_feed_backlog_events', 'events not in the feed for Django', whole, many],
    ['portal_users_queue_rows', 'changes of users in the queue', whole, many],
    ['portal_users_queue_oldest_age_seconds', 'the oldest of them', time, (value) => value > 10],
    ['portal_identity_password_queue', 'passwords to be hashed', whole, many],
    ['portal_http_answer_bytes_waiting', 'answers that clients do not take', bytes],
    ['portal_news_parked_streams', 'parked articles', whole, some],
    ['portal_users_queue_parked_rows', 'parked changes of users', whole, some],
    ['portal_recommendation_parked_streams', 'parked removals of users', whole, some],
    ['portal_log_console_dropped_lines', 'log lines that nobody read', whole],
  ]), 'Nothing is told.');
}

const STATES = [['closed', 'number good'], ['half open', 'number warn'], ['open', 'number bad']];

function showBreakers(now) {
  const list = [];
  for (const [name, samples] of now.samples) {
    if (!name.endsWith('breaker_state')) continue;
    for (const { labels, value } of samples) {
      list.push([Object.values(labels).join(' '), STATES[value] || [String(value), 'number']]);
    }
  }
  for (const [name, samples] of now.samples) {
    if (!/^portal_http_(limit|shed)/.test(name)) continue;
    const words = name.replace(/^portal_http_|_total$/g, '').replace(/_/g, ' ');
    for (const { labels, value } of samples) list.push([[words, ...Object.values(labels)].join(' '), whole(value)]);
  }
  list.push(...rows(now, [
    ['portal_gateway_throttled_total', 'throttled', whole],
    ['portal_recommendation_visits_dropped_total', 'visits dropped', whole],
  ]));
  fill('breakers', list, 'No other server is asked.');
}

function showStores(first, now) {
  const span = seconds(first, now);
  const names = of(now, 'portal_database_wal_bytes').map(({ labels }) => labels.file).sort();
  const mine = (file) => (labels) => labels.file === file;
  const value = (name, file) => sum(of(now, name).filter(({ labels }) => labels.file === file), (one) => one.value);
  fill('stores', names.map((file) => {
    const commits = sum(growth(first, now, 'portal_database_commits_total', mine(file)));
    const commands = sum(growth(first, now, 'portal_database_commands_total', mine(file)));
    const late = (name) => time(quantile(growth(first, now, `${name}_bucket`, mine(file)), 0.99));
    const stuck = value('portal_database_wal_stuck', file) > 0;
    return [file, rounded(commits / span), commits ? rounded(commands / commits) : '–',
      late('portal_database_commit_seconds'), late('portal_database_sync_seconds'),
      whole(value('portal_database_write_queue', file)), whole(value('portal_database_read_queue', file)),
      time(value('portal_database_oldest_reader_seconds', file)),
      [bytes(value('portal_database_wal_bytes', file)), stuck ? 'number warn' : 'number']];
  }), 'Nothing is told.');
}

function showProcess(now) {
  const one = (name) => (of(now, name)[0] || { value: 0 }).value;
  const free = one('portal_disk_free_bytes');
  const size = one('portal_disk_size_bytes');
  const list = [
    ['memory', bytes(one('process_resident_memory_bytes'))],
    ['descriptors', whole(one('process_open_fds'))],
    ['threads', whole(one('process_threads'))],
    ['disk free', [`${bytes(free)} of ${bytes(size)}`, size && free / size < 0.1 ? 'number warn' : 'number']],
  ];
  for (const { value } of of(now, 'portal_tls_certificate_not_after_seconds')) {
    const left = value - now.at / 1000;
    list.push(['certificate ends in', [span(left), left < 14 * 86400 ? 'number warn' : 'number']]);
  }
  fill('process', list);
  const build = of(now, 'portal_build_info')[0];
  set('version', build ? build.labels.version : '');
  const started = one('process_start_time_seconds');
  set('since', `up ${span(now.at / 1000 - started)} · ${new Date(now.at).toLocaleTimeString()}`);
}

function showBackups(now) {
  const list = [];
  for (const [name, samples] of now.samples) {
    if (!name.startsWith('portal_backup_') || name.endsWith('_bucket')) continue;
    const words = name.replace('portal_backup_', '').replace(/_/g, ' ');
    for (const { labels, value } of samples) {
      list.push([[words, ...Object.values(labels)].join(' '), value > 1e9 && name.endsWith('_seconds')
        ? new Date(value * 1000).toLocaleString() : whole(value)]);
    }
  }
  byId('backups-card').hidden = list.length === 0;
  fill('backups', list);
}

function showClients({ clients }) {
  byId('clients-card').hidden = clients.length === 0;
  fill('clients', clients.map((one) => [one.client, [one.signs.join(', '), 'warn'],
    [Object.entries(one.figures).map(([name, value]) => `${name.replace(/_/g, ' ')} ${whole(value)}`).join(', '), ''],
    [new Date(one.since).toLocaleTimeString(), ''],
    [one.action === 'none' ? 'nothing' : `${one.action}, ${span(one.seconds_left)} left`, '']]));
}

function showState(ready) {
  const pill = byId('state');
  const warnings = Object.entries(ready.warnings || {});
  const wrong = Object.entries(ready.checks || {}).filter(([, said]) => said !== 'ok');
  const kind = wrong.length ? 'bad' : warnings.length ? 'warn' : 'good';
  pill.className = `pill ${kind}`;
  set('state', ready.status);
  const note = (kind_) => ([name, said]) => element('p', `${name}: ${said}`, `note ${kind_}`);
  byId('notes').replaceChildren(...wrong.map(note('bad')), ...warnings.map(note('warn')));
  const warned = new Set(warnings.map(([name]) => name));
  fill('checks', Object.entries(ready.checks || {}).map(([name, said]) => [name,
    said !== 'ok' ? ['not ok', 'number bad'] : warned.has(name) ? ['warns', 'number warn'] : ['ok', 'number good']]));
}

function showSilence() {
  byId('state').className = 'pill bad';
  set('state', 'no answer');
  byId('notes').replaceChildren(element('p', 'The server does not answer. What is shown is from before.', 'note bad'));
}

// ---- the clock

async function look() {
  try {
    const [metrics, ready, clients] = await Promise.all([
      fetch('/metrics', { cache: 'no-store', headers: { Accept: 'text/plain' }, signal: AbortSignal.timeout(INTERVAL_MS) }),
      ...['/readyz', '/clients'].map((path) => fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(INTERVAL_MS) })),
    ]);
    const now = { samples: parse(await metrics.text()), at: Date.now() };
    showState(await ready.json());
    showClients(await clients.json());
    const before = looks.at(-1);
    looks.push(now);
    if (looks.length > KEPT) looks.shift();
    showProcess(now);
    showWaiting(now);
    showBreakers(now);
    showBackups(now);
    showStores(looks[0], now);
    if (before) {
      showTraffic(before, now);
      showLatency(before, now);
      showRoutes(looks[0], now);
    }
  } catch (failure) {
    showSilence();
  }
  setTimeout(look, looks.length < 2 ? 1000 : INTERVAL_MS);
}

look();
