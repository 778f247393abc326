/** The parts around the messages: signing in, the message box, the conversations, the people. */
import { h, icon, iconButton, reconcile, setText, tell } from '../shared/dom.js';
import { draftOf, keepDraft } from '../shell/client.js';
import { hueOf } from './message.js';

class ChatSignin extends HTMLElement {
  #name = h('input', { id: 'name', autocomplete: 'username', autocapitalize: 'off', spellcheck: false, enterKeyHint: 'go' });
  #token = h('input', { id: 'token', class: 'secret', autocomplete: 'off', spellcheck: false });
  #more = h('details', {}, h('summary', {}, 'Sign in with a token'), h('label', { for: 'token' }, 'Token'), this.#token,
    h('p', { class: 'hint' }, 'With it the field above may stay empty.'));
  #words = h('p', { class: 'words', role: 'status' });

  connectedCallback() {
    this.append(h('form', { onsubmit: event => this.#submit(event) }, h('h1', {}, 'Chat'), h('label', { for: 'name' }, 'Your name'), this.#name,
      this.#more, this.#words, h('button', { class: 'go' }, 'Join')));
  }

  show(words, token, name) {
    setText(this.#words, words);
    this.#words.classList.toggle('bad', Boolean(words) && !words.endsWith('…'));
    if (this.is === words && !this.hidden) return;
    this.is = words;
    this.hidden = false;
    if (name && !this.#name.value) this.#name.value = name;
    if (token) this.#more.open = true;
    (token ? this.#token : this.#name).focus();
    if (!token) this.#name.select();
  }

  suggest(name) { this.#name.value = name; this.#name.select(); }

  #submit(event) {
    event.preventDefault();
    const [name, token] = [this.#name.value.trim(), this.#token.value.trim()];
    if (name || token) tell(this, 'signin', { name, token });
  }
}
class ChatComposer extends HTMLElement {
  #box = h('textarea', { id: 'message', rows: 1, enterKeyHint: 'send', dir: 'auto', autocomplete: 'off' });
  #key = '';
  #drafts = new Map();
  #idle = 0;

  connectedCallback() {
    const send = h('button', { type: 'button', class: 'send', 'aria-label': 'Send', onclick: () => this.#submit() }, icon('send'));
    this.append(h('label', { class: 'quiet', for: 'message' }, 'Message'), this.#box, send);
    this.#box.addEventListener('keydown', event => {
      // In a composition Enter chooses a word; 229 is Safari's last one.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#box.addEventListener('input', () => {
      const { value } = this.#box;
      this.#keep(value);
      this.#type(value !== '' && !value.startsWith('/'));
    });
  }

  focus() { this.#box.focus(); }

  set text(text) {
    this.#box.value = text;
    this.#keep(text);
  }

  async show(name, key) {
    this.#box.placeholder = key ? `Write to ${key}` : 'Enter a room with /join';
    if (name + key === this.name + this.#key) return;
    this.name = name;
    this.#key = key;
    this.#box.value = this.#drafts.get(key) ?? '';
    if (this.#drafts.has(key) || !key) return;
    const draft = await draftOf(name, key);
    if (this.#key === key && !this.#box.value) this.#box.value = draft;
  }

  #keep(text) {
    this.#drafts.set(this.#key, text);
    if (this.#key) keepDraft(this.name, this.#key, text);
  }

  #type(on) {
    clearTimeout(this.#idle);
    tell(this, 'typing', on);
    if (on) this.#idle = setTimeout(() => this.#type(false), 5000);
  }

  #submit() {
    const text = this.#box.value;
    if (!text.trim()) return;
    this.text = '';
    this.#type(false);
    tell(this, 'say', text);
    this.#box.focus();
  }
}
class ChatPlaces extends HTMLElement {
  #list = h('ul');
  #items = new Map();
  #known = h('datalist', { id: 'known' });

  connectedCallback() {
    const box = h('input', { id: 'room', placeholder: 'Enter a room', autocomplete: 'off', enterKeyHint: 'go', maxLength: 128 });
    box.setAttribute('list', 'known');
    box.addEventListener('focus', () => tell(this, 'look'));
    const form = h('form', { onsubmit: event => {
      event.preventDefault();
      const room = box.value.trim();
      if (room) tell(this, 'join', room);
      box.value = '';
    } }, h('label', { class: 'quiet', for: 'room' }, 'Room'), box, this.#known);
    this.append(this.#list, form);
  }

  show({ conversations, active, rooms }) {
    const nodes = [];
    let shown;
    for (const { key, unread, pending } of conversations.values()) {
      const { item, button, badge, leave } = this.#items.get(key) ?? this.#make(key);
      setText(badge, unread ? (unread > 999 ? '999+' : String(unread)) : pending.some(({ state }) => state === 'failed') ? '!' : pending.length ? '…' : '');
      badge.title = unread ? 'unread' : '';
      leave.hidden = key !== active;
      if (key !== active) button.removeAttribute('aria-current');
      else if (!button.hasAttribute('aria-current')) {
        button.setAttribute('aria-current', 'true');
        shown = item;
      }
      nodes.push(item);
    }
    for (const key of this.#items.keys()) if (!conversations.has(key)) this.#items.delete(key);
    reconcile(this.#list, nodes);
    shown?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    if (this.rooms === rooms) return;
    this.rooms = rooms;
    this.#known.replaceChildren(...rooms.map(({ name, members }) => h('option', { value: name, label: `${name} (${members})` })));
  }

  #make(key) {
    const badge = h('span', { class: 'badge' });
    const button = h('button', { type: 'button', class: 'place', onclick: () => tell(this, 'open', key) },
      h('bdi', {}, h('span', { class: 'sign' }, key[0]), key.slice(1)), ' ', badge);
    const leave = iconButton('leave', key[0] === '#' ? 'Leave' : 'Close', () => tell(this, 'leave', key));
    const made = { item: h('li', {}, button, leave), button, badge, leave };
    this.#items.set(key, made);
    return made;
  }

}

class ChatPeople extends HTMLElement {
  #title = h('h2');
  #list = h('ul');
  #rest = h('p', { class: 'rest' });
  #items = new Map();

  connectedCallback() {
    this.append(this.#title, this.#list, this.#rest);
    this.addEventListener('click', ({ target }) => {
      const name = target.closest('button')?.value;
      if (name) tell(this, 'open', '@' + name);
    });
  }

  show(conversation, me) {
    const { people = new Set(), members = 0, kind, name } = conversation ?? {};
    const names = (kind === 'private' ? [...new Set([me, name])] : [...people]).sort((a, b) => a.localeCompare(b)).slice(0, 1000);
    const count = kind === 'room' ? Math.max(members, names.length) : names.length;
    setText(this.#title, `Here: ${count}`);
    setText(this.#rest, count > names.length ? `and ${count - names.length} more` : '');
    const is = JSON.stringify(names);
    if (is === this.is) return;
    this.is = is;
    const kept = new Map(names.map(name => [name, this.#items.get(name) ?? h('li', {},
      h('button', { type: 'button', value: name, class: `person hue${hueOf(name)}` }, h('bdi', {}, name), name === me ? ' (you)' : ''))]));
    this.#items = kept;
    reconcile(this.#list, [...kept.values()]);
  }
}
customElements.define('chat-signin', ChatSignin);
customElements.define('chat-composer', ChatComposer);
customElements.define('chat-places', ChatPlaces);
customElements.define('chat-people', ChatPeople);
