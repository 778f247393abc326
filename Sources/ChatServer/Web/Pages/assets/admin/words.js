/** Numbers, times and alerts in words. Pure. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** @param {number|undefined} value */
export const number = value => Number.isFinite(value) ? (Math.abs(value) < 10 && value % 1 ? fine : whole).format(value) : '–';

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min` : `${seconds} s`;
}

/** The time of day, with the date if it is another day. @param {string} text RFC 3339 */
export function moment(text, now = Date.now()) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return '–';
  const sameDay = time.toDateString() === new Date(now).toDateString();
  return sameDay ? time.toLocaleTimeString() : `${time.toLocaleDateString()} ${time.toLocaleTimeString()}`;
}

/**
 * What an operator should know at once, worst first.
 *
 * @param {object} cluster the answer of `/api/cluster`
 * @param {{silent: number, error: string}} reach `silent`: milliseconds since the last answer
 * @returns {Array<{tone: 'bad'|'warn', words: string}>}
 */
export function alerts(cluster, { silent, error }) {
  const found = [];
  const say = (tone, words) => found.push({ tone, words });
  if (error) say('bad', `${error} What is shown is ${duration(silent)} old.`);
  for (const name of cluster.missing ?? []) say('bad', `${name} does not answer. Its figures are missing below.`);
  const versions = new Set();
  for (const { name, version, draining, dependencies = [] } of cluster.instances ?? []) {
    versions.add(version);
    for (const dependency of dependencies) {
      if (dependency.state === 'ok') continue;
      say('bad', `${dependency.name} is ${dependency.state} on ${name}${dependency.error ? `: ${dependency.error}` : ''}.`);
    }
    if (draining) say('warn', `${name} is shutting down.`);
  }
  if (versions.size > 1) say('warn', `Several versions run: ${[...versions].join(', ')}.`);
  return found;
}
