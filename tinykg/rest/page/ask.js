"use strict";
// Asks /match and /explain for a person. Whatever the server says becomes text, never markup.

const form = document.getElementById("question");
const said = document.getElementById("said");
const table = document.getElementById("pairs");
const more = document.getElementById("more");
const dialog = document.getElementById("reasons");
const PAGE = 100;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function say(text, wrong = false) {
  said.textContent = text;
  said.className = wrong ? "wrong" : "";
}

function wait() {
  say("Asking ");
  said.append(element("progress"));
}

async function ask(path, options = {}) {
  const token = form.elements.token.value;
  const headers = { Accept: "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(path, { ...options, headers });
  const value = await answer.json();
  if (answer.ok) return { value, next: next(answer.headers.get("Link")) };
  if (answer.status === 401) document.getElementById("token").hidden = false;
  throw new Error(value.detail || value.title || `status ${answer.status}`);
}

function next(links) {
  const found = /<\/([^>]*)>;\s*rel="next"/.exec(links || "");
  return found && found[1];
}

function bytes(count) {
  if (count === null || count === undefined) return "?";
  if (count < 1024) return `${count} B`;
  const unit = count < 1024 ** 2 ? ["KiB", 1024] : count < 1024 ** 3 ? ["MiB", 1024 ** 2] : ["GiB", 1024 ** 3];
  return `${(count / unit[1]).toFixed(1)} ${unit[0]}`;
}

function duration(latency) {
  if (!latency || latency.value_us === undefined) return "?";
  const us = latency.value_us;
  const shown = us < 1000 ? [us, "µs"] : us < 1e6 ? [us / 1000, "ms"] : [us / 1e6, "s"];
  return `${latency.evidence === "measured" ? "" : "~"}${Number(shown[0].toPrecision(3))} ${shown[1]}`;
}

function share(required, available) {
  const cell = element("td", null, "number");
  cell.append(`${bytes(required)} of ${bytes(available)}`);
  if (required !== null && available !== null) {
    const meter = element("meter");
    Object.assign(meter, { min: 0, max: available, high: available * 0.9, optimum: 0, value: required });
    cell.append(meter);
  }
  return cell;
}

function row(pair) {
  const line = element("tr");
  line.tabIndex = 0;
  const verdict = element("td");
  verdict.append(element("span", pair.verdict, `verdict ${pair.verdict.replaceAll(" ", "-")}`));
  const accuracy = pair.accuracy === null ? "" : `${(pair.accuracy * 100).toFixed(1)} %`;
  const time = element("td", duration(pair.latency), "number");
  time.title = (pair.latency && (pair.latency.basis || pair.latency.unknown)) || "";
  line.append(
    verdict, element("td", pair.model, "model"), element("td", pair.device, "board"), element("td", pair.task),
    element("td", accuracy, "number"), share(pair.ram_required_bytes, pair.ram_available_bytes),
    share(pair.flash_required_bytes, pair.flash_available_bytes), time, element("td", pair.runtime, "runtime"));
  line.addEventListener("click", () => explain(pair));
  line.addEventListener("keydown", (event) => { if (event.key === "Enter") explain(pair); });
  const reasons = (pair.reasons || []).map((reason) => reason.message);
  if (!reasons.length) return [line];
  const why = element("tr", null, "because");
  why.append(element("td"), element("td", reasons.join("; ")));
  why.lastChild.colSpan = 8;
  return [line, why];
}

function explained(pair, remedies) {
  const parts = [element("h2", `${pair.model} on ${pair.device}, by ${pair.runtime}: ${pair.verdict}`)];
  const reasons = element("ul");
  for (const one of pair.constraints) {
    const item = element("li");
    item.append(element("span", one.constraint, `verdict ${one.verdict.replaceAll(" ", "-")}`), `: ${one.message}`);
    if (one.source) item.append(element("span", one.source, "why"));
    reasons.append(item);
  }
  parts.push(reasons);
  if (pair.latency && pair.latency.basis) parts.push(element("p", `${duration(pair.latency)}: ${pair.latency.basis}`, "faint"));
  if (remedies.length) {
    const list = element("ul");
    list.append(...remedies.map((remedy) => element("li", remedy)));
    parts.push(element("p", "What would change that:"), list);
  }
  return parts;
}

async function explain(pair) {
  const place = dialog.querySelector("div");
  place.replaceChildren(...explained(pair, []));
  dialog.showModal();
  if (form.elements.file.files.length) return; // the file is not registered: what is known came with the match
  const which = new URLSearchParams({ model: pair.model, device: pair.device, runtime: pair.runtime });
  try {
    const { value } = await ask(`explain?${which}`);
    if (value.length) place.replaceChildren(...explained(value[0], value[0].remedies));
  } catch (error) {
    place.append(element("p", error.message));
  }
}

function question() {
  const asked = new URLSearchParams({ limit: PAGE });
  for (const name of ["device", "model", "task"]) {
    const value = form.elements[name].value.trim();
    if (value) asked.set(name, value);
  }
  if (form.elements.sort.value !== "task") asked.set("sort", form.elements.sort.value);
  if (!form.elements.all.checked) asked.set("verdict", "fits");
  if (form.elements.ignore_sensors.checked) asked.set("ignore_sensors", "true");
  return asked;
}

function hideColumns() {
  // What the question names is in the form already.
  table.classList.toggle("one-board", form.elements.device.value.trim() !== "");
  table.classList.toggle("one-model", form.elements.model.value.trim() !== "" || form.elements.file.files.length > 0);
}

async function show(path, options) {
  wait();
  more.hidden = true;
  try {
    const { value, next: following } = await ask(path, options);
    table.tBodies[0].append(...value.flatMap(row));
    const count = table.querySelectorAll("tbody .verdict").length;
    table.hidden = count === 0;
    hideColumns();
    const fits = [...table.querySelectorAll("tbody .verdict.fits")].length;
    const pairs = `${count}${following ? " and more" : ""} ${count === 1 ? "pair" : "pairs"}`;
    say(count ? `${pairs}, ${fits} fit. A click on one says why.` : "Nothing fits. “Also what does not fit” says why.");
    more.hidden = !following;
    more.onclick = () => show(following, options);
  } catch (error) {
    say(error.message, true);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = question();
  const file = form.elements.file.files[0];
  table.tBodies[0].replaceChildren();
  table.hidden = true;
  if (file) {
    asked.delete("model");
    const body = new FormData();
    body.set("file", file);
    show(`match?${asked}`, { method: "POST", body });
    return;
  }
  asked.delete("limit");
  history.replaceState(null, "", `?${asked}`);
  asked.set("limit", PAGE);
  show(`match?${asked}`);
});

async function suggest() {
  const [models, boards] = await Promise.all([ask("models"), ask("device-types")]);
  const option = (value, label) => { const one = element("option"); one.value = value; if (label) one.label = label; return one; };
  document.getElementById("models").replaceChildren(...models.value.map((one) => option(one.name, one.task)));
  document.getElementById("boards").replaceChildren(...boards.value.map((one) => option(one.slug, one.name)));
  const tasks = [...new Set(models.value.map((one) => one.task).filter(Boolean))].sort();
  document.getElementById("tasks").replaceChildren(...tasks.map((one) => option(one)));
  document.getElementById("size").textContent = `${models.value.length} models, ${boards.value.length} boards.`;
}

const shared = new URLSearchParams(location.search);
for (const name of ["device", "model", "task"]) form.elements[name].value = shared.get(name) || "";
if (shared.get("sort")) form.elements.sort.value = shared.get("sort");
form.elements.all.checked = shared.size > 0 && !shared.has("verdict");
form.elements.ignore_sensors.checked = shared.has("ignore_sensors");
if (shared.get("device") || shared.get("model")) form.requestSubmit();
else say("Name a board, a model, or both; or choose a .tflite file of your own.");
suggest().catch((error) => say(error.message, true));
