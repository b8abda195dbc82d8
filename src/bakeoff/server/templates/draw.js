"use strict";
/* A canvas whose strokes are sent to every network, one state after another: never two at a time, always the latest. */

const SIDE = 280;
const MOST_SHOWN = 12;
const KEY_STEP = 8;
const PATIENCE = 700; /* milliseconds */
const LEAST_DOT = 0.01; /* what is smaller would be a row of dots on the axis */

const byId = (id) => document.getElementById(id);
const setup = JSON.parse(byId("draw").dataset.setup);
const canvas = byId("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const [ground, ink] = setup.bright ? ["#fff", "#000"] : ["#000", "#fff"];
const drawing = Array.from({ length: 16 }, () => Math.floor(Math.random() * 16).toString(16)).join("");

let strokes = [];
let stroke = null;
let file = null; /* is asked about instead of the strokes */
let bitmap = null; /* the file as it is, once it has been decoded */

/* ---- strokes ---------------------------------------------------------------------------------------------------- */

function drawLine({ width, points }) {
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of points.slice(1)) pen.lineTo(...point);
  pen.stroke();
  pen.beginPath(); /* where the pen was put down, even if it did not move */
  pen.arc(...points[0], width / 2, 0, 2 * Math.PI);
  pen.fillStyle = ink;
  pen.fill();
}

function redraw() {
  pen.fillStyle = ground;
  pen.fillRect(0, 0, SIDE, SIDE);
  if (bitmap) return drawBitmap();
  pen.strokeStyle = ink;
  pen.lineCap = pen.lineJoin = "round";
  strokes.forEach(drawLine);
}

function drawBitmap() {
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  pen.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
}

function begin(point) {
  forgetFile();
  stroke = { width: Number(byId("pen").value), points: [point] };
  strokes.push(stroke);
  changed();
}

function lift() {
  stroke = null;
  showCursor();
  if (!asking) tellVotes();
}

function extend(points) {
  stroke.points.push(...points);
  changed();
}

function changed() {
  redraw();
  ask();
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  cursor.classList.remove("shown");
  begin(place(event));
});
canvas.addEventListener("pointermove", (event) => {
  if (!stroke || stroke.byKeys || !canvas.hasPointerCapture(event.pointerId)) return;
  const passed = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  extend((passed.length ? passed : [event]).map(place));
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, lift);

/* ---- keyboard --------------------------------------------------------------------------------------------------- */

const cursor = byId("cursor"); /* a ring above the canvas, so that what is drawn and where the pen is never mix */
let position = [SIDE / 2, SIDE / 2];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function showCursor() {
  const [cx, cy] = position;
  set(cursor.firstElementChild, { cx, cy, r: Number(byId("pen").value) / 2 });
  cursor.classList.toggle("down", stroke !== null);
}

function movePen([right, down]) {
  position = [position[0] + right * KEY_STEP, position[1] + down * KEY_STEP].map((value) => Math.min(SIDE, Math.max(0, value)));
  if (stroke) extend([position]);
  showCursor();
}

function togglePen() {
  if (stroke) return lift();
  begin(position);
  stroke.byKeys = true;
  showCursor();
}

canvas.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.ctrlKey) return;
  cursor.classList.add("shown");
  if (event.key in ARROWS) movePen(ARROWS[event.key]);
  else if (event.key === " ") togglePen();
  else if (event.key === "Backspace") undo();
  else if (event.key === "Delete") clear();
  else return;
  event.preventDefault();
});
canvas.addEventListener("focus", () => {
  showCursor();
  cursor.classList.toggle("shown", canvas.matches(":focus-visible"));
});
canvas.addEventListener("blur", () => {
  cursor.classList.remove("shown");
  lift();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    undo();
  }
});

/* ---- buttons and files ------------------------------------------------------------------------------------------ */

function clear() {
  strokes = [];
  forgetStroke();
}

function undo() {
  strokes.pop();
  forgetStroke();
}

function forgetStroke() {
  stroke = null;
  forgetFile();
  showCursor();
  changed();
}

/* The field is emptied too, so that the same file can be chosen again. */
function forgetFile() {
  file = bitmap = null;
  byId("file").value = "";
}

async function take(chosen) {
  strokes = [];
  stroke = bitmap = null;
  file = chosen;
  changed();
  const decoded = await createImageBitmap(chosen).catch(() => null);
  if (file !== chosen) return;
  bitmap = decoded;
  redraw();
}

