/** Tables for the pure parts of the pages. `results` holds [name, error or ''] of each case. */
import { Machine } from '/assets/chat/machine.js';
import { blocks, inline, mentions, parse, safeAddress } from '/assets/view/message.js';
import { pathOf } from '/assets/admin/plot.js';
import { alerts, duration } from '/assets/admin/words.js';

const results = [];
function same(name, actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  results.push([name, a === b ? '' : `${a} is not ${b}`]);
}

// What is typed

for (const [typed, command] of [
  ['hello', { do: 'say', content: 'hello' }], ['//etc/hosts', { do: 'say', content: '/etc/hosts' }],
  ['/join dev', { do: 'join', room: 'dev' }], ['/JOIN  dev ', { do: 'join', room: 'dev' }],
  ['/join +dev', { do: 'join', room: 'dev' }], ['/join', { do: 'wrong', words: '/join needs the name of a room.' }],
  ['/msg bob hi there\nyou', { do: 'private', to: 'bob', content: 'hi there\nyou' }], ['/msg bob', { do: 'open', to: 'bob' }],
  ['/query bob', { do: 'open', to: 'bob' }], ['/me waves', { do: 'say', content: '/me waves' }], ['/leave', { do: 'leave' }],
  ['/nonsense x', { do: 'wrong', words: 'There is no command /nonsense. /help lists them.' }],
]) same(`command ${typed}`, parse(typed), command);

// Markdown

const link = (href, text = href) => ({ type: 'link', href, text });
for (const [text, tokens] of [
  ['plain', ['plain']], ['a **b** c', ['a ', { type: 'bold', inner: ['b'] }, ' c']], ['*i*', [{ type: 'italic', inner: ['i'] }]],
  ['_i_', [{ type: 'italic', inner: ['i'] }]], ['snake_case_name', ['snake_case_name']], ['2*3*4', ['2*3*4']], ['**', ['**']],
  ['`a*b*c`', [{ type: 'code', text: 'a*b*c' }]], ['**a _b_**', [{ type: 'bold', inner: ['a ', { type: 'italic', inner: ['b'] }] }]],
  ['see https://a.example/x.', ['see ', link('https://a.example/x'), '.']],
  ['(https://a.example/)', ['(', link('https://a.example/'), ')']],
  ['https://a.example/w_(x)', [link('https://a.example/w_(x)')]],
  ['[t](https://a.example/)', [link('https://a.example/', 't')]], ['[t](javascript:alert(1))', ['[t](javascript:alert(1))']],
  ['mailto:a@b.example', [link('mailto:a@b.example')]], ['xhttps://a.example', ['xhttps://a.example']],
]) same(`inline ${text}`, inline(text), tokens);
for (const [text, expected] of [
  ['a\n> q\n> r\nb', [['text', 'a'], ['quote', 'q\nr'], ['text', 'b']]], ['```\nx *y*\n```', [['pre', 'x *y*']]],
  ['a ```b``` c', [['text', 'a '], ['pre', 'b'], ['text', ' c']]], ['``` open', [['text', '``` open']]],
]) same(`blocks ${text}`, blocks(text).map(({ type, text }) => [type, text]), expected);
for (const text of ['javascript:alert(1)', 'data:text/html,x', 'https://', 'file:///etc/passwd', 'JAVASCRIPT:x'])
  same(`address ${text}`, safeAddress(text), null);
for (const text of ['*'.repeat(16384), '[a]('.repeat(4000), '`'.repeat(16383), '**a '.repeat(4000), 'https://a'.repeat(1800), '_a '.repeat(5000)]) {
  const start = performance.now();
  blocks(text).forEach(block => inline(block.text));
  const took = performance.now() - start;
  same(`${text.slice(0, 6)}… takes no time`, took < 200 ? '' : took, '');
}
for (const [text, named] of [['hi bob!', true], ['@Bob', true], ['bobby', false], ['kebob', false], ['bob_', false], ['bob', true]])
  same(`mention ${text}`, mentions(text, 'bob'), named);

// The state machine: a server that is a list of frames

