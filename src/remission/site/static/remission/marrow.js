"use strict";
// The page works without this. It asks for the next view while the slider moves, and puts in what changed.
{
  const travel = document.getElementById("travel"), slider = document.getElementById("step"), lost = document.getElementById("lost");
  const here = () => "?" + new URLSearchParams(new FormData(travel));
  let wanted = "", busy = false;

  function putIn(text) {
    const found = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement && document.activeElement.id;
    const opened = [...document.querySelectorAll("[data-part] details[id][open]")].map((one) => one.id);
    for (const part of found.querySelectorAll("[data-part]")) {
      const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old.innerHTML !== part.innerHTML) old.innerHTML = part.innerHTML;
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused && document.activeElement === document.body) (document.getElementById(focused) || slider).focus({ preventScroll: true });
    slider.setAttribute("aria-valuetext", document.querySelector('[data-part="when"]').textContent);
  }

  async function show() {
    wanted = here();
    if (busy) return;
    busy = true;
    try {
      for (let shown = ""; shown !== wanted; ) {
        shown = wanted;
        const answer = await fetch(shown + "&part=yes");
        if (!answer.ok) throw new Error(answer.status);
        putIn(await answer.text());
      }
      lost.hidden = true;
      history.replaceState(null, "", wanted);
      for (const link of document.querySelectorAll(".switch")) link.search = wanted;
    } catch (problem) {
      lost.hidden = false;
    }
    busy = false;
  }

  for (const button of document.querySelectorAll(".by-hand")) button.hidden = true;
  slider.addEventListener("input", show);
  document.addEventListener("change", (event) => { if (event.target.form === travel && event.target !== slider) show(); });
  travel.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    slider.value = link.dataset.step;
    show();
  });
}
