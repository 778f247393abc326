/** The client's side of `chat.v2`, as a state machine. */
import { Conversation } from './conversation.js';
import { frames, failures } from './frames.js';

const SECOND = 1000;
const REPLY = 30 * SECOND;
const MOST_PENDING = 1000;

export class Machine {
  constructor(random, newId) {
    this.random = random;
    this.newId = newId;
    this.now = 0;
    this.phase = 'signedOut';
    this.reset();
  }

  reset() {
    this.words = '';
    this.name = '';
    this.token = '';
    this.session = '';
    this.limits = {};
    this.conversations = new Map();
    this.inbox = { position: null, ready: false, more: false, loading: false };
    this.active = '';
    this.attended = '';
    this.rooms = [];
    this.expired = false;
    this.attempts = 0;
    this.connection = (this.connection ?? 0) + 1;
    this.requests = new Map();
    this.later = [];
    this.comeBack = 0;
    this.pausedUntil = 0;
    this.out ??= [];
  }

  handle(event) {
    this.now = event.now;
    this['on_' + event.type](event);
    return this.out.splice(0);
  }

  get deadline() { return this.later.reduce((least, { at }) => Math.min(least, at), Infinity); }

  get saved() {
    return {
      name: this.name, token: this.token, session: this.session, active: this.active, inbox: this.inbox.position,
      conversations: [...this.conversations.values()].map(({ key, position, read, epoch }) =>
        ({ key, position, read, epoch })),
    };
  }

  on_signIn({ name, token, saved, outbox = [], room }) {
    this.reset();
    Object.assign(this, { name: name.normalize(), token, session: saved?.session ?? '', wanted: room, fresh: !saved?.conversations });
    for (const kept of saved?.conversations ?? []) Object.assign(this.conversation(kept.key), kept);
    this.inbox.position = saved?.inbox ?? null;
    this.inbox.more = this.inbox.position !== null;
    if (room) this.conversation('#' + room);
    this.on_adopt({ outbox });
    this.active = room ? '#' + room.normalize() : this.conversations.has(saved?.active) ? saved.active : '';
    this.active ||= [...this.conversations.keys()][0] ?? '';
    this.connect();
  }

  /** Takes over what another tab, or this page before a reload, has not settled. */
  on_adopt({ outbox }) {
    const rooms = new Set();
    for (const { id, key, content, time, base, state, reason } of outbox) {
      const conversation = this.conversation(key);
      const { position } = conversation;
      // Read from where the message was written: if it was stored since, it is seen and not sent again.
      if (base && !position) Object.assign(conversation, { position: base, epoch: base.epoch, read: base.seq });
      else if (base?.epoch === position?.epoch && base?.seq < position?.seq) conversation.position = base;
      conversation.pending.push({ ...this.draft(id, content, time), base, tries: 1, reason, state: state === 'failed' ? state : 'queued' });
      if (conversation.kind === 'room') rooms.add(conversation);
    }
    for (const conversation of rooms) this.enter(conversation);
  }

  on_say({ key, content }) {
    const bytes = new TextEncoder().encode(content).length;
    const most = this.limits.message_bytes ?? 16384;
    if (bytes > most) return this.tell(`Too long: ${bytes} bytes; at most ${most} are allowed.`, 'bad');
    const conversation = this.conversation(key);
    if (conversation.pending.length >= MOST_PENDING) return this.tell('Too many messages wait to be sent.', 'bad');
    const entry = { ...this.draft(this.newId(), content, this.now), base: conversation.position };
    conversation.pending.push(entry);
    conversation.wrote = 0;
    this.keep(conversation, entry);
    this.flush(conversation);
  }

  /** Sent again as a new one: its first `id` is settled. */
  on_resend({ key, id }) {
    const conversation = this.conversations.get(key);
    for (const entry of conversation?.pending ?? []) {
      if (entry.state !== 'failed' || (id && entry.id !== id)) continue;
      this.out.push({ do: 'forget', id: entry.id });
      Object.assign(entry, { id: this.newId(), state: 'queued', reason: '', tries: 1, base: conversation.position });
      entry.key = 'o' + entry.id;
      this.keep(conversation, entry);
    }
    if (conversation) this.flush(conversation);
  }

  on_discard({ key, id }) {
    if (this.conversations.get(key)?.settle(id)) this.out.push({ do: 'forget', id });
  }

  on_join({ room }) {
    const key = '#' + room.normalize();
    const known = this.conversations.has(key);
    const conversation = this.conversation(key);
    this.open(conversation);
    if (!known) this.enter(conversation);
    this.save();
  }

  on_open({ key }) {
    this.open(this.conversation(key));
    this.save();
  }

  on_leave({ key }) {
    const conversation = this.conversations.get(key);
    if (!conversation) return;
    if (conversation.pending.length) return this.tell('Messages here are not sent yet.', 'bad');
    if (conversation.kind === 'room' && this.phase === 'live') this.request({ type: 'leave_room', room: conversation.name });
    this.remove(conversation);
  }

