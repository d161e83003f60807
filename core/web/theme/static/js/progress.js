// Follows a background job until it is finished or has failed. A server that does not answer is asked again, ever more slowly.
const FIRST = 1000;
const SLOWEST = 15000;

function draw(box, job) {
  for (const word of box.querySelectorAll("[data-state]")) word.hidden = word.dataset.state !== job.state;
  const bar = box.querySelector("progress");
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else if (job.state === "done") {
    bar.max = 1;
    bar.value = 1;
  }
  const language = document.documentElement.lang;
  const figure = new Intl.NumberFormat(language);
  box.querySelector("[data-count]").textContent = job.total ? `${figure.format(job.done)} / ${figure.format(job.total)}` : "";
  const share = new Intl.NumberFormat(language, { style: "percent" });
  box.querySelector("[data-share]").textContent = job.total ? share.format(Math.min(job.done / job.total, 1)) : "";
  const message = box.querySelector("[data-message]");
  if (message.textContent !== (job.message || "")) message.textContent = job.message || "";
  const result = box.querySelector("[data-result]");
  // Only an address of this site may become the link.
  if (job.result_url && new URL(job.result_url, location.href).origin === location.origin) {
    result.querySelector("a").href = job.result_url;
    result.hidden = false;
  }
}

async function follow(box) {
  const lost = box.querySelector("[data-lost]");
  box.querySelector("[data-refresh]")?.remove();
  let pause = FIRST;
  while (box.isConnected) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      draw(box, job);
      lost.hidden = true;
      if (job.state === "done" || job.state === "failed") {
        delete box.dataset.progress;
        return;
      }
      pause = Math.min(pause * 1.2, 5000);
    } catch {
      lost.hidden = false;
      pause = Math.min(pause * 2, SLOWEST);
    }
  }
}

export function start() {
  for (const box of document.querySelectorAll("[data-progress]:not([data-followed])")) {
    box.dataset.followed = "";
    follow(box);
  }
}
