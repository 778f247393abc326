/** What each event and reply of the server changes. */

const list = value => Array.isArray(value) ? value : [];
const timeOf = (machine, frame) => Date.parse(frame.timestamp) || machine.now;
const roomOf = (machine, frame) => machine.conversations.get('#' + frame.room);

function take(machine, conversation, message, live) {
  if (message.sender === machine.name) machine.out.push({ do: 'forget', id: message.id });
  const entry = conversation.add(message, machine.name);
  if (!entry) return;
  conversation.typing.delete(message.sender);
  machine.countUnread(conversation, entry, live);
  if (live) trim(machine, conversation);
}

function trim(machine, conversation) {
  conversation.trim(machine.active !== conversation.key || machine.attended === conversation.key ? 20000 : 60000);
}

/** The room is read up to now. */
function ready(machine, conversation) {
  conversation.phase = 'ready';
  if (conversation.position === null) conversation.move(conversation.lastSeq);
  if (machine.active === conversation.key) machine.listPeople(conversation);
  // After a reload the resume began where the page stopped; what came before it is looked up.
  if (conversation.lastSeq > 0 && conversation.more && (conversation.backfill || conversation.first === undefined)) {
    machine.lookUp(conversation, conversation.first ?? conversation.position.seq + 1);
  }
  conversation.backfill = false;
  machine.flush(conversation);
  machine.save();
}

function stored(machine, frame, { conversation, entry }) {
  if (!conversation.pending.includes(entry)) return;
  machine.out.push({ do: 'forget', id: entry.id });
  const { id, content } = entry;
  conversation.add({ id, content, sender: machine.name, seq: frame.seq, timestamp: frame.timestamp ?? new Date(entry.time).toISOString() }, machine.name);
  conversation.settle(id);
  if (!frame.duplicate && conversation.phase === 'ready') {
    if (conversation.kind === 'room') conversation.move(frame.seq);
    else moveInbox(machine, frame.seq);
  }
  trim(machine, conversation);
  if (machine.attended === conversation.key) machine.seen(conversation);
  machine.flush(conversation);
  machine.save();
}

function moveInbox({ inbox }, seq) {
  if (inbox.position && seq > inbox.position.seq) inbox.position = { ...inbox.position, seq };
}

function takePrivate(machine, message, live) {
  const conversation = machine.conversation('@' + (message.sender === machine.name ? message.to : message.sender));
  const { epoch } = machine.inbox.position;
  if (conversation.epoch !== epoch) conversation.renumber(epoch);
  take(machine, conversation, message, live);
}

function comeOrGo(machine, { room, username, members, timestamp }, what) {
  const conversation = roomOf(machine, { room });
  if (!conversation) return;
  conversation.people[what === 'joined' ? 'add' : 'delete'](username);
  conversation.typing.delete(username);
  conversation.members = members ?? conversation.people.size;
  conversation.presence({ [what]: username }, timeOf(machine, { timestamp }));
}

const NOT_STORED = ['unavailable', 'rate_limited'];

