/** A small plot of a number over the last minutes. */
const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 120;
const HEIGHT = 28;

export class Plot {
  #values = [];
  #line = document.createElementNS(SVG, 'path');
  #area = document.createElementNS(SVG, 'path');
  node = document.createElementNS(SVG, 'svg');

  /** @param {number} capacity how many of the latest values are shown */
  constructor(capacity = 120) {
    this.capacity = capacity;
    this.node.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.node.setAttribute('preserveAspectRatio', 'none');
    this.node.setAttribute('class', 'plot');
    this.node.setAttribute('aria-hidden', 'true'); // the number beside it says it in words
    this.#area.setAttribute('class', 'area');
    this.node.append(this.#area, this.#line);
  }

  /** @param {number|null} value null: not known, shown as a hole */
  add(value) {
    this.#values.push(Number.isFinite(value) ? value : null);
    if (this.#values.length > this.capacity) this.#values.shift();
    const path = pathOf(this.#values, this.capacity);
    this.#line.setAttribute('d', path.line);
    this.#area.setAttribute('d', path.area);
  }
}

/** The newest value is at the right edge; the scale begins at zero. @param {Array<number|null>} values */
export function pathOf(values, capacity) {
  const most = Math.max(1e-9, ...values.filter(value => value !== null));
  const step = WIDTH / (capacity - 1);
  const at = (value, index) => [
    (WIDTH - (values.length - 1 - index) * step).toFixed(1), (HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1),
  ];
  let line = '';
  let area = '';
  let run = [];
  const end = () => {
    if (!run.length) return;
    const points = run.map(point => point.join(' ')).join('L');
    line += `M${points}`;
    area += `M${run[0][0]} ${HEIGHT}L${points}L${run.at(-1)[0]} ${HEIGHT}Z`;
    run = [];
  };
  values.forEach((value, index) => (value === null ? end() : run.push(at(value, index))));
  end();
  return { line, area };
}
