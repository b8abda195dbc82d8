// What the page can do beyond being read: sort, filter, and look at single test images.
"use strict";

const MOST_TILES = 60;
const MOST_CLASSES = 24; // beyond so many, a matrix would not fit, and the commonest confusions are listed instead

/* ---- small helpers -------------------------------------------------------------------------------------------- */

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function chooser(label, options, chosen, change) {
  const select = make("select", { onchange: () => change(select.value) });
  offer(select, options, chosen);
  return make("label", { class: "control" }, `${label} `, select);
}

// The select itself stays, and the keyboard's focus with it.
function offer(select, options, chosen) {
  const option = ([value, text]) => make("option", { value, selected: value === chosen }, text);
  select.replaceChildren(...options.map(option));
}

/* ---- tables: sort by a column, filter by a word ---------------------------------------------------------------- */

function sortValue(cell) {
  if (cell === undefined || cell.colSpan > 1) return null; // a row that says why it has no numbers
  const given = cell.dataset.sort;
  if (given !== undefined) return given === "" ? null : Number(given);
  return cell.textContent.trim().toLowerCase();
}

function compareValues(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null); // what is not known comes last, whichever way
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en"));
}

function sortTable(table, column, ascending) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [sortValue(row.cells[column]), row]);
  keyed.sort(([a], [b]) => compareValues(a, b, ascending ? 1 : -1));
  body.append(...keyed.map(([, row]) => row));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = make("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sortTable(table, column, ascending);
    });
  });
}

function makeFilterable(table, noun) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 6) return;
  const told = make("output", { class: "told" });
  const filter = () => {
    const word = field.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.cells[table.dataset.named ?? 0].textContent.toLowerCase().includes(word);
    told.textContent = word ? `${rows.filter((row) => !row.hidden).length} of ${count(rows.length, noun)}` : "";
  };
  const field = make("input", { type: "search", oninput: filter });
  table.closest(".scroll").before(make("p", { class: "controls" }, make("label", {}, `Only ${noun}s with `, field), told));
}

/* ---- votes: who says what of which image ----------------------------------------------------------------------- */

// Seven bits to a byte, the eighth says that more follow.
function unpackNumbers(text) {
  const numbers = [];
  let [number, shift] = [0, 0];
  for (const letter of atob(text)) {
    const byte = letter.charCodeAt(0);
    number |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) {
      numbers.push(number);
      [number, shift] = [0, 0];
    }
  }
  return numbers;
}

function unpackImages(text, width) {
  const [numbers, rows] = [unpackNumbers(text), []];
  for (let place = 0, image = 0; place < numbers.length; place += width) {
    image += numbers[place];
    rows.push([image, ...numbers.slice(place + 1, place + width)]);
  }
  return rows;
}

class Votes {
  // `wrong` holds threes: steps to the next image, class, how many runs say so; what is missing to all runs is right.
  // `answers` holds twos: steps to the next image, class; where nothing is said, the model's answer is right.
  constructor({ name, runs, wrong, answers }, labels) {
    Object.assign(this, { name, runs, labels });
    this.said = new Map();
    for (const [image, said, votes] of unpackImages(wrong, 3)) {
      if (!this.said.has(image)) this.said.set(image, []);
      this.said.get(image).push([said, votes]);
    }
    this.wrongAnswers = new Map(unpackImages(answers, 2));
  }

  answer(image) {
    return this.wrongAnswers.get(image) ?? this.labels[image];
  }

  wrongRuns(image) {
    return (this.said.get(image) ?? []).reduce((sum, [, votes]) => sum + votes, 0);
  }

  votesFor(image, said) {
    if (said === this.labels[image]) return this.runs - this.wrongRuns(image);
    return (this.said.get(image) ?? []).find(([other]) => other === said)?.[1] ?? 0;
  }

  imagesTaken(truth, said) {
    if (truth === said) return this.labels.flatMap((label, image) => (label === truth && this.votesFor(image, said) ? [image] : []));
    return [...this.said.keys()].filter((image) => this.labels[image] === truth && this.votesFor(image, said));
  }

  confusion(classes) {
    const counts = Array.from({ length: classes }, () => new Array(classes).fill(0));
    for (const label of this.labels) counts[label][label] += this.runs;
    for (const [image, all] of this.said) {
      const row = counts[this.labels[image]];
      for (const [said, votes] of all) {
        row[said] += votes;
        row[this.labels[image]] -= votes;
      }
    }
    return counts;
  }
}