export const frames = {
  welcome(machine, frame) {
    Object.assign(machine, {
      phase: 'live', words: '', attempts: 0, comeBack: 0, pausedUntil: 0, offline: false, expired: false, wanted: undefined,
      name: frame.username, session: frame.session, instance: frame.instance, limits: frame.limits ?? {},
    });
    const there = list(frame.rooms);
    if (machine.fresh || ![...machine.conversations.values()].some(({ kind }) => kind === 'room')) for (const room of there) machine.conversation('#' + room);
    machine.fresh = false;
    machine.active ||= [...machine.conversations.keys()].at(-1) ?? '';
    const rooms = [...machine.conversations.values()].filter(({ kind }) => kind === 'room');
    rooms.sort((a, b) => (b.key === machine.active) - (a.key === machine.active));
    for (const conversation of rooms) machine.enter(conversation);
    for (const room of there) if (!machine.conversations.has('#' + room)) machine.request({ type: 'leave_room', room });
    machine.readInbox();
    machine.request({ type: 'list_rooms', limit: 100 });
    machine.watch();
    machine.save();
  },

  joined(machine, frame, asked) {
    // Without a request the server has put us into a room, because the last one was left.
    const conversation = asked ? asked.conversation : machine.conversation('#' + frame.room);
    if (machine.conversations.get(conversation.key) !== conversation) return; // left meanwhile
    const place = asked && conversation.asked;
    const resumed = place && place.epoch === frame.epoch && place.seq <= frame.last_seq;
    if (place && !resumed) {
      conversation.restart();
      conversation.note('The log of this room is another one now. Messages may be missing.', machine.now, 'bad', 0);
    }
    Object.assign(conversation, { phase: 'reading', epoch: frame.epoch, members: frame.members, lastSeq: frame.last_seq, resumed, unasked: !asked });
    conversation.backfill = Boolean(resumed) && conversation.first === undefined;
    if (typeof frame.topic === 'string') conversation.topic = frame.topic;
    if (!resumed) conversation.read = frame.last_seq;
    if (!machine.active) machine.active = conversation.key;
  },

  history(machine, frame, asked) {
    const conversation = asked?.conversation ?? roomOf(machine, frame);
    if (!conversation) return;
    const messages = list(frame.messages).filter(message => (message.type ?? 'chat_message') === 'chat_message');
    if (asked) {
      conversation.loading = false;
      if (frame.epoch !== asked.epoch || frame.epoch !== conversation.epoch) return;
      conversation.addPage(messages, machine.name);
      conversation.more = frame.more === true && messages.length > 0;
      conversation.beginning = frame.beginning ?? '';
      conversation.unread = conversation.log.reduce((sum, { kind, own, seq }) =>
        sum + (kind === 'message' && !own && seq > conversation.read ? 1 : 0), 0);
      return;
    }
    if (conversation.phase !== 'reading') return;
    if (frame.truncated && conversation.resumed) conversation.note('Messages may be missing here.', machine.now, 'bad');
    for (const message of messages) {
      take(machine, conversation, message, false);
      conversation.move(message.seq);
    }
    if (conversation.resumed && frame.more) return;
    if (!conversation.resumed) Object.assign(conversation, { more: frame.more === true || conversation.unasked, beginning: frame.beginning ?? '' });
    ready(machine, conversation);
  },

  chat_message(machine, frame) {
    const conversation = roomOf(machine, frame);
    if (!conversation) return;
    take(machine, conversation, frame, true);
    conversation.move(frame.seq);
    machine.save();
    machine.flush(conversation);
  },

  ack(machine, frame, asked) { if (asked?.entry) stored(machine, frame, asked); },

  inbox(machine, frame, asked) {
    if (!asked) return;
    const { inbox } = machine;
    const first = inbox.position?.epoch !== frame.epoch;
    if (first) inbox.position = { seq: 0, epoch: frame.epoch };
    for (const message of list(frame.messages)) {
      const known = inbox.position.seq;
      takePrivate(machine, message, false);
      if (message.seq > known) moveInbox(machine, message.seq);
      asked.last = message.seq;
    }
    if (asked.frame.after === undefined) inbox.more = frame.more === true;
    else if (frame.more) return machine.request({ ...asked.frame, after: asked.last }, { fromStart: asked.fromStart });
    if (asked.fromStart) inbox.more = false;
    Object.assign(inbox, { ready: true, loading: false });
    for (const conversation of machine.conversations.values()) {
      if (conversation.kind !== 'private') continue;
      conversation.more = inbox.more;
      if (frame.truncated) conversation.note('Private messages may be missing.', machine.now, 'bad');
      conversation.phase = 'ready';
      machine.flush(conversation);
    }
    machine.save();
  },

  private_message(machine, frame) {
    takePrivate(machine, frame, true);
    moveInbox(machine, frame.seq);
    machine.save();
  },

  gap(machine, frame) {
    roomOf(machine, frame)?.note('Messages are missing here.', machine.now, 'bad');
  },

  left() {},

  user_list(machine, frame, asked) {
    const conversation = asked?.conversation;
    if (!conversation) return;
    const names = list(frame.users);
    conversation.people = asked.frame.after ? new Set([...conversation.people, ...names]) : new Set(names);
    conversation.peopleTotal = frame.total ?? conversation.people.size;
    conversation.members = Math.max(conversation.peopleTotal, conversation.people.size);
  },

  room_list(machine, frame, asked) { if (!asked?.quiet) machine.rooms = list(frame.rooms); },

  user_joined: (machine, frame) => comeOrGo(machine, frame, 'joined'),
  user_left: (machine, frame) => comeOrGo(machine, frame, 'left'),

  room_members(machine, frame) {
    const conversation = roomOf(machine, frame);
    if (!conversation) return;
    conversation.members = frame.members;
    if (frame.joined || frame.left) conversation.presence({ moreJoined: frame.joined, moreLeft: frame.left }, timeOf(machine, frame));
  },

  typing(machine, frame) {
    const typing = roomOf(machine, frame)?.typing;
    if (!typing) return;
    if (!frame.is_typing || typing.size > 20) return void typing.delete(frame.username);
    typing.set(frame.username, machine.now + 6000);
    machine.after(6001, () => { if (typing.get(frame.username) <= machine.now) typing.delete(frame.username); });
  },

  announcement(machine, frame) {
    if (typeof frame.content !== 'string') return;
    const text = `Announcement: ${frame.content}`;
    machine.conversations.get(machine.active)?.note(text, timeOf(machine, frame), 'announcement');
    machine.tell(text, 'announcement');
  },

  reconnect(machine, frame) {
    const delay = Math.min(Math.max(Number(frame.delay_ms) || 0, 0), 60000);
    machine.comeBack = machine.now + delay;
    machine.after(delay + 500, () => machine.drop(0));
  },

  authenticated(machine, frame, asked) {
    machine.expired = false;
    if (asked?.token) machine.token = asked.token;
    // A room that the new token does not allow has been left: entering it again says so.
    for (const conversation of machine.conversations.values()) if (conversation.kind === 'room') machine.enter(conversation);
    machine.save();
  },

  error(machine, frame, asked) {
    const words = String(frame.content ?? frame.code);
    const passing = NOT_STORED.includes(frame.code);
    const wait = Number(frame.retry_after_ms) || 1000;
    if (!asked) {
      if (frame.code === 'token_expired') Object.assign(machine, { expired: true });
      machine.refusal = { code: frame.code, words };
      return;
    }
    const { conversation, entry, frame: request } = asked;
    if (entry) {
      if (!conversation.pending.includes(entry)) return;
      if (!passing) return machine.fail(conversation, entry, words);
      entry.state = 'queued';
      entry.reason = frame.code === 'rate_limited' ? 'too fast: waiting' : 'the server cannot store now: trying again';
      entry.notBefore = machine.now + wait;
      if (frame.code === 'rate_limited') machine.pausedUntil = Math.max(machine.pausedUntil, machine.now + wait);
      return machine.after(wait, () => { for (const each of machine.conversations.values()) machine.flush(each); });
    }
    if (request.type === 'history') conversation.loading = false;
    if (passing) {
      if (request.type === 'join_room') machine.after(wait, () => machine.enter(conversation));
      if (request.type === 'leave_room') machine.after(wait, () => machine.request(request));
      if (request.type === 'inbox') machine.after(wait, () => machine.readInbox());
      if (request.type === 'history') {
        conversation.loading = true;
        machine.after(wait, () => { conversation.loading = false; machine.lookUp(conversation, request.before); });
      }
      return;
    }
    if (request.type === 'join_room') {
      conversation.phase = 'refused';
      for (const waiting of conversation.pending) machine.fail(conversation, waiting, words);
      if (!conversation.pending.length) machine.remove(conversation);
    }
    if (request.type !== 'leave_room' && !asked.quiet) machine.tell(`${conversation ? conversation.key + ': ' : ''}${words}`, 'bad');
  },
};

/** Close codes after which the client does not come back by itself. */
export const failures = {
  4001: (machine, reason) => machine.refusal?.code === 'username_taken' && reason !== 'username was taken over'
    ? machine.end(`The name ${machine.name} is already in use. Choose another name.`, 'name')
    : machine.end('This session goes on in another window.', 'again'),
  4002: (machine, reason) => machine.end(`${reason === 'token was revoked' ? 'The token was taken back.' : 'The token has expired.'} Sign in with another one.`, 'token'),
  4003: (machine, reason) => machine.end(`You were disconnected: ${reason || 'by an administrator'}.`),
  4008: machine => machine.end('You were disconnected: too many messages for too long.'),
};
