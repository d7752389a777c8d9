"use strict";
// Line charts of the last five minutes, drawn as SVG: axes with units, the value under the pointer
// or, with the arrow keys, under the focus.

const SPAN_MS = 300000;
const MARGIN = { left: 56, right: 10, top: 8, bottom: 22 };
const HEIGHT = 176;

function svg(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Round numbers from 0 to `most` or a little more.
function linearTicks(most) {
  const rough = Math.max(most, 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
  const ticks = [];
  for (let i = 0; i * step < most + step * 0.999; ++i) ticks.push(i * step);
  return ticks;
}

function logTicks(least, most) {
  const ticks = [];
  const first = Math.floor(Math.log10(least)), last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  for (let power = first; power <= last; ++power) ticks.push(10 ** power);
  return ticks;
}

class Chart {
  // series: [{key, label, style}], format: a value as text, axis: the same for ticks.
  constructor(parent, { title, unit, series, format, axis, log, whole }) {
    Object.assign(this, { title, unit, series, format, axis: axis || format, log, whole });
    this.samples = [];
    this.now = 0;
    this.cursor = null;
    const card = document.createElement("figure");
    card.className = "card chart";
    card.style.margin = "0";
    const head = document.createElement("div");
    head.className = "chart-head";
    const heading = document.createElement("h3");
    heading.textContent = title + " ";
    const small = document.createElement("span");
    small.textContent = unit;
    heading.append(small);
    head.append(heading, this.makeLegend());
    this.plot = svg("svg", { class: "plot", role: "img", tabindex: "0", height: HEIGHT });
    this.at = document.createElement("p");
    this.at.className = "at";
    card.append(head, this.plot, this.at);
    parent.append(card);
    this.plot.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.plot.addEventListener("pointerleave", () => this.moveCursor(null));
    this.plot.addEventListener("blur", () => this.moveCursor(null));
    this.plot.addEventListener("keydown", (event) => this.takeKey(event));
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  makeLegend() {
    const legend = document.createElement("ul");
    legend.className = "legend";
    this.values = this.series.map(({ label, style }) => {
      const item = document.createElement("li");
      const sign = svg("svg", { width: 22, height: 10, "aria-hidden": "true" });
      sign.append(svg("line", { x1: 1, y1: 5, x2: 21, y2: 5, class: "line " + style }));
      const value = document.createElement("b");
      value.textContent = "–";
      item.append(sign, label, value);
      legend.append(item);
      return value;
    });
    return legend;
  }

  update(samples, now) {
    this.samples = samples;
    this.now = now;
    const last = samples[samples.length - 1] || {};
    this.series.forEach(({ key }, i) => {
      const value = last[key];
      this.values[i].textContent = value === null || value === undefined ? "–" : this.format(value);
    });
    this.draw();
  }

  // ---- Scales ----

  width() { return Math.max(160, this.plot.clientWidth || 320); }
  x(t) { return MARGIN.left + (1 - (this.now - t) / SPAN_MS) * (this.width() - MARGIN.left - MARGIN.right); }
  ticks() {
    let most = 0, least = Infinity;
    for (const sample of this.samples) {
      for (const { key } of this.series) {
        const value = sample[key];
        if (value === null || value === undefined) continue;
        most = Math.max(most, value);
        if (value > 0) least = Math.min(least, value);
      }
    }
    if (this.log) return logTicks(least === Infinity ? 1e-3 : least, Math.max(most, 2e-3));
    return linearTicks(Math.max(most, this.whole ? 4 : 1));
  }
  y(value, ticks) {
    const low = ticks[0], high = ticks[ticks.length - 1];
    const part = this.log ? (Math.log10(Math.max(value, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
                          : (value - low) / (high - low);
    return HEIGHT - MARGIN.bottom - part * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  // ---- Drawing ----

  draw() {
    const width = this.width(), ticks = this.ticks(), parts = [];
    const bottom = HEIGHT - MARGIN.bottom;
    for (const tick of ticks) {
      const y = this.y(tick, ticks);
      parts.push(svg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y, class: tick === ticks[0] ? "axis" : "grid" }));
      parts.push(svg("text", { x: MARGIN.left - 7, y: y + 4, "text-anchor": "end" }, this.axis(tick)));
    }
    const every = width < 440 ? 2 : 1;
    for (let minute = 0; minute <= 5; minute += every) {
      const x = this.x(this.now - minute * 60000);
      const anchor = minute === 0 ? "end" : minute === 5 ? "start" : "middle";
      parts.push(svg("text", { x, y: HEIGHT - 5, "text-anchor": anchor }, minute === 0 ? "now" : "−" + minute + " min"));
    }
    this.series.forEach((series, i) => parts.push(...this.lines(series, ticks, bottom, i === 0 && this.series.length === 1)));
    if (this.samples.length < 2) {
      parts.push(svg("text", { x: width / 2, y: HEIGHT / 2, class: "wait" }, "waiting for numbers…"));
    }
    parts.push(...this.cursorParts(ticks, bottom));
    this.plot.setAttribute("viewBox", "0 0 " + width + " " + HEIGHT);
    this.plot.setAttribute("aria-label", this.sentence());
    this.plot.replaceChildren(...parts);
  }

  // A line for each run of samples without a hole.
  lines({ key, style }, ticks, bottom, filled) {
    const parts = [];
    let run = [];
    const end = () => {
      if (run.length > 1) {
        const path = "M" + run.map(([x, y]) => x.toFixed(1) + " " + y.toFixed(1)).join("L");
        if (filled) {
          const close = "L" + run[run.length - 1][0].toFixed(1) + " " + bottom + "L" + run[0][0].toFixed(1) + " " + bottom + "Z";
          parts.push(svg("path", { d: path + close, class: "area " + style }));
        }
        parts.push(svg("path", { d: path, class: "line " + style }));
      }
      run = [];
    };
    let before = null;
    for (const sample of this.samples) {
      const value = sample[key];
      const hole = value === null || value === undefined || (before !== null && sample.t - before > 5000);
      if (hole) end();
      before = sample.t;
      if (value === null || value === undefined || this.x(sample.t) < MARGIN.left) continue;
      run.push([this.x(sample.t), this.y(value, ticks)]);
    }
    end();
    return parts;
  }

  sentence() {
    const last = this.samples[this.samples.length - 1] || {};
    const said = this.series.map(({ key, label }) => {
      const all = this.samples.map((sample) => sample[key]).filter((value) => value !== null && value !== undefined);
      if (all.length === 0) return label + ": nothing yet";
      const now = last[key] === null || last[key] === undefined ? "nothing" : this.format(last[key]);
      return label + ": now " + now + ", at most " + this.format(Math.max(...all));
    });
    return this.title + ", " + this.unit + ", last five minutes. " + said.join("; ") + ".";
  }

  // ---- Cursor ----

  point(x) {
    let best = null, distance = Infinity;
    this.samples.forEach((sample, i) => {
      const away = Math.abs(this.x(sample.t) - x);
      if (away < distance) [best, distance] = [i, away];
    });
    this.moveCursor(best);
  }

  takeKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (!step || this.samples.length === 0) return;
    event.preventDefault();
    const from = this.cursor === null ? this.samples.length - 1 : this.cursor;
    this.moveCursor(Math.min(this.samples.length - 1, Math.max(0, from + step)));
  }

  moveCursor(index) {
    this.cursor = index;
    const sample = index === null ? null : this.samples[index];
    this.at.textContent = "";
    if (sample) {
      const values = this.series.map(({ key, label }) => label + " " +
          (sample[key] === null || sample[key] === undefined ? "–" : this.format(sample[key])));
      this.at.textContent = new Date(sample.t).toLocaleTimeString() + "  " + values.join("  ");
    }
    this.draw();
  }

  cursorParts(ticks, bottom) {
    const sample = this.cursor === null ? null : this.samples[this.cursor];
    if (!sample) return [];
    const x = this.x(sample.t);
    const parts = [svg("line", { x1: x, x2: x, y1: MARGIN.top, y2: bottom, class: "cursor" })];
    for (const { key, style } of this.series) {
      const value = sample[key];
      if (value === null || value === undefined) continue;
      parts.push(svg("circle", { cx: x, cy: this.y(value, ticks), r: 4, class: "dot " + style }));
    }
    return parts;
  }
}
