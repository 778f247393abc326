/** Performs what the state machine decides: the socket, the timer, what is kept. */
import { Machine } from '../chat/machine.js';
import { recall, remember } from '../shared/dom.js';

// What outlives the page: the session of this tab, and in IndexedDB, for all tabs, unsettled messages and drafts.

// A reload is the same tab, a duplicate is another one. A tab that lives holds a lock; where the browser has none (no
// HTTPS), the server decides between duplicates, and recognises a message that two tabs send.
const lockOf = tab => 'chat-tab-' + tab;

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

const read = storage => { try { return JSON.parse(recall('chat', storage)); } catch { return null; } };

function hold(tab) {
  if (!navigator.locks) return true;
  return new Promise(resolve => {
    // The page before a reload may hold it for a moment.
    const signal = AbortSignal.timeout(800);
    navigator.locks.request(lockOf(tab), { signal }, () => { resolve(true); return new Promise(() => {}); })
      .catch(() => resolve(false));
  });
}

async function livingTabs() {
  const locks = await navigator.locks?.query();
  return new Set(locks?.held.map(({ name }) => name.replace(lockOf(''), '')));
}

async function thisTab() {
  const known = read('sessionStorage');
  if (known?.tab && await hold(known.tab)) return known;
  const tab = newId();
  await hold(tab);
  saveTab(tab, null);
  return { tab, saved: null, copied: known?.saved?.name };
}

const saveTab = (tab, saved) => remember('chat', JSON.stringify({ tab, saved }), 'sessionStorage');

/** The latest session of this device: where its tab has died, its user may go on with it. */
const latest = () => read('localStorage') ?? {};
export const lastName = () => latest().name ?? '';

const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open('chat', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('outbox', { keyPath: 'id' });
    request.result.createObjectStore('drafts');
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
opening.catch(() => {}); // forbidden: nothing is kept

async function within(store, mode, work) {
  const database = await opening;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
const quietly = promise => promise.catch(() => undefined);

const keepMessage = entry => quietly(within('outbox', 'readwrite', store => store.put(entry)));
const forgetMessage = id => quietly(within('outbox', 'readwrite', store => store.delete(id)));

/** Takes the kept messages that no living tab will send: a writing transaction is alone. */
async function adopt(name, tab, lives) {
  const mine = [];
  await quietly(within('outbox', 'readwrite', store => {
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      const entry = cursor.value;
      if (entry.name === name && (entry.tab === tab || !lives(entry.tab))) {
        mine.push(entry);
        if (entry.tab !== tab) cursor.update({ ...entry, tab });
      }
      cursor.continue();
    };
  }));
  return mine.sort((a, b) => a.time - b.time);
}

const draftKey = (name, key) => JSON.stringify([name, key]);
export const keepDraft = (name, key, text) => quietly(within('drafts', 'readwrite', store =>
  text ? store.put(text, draftKey(name, key)) : store.delete(draftKey(name, key))));
export const draftOf = async (name, key) =>
  await quietly(within('drafts', 'readonly', store => store.get(draftKey(name, key)))) ?? '';

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
    const outbox = await this.#adopt(name.normalize());
    const { name: last, tab, session } = latest();
    if (!saved && navigator.locks && last === name && !this.#living.has(tab)) saved = { session };
    this.handle({ type: 'signIn', name, token, saved, room, outbox });
  }

  async #adopt(name) {
    this.#adopted = name;
    this.#living = await livingTabs();
    return adopt(name, this.tab, tab => this.#living.has(tab));
  }
  #adopted;
  #living;

  handle(event) {
    for (const action of this.machine.handle({ ...event, now: Date.now() })) this[action.do](action);
    this.#schedule();
    const { phase, name } = this.machine;
    // Who came with a token has a name only now.
    if (phase === 'live' && name !== this.#adopted) this.#adopt(name).then(outbox => this.handle({ type: 'adopt', outbox }));
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
    if (session) remember('chat', JSON.stringify({ name, tab: this.tab, session }));
  }

  signOut() {
    this.#save();
    this.handle({ type: 'signOut' });
    saveTab(this.tab, null);
    remember('chat', JSON.stringify({ name: lastName() }));
  }
}
