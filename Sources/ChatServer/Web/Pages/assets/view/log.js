/** The messages of a conversation. Only those near the visible part are in the document. */
import { h, reconcile, setText, tell } from '../shared/dom.js';
import { build, look } from './message.js';

class ChatLog extends HTMLElement {
  #edge = h('p', { class: 'edge' });
  #window = h('div', { class: 'window' });
  #conversation = null;
  #entries = [];
  #tops = [0];
  #built = new Map();
  #stick = true;
  /** The entry at the upper edge, and where its top is relative to that edge: what must not move. */
  #anchor = null;
  #places = new WeakMap();
  #placed = -1;
  #width = 0;
  #mean = 30;

  connectedCallback() {
    this.setAttribute('role', 'log');
    this.setAttribute('aria-label', 'Conversation');
    this.tabIndex = 0;
    this.append(this.#edge, this.#window);
    this.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this);
  }

  get atEnd() { return this.#stick; }

  show(conversation, me, online) {
    const other = conversation !== this.#conversation;
    if (other) {
      if (this.#conversation) this.#places.set(this.#conversation, { stick: this.#stick, anchor: this.#anchor });
      const { stick, anchor } = this.#places.get(conversation) ?? { stick: true, anchor: null };
      this.#conversation = conversation;
      this.#stick = stick;
      this.#anchor = anchor;
      this.#built.clear();
    }
    const first = this.#entries[0];
    this.me = me;
    this.online = online;
    this.#entries = conversation ? [...conversation.log, ...conversation.pending] : [];
    // Only what is said now is read out.
    const live = !other && conversation?.phase === 'ready' && first === this.#entries[0];
    this.#render(live);
    this.#fill();
  }

  toEnd() {
    this.#stick = true;
    this.#render(false);
    tell(this, 'attention');
  }

  #scrolled() {
    if (Math.abs(this.scrollTop - this.#placed) < 1) return; // our own doing
    this.#placed = -1;
    const stick = this.scrollTop + this.clientHeight >= this.scrollHeight - 8;
    const changed = stick !== this.#stick;
    this.#stick = stick;
    const at = this.scrollTop - this.#window.offsetTop;
    const index = Math.min(this.#indexAt(at), this.#entries.length - 1);
    this.#anchor = index >= 0 ? { entry: this.#entries[index], offset: this.#tops[index] - at } : null;
    this.#render(false);
    this.#fill();
    if (changed) tell(this, 'attention');
  }

  #resized() {
    if (this.clientWidth !== this.#width) for (const entry of this.#entries) entry.height = undefined;
    this.#width = this.clientWidth;
    this.#render(false);
  }

  #indexAt(height) {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle + 1] > height) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #layOut() {
    const tops = new Array(this.#entries.length + 1);
    tops[0] = 0;
    this.#entries.forEach((entry, index) => { tops[index + 1] = tops[index] + (entry.height ?? this.#mean); });
    this.#tops = tops;
  }

  #target(view) {
    const total = this.#tops.at(-1);
    if (this.#stick) return total - view;
    const index = this.#anchor ? this.#entries.indexOf(this.#anchor.entry) : -1;
    return index < 0 ? this.scrollTop - this.#window.offsetTop : this.#tops[index] - this.#anchor.offset;
  }

  #render(live) {
    const view = this.clientHeight;
    if (!view) return;
    this.setAttribute('aria-live', live ? 'polite' : 'off');
    if (!live) this.#restoreLive();
    this.#layOut();
    // New heights uncover more.
    for (let pass = 0, changed = true; changed && pass < 3; pass++) {
      const target = this.#target(view);
      const from = this.#indexAt(target - view);
      const to = Math.min(this.#indexAt(target + 2 * view) + 1, this.#entries.length);
      reconcile(this.#window, this.#nodes(from, to));
      changed = this.#measure(from, to);
      if (changed) this.#layOut();
      this.#window.style.paddingTop = `${this.#tops[from]}px`;
      this.#window.style.paddingBottom = `${this.#tops.at(-1) - this.#tops[to]}px`;
    }
    const top = this.#stick ? this.scrollHeight - view : this.#target(view) + this.#window.offsetTop;
    if (Math.abs(this.scrollTop - top) > 0.5) this.scrollTop = top;
    this.#placed = this.scrollTop;
  }

  #nodes(from, to) {
    const nodes = [];
    const kept = new Map();
    for (let index = from; index < to; index++) {
      const entry = this.#entries[index];
      const looks = look(entry, this.#entries[index - 1], this.online);
      let built = this.#built.get(entry.key);
      if (built?.is !== looks.is) {
        built = { is: looks.is, node: build(entry, looks, this.me) };
        entry.height = undefined;
      }
      kept.set(entry.key, built);
      nodes.push(built.node);
    }
    this.#built = kept;
    return nodes;
  }

  #measure(from, to) {
    let changed = false;
    let sum = 0;
    for (let index = from; index < to; index++) {
      const entry = this.#entries[index];
      const { height } = this.#built.get(entry.key).node.getBoundingClientRect();
      sum += height;
      if (Math.abs((entry.height ?? this.#mean) - height) > 0.1) changed = true;
      entry.height = height;
    }
    if (to - from > 10) this.#mean = sum / (to - from);
    return changed;
  }

  #restoreLive() {
    cancelAnimationFrame(this.restoring);
    this.restoring = requestAnimationFrame(() => requestAnimationFrame(() => this.setAttribute('aria-live', 'polite')));
  }

  #fill() {
    const conversation = this.#conversation;
    if (!conversation) return;
    const { more, loading, beginning, phase } = conversation;
    const end = { room: `The beginning of ${conversation.key}.`, retention: 'Older messages are not kept.' }[beginning];
    setText(this.#edge, loading ? 'Loading earlier messages…' : more || phase !== 'ready' ? '' : end ?? 'No earlier messages.');
    if (more && !loading && phase === 'ready' && this.scrollTop < 2 * this.clientHeight) {
      tell(this, 'older');
    }
  }
}
customElements.define('chat-log', ChatLog);
