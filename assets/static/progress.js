// Live progress of one job: follows its events and shows the result when there is one.
// Without this script the page reloads itself.
"use strict";
(() => {
  const box = document.querySelector("[data-events]");
  if (!box) return;
  const bar = box.querySelector("progress");
  const percent = box.querySelector("[data-percent]");
  const message = box.querySelector("[data-message]");

  const show = (event) => {
    let state;
    try {
      state = JSON.parse(event.data);
    } catch {
      return;
    }
    bar.value = state.percent;
    percent.textContent = `${state.percent} %`;
    message.textContent = state.message;
    document.title = `${state.percent} % · resume-optimizer`;
  };

  const source = new EventSource(box.dataset.events);
  source.addEventListener("progress", show);
  source.addEventListener("done", (event) => {
    show(event);
    source.close();
    window.location.reload();
  });
  // The browser reconnects by itself while the connection is lost; a refusal is final.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      window.setTimeout(() => window.location.reload(), 3000);
    }
  });
})();
