"use strict";
// Three small helps; every page works without them.
// 1. Pages once opened can be read with the server stopped.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/offline.js");
// 2. Changing language or level keeps the place: the link takes along the part that is on the screen.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".switch, .levels a");
  if (!link) return;
  const part = [...document.querySelectorAll(".claim[id], section[id]")].find((p) => p.getBoundingClientRect().bottom > 120);
  if (part && window.scrollY > 200) link.hash = part.id;
});
// 3. After a form was refused, the list of what to mend is read first.
const problems = document.querySelector(".problems");
if (problems) problems.focus();