/* ---- pictures -------------------------------------------------------------------------------------------------- */

class Album {
  constructor({ classes, labels, sprite }) {
    Object.assign(this, { classes, labels, sprite });
    this.places = new Map((sprite?.images ?? []).map((image, place) => [image, place]));
    if (!sprite) return;
    const sheet = new CSSStyleSheet();
    const [width, height] = [sprite.width * sprite.columns, sprite.height * sprite.rows];
    sheet.insertRule(
      `.picture { background-image: url(${sprite.uri}); width: ${sprite.width * sprite.scale}px; ` +
        `height: ${sprite.height * sprite.scale}px; background-size: ${width * sprite.scale}px ${height * sprite.scale}px; }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  tile(image, voters, more = "") {
    const told = voters.map((votes) => this.tellVotes(image, votes));
    const label = `test image ${image}, class ${this.classes[this.labels[image]]}`;
    return make(
      "figure",
      { class: "tile", tabindex: "-1" },
      this.picture(image, label),
      make("figcaption", {}, make("b", {}, `#${image} \u00b7 `), this.classes[this.labels[image]], ...told, more),
    );
  }

  tellVotes(image, votes) {
    const said = votes.answer(image);
    const right = said === this.labels[image];
    const share = votes.runs > 1 ? ` (${votes.votesFor(image, said)}/${votes.runs})` : "";
    return make("span", { class: right ? "right" : "wrong" }, `${votes.name}: ${this.classes[said]}${share}`);
  }

  picture(image, label) {
    const place = this.places.get(image);
    if (place === undefined) return make("div", { class: "picture absent", role: "img", "aria-label": `${label}, no picture on this page` }, "–");
    const { width, height, columns, scale } = this.sprite;
    const element = make("div", { class: "picture", role: "img", "aria-label": label });
    element.style.backgroundPosition = `${-(place % columns) * width * scale}px ${-Math.floor(place / columns) * height * scale}px`;
    return element;
  }
}

class Panel {
  constructor(album, before) {
    this.album = album;
    this.title = make("output", {}, before); // all that is announced: the tiles are there to be walked through
    this.grid = make("div", { class: "tiles" });
    this.more = make("button", { type: "button", class: "more", hidden: true, onclick: () => this.grow().focus() });
    this.element = make("div", { class: "panel" }, make("h4", {}, this.title), this.grid, this.more);
  }

  // The images that are on the page first, and no more than a few rows of them until asked.
  show(title, images, voters) {
    const there = (image) => (this.album.places.has(image) ? 0 : 1);
    Object.assign(this, { waiting: [...images].sort((a, b) => there(a) - there(b)), voters });
    this.title.textContent = title;
    this.grid.replaceChildren();
    this.grow();
  }

  grow() {
    const tiles = this.waiting.splice(0, MOST_TILES).map((image) => this.album.tile(image, this.voters));
    this.grid.append(...tiles);
    this.more.textContent = `Show more (${this.waiting.length.toLocaleString("en")} left)`;
    this.more.hidden = this.waiting.length === 0;
    return tiles[0];
  }
}

/* ---- confusions, image by image -------------------------------------------------------------------------------- */

function confusionBrowser(place, album, voters) {
  const before = "Choose a cell to see its images.";
  const panel = new Panel(album, before);
  const holder = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusions of one model" });
  const byName = new Map(voters.map((votes) => [votes.name, votes]));
  const chosen = { model: voters[0].name, minus: "" };
  const choose = (key) => (value) => {
    chosen[key] = value;
    draw();
  };
  const voting = () => [...new Set([chosen.model, chosen.minus])].filter(Boolean).map((name) => byName.get(name));
  const open = (truth, said) => {
    const shown = voting();
    const images = [...new Set(shown.flatMap((votes) => votes.imagesTaken(truth, said)))];
    images.sort((a, b) => shown[0].votesFor(b, said) - shown[0].votesFor(a, said) || a - b);
    const [from, to] = [album.classes[truth], album.classes[said]];
    const what = truth === said ? `${from}, recognised` : `${from} taken for ${to}`;
    panel.show(`${what}: ${count(images.length, "image")}`, images, shown);
  };
  const draw = () => {
    const size = album.classes.length;
    const [counts, minus] = voting().map((votes) => votes.confusion(size));
    const cells = shareCells(counts, minus);
    holder.replaceChildren(size > MOST_CLASSES ? listCells(cells, album, open) : drawMatrix(cells, album, open));
    panel.show(before, [], []);
  };
  const names = voters.map((votes) => [votes.name, votes.name]);
  const controls = make("p", { class: "controls" }, chooser("Model", names, chosen.model, choose("model")));
  if (voters.length > 1) controls.append(chooser("minus", [["", "nothing"], ...names], "", choose("minus")));
  place.append(controls, holder, panel.element);
  draw();
}