/* Dropped or pasted, not chosen in the field. */
function receive([chosen]) {
  if (!chosen) return;
  forgetFile();
  take(chosen);
}

byId("clear").addEventListener("click", clear);
byId("undo").addEventListener("click", undo);
byId("invert").addEventListener("change", () => ask());
byId("pen").addEventListener("input", showCursor);
byId("file").addEventListener("change", ({ target }) => target.files.length && take(target.files[0]));
document.addEventListener("paste", (event) => receive(event.clipboardData.files));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  receive(event.dataTransfer.files);
});

/* ---- asking ----------------------------------------------------------------------------------------------------- */

function inkOfCanvas() {
  const colours = pen.getImageData(0, 0, SIDE, SIDE).data;
  let text = "";
  for (let pixel = 0; pixel < colours.length; pixel += 4) {
    text += String.fromCharCode(setup.bright ? 255 - colours[pixel] : colours[pixel]);
  }
  return btoa(text);
}

function question() {
  const invert = byId("invert").checked;
  if (file) return { address: `/predict${invert ? "?invert=1" : ""}`, type: file.type || "application/octet-stream", body: file };
  const body = JSON.stringify({ pixels: inkOfCanvas(), width: SIDE, height: SIDE, invert, drawing });
  return { address: "/predict", type: "application/json", body };
}

let asking = false;
let again = false;

async function ask() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  do {
    again = false;
    await askOnce();
  } while (again);
  asking = false;
}

async function askOnce() {
  if (!file && !strokes.length) return forget();
  const started = performance.now();
  const { address, type, body } = question();
  const slow = setTimeout(() => tell("Waiting for the networks: the first time they must be loaded"), PATIENCE);
  try {
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": type }, body });
    const said = await answer.json();
    if (!answer.ok) refuse(answer.status, said.error);
    else if (file || strokes.length) show(said, performance.now() - started);
  } catch {
    tell("The server does not answer.", true);
  } finally {
    clearTimeout(slow);
  }
}

/* ---- showing ---------------------------------------------------------------------------------------------------- */

function tell(words, bad = false) {
  const told = byId("told");
  const sentence = words ? `${words[0].toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}` : "";
  if (told.textContent !== sentence) told.textContent = sentence;
  told.classList.toggle("bad", bad);
}

/* Of a picture that nobody can judge no older votes stay; a server that is busy says so beside them. */
function refuse(status, words) {
  if (status < 500 && status !== 409) forget();
  tell(words, true);
}

function forget() {
  votes = "";
  byId("pace").textContent = "";
  byId("seen").hidden = true;
  byId("steps").replaceChildren();
  cards.forEach((card) => card.clear());
  tell("Draw something.");
}

let votes = ""; /* the latest ones in words */

/* Readers hear of them when the pen is lifted and nothing new is on its way: not of every moment of a stroke. */
function tellVotes() {
  if (votes && !stroke && !again) tell(votes);
}

function show(said, milliseconds) {
  byId("seen").src = said.seen;
  byId("seen").hidden = false;
  const notes = [...(said.steps.length ? [`Done to the image: ${said.steps.join(", ")}.`] : []), ...said.warnings];
  byId("steps").replaceChildren(...notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })));
  const there = new Map(said.models.map((model) => [model.name, model]));
  cards.forEach((card) => (there.has(card.name) ? card.show(there.get(card.name)) : card.clear()));
  byId("pace").textContent = `${Math.max(10, Math.round(milliseconds / 10) * 10)} ms`;
  votes = summarize(said.models);
  tellVotes();
}

/* No name of a model or class begins the sentence: a capital letter would change it. */
function summarize(models) {
  if (!models.length) return "No model has an answer";
  const groups = Map.groupBy ? Map.groupBy(models, (model) => model.says) : groupBySaid(models);
  const networks = `(${models.reduce((sum, model) => sum + model.seeds.length, 0)} networks)`;
  if (groups.size === 1 && models.length > 1) return `All ${models.length} models say ${setup.classes[models[0].says]} ${networks}`;
  const parts = [...groups].sort((a, b) => b[1].length - a[1].length).map(([label, those]) => `${those.map((model) => model.name).join(", ")} for ${setup.classes[label]}`);
  return `Votes: ${parts.join("; ")} ${networks}`;
}

function groupBySaid(models) {
  const groups = new Map();
  for (const model of models) groups.set(model.says, [...(groups.get(model.says) || []), model]);
  return groups;
}

