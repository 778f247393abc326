// Keeps the page's files for when nobody answers. The network comes first, which costs no bodies thanks to ETags.
const KEPT = 'shell';
const isShell = ({ origin, pathname }) => origin === location.origin
  && (pathname === '/' || pathname === '/icon.svg' || pathname === '/manifest.webmanifest' || pathname.startsWith('/assets/'))
  && !pathname.startsWith('/assets/admin');

async function answer(request) {
  const cache = await caches.open(KEPT);
  const key = new URL(request.url).pathname;
  const response = await fetch(request).catch(() => Response.error());
  if (response.ok) await cache.put(key, response.clone());
  return response.ok || response.status === 304 ? response : await cache.match(key) ?? response;
}

addEventListener('install', event => event.waitUntil(skipWaiting()));

addEventListener('activate', event => event.waitUntil((async () => {
  await clients.claim();
  const cache = await caches.open(KEPT);
  const page = await fetch('/');
  const files = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, path]) => path);
  await cache.put('/', page);
  await Promise.all(files.map(async path => cache.put(path, await fetch(path, { cache: 'no-cache' }))));
})()));

addEventListener('fetch', event => {
  if (event.request.method === 'GET' && isShell(new URL(event.request.url))) event.respondWith(answer(event.request));
});

addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil(clients.matchAll({ type: 'window' }).then(([first]) => first ? first.focus() : clients.openWindow('/')));
});
