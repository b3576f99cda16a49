"use strict";
// The page answers without this script. It adds: a note at each cue, files that are dropped, a word of patience, and the limit said early.
(() => {
  const tip = document.getElementById("tip");
  let shown = null;
  let leaving = 0;

  const hide = () => {
    clearTimeout(leaving);
    if (shown) shown.removeAttribute("aria-describedby");
    tip.hidden = true;
    shown = null;
  };

  const place = (mark) => {
    const lines = mark.getClientRects();
    const box = lines[lines.length - 1];
    const width = tip.offsetWidth;
    const below = box.bottom + 8 + tip.offsetHeight < window.innerHeight || box.top < tip.offsetHeight + 8;
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8));
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${(below ? box.bottom + 8 : lines[0].top - tip.offsetHeight - 8) + window.scrollY}px`;
  };

  const show = (mark) => {
    clearTimeout(leaving);
    if (shown === mark) return;
    hide();
    const row = document.getElementById(mark.dataset.cue);
    if (!row) return;
    tip.replaceChildren(...Array.from(row.childNodes, (node) => node.cloneNode(true)));
    tip.hidden = false;
    mark.setAttribute("aria-describedby", "tip");
    shown = mark;
    place(mark);
  };

  const cue = (event) => (event.target instanceof Element ? event.target.closest("mark[data-cue]") : null);
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 180);
  };

  document.addEventListener("focusin", (event) => (cue(event) ? show(cue(event)) : hide()));
  document.addEventListener("mouseover", (event) => {
    if (cue(event)) show(cue(event));
    else if (tip.contains(event.target)) clearTimeout(leaving);
    else if (shown && document.activeElement !== shown) leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  window.addEventListener("resize", hide);

  for (const form of document.forms) {
    const notice = form.querySelector("[data-too-large]");
    const limit = Number(form.dataset.limit) - 4096;
    const size = () => {
      let bytes = 0;
      for (const value of new FormData(form).values()) bytes += typeof value === "string" ? new Blob([value]).size : value.size;
      return bytes;
    };
    form.addEventListener("submit", (event) => {
      notice.hidden = size() <= limit;
      if (!notice.hidden) {
        event.preventDefault();
        return;
      }
      const button = form.querySelector("button");
      button.textContent = "Reading …";
      button.setAttribute("aria-busy", "true");
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    for (const draft of form.querySelectorAll(".draft")) {
      const file = draft.querySelector("input[type=file]");
      draft.addEventListener("dragover", (event) => {
        event.preventDefault();
        draft.classList.add("dropping");
      });
      draft.addEventListener("dragleave", () => draft.classList.remove("dropping"));
      draft.addEventListener("drop", (event) => {
        event.preventDefault();
        draft.classList.remove("dropping");
        if (!event.dataTransfer.files.length) {
          draft.querySelector("textarea").value = event.dataTransfer.getData("text/plain");
          return;
        }
        const one = new DataTransfer();
        one.items.add(event.dataTransfer.files[0]);
        file.files = one.files;
        if (form.querySelectorAll(".draft").length === 1) form.requestSubmit();
      });
    }
  }
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.label || button.textContent;
    }
  });
  for (const button of document.querySelectorAll("form button")) button.dataset.label = button.textContent;
})();
