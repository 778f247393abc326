/** The page for operators: what the cluster does, who is there, what happened, and what can be done about it. */
import { h, iconButton, reconcile, setText, setUpTheme, toggleTheme } from '../shared/dom.js';
import { API } from './api.js';
import { Plot } from './plot.js';
import './sessions.js';
import { alerts, duration, moment, number } from './words.js';

const EVERY = 2000;
const FIGURES = [
  ['connections', 'Connections'], ['messagesPerSecond', 'Messages per second'], ['deliveriesPerSecond', 'Deliveries per second'],
];

class ChatDashboard extends HTMLElement {
  #token = h('input', { id: 'token', class: 'secret', autocomplete: 'off', spellcheck: false, enterKeyHint: 'go' });
  #refused = h('p', { class: 'words bad', role: 'alert' });
  #age = h('span', { class: 'age', role: 'timer', 'aria-live': 'off' });
  #alerts = h('div', { class: 'alerts', role: 'status' });
  #told = h('p', { class: 'told', role: 'status' });
  #tiles = h('section', { class: 'tiles', 'aria-label': 'Totals' });
  #instances = h('tbody');
  #rooms = h('tbody');
  #roomCount = h('span', { class: 'note' });
  #messages = h('ol', { class: 'feed' });
  #events = h('ol', { class: 'feed' });
  #sessions = h('admin-sessions');
  #plots = new Map();
  #cluster = { instances: [], missing: [] };
  #heard = 0;
  #error = '';

