/** What a text means: the commands of the message box, and a small part of Markdown. */
import { h } from './dom.js';

/** The commands, as `/help` shows them. */
export const HELP = [
  ['/join ROOM', 'enter a room'], ['/leave', 'leave this room, or close this conversation'],
  ['/msg NAME TEXT', 'say something to one person'], ['/query NAME', 'open a private conversation'],
  ['/me TEXT', 'say what you do'], ['/rooms', 'list the rooms'], ['/resend', 'send again what failed here'],
  ['/reconnect', 'come back with a new connection'], ['/quit', 'sign out'], ['//text', 'say something that begins with /'],
];

/**
 * @param {string} text as typed
 * @returns {{do: string, room?: string, to?: string, content?: string, words?: string}}
 */
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

// All repetitions are bounded or end at the first character that cannot belong, so no text takes long.
const INLINE = new RegExp([
  '`(?<code>[^`\\n]+)`',
  '\\*\\*(?<bold>[^\\s*](?:[^*\\n]{0,1000}[^\\s*])?)\\*\\*',
  '(?<![\\p{L}\\p{N}*])\\*(?<star>[^\\s*](?:[^*\\n]{0,1000}[^\\s*])?)\\*(?![\\p{L}\\p{N}*])',
  '(?<![\\p{L}\\p{N}_])_(?<low>[^\\s_](?:[^_\\n]{0,1000}[^\\s_])?)_(?![\\p{L}\\p{N}_])',
  '\\[(?<label>[^[\\]\\n]{1,200})\\]\\((?<target>(?:https?:\\/\\/|mailto:)[^\\s()]{1,2000})\\)',
  '(?<![\\p{L}\\p{N}])(?<link>(?:https?:\\/\\/|mailto:)[^\\s<>"`]{1,2000})',
].join('|'), 'gu');

/** An address that may be followed, or null. */
export function safeAddress(text) {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : null;
}

/** A sentence may end right behind a link. */
function trimLink(link) {
  let end = link.length;
  while (end > 0 && (/[.,:;!?'*_]/.test(link[end - 1]) || (link[end - 1] === ')' && !link.slice(0, end).includes('(')))) end--;
  return link.slice(0, end);
}

/** @returns {Array<string | {type: 'code'|'bold'|'italic'|'link', text?: string, href?: string, inner?: Array}>} */
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

/** @returns {Array<{type: 'text'|'quote'|'pre', text: string}>} */
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
const build = token => {
  if (typeof token === 'string') return token;
  if (token.type === 'link') return h('a', { href: token.href, target: '_blank', rel: 'noopener noreferrer', title: token.href }, token.text);
  return h(TAGS[token.type], {}, ...(token.inner ? token.inner.map(build) : [token.text]));
};

/** @param {string} text @returns {Node[]} */
export const nodes = text => blocks(text).map(({ type, text }) => type === 'pre'
  ? h('pre', {}, text)
  : h(type === 'quote' ? 'blockquote' : 'div', { dir: 'auto' }, ...inline(text).map(build)));
