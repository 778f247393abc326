/** What was said, as elements; and what is typed, as a command. */
import { h } from '../shared/dom.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

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

/** How an entry looks. While `is` is the same, its element stays. */
export function look(entry, previous, online) {
  const day = entry.time > 0 && !(previous?.time > 0 && isSameDay(entry.time, previous.time));
  const follows = !day && entry.kind === 'message' && previous?.kind === 'message' && previous.sender === entry.sender
    && entry.time - previous.time < 300000;
  const text = entry.kind === 'presence' ? presence(entry) : stateOf(entry, online);
  return { day, follows, text, is: `${day}${follows}${entry.state}${text}` };
}

export function build(entry, { day, follows, text }, me) {
  const parts = day ? [h('div', { class: 'day' }, date.format(entry.time))] : [];
  if (entry.kind !== 'message') {
    const words = entry.kind === 'presence' ? text : entry.text;
    return h('div', { class: `notice ${entry.tone ?? ''}` }, ...parts, h('span', { dir: 'auto' }, words));
  }
  const action = /^\/me\s+(?=\S)/.exec(entry.content);
  const mentioned = !entry.own && mentions(entry.content, me);
  if (!follows) {
    const who = h('button', { type: 'button', class: `who hue${hueOf(entry.sender)}`, tabIndex: -1, value: entry.sender }, h('bdi', {}, entry.sender));
    const { time } = entry;
    const when = time > 0 ? h('time', { dateTime: new Date(time).toISOString(), title: full.format(time) }, clock.format(time)) : '';
    parts.push(h('div', { class: 'head' }, who, when));
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

export function mentions(content, name) {
  const lower = content.toLowerCase();
  const word = name.toLowerCase();
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
    const letter = /[\p{L}\p{N}_]/u;
    if (!letter.test(lower[at - 1] ?? '') && !letter.test(lower[at + word.length] ?? '')) return true;
  }
  return false;
}

export const HELP = [
  ['/join ROOM', 'enter a room'], ['/leave', 'leave it'], ['/msg NAME TEXT', 'say something to one person'],
  ['/query NAME', 'open a private conversation'], ['/me TEXT', 'say what you do'], ['/rooms', 'list the rooms'],
  ['/resend', 'send again what failed'], ['/reconnect', 'connect again'], ['/quit', 'sign out'], ['//text', 'say /text'],
];

export function parse(text) {
  if (!text.startsWith('/')) return { do: 'say', content: text };
  if (text.startsWith('//')) return { do: 'say', content: text.slice(1) };
  const [, command, rest] = /^\/(\S*)\s*([^]*)$/.exec(text);
  const [, word, tail] = /^(\S*)\s*([^]*)$/.exec(rest);
  const need = (what, found) => word ? found : { do: 'wrong', words: `/${command} needs ${what}.` };
  switch (command.toLowerCase()) {
    case 'join': return need('the name of a room', { do: 'join', room: word.replace(/^\+(?=.)/, '') });
    case 'leave': return { do: 'leave' };
    case 'msg': return need('a name and a text', tail ? { do: 'private', to: word, content: tail } : { do: 'open', to: word });
    case 'query': return need('a name', { do: 'open', to: word });
    case 'me': return need('a text', { do: 'say', content: text });
    case 'rooms': case 'help': case 'quit': case 'resend': case 'reconnect': return { do: command.toLowerCase() };
    default: return { do: 'wrong', words: `There is no command /${command}. /help lists them.` };
  }
}

// All repetitions are bounded, so no text takes long.
const INLINE = new RegExp([
  '`(?<code>[^`\\n]+)`',
  '\\*\\*(?<bold>[^\\s*](?:[^*\\n]{0,1000}[^\\s*])?)\\*\\*',
  '(?<![\\p{L}\\p{N}*])\\*(?<star>[^\\s*](?:[^*\\n]{0,1000}[^\\s*])?)\\*(?![\\p{L}\\p{N}*])',
  '(?<![\\p{L}\\p{N}_])_(?<low>[^\\s_](?:[^_\\n]{0,1000}[^\\s_])?)_(?![\\p{L}\\p{N}_])',
  '\\[(?<label>[^[\\]\\n]{1,200})\\]\\((?<target>(?:https?:\\/\\/|mailto:)[^\\s()]{1,2000})\\)',
  '(?<![\\p{L}\\p{N}])(?<link>(?:https?:\\/\\/|mailto:)[^\\s<>"`]{1,2000})',
].join('|'), 'gu');

export function safeAddress(text) {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : null;
}

function trimLink(link) {
  let end = link.length;
  while (end > 0 && (/[.,:;!?'*_]/.test(link[end - 1]) || (link[end - 1] === ')' && !link.slice(0, end).includes('(')))) end--;
  return link.slice(0, end);
}

export function inline(text, depth = 0) {
  const tokens = [];
  let done = 0;
  const add = (from, to, token) => {
    if (from > done) tokens.push(text.slice(done, from));
    tokens.push(token);
    done = to;
  };
  for (const { 0: whole, index, groups: { code, bold, star, low, label, target, link } } of text.matchAll(INLINE)) {
    const italic = star ?? low;
    const end = index + whole.length;
    if (code !== undefined) add(index, end, { type: 'code', text: code });
    else if (bold !== undefined || italic !== undefined) {
      const inner = bold ?? italic;
      add(index, end, { type: bold ? 'bold' : 'italic', inner: depth < 3 ? inline(inner, depth + 1) : [inner] });
    } else {
      const address = target ?? trimLink(link);
      const href = safeAddress(address);
      if (href) add(index, target ? end : index + address.length, { type: 'link', href, text: label ?? address });
    }
  }
  if (done < text.length) tokens.push(text.slice(done));
  return tokens;
}

export function blocks(text) {
  const result = [];
  text.split(/```(?:\w*\n)?([^]*?)```\n?/).forEach((part, index) => {
    if (index % 2) return result.push({ type: 'pre', text: part.replace(/\n$/, '') });
    for (const line of part ? part.split('\n') : []) {
      const quote = /^> ?/.exec(line);
      const type = quote ? 'quote' : 'text';
      const content = quote ? line.slice(quote[0].length) : line;
      if (result.at(-1)?.type === type) result.at(-1).text += '\n' + content;
      else result.push({ type, text: content });
    }
  });
  return result;
}

const TAGS = { code: 'code', bold: 'strong', italic: 'em' };
const element = token => {
  if (typeof token === 'string') return token;
  if (token.type === 'link') return h('a', { href: token.href, target: '_blank', rel: 'noopener noreferrer', title: token.href }, token.text);
  return h(TAGS[token.type], {}, ...(token.inner ? token.inner.map(element) : [token.text]));
};

export const nodes = text => blocks(text).map(({ type, text }) => type === 'pre'
  ? h('pre', {}, text)
  : h(type === 'quote' ? 'blockquote' : 'div', { dir: 'auto' }, ...inline(text).map(element)));
