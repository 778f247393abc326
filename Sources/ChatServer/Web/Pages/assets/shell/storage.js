/** What outlives the page: the session of this tab; and in IndexedDB, for all tabs, unsettled messages and drafts. */
import { recall, remember } from '../shared/dom.js';

// A reload is the same tab, a duplicate is another one. A tab that lives holds a lock; where the browser has none (no
// HTTPS), the server decides between duplicates, and recognises a message that two tabs send.
const lockOf = tab => 'chat-tab-' + tab;

export const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

const read = () => { try { return JSON.parse(recall('chat', 'sessionStorage')); } catch { return null; } };

function hold(tab) {
  if (!navigator.locks) return true;
  return new Promise(resolve => {
    // The page before a reload may hold it for a moment.
    const signal = AbortSignal.timeout(800);
    navigator.locks.request(lockOf(tab), { signal }, () => { resolve(true); return new Promise(() => {}); })
      .catch(() => resolve(false));
  });
}

export async function livingTabs() {
  const locks = await navigator.locks?.query();
  return new Set(locks?.held.map(({ name }) => name.replace(lockOf(''), '')));
}

export async function thisTab() {
  const known = read();
  if (known?.tab && await hold(known.tab)) return known;
  const tab = newId();
  await hold(tab);
  saveTab(tab, null);
  return { tab, saved: null, copied: known?.saved?.name };
}

export const saveTab = (tab, saved) => remember('chat', JSON.stringify({ tab, saved }), 'sessionStorage');

export const lastName = () => recall('chat-name') ?? '';
export const saveName = name => remember('chat-name', name);

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

export const keepMessage = entry => quietly(within('outbox', 'readwrite', store => store.put(entry)));
export const forgetMessage = id => quietly(within('outbox', 'readwrite', store => store.delete(id)));

/** Takes the kept messages that no living tab will send: a writing transaction is alone. */
export async function adopt(name, tab, lives) {
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