  /** The user looks at the newest messages of this conversation; or, with '', at none. */
  on_attend({ key }) {
    this.attended = key;
    const conversation = this.conversations.get(key);
    if (conversation) this.seen(conversation);
  }

  on_older({ key }) {
    const conversation = this.conversations.get(key);
    if (!conversation?.more || conversation.loading || conversation.phase !== 'ready') return;
    if (conversation.kind === 'room') this.lookUp(conversation, conversation.first);
    else this.readInbox(0);
  }

  on_typing({ key, on }) {
    const conversation = this.conversations.get(key);
    if (conversation?.kind !== 'room' || conversation.phase !== 'ready') return;
    const since = this.now - (conversation.wrote ?? 0);
    if (on ? since < 4 * SECOND : since >= 4 * SECOND) return;
    conversation.wrote = on ? this.now : 0;
    this.out.push({ do: 'send', frame: { type: 'typing', room: conversation.name, is_typing: on } });
  }

  on_listRooms() {
    if (this.phase === 'live') this.request({ type: 'list_rooms', limit: 100 });
  }

  on_authenticate({ token }) {
    if (this.phase === 'live') return this.request({ type: 'authenticate', token }, { token });
    this.token = token;
    this.connect();
  }

  on_signOut() {
    if (['greeting', 'live'].includes(this.phase)) this.out.push({ do: 'close', code: 1000 });
    this.reset();
    this.phase = 'signedOut';
  }

  on_opened({ protocol }) {
    if (protocol === 'chat.v2') return void (this.phase = 'greeting');
    this.out.push({ do: 'close' });
    this.end('This server does not speak chat.v2.');
  }

  on_frame({ text }) {
    let frame;
    try { frame = JSON.parse(text); } catch { return; }
    if (typeof frame?.type !== 'string' || !['greeting', 'live'].includes(this.phase)) return;
    this.heard = this.now;
    const asked = this.requests.get(frame.ref);
    this.requests.delete(frame.ref);
    if (Object.hasOwn(frames, frame.type)) frames[frame.type](this, frame, asked);
  }

  on_closed({ code = 1006, reason = '' }) {
    if (!['connecting', 'greeting', 'live'].includes(this.phase)) return;
    const unopened = this.phase === 'connecting';
    if (code === 1009) this.failLargest();
    this.interrupt();
    if (unopened) {
      this.wait(20 * SECOND); // the answer to the question is here sooner
      return void this.out.push({ do: 'probe' });
    }
    if (Object.hasOwn(failures, code)) return failures[code](this, reason);
    this.wait(this.comeBack > this.now ? this.comeBack - this.now : this.pause());
  }

  /** Why no connection came about: a browser does not say it, so the shell has asked by plain HTTP. */
  on_probed({ status = 0, text = '', retryAfter = 0 }) {
    if (this.phase !== 'waiting') return;
    if (status === 401) return this.end(text === 'a token is required' ? 'This server asks for a token.' : `The token is not accepted: ${text}.`, 'token');
    if (status === 400 || status === 403) return this.end(text || 'The server refuses.', 'name');
    this.wait(Math.max(this.pause(), retryAfter * SECOND));
    if (status >= 500 || status === 429) this.words = `The server says: ${text || status}. Reconnecting…`;
  }

  on_offline() {
    this.offline = true;
    if (['connecting', 'greeting', 'live'].includes(this.phase)) this.drop();
  }

  on_wake({ online = true }) {
    this.offline = !online;
    if (this.phase === 'waiting' && online && this.comeBack <= this.now) this.connect();
    else if (this.phase === 'live' && this.now - this.heard > 5 * SECOND) this.ping(5 * SECOND);
  }

  on_reconnect() { this.drop(0); }

  on_tick() {
    const due = this.later.filter(({ at }) => at <= this.now);
    this.later = this.later.filter(({ at }) => at > this.now);
    for (const { run, connection } of due) if (connection === this.connection) run();
  }

  connect() {
    this.interrupt();
    this.phase = 'connecting';
    this.words = '';
    this.heard = this.now;
    const { name, token, session, wanted: room } = this;
    this.out.push({ do: 'connect', name, token, session, room });
    this.after(15 * SECOND, () => { if (this.phase !== 'live') this.drop(); });
  }

  drop(delay) {
    this.out.push({ do: 'close' });
    this.interrupt();
    this.wait(delay ?? this.pause());
  }

  interrupt() {
    this.connection++;
    this.later = [];
    this.requests.clear();
    this.inbox.ready = this.inbox.loading = false;
    for (const conversation of this.conversations.values()) conversation.interrupt();
  }

  wait(delay) {
    this.phase = 'waiting';
    this.words = '';
    this.connection++;
    this.later = [];
    this.after(Math.max(delay, this.offline ? 10 * SECOND : 0), () => this.connect());
  }

  /** Full jitter: the clients of a server that died do not all come back at once. */
  pause() { return this.random() * Math.min(30, 0.5 * 2 ** this.attempts++) * SECOND; }

