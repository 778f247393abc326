/** Who is connected: one row per session, in pages, so that any number of users can be looked through. */
import { h, setText } from '../shared/dom.js';
import { moment } from './words.js';

const PAGE = 50;

class AdminSessions extends HTMLElement {
  #find = h('input', { id: 'find', autocomplete: 'off', spellcheck: false });
  #reason = h('input', { id: 'reason', autocomplete: 'off', maxLength: 123 });
  #body = h('tbody');
  #words = h('p', { class: 'note', role: 'status' });
  #back = h('button', { type: 'button', class: 'plain', onclick: () => this.#turn(-1) }, 'First page');
  #on = h('button', { type: 'button', class: 'plain', onclick: () => this.#turn(1) }, 'Next page');
  /** The names behind which the pages begin that led here. */
  #trail = [''];
  #last = '';

  connectedCallback() {
    const heads = ['Name', 'Instance', 'Address', 'Dialect', 'Rooms', 'Since'].map(text => h('th', { scope: 'col' }, text));
    this.append(
      h('div', { class: 'bar' }, h('h2', {}, 'Connections'),
        h('label', { for: 'find' }, 'From'), this.#find, h('label', { for: 'reason' }, 'Reason told'), this.#reason),
      h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Connections' },
        h('table', {}, h('thead', {}, h('tr', {}, ...heads, h('th', {}, h('span', { class: 'quiet' }, 'Action')))), this.#body)),
      h('div', { class: 'bar' }, this.#back, this.#on, this.#words));
    this.#find.addEventListener('input', () => {
      this.#trail = [''];
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.refresh(), 200);
    });
  }

  /** @param {import('./api.js').API} api */
  async refresh(api = this.api) {
    this.api = api;
    const turn = this.turn = {};
    // `after` is only compared, and what is looked for belongs to the page: ask from just before it.
    const from = this.#trail.at(-1) || before(this.#find.value.trim());
    const query = new URLSearchParams({ limit: PAGE, ...(from && { after: from }) });
    let answer;
    try { answer = await api.get(`/api/users?${query}`); } catch (error) { return setText(this.#words, error.message); }
    if (turn !== this.turn) return; // a later question was asked
    const users = answer.users ?? [];
    this.#last = users.at(-1)?.username ?? '';
    this.#on.disabled = !answer.more;
    this.#back.disabled = this.#trail.length === 1;
    const rows = users.flatMap(({ username, sessions = [] }) => sessions.map(session => [username, session]));
    const is = JSON.stringify(rows);
    if (is !== this.is) this.#body.replaceChildren(...rows.map(([username, session]) => this.#row(username, session)));
    this.is = is;
    const missing = answer.missing?.length ? ` Not in the list: the users of ${answer.missing.join(', ')}, which does not answer.` : '';
    setText(this.#words, (rows.length ? `${rows.length} on this page.` : 'Nobody here.') + missing);
  }

  #row(username, { instance, address = '', dialect, rooms = [], since, away }) {
    const cell = (text, properties = {}) => h('td', { dir: 'auto', ...properties }, text);
    return h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, username)), cell(instance),
      cell(away ? 'away' : address), cell(dialect), cell(rooms.slice(0, 8).join(', ') + (rooms.length > 8 ? ` and ${rooms.length - 8} more` : '')),
      cell(moment(since), { class: 'number' }),
      h('td', {}, h('button', { type: 'button', class: 'danger', 'aria-label': `Disconnect ${username}`, onclick: ({ target }) => this.#end(username, target) }, 'Disconnect')));
  }

  async #end(username, button) {
    button.disabled = true;
    const reason = this.#reason.value.trim();
    try {
      await this.api.post(`/api/users/${encodeURIComponent(username)}/disconnect`, reason ? { reason } : {});
      this.#tell(`${username} was disconnected.`);
    } catch (error) { this.#tell(`${username}: ${error.message}`, 'bad'); }
    button.disabled = false;
    this.refresh();
  }

  #tell(words, tone) { this.dispatchEvent(new CustomEvent('tell', { bubbles: true, detail: { words, tone } })); }

  #turn(direction) {
    this.#trail = direction > 0 ? [...this.#trail, this.#last] : [''];
    this.refresh();
  }
}

/** A text that sorts right before every name that begins like `name`. */
function before(name) {
  if (!name) return '';
  const scalars = [...name];
  const last = scalars.pop().codePointAt(0);
  return scalars.join('') + (last > 0x20 ? String.fromCodePoint(last === 0xe000 ? 0xd7ff : last - 1) + '\u{10ffff}' : '');
}
customElements.define('admin-sessions', AdminSessions);
