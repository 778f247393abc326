/** What outlives the page: which tab this is and its session, and in IndexedDB, for all tabs, unsettled messages and drafts. */

// A reload is the same tab; a duplicated tab, which has a copy of the session storage, is another one. Tabs show that
// they live by a Web Lock, which the browser takes back from a tab that dies.
const lockOf = tab => 'chat-tab-' + tab;

/** A text of 128 random bits. */
export const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

const read = (storage, key) => { try { return JSON.parse(storage.getItem(key)); } catch { return null; } };
const write = (storage, key, value) => { try { storage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } };

/** Without locks (no HTTPS), a tab that lives answers the others. */
const channel = globalThis.BroadcastChannel && new BroadcastChannel('chat-tabs');

function hold(tab) {
  channel?.addEventListener('message', ({ data }) => { if (data.asks) channel.postMessage({ lives: tab }); });
  if (!navigator.locks) return livingTabs().then(tabs => !tabs.has(tab));
  return new Promise(resolve => {
    // The page before a reload may still hold the lock for a moment.
    const signal = AbortSignal.timeout(800);
    navigator.locks.request(lockOf(tab), { signal }, () => { resolve(true); return new Promise(() => {}); })
      .catch(() => resolve(false));
  });
}

/** The other tabs that live. @returns {Promise<Set<string>>} */
export async function livingTabs() {
  if (navigator.locks) {
    const { held } = await navigator.locks.query();
    return new Set(held.map(({ name }) => name.replace(lockOf(''), '')));
  }
  const tabs = new Set();
  if (!channel) return tabs;
  const listen = ({ data }) => { if (data.lives) tabs.add(data.lives); };
  channel.addEventListener('message', listen);
  channel.postMessage({ asks: true });
  await new Promise(resolve => setTimeout(resolve, 250));
  channel.removeEventListener('message', listen);
  return tabs;
}

/** This tab's id, and what it had saved before a reload. @returns {Promise<{tab: string, saved: object|null}>} */
export async function thisTab() {
  const known = read(sessionStorage, 'chat');
  if (known?.tab && await hold(known.tab)) return known;
  const tab = newId();
  await hold(tab);
  write(sessionStorage, 'chat', { tab, saved: null });
  return { tab, saved: null, copied: known?.saved?.name };
}

export const saveTab = (tab, saved) => write(sessionStorage, 'chat', { tab, saved });

/** How far this user has read, on this device; the latest name. */
export const marksOf = name => read(localStorage, 'chat-read')?.[name] ?? {};
export function saveMarks(name, conversations) {
  const all = read(localStorage, 'chat-read') ?? {};
  const marks = all[name] ?? {};
  for (const { kind, name: other, read: seq, epoch } of conversations) {
    if (epoch) marks[(kind === 'room' ? '#' : '@') + other] = { epoch, seq };
  }
  delete all[name];
  // The user who was here last is at the end; a few are remembered.
  write(localStorage, 'chat-read', Object.fromEntries([...Object.entries(all).slice(-4), [name, marks]]));
}
export const lastName = () => Object.keys(read(localStorage, 'chat-read') ?? {}).at(-1) ?? '';

const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open('chat', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('outbox', { keyPath: 'id' });
    request.result.createObjectStore('drafts');
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
opening.catch(() => {}); // a browser that forbids it: nothing is kept, and everything else works

/** Runs `work` with a store. Resolves with the result of the request that it returns, when all is written. */
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

/** @param {object} entry a pending message with its `id`, `name`, `key` and the `tab` that sends it */
export const keepMessage = entry => quietly(within('outbox', 'readwrite', store => store.put(entry)));
export const forgetMessage = id => quietly(within('outbox', 'readwrite', store => store.delete(id)));

/**
 * Takes the kept messages of this user that no living tab will send. Each is taken by one tab only, because a
 * transaction that writes is alone.
 *
 * @param {string} name of the user @param {string} tab this one @param {(tab: string) => boolean} lives
 */
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
