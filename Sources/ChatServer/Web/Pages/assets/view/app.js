/** The page: shows the state of the client once per frame, and hands on what the user does. */
import { h, iconButton, icon, recall, remember, setText, setUpTheme, toggleTheme } from '../shared/dom.js';
import { Client, lastName } from '../shell/client.js';
import './log.js';
import { HELP, parse } from './message.js';
import './parts.js';

function showTitle({ conversations, active }) {
  let unread = 0;
  for (const conversation of conversations.values()) unread += conversation.unread;
  const title = `${unread ? `(${unread}) ` : ''}${active ? active + ' – ' : ''}Chat`;
  if (document.title !== title) document.title = title;
}

const allowed = () => globalThis.Notification?.permission === 'granted';

function notificationButton(tell) {
  const button = iconButton('bell', 'Notifications', async () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    if (on && !allowed() && await globalThis.Notification?.requestPermission?.() !== 'granted') {
      return tell(isSecureContext ? 'The browser does not allow notifications.' : 'Notifications need HTTPS.');
    }
    remember('notify', on ? 'on' : 'off');
    show(on);
    tell(`Notifications are ${on ? 'on' : 'off'}.`);
  });
  const show = on => button.setAttribute('aria-pressed', String(on));
  show(allowed() && recall('notify') === 'on');
  return button;
}

async function notify(button, { key, entry }, onclick) {
  if (button.getAttribute('aria-pressed') !== 'true') return;
  const title = key[0] === '@' ? entry.sender : `${entry.sender} in ${key}`;
  const options = { body: entry.content.slice(0, 200), tag: key, icon: '/icon.svg' };
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => { focus(); notification.close(); onclick(key); };
  } catch { // Android shows them through the service worker only
    (await navigator.serviceWorker?.getRegistration())?.showNotification(title, options);
  }
}

class ChatApp extends HTMLElement {
  client = new Client();
  signin = h('chat-signin', { hidden: true });
  places = h('chat-places');
  people = h('chat-people');
  log = h('chat-log');
  composer = h('chat-composer');
  heading = h('h1');
  status = h('p', { class: 'status', role: 'status' });
  typing = h('p', { class: 'typing', role: 'status' });
  told = h('p', { class: 'told', role: 'status' });
  newer = h('button', { type: 'button', class: 'newer', hidden: true, onclick: () => this.log.toEnd() });
  again = h('button', { type: 'button', hidden: true, onclick: () => this.handle({ type: 'reconnect' }) }, 'Continue here');
  renew = h('form', { class: 'renew', hidden: true });
  #frame = 0;

