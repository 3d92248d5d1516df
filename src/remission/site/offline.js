"use strict";
// Keeps what was opened. A page with a child's facts says "no-store" and is never kept.
const KEPT = "remission-VERSION";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    try {
      const answer = await fetch(request);
      if (answer.ok && !answer.redirected && !(answer.headers.get("Cache-Control") || "").includes("no-store")) await cache.put(request, answer.clone());
      return answer;
    } catch (problem) {
      const kept = await cache.match(request);
      if (kept) return kept;
      throw problem;
    }
  })());
});
