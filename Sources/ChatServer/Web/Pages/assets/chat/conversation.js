/**
 * A room or a private conversation: what was said, in the order of the server, and what is still on its way. Pure.
 *
 * @typedef {{kind: 'message'|'notice'|'presence', key: string, seq: number, time: number, id?: string, sender?: string,
 *   content?: string, own?: boolean, state?: 'queued'|'sent'|'failed', tries?: number, reason?: string}} Entry
 */

export class Conversation {
  /** @param {'room'|'private'} kind @param {string} name of the room, or of the other person */
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
    this.key = (kind === 'room' ? '#' : '@') + name;
    /** @type {Entry[]} by `seq` */
    this.log = [];
    /** @type {Entry[]} own messages that are not settled, in the order in which they were written */
    this.pending = [];
    /** Where the next resume begins: the greatest `seq` seen, and its epoch. @type {{seq: number, epoch: string}|null} */
    this.position = null;
    this.epoch = '';
    /** `ready`: read up to now, so that messages can be sent. */
    this.phase = 'away';
    this.read = 0;
    this.unread = 0;
    this.members = 0;
    this.people = new Set();
    this.peopleTotal = 0;
    /** Who is writing, and until when that is believed. @type {Map<string, number>} */
    this.typing = new Map();
    /** Whether there may be older messages, and what the server said of the beginning. */
    this.more = true;
    this.beginning = '';
    this.loading = false;
    this.version = 0;
    this.seqs = new Set();
    this.ownIds = new Set();
    this.notices = 0;
  }

  get first() { return this.log.find(entry => entry.kind === 'message')?.seq; }
  get last() { return this.log.at(-1)?.seq ?? this.position?.seq ?? 0; }

  /** Adds a stored message at its place. Returns whether it is new here. */
  add(message, me) {
    if (!Number.isSafeInteger(message.seq) || this.seqs.has(message.seq)) return false;
    const own = message.sender === me;
    const tries = own ? this.settle(message.id)?.tries ?? 1 : 1;
    if (own) {
      if (this.ownIds.has(message.id)) return false;
      this.ownIds.add(message.id);
    }
    this.seqs.add(message.seq);
    const time = Date.parse(message.timestamp);
    this.insert({
      kind: 'message', key: own ? 'o' + message.id : 's' + message.seq, seq: message.seq, id: message.id, own, tries,
      sender: String(message.sender), content: String(message.content ?? ''), time: Number.isNaN(time) ? 0 : time,
    });
    return true;
  }

  /** A page of older messages, which is most often in front of all others. */
  addPage(messages, me) {
    const before = this.log.length;
    const known = this.log;
    this.log = [];
    for (const message of messages) this.add(message, me);
    const page = this.log;
    this.log = page.length && known.length && page.at(-1).seq > known[0].seq
      ? [...page, ...known].sort((a, b) => a.seq - b.seq)
      : [...page, ...known];
    this.version++;
    return this.log.length - before;
  }

  insert(entry) {
    let at = this.log.length;
    while (at > 0 && this.log[at - 1].seq > entry.seq) at--;
    this.log.splice(at, 0, entry);
    this.version++;
  }

  /** Forgets the older half of a log that has become too long; `history` brings it back. */
  trim(most) {
    if (this.log.length <= most) return;
    for (const entry of this.log.splice(0, this.log.length >> 1)) {
      this.seqs.delete(entry.seq);
      this.ownIds.delete(entry.id);
    }
    this.more = true;
    this.version++;
  }

  /** A line that is not a message. */
  note(text, time, tone = '', seq = this.last) {
    this.insert({ kind: 'notice', key: 'n' + ++this.notices, seq, time, text, tone });
  }

  /** Somebody came or went. Successive ones share a line. */
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
    if (line === last) this.version++;
    else this.insert(line);
  }

  /** Everything shown is of another log: nothing of it can be continued. */
  restart() {
    this.log = [];
    this.seqs.clear();
    this.ownIds.clear();
    this.position = null;
    this.unread = 0;
    this.version++;
  }

  /** What is shown stays, but the numbers of what comes are others: the inbox has begun anew. */
  renumber(epoch, read) {
    for (const entry of this.log) Object.assign(entry, { seq: 0, key: 'n' + ++this.notices });
    this.seqs.clear();
    Object.assign(this, { epoch, read });
  }

  move(seq) {
    if (seq > (this.position?.seq ?? -1)) this.position = { seq, epoch: this.epoch };
  }

  /** Takes a message out of the pending ones. */
  settle(id) {
    const at = this.pending.findIndex(entry => entry.id === id);
    if (at < 0) return null;
    this.version++;
    return this.pending.splice(at, 1)[0];
  }

  /** The message that may go now: one at a time, so that the order stays even if one fails. */
  next() {
    if (this.phase !== 'ready' || this.pending.some(entry => entry.state === 'sent')) return undefined;
    return this.pending.find(entry => entry.state === 'queued');
  }

  /** The connection is gone. What was under way is sent again, after a resume. */
  interrupt() {
    this.phase = 'away';
    this.loading = false;
    this.typing.clear();
    for (const entry of this.pending) if (entry.state === 'sent') entry.state = 'queued';
    this.version++;
  }
}