const EPOCH = 'e1';
function client(options = {}) {
  let ids = 0;
  const machine = new Machine(() => 0.5, () => `id${++ids}`);
  const self = {
    machine, now: 1000, actions: [],
    do(event) {
      self.actions = machine.handle({ now: self.now, ...event });
      self.all = [...(self.all ?? []), ...self.actions];
      return self.actions;
    },
    hear: frame => self.do({ type: 'frame', text: JSON.stringify(frame) }),
    sent: type => self.actions.filter(action => action.do === 'send' && action.frame.type === type).map(({ frame }) => frame),
    did: what => self.actions.filter(action => action.do === what),
    wait(time) { self.now += time; return self.do({ type: 'tick' }); },
    room: name => machine.conversations.get('#' + name),
    texts: name => [...self.room(name).log, ...self.room(name).pending].filter(({ kind }) => kind === 'message').map(({ content }) => content),
    message: (seq, content, sender = 'bob', id = `m${seq}`) => ({ type: 'chat_message', room: 'global', id, sender, content, seq, timestamp: '2026-01-01T00:00:00Z' }),
    connect(rooms = ['global']) {
      self.do({ type: 'opened', protocol: 'chat.v2' });
      return self.hear({ type: 'welcome', username: 'alice', session: 's1', rooms, limits: { message_bytes: 100 } });
    },
    enter(last, messages, more = {}) {
      const join = self.all.filter(({ frame }) => frame?.type === 'join_room').at(-1).frame;
      self.hear({ type: 'joined', ref: join.ref, room: 'global', members: 1, last_seq: last, epoch: more.epoch ?? EPOCH });
      return self.hear({ type: 'history', room: 'global', messages, more: false, epoch: EPOCH, ...more });
    },
  };
  self.do({ type: 'signIn', name: 'alice', token: '', ...options });
  return self;
}
function inRoom(options) {
  const self = client(options);
  self.connect();
  self.enter(1, [self.message(1, 'one')]);
  return self;
}
const cases = {
  'enters the rooms of the session and reads the inbox'() {
    const alice = client();
    alice.connect(['a', 'b']);
    return [alice.sent('join_room').map(({ room, stay, after }) => [room, stay, after]), alice.sent('inbox').length, alice.machine.phase];
  },
  'sends one message at a time, and shows it at its place'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'two' });
    const [first] = alice.sent('chat_message');
    alice.do({ type: 'say', key: '#global', content: 'three' });
    const second = alice.sent('chat_message').length;
    alice.hear(alice.message(2, 'from bob'));
    alice.hear({ type: 'ack', ref: first.ref, id: first.id, room: 'global', seq: 3 });
    return [first.content, second, alice.sent('chat_message')[0].content, alice.texts('global'), alice.did('forget').map(({ id }) => id)];
  },
  'resumes from its position and sends again only after it, with the same id'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    alice.do({ type: 'closed', code: 1006 });
    const early = alice.room('global').pending[0].state;
    alice.wait(60000);
    alice.connect();
    const [join] = alice.sent('join_room');
    const before = alice.sent('chat_message').length;
    alice.hear({ type: 'joined', ref: join.ref, room: 'global', members: 1, last_seq: 3, epoch: EPOCH });
    alice.hear({ type: 'history', room: 'global', messages: [alice.message(2, 'x')], more: true, epoch: EPOCH });
    const between = alice.sent('chat_message').length;
    alice.hear({ type: 'history', room: 'global', messages: [alice.message(3, 'y')], more: false, epoch: EPOCH });
    return [early, join.after, join.epoch, before, between, alice.sent('chat_message').map(({ id }) => id), alice.texts('global')];
  },
  'a pending message that is in the resume is settled and not sent'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    alice.do({ type: 'closed', code: 1006 });
    alice.wait(60000);
    alice.connect();
    alice.enter(2, [alice.message(2, 'mine', 'alice', 'id1')]);
    return [alice.sent('chat_message').length, alice.texts('global'), alice.room('global').pending.length];
  },
  'another user with the same id settles nothing'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    alice.hear(alice.message(2, 'not mine', 'mallory', 'id1'));
    return alice.room('global').pending.length;
  },
  'a duplicate ack and the message itself are shown once'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    const [{ ref }] = alice.sent('chat_message');
    alice.hear({ type: 'ack', ref, id: 'id1', room: 'global', seq: 5, duplicate: true });
    const moved = alice.room('global').position.seq;
    alice.hear(alice.message(5, 'mine', 'alice', 'id1'));
    return [moved, alice.texts('global'), alice.room('global').position.seq];
  },
  'too fast: it waits as long as it is told'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    const [{ ref }] = alice.sent('chat_message');
    alice.hear({ type: 'error', ref, code: 'rate_limited', content: 'slow', retry_after_ms: 3000 });
    alice.wait(2900);
    const early = alice.sent('chat_message').length;
    alice.wait(200);
    return [early, alice.sent('chat_message').map(({ id }) => id)];
  },
  'a refusal is final, and sending again makes a new message'() {
    const alice = inRoom();
    alice.do({ type: 'say', key: '#global', content: 'mine' });
    const [{ ref }] = alice.sent('chat_message');
    alice.hear({ type: 'error', ref, code: 'forbidden', content: 'you may not' });
    const { state, reason } = alice.room('global').pending[0];
    alice.do({ type: 'resend', key: '#global', id: 'id1' });
    return [state, reason, alice.sent('chat_message').map(({ id }) => id), alice.did('forget').map(({ id }) => id)];
  },
  'another epoch is a new beginning, and says so'() {
    const alice = inRoom();
    alice.do({ type: 'closed', code: 1006 });
    alice.wait(60000);
    alice.connect();
    alice.enter(9, [alice.message(9, 'new')], { epoch: 'e2' });
    return [alice.texts('global'), alice.room('global').log.some(({ kind, tone }) => kind === 'notice' && tone === 'bad'), alice.room('global').position];
  },
  'what the server cannot prove complete is said'() {
    const alice = inRoom();
    alice.do({ type: 'closed', code: 1006 });
    alice.wait(60000);
    alice.connect();
    alice.enter(7, [alice.message(7, 'late')], { truncated: true });
    return alice.room('global').log.map(({ kind }) => kind);
  },
  'counts what is not looked at, and notifies'() {
    const alice = inRoom();
    alice.hear(alice.message(2, 'unseen'));
    const [unread, notified] = [alice.room('global').unread, alice.did('notify').length];
    alice.do({ type: 'attend', key: '#global' });
    alice.hear(alice.message(3, 'seen'));
    return [unread, notified, alice.room('global').unread, alice.did('notify').length];
  },
  'closed with 4001 it does not come back'() {
    const alice = client();
    alice.do({ type: 'opened', protocol: 'chat.v2' });
    alice.hear({ type: 'error', code: 'username_taken', content: 'x' });
    alice.do({ type: 'closed', code: 4001, reason: 'username already exists' });
    return [alice.machine.phase, alice.machine.remedy, alice.machine.words, alice.machine.deadline === Infinity];
  },
  'a token that was refused is asked for, and the session kept'() {
    const alice = inRoom();
    alice.do({ type: 'closed', code: 4002, reason: 'token expired' });
    const { phase, remedy } = alice.machine;
    alice.do({ type: 'authenticate', token: 'new' });
    return [phase, remedy, alice.did('connect')[0].session, alice.did('connect')[0].token];
  },
  'asks why no connection came about'() {
    const alice = client();
    alice.do({ type: 'closed', code: 1006 });
    const asked = alice.did('probe').length;
    alice.do({ type: 'probed', status: 503, text: 'too many connections', retryAfter: 10 });
    return [asked, alice.machine.phase, alice.machine.deadline - alice.now];
  },
  'keeps the delay that a draining server asks for'() {
    const alice = inRoom();
    alice.hear({ type: 'reconnect', reason: 'x', delay_ms: 4000 });
    alice.do({ type: 'closed', code: 1012 });
    return [alice.machine.phase, alice.machine.deadline - alice.now];
  },
  'waits longer and longer, and never longer than thirty seconds'() {
    const alice = inRoom();
    const delays = [];
    alice.do({ type: 'closed', code: 1006 });
    for (let attempt = 0; attempt < 10; attempt++) {
      delays.push(alice.machine.deadline - alice.now);
      alice.wait(alice.machine.deadline - alice.now);
      alice.do({ type: 'opened', protocol: 'chat.v2' });
      alice.do({ type: 'closed', code: 1006 });
    }
    return delays;
  },
  'silence is broken by a question, and no answer means lost'() {
    const alice = inRoom();
    for (const ref of ['2', '3', '4']) alice.hear({ type: 'left', ref });
    let asked = 0;
    for (let second = 0; second < 80 && alice.machine.phase === 'live'; second++) {
      alice.wait(1000);
      asked += alice.sent('list_rooms').length;
    }
    return [asked, alice.machine.phase];
  },
  'after a reload it goes on where it stopped, and looks up what came before'() {
    const { saved } = inRoom().machine;
    const alice = client({ saved: JSON.parse(JSON.stringify(saved)) });
    alice.connect();
    const [join] = alice.sent('join_room');
    alice.enter(1, []);
    const [page] = alice.sent('history');
    alice.hear({ type: 'history', ref: page.ref, room: 'global', messages: [alice.message(1, 'one')], more: false, epoch: EPOCH });
    return [join.after, page.before, alice.texts('global'), alice.room('global').more];
  },
  'what a dead tab has left is read for before it is sent'() {
    const outbox = [{ id: 'old', name: 'alice', key: '#global', content: 'left behind', time: 1, base: { seq: 4, epoch: EPOCH }, state: 'queued' }];
    const alice = client({ outbox });
    alice.connect();
    const [join] = alice.sent('join_room');
    const stored = inRoomOf(alice, [alice.message(6, 'left behind', 'alice', 'old')]);
    return [join.after, stored];
  },
  'what another tab has left is adopted while connected, and read for first'() {
    const alice = inRoom();
    alice.hear(alice.message(5, 'five'));
    alice.do({ type: 'adopt', outbox: [{ id: 'old', name: 'alice', key: '#global', content: 'left behind', time: 1, base: { seq: 1, epoch: EPOCH } }] });
    const [join] = alice.sent('join_room');
    alice.enter(5, [alice.message(2, 'left behind', 'alice', 'old'), alice.message(5, 'five')]);
    return [join.after, alice.sent('chat_message').length, alice.texts('global')];
  },
  'a message in pieces of nonsense does not matter'() {
    const alice = inRoom();
    for (const text of ['', '[]', 'null', '{"type":"constructor"}', '{"type":"__proto__"}', '{"type":5}', '{"type":"chat_message","room":"nowhere"}',
      '{"type":"chat_message","room":"global","seq":"x"}', '{"type":"history","room":"global"}', '{"type":"ack","ref":"99"}']) alice.do({ type: 'frame', text });
    return [alice.machine.phase, alice.texts('global')];
  },
};
function inRoomOf(alice, messages) {
  alice.enter(6, messages);
  return [alice.sent('chat_message').length, alice.room('global').pending.length];
}
const expected = {
  'enters the rooms of the session and reads the inbox': [[['b', true, null], ['a', true, null]], 1, 'live'],
  'sends one message at a time, and shows it at its place': ['two', 0, 'three', ['one', 'from bob', 'two', 'three'], ['id1']],
  'resumes from its position and sends again only after it, with the same id': ['queued', 1, EPOCH, 0, 0, ['id1'], ['one', 'x', 'y', 'mine']],
  'a pending message that is in the resume is settled and not sent': [0, ['one', 'mine'], 0],
  'another user with the same id settles nothing': 1,
  'a duplicate ack and the message itself are shown once': [1, ['one', 'mine'], 5],
  'too fast: it waits as long as it is told': [0, ['id1']],
  'a refusal is final, and sending again makes a new message': ['failed', 'you may not', ['id2'], ['id1']],
  'another epoch is a new beginning, and says so': [['new'], true, { seq: 9, epoch: 'e2' }],
  'what the server cannot prove complete is said': ['message', 'notice', 'message'],
  'counts what is not looked at, and notifies': [1, 1, 0, 0],
  'closed with 4001 it does not come back': ['ended', 'name', 'The name alice is already in use. Choose another name.', true],
  'a token that was refused is asked for, and the session kept': ['ended', 'token', 's1', 'new'],
  'asks why no connection came about': [1, 'waiting', 10000],
  'keeps the delay that a draining server asks for': ['waiting', 4000],
  'waits longer and longer, and never longer than thirty seconds': [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000],
  'silence is broken by a question, and no answer means lost': [1, 'waiting'],
  'after a reload it goes on where it stopped, and looks up what came before': [1, 2, ['one'], false],
  'what a dead tab has left is read for before it is sent': [4, [0, 0]],
  'what another tab has left is adopted while connected, and read for first'() {
    const alice = inRoom();
    alice.hear(alice.message(5, 'five'));
    alice.do({ type: 'adopt', outbox: [{ id: 'old', name: 'alice', key: '#global', content: 'left behind', time: 1, base: { seq: 1, epoch: EPOCH } }] });
    const [join] = alice.sent('join_room');
    alice.enter(5, [alice.message(2, 'left behind', 'alice', 'old'), alice.message(5, 'five')]);
    return [join.after, alice.sent('chat_message').length, alice.texts('global')];
  },
  'what another tab has left is adopted while connected, and read for first': [1, 0, ['one', 'left behind', 'five']],
  'a message in pieces of nonsense does not matter': ['live', ['one']],
};
for (const [name, run] of Object.entries(cases)) {
  try { same(name, run(), expected[name]); } catch (error) { results.push([name, error.stack]); }
}

