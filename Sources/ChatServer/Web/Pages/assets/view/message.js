/** The element of one entry of a log. It stands alone, so that any part of a log can be shown. */
import { h } from '../shared/dom.js';
import { nodes } from '../shared/text.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Always the same colour for a name. */
export const hueOf = name => [...name].reduce((hash, character) => (hash * 31 + character.codePointAt(0)) >>> 0, 7) % 8;

const some = (names, more) => {
  const rest = more + Math.max(0, names.length - 4);
  const shown = names.slice(0, 4);
  if (rest) shown.push(shown.length ? `${rest} more` : String(rest));
  return shown.join(', ');
};
const presence = ({ joined, left, moreJoined, moreLeft }) => [
  joined.length + moreJoined ? some(joined, moreJoined) + ' joined' : '', left.length + moreLeft ? some(left, moreLeft) + ' left' : '',
].filter(Boolean).join(', ') || 'somebody came and went';

function stateOf({ own, state, tries, reason }, online) {
  if (!own) return '';
  if (!state) return tries > 1 ? 'stored, sent again' : 'stored';
  if (state === 'failed') return `not sent: ${reason}`;
  if (state === 'sent') return tries > 1 ? 'sending again…' : 'sending…';
  return reason || (online ? 'waiting to be sent' : 'kept, sent when connected');
}

const isSameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

/** What decides how an entry looks; where it is the same, its element can stay. */
export function look(entry, previous, online) {
  const day = entry.time > 0 && !(previous?.time > 0 && isSameDay(entry.time, previous.time));
  const follows = !day && entry.kind === 'message' && previous?.kind === 'message' && previous.sender === entry.sender
    && entry.time - previous.time < 300000;
  const text = entry.kind === 'presence' ? presence(entry) : stateOf(entry, online);
  return { day, follows, text, is: `${day}${follows}${entry.state}${text}` };
}

/** @param {ReturnType<typeof look>} looks @param {string} me the user's own name */
export function build(entry, { day, follows, text }, me) {
  const parts = day ? [h('div', { class: 'day' }, date.format(entry.time))] : [];
  if (entry.kind !== 'message') {
    const words = entry.kind === 'presence' ? text : entry.text;
    return h('div', { class: `notice ${entry.tone ?? ''}` }, ...parts, h('span', { dir: 'auto' }, words));
  }
  const action = /^\/me\s+(?=\S)/.exec(entry.content);
  const mentioned = !entry.own && mentions(entry.content, me);
  const time = () => h('time', { dateTime: entry.time > 0 ? new Date(entry.time).toISOString() : '', title: entry.time > 0 ? full.format(entry.time) : '' },
    entry.time > 0 ? clock.format(entry.time) : '');
  if (!follows) {
    const who = h('button', { type: 'button', class: `who hue${hueOf(entry.sender)}`, tabIndex: -1, value: entry.sender }, h('bdi', {}, entry.sender));
    parts.push(h('div', { class: 'head' }, who, time()));
  }
  const body = h('div', { class: 'body', dir: 'auto' });
  if (action) body.append(h('em', {}, '* ', h('bdi', {}, entry.sender), ' ', entry.content.slice(action[0].length)));
  else body.append(...nodes(entry.content));
  parts.push(body);
  if (entry.own) {
    const state = h('span', { class: 'state' }, text);
    if (entry.state === 'failed') {
      state.append(' ', h('button', { type: 'button', value: entry.id, name: 'resend' }, 'Send again'), ' ',
        h('button', { type: 'button', value: entry.id, name: 'discard' }, 'Discard'));
    }
    parts.push(state);
  }
  const state = entry.own ? entry.state ?? (entry.tries > 1 ? 'stored resent' : 'stored') : '';
  return h('div', { class: `message ${follows ? 'follows ' : ''}${entry.own ? 'own ' : ''}${mentioned ? 'mentioned ' : ''}${state}` }, ...parts);
}

/** Whether a text names the user, as a word of its own. */
export function mentions(content, name) {
  const lower = content.toLowerCase();
  const word = name.toLowerCase();
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
    const letter = /[\p{L}\p{N}_]/u;
    if (!letter.test(lower[at - 1] ?? '') && !letter.test(lower[at + word.length] ?? '')) return true;
  }
  return false;
}
