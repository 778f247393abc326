/** Building nodes. A text is never parsed as markup. */

export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (name.includes('-') || name === 'role' || name === 'for') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

/** Tells the elements around `node` what the user does. */
export const tell = (node, type, detail) => node.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  send: 'M4 12h15M13 6l6 6-6 6', people: 'M3 19c0-6 12-6 12 0M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M16 5a3 3 0 0 1 0 6M18 14c2 1 3 2 3 5',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1 2H5zM10 21h4', theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16', leave: 'M6 6l12 12M18 6L6 18',
  out: 'M14 4h5v16h-5M4 12h10M10 8l4 4-4 4', down: 'M12 5v14M6 13l6 6 6-6',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

export const iconButton = (name, label, onclick) => h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, onclick }, icon(name));

export function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

/** Makes `nodes` the children of `parent`. Those that stay are not touched: they keep the focus. */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
}

// Storage can be forbidden or full; then this lasts until the page is closed.
export const recall = (key, storage = 'localStorage') => { try { return globalThis[storage].getItem(key); } catch { return null; } };
export const remember = (key, value, storage = 'localStorage') => { try { globalThis[storage].setItem(key, value); } catch { /* see above */ } };

export function setUpTheme() {
  document.documentElement.dataset.theme = recall('theme') ?? '';
}
export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  remember('theme', root.dataset.theme);
}