// The dashboard's words

for (const [time, words] of [[0, '0 s'], [59999, '59 s'], [60000, '1 min'], [3660000, '1 h 1 min'], [90000000, '1 d 1 h'], [-5, '0 s']])
  same(`duration ${time}`, duration(time), words);
const ok = { name: 'a', version: '1', dependencies: [{ name: 'nats', state: 'ok' }] };
for (const [cluster, reach, words] of [
  [{ instances: [ok] }, {}, []], [{ instances: [ok], missing: ['b'] }, {}, ['b does not answer. Its figures are missing below.']],
  [{ instances: [{ ...ok, dependencies: [{ name: 'redis', state: 'down', error: 'refused' }] }] }, {}, ['redis is down on a: refused.']],
  [{ instances: [ok, { ...ok, name: 'b', version: '2' }] }, {}, ['Several versions run: 1, 2.']],
  [{}, { error: 'The server does not answer.', silent: 12000 }, ['The server does not answer. What is shown is 12 s old.']],
]) same(`alerts ${words}`, alerts(cluster, reach).map(alert => alert.words), words);
same('a plot of nothing', pathOf([], 60), { line: '', area: '' });
same('a plot has holes', pathOf([1, null, 1], 3).line, 'M0.0 2.0M120.0 2.0');

window.results = results;
