"use strict";
/* The progress of a study, told by the server whenever something changes. */

const byId = (id) => document.getElementById(id);

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function percent(share) {
  return share === null ? "" : ` ${(100 * share).toFixed(1)} % on validation images`;
}

function describe(run) {
  const fold = run.fold ? `, fold ${run.fold}` : "";
  if (run.state === "running") return `seed ${run.seed}${fold}: epoch ${run.epoch} of ${run.epochs}${percent(run.validation_accuracy)}`;
  if (run.state === "failed") return `seed ${run.seed}${fold}: ${run.reason}`;
  if (run.state === "finished") return `seed ${run.seed}${fold}: finished,${percent(run.validation_accuracy) || " without validation images"}`;
  return `seed ${run.seed}${fold}: to come`;
}

function drawModel([name, runs]) {
  const seeds = runs.map((run) => {
    const words = `${name}, ${describe(run)}`;
    return make("li", { class: run.state, title: words, "aria-label": words }, make("span", { class: "seed" }, String(run.seed)));
  });
  const now = runs.filter((run) => run.state === "running").map((run) => make("div", {}, describe(run)));
  return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, make("ul", { class: "seeds" }, ...seeds)), make("td", {}, ...now));
}

let before = null;

/* Once no run is about to end the server judges unasked, so the new table can be fetched. */
async function renewStanding() {
  const answer = await fetch("/", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  byId("standing").replaceWith(document.adoptNode(page.getElementById("standing")));
}

function draw(progress) {
  const ended = progress.finished + progress.failed;
  if (byId("summary").textContent !== progress.sentence) byId("summary").textContent = progress.sentence;
  byId("bar").max = progress.total || 1;
  /* the runs that are going on count for the epochs that they have done */
  const running = Object.values(progress.models).flat().filter((run) => run.state === "running");
  byId("bar").value = ended + running.reduce((sum, run) => sum + run.epoch / run.epochs, 0);
  byId("runs").replaceChildren(...Object.entries(progress.models).map(drawModel));
  if (before !== null && before.ended !== ended) {
    const form = byId("again");
    form.dataset.behind = Number(form.dataset.behind) + ended - before.ended;
    if (byId("behind")) byId("behind").textContent = form.dataset.behind;
  }
  if (byId("nothing")) byId("nothing").hidden = ended + progress.running > 0;
  byId("again").hidden = progress.is_settled || !ended || (byId("behind") !== null && Number(byId("again").dataset.behind) <= 0);
  if (before !== null && progress.is_settled && (!before.settled || before.ended !== ended)) renewStanding();
  before = { ended, settled: progress.is_settled };
}

const news = new EventSource("/events");
news.addEventListener("progress", (event) => draw(JSON.parse(event.data)));
news.addEventListener("open", () => (byId("link").hidden = true));
news.addEventListener("error", () => (byId("link").hidden = false));