  end(words, remedy = 'again') {
    this.interrupt();
    Object.assign(this, { phase: 'ended', words, remedy });
  }

  /** A browser shows no pings of the server, so silence is broken by a question. */
  watch() {
    this.after(10 * SECOND, () => this.watch());
    for (const { until } of this.requests.values()) if (this.now > until) return this.drop();
    if (this.now - this.heard > 25 * SECOND && !this.requests.size) this.ping(REPLY);
  }

  ping(patience) {
    this.request({ type: 'list_rooms', limit: 1 }, { quiet: true, until: this.now + patience });
    this.after(patience + 1, () => { if (this.now - this.heard > patience) this.drop(); });
  }

  request(frame, about = {}) {
    const ref = String(this.count = (this.count ?? 0) + 1);
    this.requests.set(ref, { frame, until: this.now + REPLY, ...about });
    this.out.push({ do: 'send', frame: { ...frame, ref } });
  }

  /** Runs later, unless the connection has changed by then. */
  after(delay, run) { this.later.push({ at: this.now + delay, run, connection: this.connection }); }

  conversation(key) {
    const known = this.conversations.get(key);
    if (known) return known;
    const conversation = new Conversation(key);
    if (conversation.kind === 'private') {
      conversation.more = this.inbox.more;
      if (this.inbox.ready) conversation.phase = 'ready';
    }
    this.conversations.set(key, conversation);
    return conversation;
  }

  remove(conversation) {
    this.conversations.delete(conversation.key);
    if (this.wanted === conversation.name) this.wanted = undefined;
    if (this.active === conversation.key) this.active = [...this.conversations.keys()].at(-1) ?? '';
    if (this.active) this.open(this.conversations.get(this.active));
    this.save();
  }

  open(conversation) {
    this.active = conversation.key;
    if (conversation.kind === 'room' && conversation.phase === 'ready') this.listPeople(conversation);
  }

  enter(conversation) {
    if (this.phase !== 'live') return;
    conversation.phase = 'joining';
    conversation.asked = conversation.position;
    const place = conversation.position && { after: conversation.position.seq, epoch: conversation.position.epoch };
    this.request({ type: 'join_room', room: conversation.name, stay: true, ...place }, { conversation });
  }

  readInbox(after = this.inbox.position?.seq) {
    const epoch = this.inbox.position?.epoch;
    this.inbox.ready = false;
    this.inbox.loading = true;
    this.request({ type: 'inbox', ...(epoch && { after, epoch, limit: 100 }) }, { fromStart: after === 0 });
  }

  lookUp(conversation, before) {
    conversation.loading = true;
    const { name: room, epoch } = conversation;
    this.request({ type: 'history', room, limit: conversation.log.length ? 100 : 50, ...(before && { before }) }, { conversation, epoch });
  }

  listPeople(conversation, after) {
    this.request({ type: 'list_users', room: conversation.name, ...(after && { after }) }, { conversation });
  }

  flush(conversation) {
    const entry = this.phase === 'live' && this.now >= this.pausedUntil ? conversation.next() : undefined;
    if (!entry || entry.notBefore > this.now) return;
    entry.state = 'sent';
    entry.tries++;
    if (!entry.base && conversation.position) {
      entry.base = conversation.position;
      this.keep(conversation, entry);
    }
    const { id, content } = entry;
    const to = conversation.kind === 'room' ? { type: 'chat_message', room: conversation.name } : { type: 'private_message', to: conversation.name };
    this.request({ ...to, id, content }, { conversation, entry });
  }

  seen(conversation) {
    const before = conversation.read;
    conversation.read = Math.max(before, conversation.last);
    if (conversation.unread || conversation.read !== before) this.save();
    conversation.unread = 0;
  }

  countUnread(conversation, entry, live) {
    if (entry.own || entry.seq <= conversation.read) return;
    if (this.attended === conversation.key) return void (conversation.read = entry.seq);
    conversation.unread++;
    if (live) this.out.push({ do: 'notify', key: conversation.key, entry });
  }

  draft(id, content, time) {
    return { kind: 'message', key: 'o' + id, id, content, time, sender: this.name, own: true, state: 'queued', tries: 0, reason: '', seq: Infinity };
  }

  keep(conversation, { id, content, time, base, state, reason }) {
    this.out.push({ do: 'keep', entry: { id, name: this.name, key: conversation.key, content, time, base, state, reason } });
  }

  fail(conversation, entry, reason) {
    Object.assign(entry, { state: 'failed', reason });
    this.keep(conversation, entry);
    this.tell(`Not sent to ${conversation.key}: ${reason}`, 'bad');
    this.flush(conversation);
  }

  failLargest() {
    const sent = [...this.requests.values()].filter(({ entry }) => entry);
    sent.sort((a, b) => b.entry.content.length - a.entry.content.length);
    if (sent.length) this.fail(sent[0].conversation, sent[0].entry, 'It is too large for the server.');
  }

  tell(words, tone) { this.out.push({ do: 'tell', words, tone }); }
  save() { this.out.push({ do: 'save' }); }
}