function svg(tag, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

const set = (element, attributes) => Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));

/* Short names stand below upright bars, long ones beside lying bars. */
const UPRIGHT = {
  view: (slots) => `0 0 ${20 * slots} 86`,
  axis: (slots) => ({ x1: 0, x2: 20 * slots, y1: 68, y2: 68 }),
  bar: (slot, share) => ({ x: 20 * slot + 3, y: 68 - 64 * share, width: 14, height: 64 * share }),
  dot: (slot, share, shift) => ({ cx: 20 * slot + 10 + 5 * shift, cy: 68 - 64 * share, r: 1.7 }),
  label: (slot) => ({ x: 20 * slot + 10, y: 82, "text-anchor": "middle" }),
};
const LYING = {
  view: (slots) => `0 0 260 ${17 * slots + 2}`,
  axis: (slots) => ({ x1: 100, x2: 100, y1: 0, y2: 17 * slots }),
  bar: (slot, share) => ({ x: 100, y: 17 * slot + 2, width: 156 * share, height: 12 }),
  dot: (slot, share, shift) => ({ cx: 100 + 156 * share, cy: 17 * slot + 8 + 4 * shift, r: 1.7 }),
  label: (slot) => ({ x: 94, y: 17 * slot + 12, "text-anchor": "end" }),
};

class Card {
  constructor({ name, seeds }) {
    this.name = name;
    this.seeds = seeds.length;
    this.form = setup.classes.every((label) => label.length <= 2) ? UPRIGHT : LYING;
    this.slots = Math.min(setup.classes.length, MOST_SHOWN);
    const card = document.createElement("article");
    card.className = "card";
    const heading = document.createElement("h3");
    this.answer = document.createElement("span");
    this.answer.className = "answer";
    heading.append(name, this.answer);
    this.words = document.createElement("p");
    const chart = svg("svg", { viewBox: this.form.view(this.slots), "aria-hidden": "true" });
    svg("line", { class: "axis", ...this.form.axis(this.slots) }, chart);
    this.groups = Array.from({ length: this.slots }, (_, slot) => this.makeGroup(chart, slot));
    card.append(heading, chart, this.words);
    byId("cards").append(card);
    this.clear();
  }

  makeGroup(chart, slot) {
    const group = svg("g", {}, chart);
    const bar = svg("rect", { class: "bar", rx: 1.5 }, group);
    const dots = Array.from({ length: this.seeds }, () => svg("circle", { class: "dot" }, group));
    const text = svg("text", this.form.label(slot), group);
    return { group, bar, dots, text };
  }

  /* All classes in their order where there is room, else the most probable ones. */
  shown(mean) {
    const labels = [...setup.classes.keys()];
    return labels.length <= MOST_SHOWN ? labels : labels.sort((a, b) => mean[b] - mean[a]).slice(0, MOST_SHOWN);
  }

  fill(mean, bySeed, said) {
    this.shown(mean).forEach((label, slot) => {
      const { group, bar, dots, text } = this.groups[slot];
      group.setAttribute("class", label === said ? "said" : "");
      set(bar, this.form.bar(slot, mean[label]));
      dots.forEach((dot, seed) => {
        const shift = this.seeds > 1 ? (2 * seed) / (this.seeds - 1) - 1 : 0;
        set(dot, { ...this.form.dot(slot, bySeed ? bySeed[seed][label] : 0, shift), visibility: bySeed && bySeed[seed][label] >= LEAST_DOT ? "visible" : "hidden" });
      });
      text.textContent = setup.classes[label].slice(0, 16);
    });
  }

  clear() {
    this.fill(setup.classes.map(() => 0), null, -1);
    this.answer.textContent = "";
    this.words.textContent = "\u00a0";
  }

  show(model) {
    this.fill(model.mean, model.by_seed, model.says);
    this.answer.textContent = setup.classes[model.says];
    const share = Math.min(99.9, 100 * model.mean[model.says]).toFixed(1);
    this.words.textContent = `${share} %, ${model.agreeing} of ${model.seeds.length} seed${model.seeds.length === 1 ? "" : "s"}`;
  }
}

canvas.classList.toggle("bright", setup.bright);
byId("pen").value = Math.round(Math.max(4, setup.stroke * SIDE));
const cards = setup.models.map((model) => new Card(model));
showCursor();
redraw();
