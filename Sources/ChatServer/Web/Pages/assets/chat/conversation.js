/** A room or a private conversation: what was said, in the order of the server, and what is still on its way. */

export class Conversation {
  /** `#dev` is a room, `@bob` a private conversation. */
  constructor(key) {
    this.key = key;
    this.kind = key[0] === '#' ? 'room' : 'private';
    this.name = key.slice(1);
    this.log = [];
    this.pending = [];
    this.position = null;
    this.epoch = '';
    /** `ready`: read up to now, so that messages can be sent. */
    this.phase = 'away';
    this.read = 0;
    this.unread = 0;
    this.members = 0;
    this.people = new Set();
    this.peopleTotal = 0;
    this.typing = new Map();
    this.more = true;
    this.beginning = '';
    this.loading = false;
    this.seqs = new Set();
    this.ownIds = new Set();
    this.notices = 0;
  }

  get first() { return this.log.find(entry => entry.kind === 'message')?.seq; }
  get last() { return this.log.at(-1)?.seq ?? this.position?.seq ?? 0; }

  add(message, me) {
    if (!Number.isSafeInteger(message.seq) || this.seqs.has(message.seq)) return undefined;
    const own = message.sender === me;
    const tries = own ? this.settle(message.id)?.tries ?? 1 : 1;
    if (own) {
      if (this.ownIds.has(message.id)) return undefined;
      this.ownIds.add(message.id);
    }
    this.seqs.add(message.seq);
    const time = Date.parse(message.timestamp);
    return this.insert({
      kind: 'message', key: own ? 'o' + message.id : 's' + message.seq, seq: message.seq, id: message.id, own, tries,
      sender: String(message.sender), content: String(message.content ?? ''), time: time || 0,
    });
  }

  addPage(messages, me) {
    const known = this.log;
    this.log = [];
    for (const message of messages) this.add(message, me);
    const page = this.log;
    this.log = page.length && known.length && page.at(-1).seq > known[0].seq
      ? [...page, ...known].sort((a, b) => a.seq - b.seq)
      : [...page, ...known];
  }

  insert(entry) {
    let at = this.log.length;
    while (at > 0 && this.log[at - 1].seq > entry.seq) at--;
    this.log.splice(at, 0, entry);
    return entry;
  }

  /** Forgets the older half of a log that has become too long; `history` brings it back. */
  trim(most) {
    if (this.log.length <= most) return;
    for (const entry of this.log.splice(0, this.log.length >> 1)) {
      this.seqs.delete(entry.seq);
      this.ownIds.delete(entry.id);
    }
    this.more = true;
  }

  note(text, time, tone = '', seq = this.last) {
    this.insert({ kind: 'notice', key: 'n' + ++this.notices, seq, time, text, tone });
  }

  presence(change, time) {
    const last = this.log.at(-1);
    const line = last?.kind === 'presence' ? last : {
      kind: 'presence', key: 'n' + ++this.notices, seq: this.last, joined: [], left: [], moreJoined: 0, moreLeft: 0,
    };
    line.time = time;
    line.moreJoined += change.moreJoined ?? 0;
    line.moreLeft += change.moreLeft ?? 0;
    for (const [what, other] of [['joined', 'left'], ['left', 'joined']]) {
      if (!change[what]) continue;
      line[other] = line[other].filter(name => name !== change[what]);
      if (line[what].length < 50) line[what] = [...new Set([...line[what], change[what]])];
      else line[what === 'joined' ? 'moreJoined' : 'moreLeft']++;
    }
    if (line !== last) this.insert(line);
  }

  restart() {
    this.log = [];
    this.seqs.clear();
    this.ownIds.clear();
    this.position = null;
    this.unread = 0;
  }

  /** The inbox has begun anew: what is shown stays, and its numbers mean nothing any more. */
  renumber(epoch) {
    for (const entry of this.log) Object.assign(entry, { seq: 0, key: 'n' + ++this.notices });
    this.seqs.clear();
    Object.assign(this, { epoch, read: 0 });
  }

  move(seq) {
    if (seq > (this.position?.seq ?? -1)) this.position = { seq, epoch: this.epoch };
  }

  settle(id) {
    const at = this.pending.findIndex(entry => entry.id === id);
    if (at < 0) return null;
    return this.pending.splice(at, 1)[0];
  }

  /** One message at a time is under way, so that the order stays even if one fails. */
  next() {
    if (this.phase !== 'ready' || this.pending.some(entry => entry.state === 'sent')) return undefined;
    return this.pending.find(entry => entry.state === 'queued');
  }

  interrupt() {
    this.phase = 'away';
    this.loading = false;
    this.typing.clear();
    for (const entry of this.pending) if (entry.state === 'sent') entry.state = 'queued';
  }
}
