/** Performs what the state machine decides: the socket, the timer, what is kept. */
import { Machine } from '../chat/machine.js';
import { adopt, forgetMessage, keepMessage, livingTabs, newId, saveName, saveTab, thisTab } from './storage.js';

export class Client extends EventTarget {
  machine = new Machine(Math.random, newId);
  #socket = null;
  #timer = 0;
  #saving = 0;

  async start(room) {
    const { tab, saved, copied } = await thisTab();
    this.tab = tab;
    this.copied = copied ?? '';
    addEventListener('online', () => this.handle({ type: 'wake' }));
    addEventListener('offline', () => this.handle({ type: 'offline' }));
    addEventListener('pagehide', () => this.#save());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.handle({ type: 'wake', online: navigator.onLine });
      else this.#save();
    });
    if (saved?.name) await this.signIn(saved.name, saved.token, saved, room);
  }

  async signIn(name, token = '', saved = null, room = undefined) {
    const living = await livingTabs();
    const outbox = await adopt(name.normalize(), this.tab, tab => living.has(tab));
    this.handle({ type: 'signIn', name, token, saved, outbox, room });
  }

  handle(event) {
    for (const action of this.machine.handle({ ...event, now: Date.now() })) this[action.do](action);
    this.#schedule();
    this.dispatchEvent(new Event('change'));
  }

  #schedule() {
    clearTimeout(this.#timer);
    const delay = this.machine.deadline - Date.now();
    if (delay < Infinity) this.#timer = setTimeout(() => this.handle({ type: 'tick' }), Math.max(delay, 0));
  }

  connect({ name, token, session, room }) {
    const url = new URL('/ws', location.href);
    for (const [key, value] of Object.entries({ username: name, room })) if (value) url.searchParams.set(key, value);
    this.#question = { url: url.href, headers: token ? { Authorization: 'Bearer ' + token } : {}, cache: 'no-store' };
    if (session) url.searchParams.set('session', session);
    url.protocol = url.protocol.replace('http', 'ws');
    let socket;
    try { socket = new WebSocket(url, token ? ['chat.v2', 'bearer.' + token] : ['chat.v2']); } catch {
      return queueMicrotask(() => this.handle({ type: 'closed' })); // a token that no header can have
    }
    const hear = (kind, event) => socket.addEventListener(kind, happened => {
      if (socket === this.#socket) this.handle(event(happened));
    });
    hear('open', () => ({ type: 'opened', protocol: socket.protocol }));
    hear('message', ({ data }) => ({ type: 'frame', text: data }));
    hear('close', ({ code, reason }) => ({ type: 'closed', code, reason }));
    this.#socket = socket;
  }
  #question;

  send({ frame }) { if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame)); }

  close({ code }) {
    const socket = this.#socket;
    this.#socket = null;
    if (code) socket?.close(code);
    else socket?.close();
  }

  async probe() {
    const answer = { type: 'probed' };
    try {
      const response = await fetch(this.#question.url, this.#question);
      answer.status = response.status;
      answer.text = (await response.text()).slice(0, 300).trim();
      answer.retryAfter = Number(response.headers.get('Retry-After')) || 0;
    } catch { /* nobody answers */ }
    this.handle(answer);
  }

  keep({ entry }) { keepMessage({ ...entry, tab: this.tab }); }
  forget({ id }) { forgetMessage(id); }
  save() { this.#saving ||= setTimeout(() => this.#save(), 300); }
  notify(action) { this.dispatchEvent(new CustomEvent('notify', { detail: action })); }
  tell(action) { this.dispatchEvent(new CustomEvent('tell', { detail: action })); }

  #save() {
    clearTimeout(this.#saving);
    this.#saving = 0;
    const { saved, name, session, phase, remedy } = this.machine;
    saveTab(this.tab, name && !(phase === 'ended' && remedy === 'name') ? saved : null);
    if (session) saveName(name);
  }

  signOut() {
    this.#save();
    this.handle({ type: 'signOut' });
    saveTab(this.tab, null);
  }
}
