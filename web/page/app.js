"use strict";
// The page: asks for what is new once a second, and shows it. What pages and servers said comes in
// as text and is only ever put on the page as text.

const byId = (id) => document.getElementById(id);
const EVERY_MS = 1000;
const MOST_SAMPLES = 300;
const MOST_RECORDS = 20;

// ---- Words and numbers ------------------------------------------------------------------

function count(number) {
  if (number === null || number === undefined) return "–";
  return Math.round(number).toLocaleString("en-US");
}
function rate(number) {
  if (number === null || number === undefined) return "–";
  if (number >= 100 || number === 0) return count(number);
  return number.toFixed(1);
}
function short(number) {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (number >= size) return Number((number / size).toPrecision(3)) + " " + letter;
  }
  return String(Number(number.toPrecision(3)));
}
function latency(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds >= 1) return Number(seconds.toPrecision(3)) + " s";
  const ms = seconds * 1000;
  return (ms >= 1 ? Number(ms.toPrecision(3)) : Number(ms.toPrecision(2))) + " ms";
}
function bytes(number) {
  if (!number) return "–";
  for (const [size, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (number >= size) return (number / size).toFixed(1) + " " + unit;
  }
  return number + " B";
}
function duration(seconds) {
  if (seconds < 60) return Math.ceil(seconds) + " s";
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  if (hours === 0) return minutes + ":" + String(Math.floor(seconds % 60)).padStart(2, "0") + " min";
  if (hours < 48) return hours + ":" + String(minutes % 60).padStart(2, "0") + " h";
  return Math.round(hours / 24) + " days";
}
function clock(text) {
  const time = new Date(text);
  if (!text || isNaN(time)) return "–";
  const today = new Date().toDateString() === time.toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}

// ---- Making elements --------------------------------------------------------------------

// A cell: text, or {text, className, level} for a tag, or an element.
function cell(content, className, header) {
  const element = document.createElement(header ? "th" : "td");
  if (header) element.scope = "row";
  if (className) element.className = className;
  if (content instanceof Node) element.append(content);
  else element.textContent = content === null || content === undefined ? "–" : String(content);
  return element;
}
function tag(text, level) {
  const element = document.createElement("span");
  element.className = "tag";
  element.dataset.level = level;
  element.textContent = text;
  return element;
}
function row(...cells) {
  const element = document.createElement("tr");
  element.append(...cells);
  return element;
}
function fillTable(id, rows, emptyId) {
  byId(id).replaceChildren(...rows);
  if (emptyId) byId(emptyId).hidden = rows.length > 0;
}
function pairs(list, entries) {
  list.replaceChildren(...entries.flatMap(([name, value]) => {
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name;
    said.textContent = value;
    return [term, said];
  }));
}

async function ask(path, parameters) {
  const query = new URLSearchParams(parameters || {}).toString();
  const response = await fetch(path + (query ? "?" + query : ""), { cache: "no-store" });
  const answer = await response.json();
  if (answer.ok === false) throw new Error(answer.error || "no answer");
  return answer;
}

// ---- Overview ---------------------------------------------------------------------------

const live = { samples: [], next: 0, nextRecord: 0, records: [] };
const charts = [];

function makeCharts() {
  const parent = byId("charts");
  const add = (options) => charts.push(new Chart(parent, options));
  add({ title: "Pages fetched", unit: "per second", series: [{ key: "pages", label: "pages", style: "one" }], format: rate, axis: short, whole: true });
  add({ title: "Records written", unit: "per second", series: [{ key: "records", label: "records", style: "three" }], format: rate, axis: short, whole: true });
  add({ title: "Queue", unit: "URLs that wait", series: [{ key: "queued", label: "queued", style: "one" }], format: count, axis: short, whole: true });
  add({ title: "Errors", unit: "per second", series: [{ key: "failures", label: "failed requests", style: "two" }, { key: "dead", label: "dead letters", style: "one" }], format: rate, axis: short, whole: true });
  add({ title: "Latency, p99", unit: "seconds, log scale", log: true, format: latency,
        series: [{ key: "fetch_p99", label: "fetch", style: "one" }, { key: "parse_p99", label: "parse", style: "two" }, { key: "commit_p99", label: "commit", style: "three" }] });
  add({ title: "Latency, p50", unit: "seconds, log scale", log: true, format: latency,
        series: [{ key: "fetch_p50", label: "fetch", style: "one" }, { key: "parse_p50", label: "parse", style: "two" }, { key: "commit_p50", label: "commit", style: "three" }] });
}

const sum = (counts) => Object.values(counts || {}).reduce((all, n) => all + n, 0);

// Of the last ten seconds.
function mean(key) {
  const values = live.samples.slice(-10).map((sample) => sample[key]).filter((v) => v !== null && v !== undefined);
  return values.length === 0 ? null : values.reduce((all, v) => all + v, 0) / values.length;
}

function eta(fetcher) {
  if (fetcher.pending === 0) return "done";
  const first = live.samples[Math.max(0, live.samples.length - 15)], last = live.samples[live.samples.length - 1];
  if (!first || !last || first === last || first.ended === undefined) return "–";
  const speed = (last.ended - first.ended) / ((last.t - first.t) / 1000);
  return speed > 0 ? duration(fetcher.pending / speed) : "–";
}

function showTiles(fetcher, metrics) {
  const dead = sum(fetcher.dead), tiles = [
    ["Pages/s", rate(mean("pages"))], ["Records/s", rate(mean("records"))], ["Queued", count(fetcher.queued)],
    ["Time left", eta(fetcher)], ["Done", count(fetcher.done)], ["Records", count(metrics.thresh_records_total)],
    ["Dead", count(dead), dead > 0 ? "bad" : ""], ["Dropped", count(sum(fetcher.dropped))]];
  byId("tiles").replaceChildren(...tiles.map(([name, value, level]) => {
    const tile = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name;
    said.textContent = value;
    said.className = level || "";
    tile.append(term, said);
    return tile;
  }));
}

function showState(answer) {
  const fetcher = answer.fetcher, sink = answer.sink, faults = [];
  for (const said of [fetcher, sink]) if (!said || said.ok === false) faults.push(said ? said.error : "no answer yet");
  const full = [fetcher && fetcher.paused, sink && sink.paused].filter(Boolean);
  let [text, level] = ["running", "good"];
  if (faults.length > 0) [text, level] = ["not running", "bad"];
  else if (full.length > 0) [text, level] = ["paused: " + full[0], "warn"];
  else if (fetcher.fetching !== "on") [text, level] = ["fetching " + fetcher.fetching, "warn"];
  else if (fetcher.pending === 0) [text, level] = ["idle", "good"];
  const state = byId("state");
  if (state.textContent !== text) state.textContent = text;
  state.dataset.level = level;
  showNotice(faults.join(" · "));
}

function showNotice(text) {
  const notice = byId("notice");
  if (notice.textContent !== text) notice.textContent = text;
  notice.hidden = text === "";
}

function showPipeline(fetcher) {
  const states = [["Queued", fetcher.queued], ["Being fetched", fetcher.in_flight], ["Wait for a parser", fetcher.waiting],
                  ["At a parser", fetcher.leased], ["Wait for the sink", fetcher.awaiting_ack]];
  fillTable("states", states.map(([name, number]) => row(cell(name, "", true), cell(count(number), "n"))));
}

function showErrors(fetcher, metrics) {
  const failed = (metrics.thresh_fetch_failures_total || {}).reason || {}, dead = fetcher.dead || {};
  const reasons = [...new Set([...Object.keys(failed), ...Object.keys(dead)])];
  reasons.sort((a, b) => (failed[b] || 0) + (dead[b] || 0) - (failed[a] || 0) - (dead[a] || 0) || a.localeCompare(b));
  fillTable("errors", reasons.slice(0, 12).map((reason) =>
    row(cell(reason, "", true), cell(count(failed[reason] || 0), "n"), cell(count(dead[reason] || 0), "n"))), "errors-empty");
}

function hostState(host) {
  if (host.paused) return tag("paused", "warn");
  if (host.breaker === "given_up") return tag("given up", "bad");
  if (host.breaker === "open") return tag("does not answer", "bad");
  if (host.backoff_until) return tag("left alone till " + clock(host.backoff_until), "warn");
  return tag("open", "good");
}

function showHosts(hosts) {
  fillTable("host-rows", hosts.map((host) => row(
    cell(host.host, "url", true), cell(count(host.in_flight), "n"), cell(rate(host.pages_per_s), "n"),
    cell(count(host.queued) + (host.queued_more ? "+" : ""), "n"), cell(host.delay_ms ? latency(host.delay_ms / 1000) : "–", "n"),
    cell(hostState(host)), cell(host.robots))), "hosts-empty");
}

function showParsers(parsers) {
  const levels = { parsing: "good", idle: "", blocked: "warn", stalled: "bad" };
  parsers.sort((a, b) => b.pages_per_s - a.pages_per_s || a.pid - b.pid);
  fillTable("parser-rows", parsers.map((parser) => row(
    cell(parser.pid, "n", true), cell(tag(parser.state, levels[parser.state])), cell(rate(parser.pages_per_s), "n"),
    cell(count(parser.parsed), "n"), cell(count(parser.leased), "n"), cell(bytes(parser.memory_bytes), "n"),
    cell(parser.last_url, "url"))), "parsers-empty");
}

// ---- Records ----------------------------------------------------------------------------

function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function recordItem(event) {
  const item = document.createElement("li"), of = document.createElement("div");
  of.className = "of";
  const said = [clock(event.at), event.file, event.records + (event.records === 1 ? " record" : " records") + " of", event.url];
  if (event.outcome !== "done") said.splice(1, 2, "dead: " + event.outcome);
  of.append(...said.map((text) => {
    const part = document.createElement("span");
    part.textContent = text;
    return part;
  }));
  item.append(of);
  if (event.record && event.outcome === "done") {
    const fields = document.createElement("dl");
    fields.className = "fields";
    const own = Object.entries(event.record).filter(([key, value]) => !key.startsWith("_") && value !== null);
    pairs(fields, own.slice(0, 12).map(([key, value]) => [key, plain(value).slice(0, 400)]));
    item.append(fields);
  }
  return item;
}

function showRecords(events) {
  if (events.length === 0) return;
  const list = byId("record-list");
  list.prepend(...events.slice(-MOST_RECORDS).reverse().map(recordItem));
  while (list.children.length > MOST_RECORDS) list.lastChild.remove();
  byId("records-empty").hidden = true;
}

// ---- What is new ------------------------------------------------------------------------

function take(answer) {
  if (answer.next < live.next) live.samples = [];  // thresh-web was started anew.
  const ended = answer.fetcher && answer.fetcher.ok !== false
    ? answer.fetcher.done + sum(answer.fetcher.dead) + sum(answer.fetcher.dropped) : undefined;
  if (answer.samples.length > 0) answer.samples[answer.samples.length - 1].ended = ended;
  live.samples.push(...answer.samples);
  live.samples.splice(0, live.samples.length - MOST_SAMPLES);
  [live.next, live.nextRecord] = [answer.next, answer.next_record];
  const last = live.samples[live.samples.length - 1];
  charts.forEach((chart) => chart.update(live.samples, last ? last.t : Date.now()));
  showState(answer);
  showRecords(answer.records);
  if (!answer.fetcher || answer.fetcher.ok === false) return;
  showTiles(answer.fetcher, answer.metrics || {});
  showPipeline(answer.fetcher);
  showErrors(answer.fetcher, answer.metrics || {});
  showHosts(answer.hosts || []);
  showParsers(answer.parsers || []);
}

async function look() {
  try {
    take(await ask("/api/live", { since: live.next, records_since: live.nextRecord }));
  } catch (error) {
    byId("state").textContent = "not connected";
    byId("state").dataset.level = "bad";
    showNotice("thresh-web does not answer: " + error.message);
  }
}

// Nothing is asked while nobody sees it.
async function lookOn() {
  if (!document.hidden) await look();
  setTimeout(lookOn, EVERY_MS);
}

// ---- Ledger -----------------------------------------------------------------------------

let search = { url: "", from: "", found: 0 };  // What was asked for last; the answer to what was asked before may come later.

async function showBalance() {
  try {
    const l = await ask("/api/ledger");
    const balance = byId("balance");
    balance.replaceChildren(
      count(l.created) + " URLs = " + count(l.done) + " done + " + count(sum(l.dead)) + " dead + " +
      count(sum(l.dropped)) + " dropped + " + count(l.pending) + " pending ",
      tag(l.balanced ? "balanced" : "does not balance", l.balanced ? "good" : "bad"));
  } catch (error) {
    byId("balance").textContent = error.message;
  }
}

function stateTag(state) {
  const level = state === "done" ? "good" : state === "dead" ? "bad" : state === "dropped" ? "warn" : "";
  return tag(state.replace("_", " "), level);
}

function foundRow(task) {
  return row(cell(task.url, "url", true), cell(stateTag(task.state)), cell(task.reason || ""), cell(count(task.attempts), "n"),
             cell(clock(task.at || task.due), "when"), cell(task.recipe));
}

async function exactly(url) {
  if (!/^https?:\/\//i.test(url)) return [];
  try {
    const said = await ask("/api/why", { url });
    return said.tasks.map((task) => ({ ...task, url: said.url }));
  } catch (error) {
    return [];  // No whole URL: then only parts are looked for.
  }
}

async function lookFor(wanted) {
  const more = wanted.from !== "";
  const exact = more ? [] : await exactly(wanted.url);
  const said = await ask("/api/search", more ? { url: wanted.url, from: wanted.from } : { url: wanted.url });
  if (wanted !== search) return;
  const seen = new Set(exact.map((task) => task.id));
  const rest = [...said.ended, ...said.tasks].filter((task) => !seen.has(task.id) && seen.add(task.id));
  const tasks = [...exact, ...rest];
  search.from = said.next || "";
  search.found += tasks.length;
  if (!more) byId("found").replaceChildren();
  byId("found").append(...tasks.map(foundRow));
  byId("found-box").hidden = search.found === 0;
  byId("search-more").hidden = search.from === "";
  const unfinished = search.from ? " so far" : "";
  byId("search-said").textContent = search.found === 0 ? "Nothing found" + unfinished + "." : count(search.found) + " found" + unfinished + ".";
}

async function trySearch(wanted) {
  search = wanted;
  byId("search-said").textContent = "Searching…";
  try {
    await lookFor(wanted);
  } catch (error) {
    if (wanted === search) byId("search-said").textContent = error.message;
  }
}

// ---- Dead letters -----------------------------------------------------------------------

let letters = { before: null, text: "" };  // What was asked for last.
let opened = null;

function letterRow(letter) {
  const open = document.createElement("button");
  open.type = "button";
  open.className = "quiet";
  open.textContent = "Read";
  open.setAttribute("aria-label", "Read the dead letter of " + letter.url);
  open.addEventListener("click", () => readLetter(letter));
  return row(cell(clock(letter.at), "when"), cell(tag(letter.reason, "bad")), cell(letter.url, "url"),
             cell(letter.status === null ? "–" : letter.status, "n"), cell(count(letter.attempts), "n"), cell(open));
}

async function showLetters(wanted) {
  letters = wanted;
  const more = wanted.before !== null;
  try {
    const said = await ask("/api/letters", more ? wanted : { text: wanted.text });
    if (wanted !== letters) return;
    if (!more) byId("letters").replaceChildren();
    byId("letters").append(...said.letters.map(letterRow));
    letters.before = said.before;
    byId("letters-more").hidden = said.before === null;
    byId("letters-empty").hidden = byId("letters").children.length > 0;
    byId("letters-empty").textContent = "No dead letters.";
  } catch (error) {
    if (wanted !== letters) return;
    byId("letters-empty").hidden = false;
    byId("letters-empty").textContent = error.message;
  }
}

async function readLetter(letter) {
  opened = letter;
  const headers = Object.entries(letter.headers || {});
  pairs(byId("letter-facts"), [
    ["URL", letter.url], ["Reason", letter.reason + (letter.detail ? ": " + letter.detail : "")], ["When", clock(letter.at)],
    ["Status", letter.status === null ? "no answer" : letter.status], ["Requests", letter.attempts], ["Recipe", letter.recipe], ["Task", letter.id],
    ...(letter.item ? [["Row", letter.item + " " + letter.row]] : []), ...headers]);
  const note = byId("letter-note"), body = byId("letter-body");
  note.textContent = "";
  body.textContent = "";
  body.hidden = true;
  byId("letter").showModal();
  const name = letter.body_path ? letter.body_path.split("/").pop() : "";
  if (!name) {
    note.textContent = "No body was kept.";
    return;
  }
  try {
    const said = await ask("/api/letter", { name, coding: (letter.headers || {})["content-encoding"] || "" });
    if (opened !== letter) return;
    note.textContent = [count(said.bytes) + " bytes kept", said.cut ? "the first part is shown" : "", said.note || ""].filter(Boolean).join("; ");
    body.textContent = said.text;
    body.hidden = false;
  } catch (error) {
    if (opened !== letter) return;
    note.textContent = error.message;
  }
}

// ---- Begin ------------------------------------------------------------------------------

byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  trySearch({ url: byId("search-url").value.trim(), from: "", found: 0 });
});
byId("search-more").addEventListener("click", () => trySearch({ ...search }));
byId("letter-filter").addEventListener("submit", (event) => {
  event.preventDefault();
  showLetters({ before: null, text: byId("letter-text").value.trim() });
});
byId("letters-more").addEventListener("click", () => showLetters({ ...letters }));
byId("letter-close").addEventListener("click", () => byId("letter").close());
makeCharts();
lookOn();
showBalance();
setInterval(() => { if (!document.hidden) showBalance(); }, 5000);
showLetters(letters);