  connectedCallback() {
    this.login = h('main', { class: 'welcome' }, h('form', { class: 'login', onsubmit: event => this.#logIn(event) },
      h('h1', {}, 'Chat operations'), h('label', { for: 'token' }, 'Admin token'), this.#token,
      h('p', { class: 'hint' }, 'It stays in the memory of this page. On the server’s own machine it may be empty if no token is configured.'),
      this.#refused, h('button', { class: 'go' }, 'Log in')));
    this.append(this.login);
    this.#token.focus();
    this.addEventListener('tell', ({ detail }) => this.#tell(detail.words, detail.tone));
  }

  async #logIn(event) {
    event.preventDefault();
    setText(this.#refused, '');
    const api = new API(this.#token.value.trim());
    try {
      this.#cluster = await api.get('/api/cluster');
    } catch (error) {
      setText(this.#refused, error.status === 401 || error.status === 403 ? `This token is not accepted: ${error.message}` : error.message);
      return this.#token.select();
    }
    this.#token.value = '';
    this.api = api;
    this.#heard = Date.now();
    this.#open();
  }

  #open() {
    this.board = h('div', { class: 'board' },
      h('header', {}, h('h1', {}, 'Chat operations'), this.#age, iconButton('theme', 'Light or dark', toggleTheme),
        iconButton('out', 'Log out', () => location.reload())),
      h('main', {}, this.#alerts, this.#told, this.#tiles,
        panel('wide', 'Instances', table(['Name', 'Version', 'Up', 'Connections', 'Rooms', 'Messages/s', 'Deliveries/s', 'Depends on'], this.#instances, 'Instances')),
        this.#sayPanel(),
        h('section', { class: 'panel' }, h('div', { class: 'bar' }, h('h2', {}, 'Rooms'), this.#roomCount), table(['Name', 'Members', h('span', { class: 'newest' }, 'Newest')], this.#rooms, 'Rooms')),
        h('section', { class: 'panel wide' }, this.#sessions),
        panel('', 'Recent messages', scroll(this.#messages, 'Recent messages')), panel('', 'Recent events', scroll(this.#events, 'Recent events'))));
    this.replaceChildren(this.board);
    for (const [key, label] of FIGURES) this.#tiles.append(this.#tile(key, label));
    this.#tiles.prepend(this.#tile('instances', 'Instances'));
    this.#tiles.append(this.#tile('rooms', 'Rooms'));
    this.#draw();
    this.#poll();
    this.#sessions.refresh(this.api);
    setInterval(() => this.#drawAge(), 1000);
  }

  #sayPanel() {
    const announce = h('input', { id: 'announce', autocomplete: 'off' });
    const room = h('input', { id: 'publish-room', autocomplete: 'off', class: 'short' });
    const sender = h('input', { id: 'publish-sender', autocomplete: 'off', class: 'short', placeholder: 'system' });
    const content = h('input', { id: 'publish-text', autocomplete: 'off' });
    const form = (act, ...children) => h('form', { class: 'say', onsubmit: event => { event.preventDefault(); act(); } }, ...children);
    const act = async (path, body, done, clear) => {
      try {
        const answer = await this.api.post(path, body);
        clear.value = '';
        this.#tell(done(answer));
      } catch (error) { this.#tell(error.message, 'bad'); }
    };
    return h('section', { class: 'panel' }, h('h2', {}, 'Say something'),
      form(() => announce.value.trim() && act('/api/announce', { content: announce.value }, () => 'Announced to everybody.', announce),
        h('label', { for: 'announce' }, 'Announce to everybody'), h('div', {}, announce, h('button', { class: 'plain' }, 'Announce'))),
      form(() => room.value && content.value.trim() && act('/api/publish',
        { room: room.value.trim(), content: content.value, ...(sender.value.trim() && { sender: sender.value.trim() }) },
        ({ seq }) => `Published in ${room.value} as number ${seq}.`, content),
      h('div', {}, h('span', {}, h('label', { for: 'publish-room' }, 'Publish in'), room), h('span', {}, h('label', { for: 'publish-sender' }, 'as'), sender)),
      h('label', { for: 'publish-text' }, 'Text'), h('div', {}, content, h('button', { class: 'plain' }, 'Publish'))));
  }

  #tile(key, label) {
    const plot = new Plot();
    const value = h('strong', {}, '–');
    this.#plots.set(key, { plot, value });
    return h('div', { class: 'tile' }, h('span', { class: 'label' }, label), value, plot.node);
  }

  /** Asks again, two seconds after the last answer. A page that nobody sees does not ask. */
  async #poll() {
    for (let round = 0; ; round++) {
      await new Promise(resolve => setTimeout(resolve, EVERY));
      if (document.hidden) continue;
      try {
        this.#cluster = await this.api.get('/api/cluster');
        this.#heard = Date.now();
        this.#error = '';
      } catch (error) { this.#error = error.message; }
      this.#draw();
      if (round % 2) continue;
      this.#sessions.refresh();
      this.#watch();
    }
  }

  async #watch() {
    try { this.#drawFeeds(await this.api.get('/api/monitoring?limit=1')); } catch { /* the alerts say it already */ }
  }

  #draw() {
    const { instances = [], missing = [], rooms, totalRooms } = this.#cluster;
    const current = !this.#error;
    const sum = key => instances.reduce((total, instance) => total + (Number(instance[key]) || 0), 0);
    const figures = { instances: instances.length, rooms: totalRooms ?? rooms?.length };
    for (const [key] of FIGURES) figures[key] = sum(key);
    for (const [key, { plot, value }] of this.#plots) {
      plot.add(current && Number.isFinite(figures[key]) ? figures[key] : null);
      setText(value, key === 'instances' && missing.length ? `${instances.length} of ${instances.length + missing.length}` : number(figures[key]));
    }
    this.board.classList.toggle('stale', !current);
    const found = alerts(this.#cluster, { silent: Date.now() - this.#heard, error: this.#error });
    const is = JSON.stringify(found);
    if (is !== this.is) this.#alerts.replaceChildren(...found.map(({ tone, words }) => h('p', { class: tone }, words)));
    this.is = is;
    this.#drawInstances(instances, missing);
    setText(this.#roomCount, totalRooms > (rooms?.length ?? 0) ? `the ${rooms?.length ?? 0} largest of ${number(totalRooms)}` : rooms ? '' : 'not known now');
    this.board.classList.toggle('headless', !rooms?.some(({ head }) => head !== undefined));
    fill(this.#rooms, (rooms ?? []).map(({ name, members, head }) => [h('bdi', {}, name), number(members), head === undefined ? '' : String(head)]));
    this.#drawAge();
  }

  #drawInstances(instances, missing) {
    this.rows ??= new Map();
    const rows = [];
    for (const instance of [...instances, ...missing.map(name => ({ name, away: true }))]) {
      const row = this.rows.get(instance.name) ?? makeInstance(instance.name);
      this.rows.set(instance.name, row);
      row.show(instance, !this.#error);
      rows.push(row.node);
    }
    reconcile(this.#instances, rows);
  }

  #drawFeeds({ recentMessages = [], recentEvents = [] }) {
    feed(this.#messages, recentMessages.slice(-100), ({ timestamp, room, sender, content, bytes, seq }) =>
      [timestamp, `#${room} `, h('b', {}, h('bdi', {}, sender ?? '')), ' ', content ?? `${number(bytes)} bytes, not shown`, seq === undefined ? '' : ` (${seq})`]);
    feed(this.#events, recentEvents.slice(-500), ({ time, kind, username, room, address, reason }) =>
      [time, h('b', {}, kind), ' ', username ? h('bdi', {}, username) : '', room ? ` #${room}` : '', address ? ` from ${address}` : '', reason ? `: ${reason}` : '']);
  }

  #drawAge() {
    const age = Date.now() - this.#heard;
    setText(this.#age, age < 5000 ? 'live' : `${duration(age)} old`);
    this.#age.classList.toggle('bad', age >= 5000);
  }

  #tell(words, tone = '') {
    this.#told.className = `told ${tone}`;
    setText(this.#told, words);
  }
}

const scroll = (content, label) => h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': label }, content);
const table = (heads, body, label) => scroll(h('table', {}, h('thead', {}, h('tr', {}, ...heads.map(text => h('th', { scope: 'col' }, text)))), body), label);
const panel = (kind, title, ...children) => h('section', { class: `panel ${kind}` }, h('h2', {}, title), ...children);

/** Writes rows of texts and nodes, if they have changed. */
function fill(body, rows) {
  const is = JSON.stringify(rows.map(row => row.map(cell => cell.textContent ?? cell)));
  if (is === body.shown) return;
  body.shown = is;
  body.replaceChildren(...rows.map(([first, ...rest]) => h('tr', {}, h('th', { scope: 'row' }, first), ...rest.map(cell => h('td', { class: 'number' }, cell)))));
}

/** The newest is on top. */
function feed(list, items, parts) {
  const is = JSON.stringify([items.length, items.at(-1)]);
  if (is === list.shown) return;
  list.shown = is;
  list.replaceChildren(...items.reverse().map(item => {
    const [time, ...rest] = parts(item);
    return h('li', {}, h('time', { dateTime: time ?? '' }, moment(time)), h('span', { dir: 'auto' }, ...rest));
  }));
}

/** A row of the table of instances, which keeps its plots. */
function makeInstance(name) {
  const cells = Array.from({ length: 7 }, () => h('td', { class: 'number' }));
  const plots = [new Plot(60), new Plot(60)];
  const texts = [h('span'), h('span')];
  cells[4].append(texts[0], plots[0].node);
  cells[5].append(texts[1], plots[1].node);
  cells[6].className = '';
  const node = h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, name)), ...cells);
  return {
    node,
    show({ version = '', uptime, connections, rooms, messagesPerSecond, deliveriesPerSecond, dependencies = [], draining, away }, current) {
      node.className = away || !current ? 'stale' : '';
      setText(cells[0], version);
      setText(cells[1], away ? 'no answer' : duration(uptime));
      setText(cells[2], number(connections));
      setText(cells[3], number(rooms));
      [messagesPerSecond, deliveriesPerSecond].forEach((value, index) => {
        setText(texts[index], number(value));
        plots[index].add(current && !away ? value : null);
      });
      const states = dependencies.map(({ name, state }) => `${state === 'ok' ? '●' : '▲'} ${name} ${state}`);
      if (draining) states.push('shutting down');
      setText(cells[6], states.join('  '));
      cells[6].classList.toggle('bad', dependencies.some(({ state }) => state !== 'ok'));
    },
  };
}

setUpTheme();
customElements.define('chat-dashboard', ChatDashboard);