// One object per cell: how many predictions, which share of its row, and by how much that is more than another model's.
function shareCells(counts, minus) {
  const share = (rows, truth, said) => rows[truth][said] / Math.max(1, rows[truth].reduce((a, b) => a + b, 0));
  return counts.map((row, truth) =>
    row.map((predictions, said) => {
      const own = share(counts, truth, said);
      return { truth, said, predictions, share: own, more: minus ? own - share(minus, truth, said) : null };
    }),
  );
}

function cellLook({ truth, said, predictions, share, more }) {
  const hit = truth === said;
  if (more !== null) {
    const good = hit ? more > 0 : more < 0;
    const points = 100 * more;
    const text = Math.abs(points) < 0.05 ? "" : `${points > 0 ? "+" : "\u2212"}${Math.abs(points).toFixed(1)}`;
    return { text, strength: Math.min(1, Math.cbrt(Math.abs(more))), kind: good ? "hit" : "miss" };
  }
  return { text: predictions ? predictions.toLocaleString("en") : "", strength: hit ? share : Math.cbrt(share), kind: hit ? "hit" : "miss" };
}

function cellButton(cell, album, open) {
  const { text, strength, kind } = cellLook(cell);
  const [truth, said] = [album.classes[cell.truth], album.classes[cell.said]];
  const button = make(
    "button",
    { type: "button", class: `cell ${kind}`, "aria-label": `${truth} called ${said}: ${text || 0}`, onclick: () => open(cell.truth, cell.said) },
    text,
  );
  button.style.setProperty("--strength", `${Math.round(70 * strength)}%`);
  return button;
}

function drawMatrix(cells, album, open) {
  const head = make("tr", {}, make("th", { scope: "col" }, "true \\ said"), ...album.classes.map((name) => make("th", { scope: "col" }, name)));
  const body = cells.map((row, truth) =>
    make("tr", {}, make("th", { scope: "row" }, album.classes[truth]), ...row.map((cell) => make("td", {}, cellButton(cell, album, open)))),
  );
  return make("table", { class: "matrix" }, make("thead", {}, head), make("tbody", {}, ...body));
}

function listCells(cells, album, open) {
  const errors = cells.flat().filter((cell) => cell.truth !== cell.said && cell.predictions);
  const size = (cell) => Math.abs(cell.more ?? cell.share);
  errors.sort((a, b) => size(b) - size(a));
  const item = (cell) => make("li", {}, `${album.classes[cell.truth]} called ${album.classes[cell.said]} `, cellButton(cell, album, open));
  return make("ol", { class: "commonest" }, ...errors.slice(0, 40).map(item));
}

/* ---- where two models disagree --------------------------------------------------------------------------------- */

const CELLS = {
  "both right": (a, b, label) => a === label && b === label,
  "only the first right": (a, b, label) => a === label && b !== label,
  "only the second right": (a, b, label) => a !== label && b === label,
  "both wrong, alike": (a, b, label) => a !== label && a === b,
  "both wrong, differently": (a, b, label) => a !== label && b !== label && a !== b,
};