  connectedCallback() {
    this.bell = notificationButton(words => this.tell(words));
    this.peopleButton = iconButton('people', 'People', () => this.togglePeople());
    this.peopleButton.classList.add('narrow');
    const fresh = h('input', { id: 'fresh', class: 'secret', autocomplete: 'off' });
    this.renew.append(h('label', { for: 'fresh' }, 'New token'), fresh, h('button', {}, 'Use it'));
    this.renew.addEventListener('submit', event => {
      event.preventDefault();
      this.handle({ type: 'authenticate', token: fresh.value.trim() });
      fresh.value = '';
    });
    this.chat = h('div', { class: 'chat', hidden: true },
      h('header', {}, this.heading, this.peopleButton, this.bell, iconButton('theme', 'Light or dark', toggleTheme),
        iconButton('out', 'Sign out', () => this.client.signOut())),
      h('nav', { 'aria-label': 'Conversations' }, this.places),
      h('main', {}, h('div', { class: 'banner' }, this.status, this.again, this.renew), this.log, this.newer,
        h('div', { class: 'foot' }, this.typing, this.told), this.composer),
      h('aside', { 'aria-label': 'People' }, this.people));
    this.append(h('main', { class: 'welcome' }, this.signin), this.chat);
    this.welcome = this.firstChild;
    this.#listen();
    this.client.start(this.#roomOfAddress()).then(() => this.update());
  }

  handle(event) { this.client.handle(event); }
  get machine() { return this.client.machine; }
  get active() { return this.machine.conversations.get(this.machine.active); }

  #listen() {
    const { client } = this;
    client.addEventListener('change', () => this.update());
    client.addEventListener('tell', ({ detail }) => this.tell(detail.words, detail.tone));
    client.addEventListener('notify', ({ detail }) => notify(this.bell, detail, key => this.open(key)));
    const acts = {
      signin: ({ name, token }) => this.signIn(name, token),
      open: key => this.open(key),
      join: room => this.join(room),
      leave: key => this.handle({ type: 'leave', key }),
      look: () => this.handle({ type: 'listRooms' }),
      say: text => this.#say(text),
      typing: on => this.handle({ type: 'typing', key: this.machine.active, on }),
      older: () => this.handle({ type: 'older', key: this.machine.active }),
      attention: () => this.update(),
    };
    for (const [type, act] of Object.entries(acts)) this.addEventListener(type, ({ detail }) => act(detail));
    this.log.addEventListener('click', ({ target }) => this.#clicked(target.closest('button')));
    for (const type of ['focus', 'blur']) addEventListener(type, () => this.update());
    document.addEventListener('visibilitychange', () => this.update());
    addEventListener('hashchange', () => { if (this.machine.name && this.#roomOfAddress()) this.join(this.#roomOfAddress()); });
    addEventListener('keydown', event => this.#key(event));
  }

  #roomOfAddress() { try { return decodeURIComponent(location.hash.slice(1)) || undefined; } catch { return undefined; } }

  signIn(name, token) {
    const { machine } = this;
    if (machine.phase === 'ended' && machine.remedy === 'token' && machine.conversations.size && (!name || name === machine.name)) {
      return this.handle({ type: 'authenticate', token }); // the session waits for its user
    }
    this.client.signIn(name, token, null, this.#roomOfAddress());
  }

  open(key) {
    this.#go({ type: 'open', key });
    this.togglePeople(false);
  }
  join(room) {
    this.#go({ type: 'join', room });
  }
  /** What is typed from now on belongs there, even before the next frame. */
  #go(event) {
    this.handle(event);
    this.composer.show(this.machine.name, this.machine.active);
    this.composer.focus();
  }

  togglePeople(open) { this.chat.classList.toggle('with-people', open); }

  #clicked(button) {
    const key = this.machine.active;
    if (button?.name) this.handle({ type: button.name, key, id: button.value });
    else if (button) this.open('@' + button.value);
  }

  #key(event) {
    if (event.key === 'Escape') {
      this.togglePeople(false);
      this.log.toEnd();
      this.composer.focus();
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      const keys = [...this.machine.conversations.keys()];
      const step = event.key === 'ArrowUp' ? -1 : 1;
      const key = keys[(keys.indexOf(this.machine.active) + step + keys.length) % keys.length];
      event.preventDefault();
      if (key) this.open(key);
    }
  }

  #say(text) {
    const command = parse(text);
    const key = this.machine.active;
    switch (command.do) {
      case 'say':
        if (!key) { this.composer.text = text; return this.tell('Enter a room first: /join ROOM', 'bad'); }
        this.log.toEnd();
        this.tell('');
        return this.handle({ type: 'say', key, content: command.content });
      case 'private':
        this.open('@' + command.to);
        return this.handle({ type: 'say', key: this.machine.active, content: command.content });
      case 'open': return this.open('@' + command.to);
      case 'join': return this.join(command.room);
      case 'leave': case 'resend': return this.handle({ type: command.do, key });
      case 'reconnect': return this.handle({ type: 'reconnect' });
      case 'rooms':
        this.handle({ type: 'listRooms' });
        return this.tell(`Rooms: ${this.machine.rooms.map(({ name, members }) => `${name} (${members})`).join(', ')}`);
      case 'help': return this.tell(HELP.map(([usage, meaning]) => `${usage}: ${meaning}`).join('\n'));
      case 'quit': return this.client.signOut();
      default: this.composer.text = text;
    }
    this.tell(command.words, 'bad');
  }

  tell(words, tone = '') {
    clearTimeout(this.telling);
    this.told.className = `told ${tone}`;
    setText(this.told, words);
    this.telling = setTimeout(() => setText(this.told, ''), 8000 + 40 * words.length);
  }

  update() {
    showTitle(this.machine);
    this.#frame ||= requestAnimationFrame(() => { this.#frame = 0; this.draw(); });
  }

  draw() {
    const { machine, active } = this;
    const { phase, remedy, words, name } = machine;
    const outside = phase === 'signedOut' || (phase === 'ended' && remedy !== 'again') || (phase !== 'live' && !machine.conversations.size);
    this.welcome.hidden = !outside;
    this.chat.hidden = outside;
    if (outside) {
      const waiting = { connecting: 'Connecting…', greeting: 'Connecting…', waiting: words || 'The server cannot be reached. Trying again…' }[phase];
      const copied = this.client.copied ? `${this.client.copied} is in use in another tab. Choose another name.` : '';
      this.signin.show(waiting ?? (words || copied), remedy === 'token', lastName());
      if (words !== this.refused && remedy === 'name' && words.includes('in use')) this.signin.suggest(name.slice(0, 28) + '-2');
      this.refused = words;
      return;
    }
    this.signin.hidden = true;
    const attentive = this.log.atEnd && document.hasFocus() && document.visibilityState === 'visible' ? machine.active : '';
    if (attentive !== machine.attended) this.handle({ type: 'attend', key: attentive });
    setText(this.heading, active ? active.key : 'Chat');
    this.heading.title = active?.topic ?? '';
    setText(this.status, this.#statusWords());
    this.again.hidden = phase !== 'ended';
    this.renew.hidden = !machine.expired;
    this.places.show(machine);
    this.people.show(active, name);
    this.peopleButton.title = `People: ${active?.members ?? 0}`;
    this.log.show(active ?? null, name, phase === 'live');
    this.newer.hidden = this.log.atEnd;
    if (!this.newer.hidden) this.newer.replaceChildren(icon('down'), active?.unread ? `${active.unread} new` : 'Newest');
    setText(this.typing, this.#typingWords([...active?.typing.keys() ?? []]));
    this.composer.show(name, machine.active);
    if (this.wasOutside !== false) this.composer.focus();
    this.wasOutside = false;
  }

  #statusWords() {
    const { phase, words, expired, offline } = this.machine;
    if (phase === 'ended') return words;
    if (phase === 'live') return expired ? 'Your token has expired.' : '';
    if (offline || !navigator.onLine) return 'You are offline. What you write is kept and sent later.';
    if (phase === 'waiting' || this.machine.attempts) return words || 'Connection lost. Reconnecting… What you write is kept.';
    return 'Connecting…';
  }

  #typingWords(names) {
    if (!names.length) return '';
    if (names.length > 3) return 'Several people are typing…';
    return `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing…`;
  }
}

setUpTheme();
customElements.define('chat-app', ChatApp);
if (navigator.serviceWorker) {
  const policy = globalThis.trustedTypes?.createPolicy('chat', { createScriptURL: () => '/sw.js' });
  navigator.serviceWorker.register(policy ? policy.createScriptURL('') : '/sw.js').catch(() => {});
}