function disagreementBrowser(place, album, voters) {
  const panel = new Panel(album, "");
  const byName = new Map(voters.map((votes) => [votes.name, votes]));
  const chosen = { a: voters[0].name, b: voters[1].name, cell: "only the first right", label: "", wrong: "" };
  const choose = (key) => (value) => {
    chosen[key] = value;
    draw();
  };
  const names = voters.map((votes) => [votes.name, votes.name]);
  const pair = [chooser("First", names, chosen.a, choose("a")), chooser("Second", names, chosen.b, choose("b"))];
  const buttons = Object.keys(CELLS).map((name) =>
    make("button", { type: "button", onclick: () => choose("cell")(name) }, make("b"), make("span")),
  );
  const byClass = chooser("Class", [], "", choose("label"));
  const byWrong = chooser("Got wrong by", [], "", choose("wrong"));
  const tellCells = (dealt, [a, b]) => {
    Object.entries(dealt).forEach(([name, images], place) => {
      buttons[place].setAttribute("aria-pressed", String(name === chosen.cell));
      buttons[place].firstChild.textContent = images.length.toLocaleString("en");
      buttons[place].lastChild.textContent = ` ${name.replace("the first", a.name).replace("the second", b.name)}`;
    });
  };
  const narrowDown = (images, [a, b]) => {
    const classes = groupImages(images, (image) => album.labels[image]);
    const tellClass = (name, label) => [String(label), `${name} (${(classes.get(label) ?? []).length})`];
    offer(byClass.control, [["", "all"], ...album.classes.map(tellClass)], chosen.label);
    const ofClass = chosen.label === "" ? images : (classes.get(Number(chosen.label)) ?? []);
    const groups = [...groupImages(ofClass, (image) => a.wrongRuns(image) + b.wrongRuns(image))];
    groups.sort(([x], [y]) => y - x);
    const wanted = groups.filter(([wrong]) => String(wrong) === chosen.wrong);
    if (wanted.length === 0) chosen.wrong = "";
    offer(byWrong.control, [["", "any number of runs"], ...groups.map(tellWrong(a.runs + b.runs))], chosen.wrong);
    return (wanted.length ? wanted : groups).flatMap(([, group]) => group);
  };
  const draw = () => {
    const shown = [byName.get(chosen.a), byName.get(chosen.b)];
    const dealt = dealImages(album.labels, ...shown);
    tellCells(dealt, shown);
    const images = narrowDown(dealt[chosen.cell], shown);
    panel.show(count(images.length, "image"), images, shown);
  };
  place.append(
    make("p", { class: "controls" }, ...pair),
    make("div", { class: "cells", role: "group", "aria-label": "Who is right" }, ...buttons),
    make("p", { class: "controls" }, byClass, byWrong),
    panel.element,
  );
  draw();
}

function dealImages(labels, a, b) {
  const dealt = Object.fromEntries(Object.keys(CELLS).map((name) => [name, []]));
  labels.forEach((label, image) => {
    const [one, other] = [a.answer(image), b.answer(image)];
    dealt[Object.keys(CELLS).find((name) => CELLS[name](one, other, label))].push(image);
  });
  return dealt;
}

function groupImages(images, key) {
  const groups = new Map();
  for (const image of images) {
    if (!groups.has(key(image))) groups.set(key(image), []);
    groups.get(key(image)).push(image);
  }
  return groups;
}

// By how many of all runs, what that hints at, and how many images there are.
const tellWrong = (runs) => ([wrong, images]) => {
  const hint = wrong === runs ? ": hard, or a bad label?" : wrong === 1 ? ": noise?" : "";
  return [String(wrong), `${wrong} of ${runs}${hint} (${images.length.toLocaleString("en")})`];
};

/* ---- start ------------------------------------------------------------------------------------------------------ */

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
for (const table of document.querySelectorAll("table[data-noun]")) makeFilterable(table, table.dataset.noun);

const source = document.getElementById("votes");
if (source) {
  const data = JSON.parse(source.textContent);
  const album = new Album(data);
  const voters = data.models.map((model) => new Votes(model, data.labels));
  confusionBrowser(document.getElementById("browse-confusions"), album, voters);
  if (voters.length > 1) disagreementBrowser(document.getElementById("browse-disagreements"), album, voters);
  const losses = document.getElementById("browse-losses");
  losses.append(
    make("div", { class: "tiles" }, ...data.top.map(([image, loss]) => album.tile(image, voters.slice(0, 1), make("span", {}, `loss ${loss.toFixed(2)}`)))),
  );
  for (const hidden of document.querySelectorAll(".needs-script")) hidden.hidden = false;
}

// On paper, what is folded away cannot be opened.
const folded = new Set();
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) folded.add(details);
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
  folded.clear();
});
