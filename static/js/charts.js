// Pictures one can read closely: values by pointer and keyboard, linear or logarithmic axes, series
// that step aside, a closer look. Drawn from the data in the page into the picture that the server
// drew, with the same classes. Without JavaScript that picture, its key and its table stay as they are.
"use strict";

(() => {
  const NEAR = 42; // units of the picture within which the pointer means a figure
  const CLOSEST = 16;
  const HINT = "Arrow keys read the values, + and − look closer or away, 0 shows everything.";

  const leading = (value) => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const figure = d3.format(",");
  const words = (value) => figure(Number(value.toPrecision(3)));
  const known = (value) => value !== null && value !== undefined;

  function scaleOf(axis, log) {
    const low = log ? Math.max(axis.low, 10 ** Math.floor(Math.log10(axis.least))) : axis.low;
    const from = log && axis.base === 2 ? Math.max(axis.low, axis.least) : low;
    const high = axis.high > from ? axis.high : from * 2;
    const scale = log ? d3.scaleLog().base(axis.base) : d3.scaleLinear();
    return scale.domain([from, high]).range([axis.start, axis.end]);
  }

  function ticksOf(scale, log, base) {
    const plain = d3.scaleLinear().domain(scale.domain()).ticks(5);
    if (!log) return plain;
    const all = scale.ticks();
    const whole = base === 2
      ? all.filter((value) => Number.isInteger(Math.log2(value)))
      : all.filter((value) => leading(value) === 1);
    if (whole.length > 2 || (base === 2 && whole.length > 1)) return whole;
    const some = all.filter((value) => [1, 2, 5].includes(leading(value)));
    return some.length > 1 ? some : plain;
  }

  class Chart {
    constructor(holder, spec, number) {
      this.holder = holder;
      this.spec = spec;
      this.log = { x: spec.x.log, y: spec.y.log };
      this.hidden = new Set();
      this.transform = d3.zoomIdentity;
      this.at = null;
      this.clip = `plot-clip-${number}`;
      this.reading = holder.querySelector(".plot-reading");
      this.svg = d3.select(holder.querySelector("svg"));
      this.prepare();
      this.listen();
      this.draw();
    }

    get visible() {
      return this.spec.series.filter((series) => !this.hidden.has(series.id));
    }

    prepare() {
      const name = this.svg.attr("aria-label") || this.svg.select("title").text();
      this.svg.selectAll("*").remove();
      this.svg.attr("role", null).attr("aria-label", null).attr("aria-labelledby", null).attr("aria-hidden", "true");
      const { x, y } = this.spec;
      this.svg.append("clipPath").attr("id", this.clip).append("rect")
        .attr("x", x.start - 8).attr("width", x.end - x.start + 16)
        .attr("y", y.end - 8).attr("height", y.start - y.end + 16);
      this.layer = this.svg.append("g");
      this.marker = this.svg.append("g").attr("class", "plot-cursor");
      this.frame = d3.select(this.svg.node().parentNode).append("div").attr("class", "plot-frame").node();
      this.svg.node().replaceWith(this.frame);
      this.frame.append(this.svg.node());
      d3.select(this.frame).attr("tabindex", 0).attr("role", "application")
        .attr("aria-roledescription", "chart").attr("aria-label", `${name}. ${HINT}`);
      this.prepareButtons();
    }

    prepareButtons() {
      const bar = this.holder.querySelector(".plot-buttons");
      const add = (text, label, act, pressed) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "plot-button";
        button.textContent = text;
        if (label) button.setAttribute("aria-label", label);
        if (known(pressed)) button.setAttribute("aria-pressed", String(pressed));
        button.addEventListener("click", () => act(button));
        bar.append(button);
      };
      for (const side of ["x", "y"]) {
        const axis = this.spec[side];
        if (axis.switch) add(`log ${axis.short}`, `log ${axis.short}. Logarithmic axis: ${axis.label}`, (button) => this.turn(side, button), this.log[side]);
      }
      if (this.spec.kind !== "columns") {
        add("+", "Look closer", () => this.closer(1.6));
        add("−", "Look from further away", () => this.closer(1 / 1.6));
        add("all", "all: show everything", () => this.reset());
      }
      if (this.spec.series.length < 2) return;
      for (const item of this.holder.querySelectorAll(".plot-key > li")) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "plot-toggle";
        button.setAttribute("aria-pressed", "true");
        button.append(...item.childNodes);
        button.addEventListener("click", () => this.toggle(item.dataset.series, button));
        item.append(button);
      }
    }

    listen() {
      const { x, y } = this.spec;
      this.zoom = d3.zoom().scaleExtent([1, CLOSEST])
        .extent([[x.start, y.end], [x.end, y.start]])
        .translateExtent([[x.start, y.end], [x.end, y.start]])
        .filter((event) => this.zooms(event))
        .on("zoom", (event) => { this.transform = event.transform; this.draw(); });
      if (this.spec.kind !== "columns") this.svg.call(this.zoom).on("dblclick.zoom", null);
      this.svg.on("pointermove", (event) => this.point(d3.pointer(event, this.svg.node())))
        .on("pointerleave", () => this.read(null))
        .on("click", () => this.follow());
      this.frame.addEventListener("keydown", (event) => this.key(event));
      this.frame.addEventListener("focus", () => { if (!this.at && this.frame.matches(":focus-visible")) this.read(this.first()); });
      this.frame.addEventListener("blur", () => this.read(null));
    }

    // Pages scroll by wheel and by one finger; a picture takes only what is meant for it.
    zooms(event) {
      if (event.type === "wheel") return event.ctrlKey || event.metaKey;
      if (event.type.startsWith("touch")) return event.touches.length > 1;
      return !event.button && this.transform.k > 1;
    }

    turn(side, button) {
      this.log[side] = !this.log[side];
      button.setAttribute("aria-pressed", String(this.log[side]));
      this.reset();
    }

    toggle(id, button) {
      if (this.hidden.has(id)) this.hidden.delete(id);
      else if (this.visible.length > 1) this.hidden.add(id);
      button.setAttribute("aria-pressed", String(!this.hidden.has(id)));
      this.read(null);
      this.draw();
    }

    closer(factor) { this.svg.call(this.zoom.scaleBy, factor); }

    reset() {
      this.transform = d3.zoomIdentity;
      if (this.spec.kind !== "columns") this.svg.call(this.zoom.transform, d3.zoomIdentity);
      this.draw();
    }

    // ---------------------------------------------------------------- where things lie

    scales() {
      const { spec, transform } = this;
      if (spec.kind === "columns") {
        const counts = [...new Set(spec.series.flatMap((series) => series.readings.map((one) => one.x)))];
        const band = d3.scaleBand().domain(counts).range([spec.x.start, spec.x.end]).padding(0.2);
        return { x: (value) => band(value) + band.bandwidth() / 2, band, y: scaleOf(spec.y, this.log.y) };
      }
      const whole = transform.k === 1; // exactly: rescaled, the last tick would fall off the end
      const x = scaleOf(spec.x, this.log.x);
      const seen = whole ? x : transform.rescaleX(x);
      if (spec.kind === "rows") return { x: seen, y: null };
      const y = scaleOf(spec.y, this.log.y);
      return { x: seen, y: spec.kind === "points" && !whole ? transform.rescaleY(y) : y };
    }

    spot(series, one) {
      const { x, y } = this.now;
      const { spec } = this;
      if (spec.kind === "rows") return [this.inside(x(one.x)), spec.rows[one.row][1]];
      if (spec.kind === "columns") return [x(one.x), y(one.below + one.y)];
      return [x(one.x), Math.max(spec.y.end, y(Math.max(one.y, y.domain()[0])))];
    }

    inside(x) {
      return this.transform.k > 1 ? x : Math.min(Math.max(x, this.spec.x.start), this.spec.x.end);
    }

    // ---------------------------------------------------------------- drawing

    draw() {
      this.stack();
      this.now = this.scales();
      this.layer.selectAll("*").remove();
      this.drawAxes();
      const marks = this.layer.append("g").attr("clip-path", `url(#${this.clip})`);
      for (const series of this.visible.toReversed()) this.drawSeries(marks, series);
      this.drawRules(marks);
      this.drawLetters();
      this.drawCursor();
    }

    stack() {
      if (this.spec.kind !== "columns") return;
      const heights = new Map();
      for (const series of this.visible) {
        for (const one of series.readings) {
          one.below = heights.get(one.x) ?? 0;
          heights.set(one.x, one.below + one.y);
        }
      }
    }

    text(css, x, y, said, anchor) {
      return this.layer.append("text").attr("class", css).attr("x", x).attr("y", y)
        .attr("text-anchor", anchor).text(said);
    }

    drawAxes() {
      const { spec, now } = this;
      const line = (x1, x2, y1, y2) => this.layer.append("line").attr("class", "grid")
        .attr("x1", x1).attr("x2", x2).attr("y1", y1).attr("y2", y2);
      const upright = spec.kind === "points" || spec.kind === "rows";
      const ticks = now.band ? now.band.domain() : this.ticks("x");
      for (const tick of ticks) {
        const x = now.x(tick);
        if (upright) line(x, x, spec.y.end, spec.y.start);
        this.text("tick", x, spec.y.start + spec.tick_below, this.ticked(tick), "middle");
      }
      for (const tick of now.y ? this.ticks("y") : []) {
        line(spec.x.start, spec.x.end, now.y(tick), now.y(tick));
        this.text("tick", spec.x.start - 8, now.y(tick) + 4, words(tick), "end");
      }
      for (const label of spec.labels) this.text(label.css, label.x, label.y, label.text, label.anchor);
      spec.rows.forEach(([name, y], index) => this.drawName(name, y, index));
    }

    ticks(side) {
      const axis = this.spec[side];
      const kept = axis.ticks.length && this.transform.k === 1 && this.log[side] === axis.log;
      return kept ? axis.ticks : ticksOf(this.now[side], this.log[side], axis.base);
    }

    // The picture is hidden from screen readers, so its links are for the pointer alone; Enter follows.
    drawName(name, y, index) {
      const href = this.spec.series.flatMap((series) => series.readings).find((one) => one.row === index)?.href;
      const label = this.text("row-label", this.spec.x.start - 12, y + 4, name, "end");
      if (!href) return;
      const link = this.layer.append("a").attr("href", href).attr("tabindex", -1);
      link.node().append(label.node());
    }

    ticked(value) {
      const { unit } = this.spec.x;
      if (unit === "share") return `${words(value * 100)} %`;
      return unit === "×" ? `${words(value)}×` : words(value);
    }

    drawSeries(marks, series) {
      const place = marks.append("g").attr("data-engine", series.engine || null);
      const { kind } = this.spec;
      if (kind === "columns") return this.drawColumns(place, series);
      if (kind === "rows") return this.drawRow(place, series);
      if (series.band) this.drawBand(place, series);
      if (series.line) {
        place.append("path").attr("class", series.line_css).attr("fill", "none")
          .attr("stroke-dasharray", series.dash || null)
          .attr("d", d3.line()(series.readings.map((one) => this.spot(series, one))));
      }
      for (const one of series.readings) this.drawMark(place, series, one);
      return place;
    }

    drawBand(place, series) {
      const { x, y } = this.now;
      const top = this.spec.y.end - 400;
      const area = d3.area().x((one) => x(one.x))
        .y0((one) => y(Math.max(one.low, y.domain()[0])))
        .y1((one) => Math.max(top, y(one.high)));
      place.append("path").attr("class", "band")
        .attr("d", area(series.readings.filter((one) => known(one.low) && known(one.high))));
    }

    drawMark(place, series, one) {
      const [x, y] = this.spot(series, one);
      if (!series.band && known(one.low) && known(one.high) && this.spec.kind === "lines") {
        place.append("line").attr("class", "range").attr("x1", x).attr("x2", x)
          .attr("y1", this.now.y(Math.max(one.low, this.now.y.domain()[0]))).attr("y2", this.now.y(one.high));
      }
      if (series.marker) place.append("path").attr("class", series.css).attr("d", series.marker).attr("transform", `translate(${x} ${y})`);
      else place.append("circle").attr("class", series.css).attr("cx", x).attr("cy", y).attr("r", series.radius);
    }

    drawColumns(place, series) {
      const { band, y } = this.now;
      for (const one of series.readings) {
        place.append("rect").attr("class", `column ${series.css}`).attr("x", band(one.x)).attr("width", band.bandwidth())
          .attr("y", y(one.below + one.y)).attr("height", Math.max(0, y(one.below) - y(one.below + one.y)));
      }
    }

    drawRow(place, series) {
      for (const one of series.readings) {
        const [x, y] = this.spot(series, one);
        const to = known(one.high) ? this.inside(this.now.x(one.high)) : null;
        if (known(to)) place.append("line").attr("class", `band-${series.basis}`).attr("x1", x).attr("x2", to).attr("y1", y).attr("y2", y);
        for (const end of known(to) && !one.open ? [x, to] : [x]) {
          place.append("circle").attr("class", series.css).attr("cx", end).attr("cy", y).attr("r", series.radius);
        }
        this.drawRowLabel(place, one, Math.max(x, to ?? x), x, y);
      }
    }

    drawRowLabel(place, one, right, left, y) {
      const { end } = this.spec.x;
      const label = place.append("text").attr("class", "mark-label").text(one.label);
      if (one.label_dy) return label.attr("y", y + one.label_dy).attr("x", right > end - 100 ? right + 6 : right).attr("text-anchor", right > end - 100 ? "end" : "middle");
      const room = right < end - 110;
      return label.attr("y", y + 4).attr("x", room ? right + 11 : left - 11).attr("text-anchor", room ? "start" : "end");
    }

    drawRules(marks) {
      const { spec, now } = this;
      for (const rule of spec.rules) {
        const line = marks.append("line").attr("class", rule.css);
        if (known(rule.factor)) {
          const [low, high] = now.x.domain();
          line.attr("x1", now.x(low)).attr("x2", now.x(high)).attr("y1", now.y(low * rule.factor)).attr("y2", now.y(high * rule.factor));
        } else if (known(rule.y)) {
          const y = now.y(rule.y);
          line.attr("x1", spec.x.start).attr("x2", spec.x.end).attr("y1", y).attr("y2", y);
          if (rule.label) this.text(`${rule.css}-label`, rule.label_x ?? spec.x.end, y - 6, rule.label, known(rule.label_x) ? "middle" : "end");
        } else {
          line.attr("x1", now.x(rule.x)).attr("x2", now.x(rule.x)).attr("y1", spec.y.end).attr("y2", spec.y.start);
        }
      }
    }

    // Letters at the ends of the lines, moved up where they would lie on one another; else the first
    // and the last figure of the strongest line.
    drawLetters() {
      if (this.spec.kind !== "lines") return;
      const lettered = this.visible.filter((series) => series.letter && series.readings.length);
      const ends = lettered.map((series) => ({ series, y: this.spot(series, series.readings.at(-1))[1] + 4 }));
      let last = Infinity;
      for (const end of ends.sort((a, b) => b.y - a.y)) {
        last = Math.min(end.y, last - 15);
        this.layer.append("g").attr("data-engine", end.series.engine).append("text").attr("class", "letter")
          .attr("x", this.spec.x.end + 12).attr("y", last).text(end.series.letter);
      }
      const strongest = lettered.length ? null : this.visible[0];
      if (!strongest || this.transform.k > 1) return;
      const { readings } = strongest;
      const shown = readings.length > 1 ? [[readings[0], "start"], [readings.at(-1), "end"]] : readings.map((one) => [one, "start"]);
      for (const [one, anchor] of shown) {
        const [x, y] = this.spot(strongest, one);
        this.text("dot-label", x, y - 11, words(one.y), anchor);
      }
    }

    // ---------------------------------------------------------------- reading

    drawCursor() {
      this.marker.selectAll("*").remove();
      if (!this.at) return;
      const [series, one] = this.at;
      const [x, y] = this.spot(series, one);
      this.marker.append("circle").attr("class", "plot-ring").attr("cx", x).attr("cy", y).attr("r", 9);
    }

    readings() {
      return this.visible.flatMap((series) => series.readings.map((one) => [series, one]));
    }

    first() { return this.readings()[0] ?? null; }

    point([x, y]) {
      const away = ([series, one]) => Math.hypot(...this.spot(series, one).map((at, index) => at - [x, y][index]));
      const nearest = d3.least(this.readings(), away);
      this.read(nearest && away(nearest) < NEAR ? nearest : null);
    }

    read(pair) {
      if (pair?.[1] === this.at?.[1]) return;
      this.at = pair;
      this.said ??= this.reading.textContent;
      this.reading.textContent = pair ? pair[1].said : this.said;
      this.drawCursor();
    }

    follow() {
      const href = this.at?.[1].href;
      if (href?.startsWith("#")) window.location.hash = href;
    }

    key(event) {
      const acts = {
        ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1),
        ArrowDown: () => this.cross(1), ArrowUp: () => this.cross(-1),
        Home: () => this.read(this.first()), End: () => this.read(this.readings().at(-1) ?? null),
        "+": () => this.closer(1.6), "=": () => this.closer(1.6), "-": () => this.closer(1 / 1.6),
        0: () => this.reset(), Enter: () => this.follow(),
      };
      const act = acts[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      if (this.spec.kind === "columns" && "+=-".includes(event.key)) return;
      event.preventDefault();
      act();
    }

    step(by) {
      const all = this.readings();
      const index = this.at ? all.findIndex(([, one]) => one === this.at[1]) : -by;
      this.read(all[Math.min(Math.max(index + by, 0), all.length - 1)] ?? null);
    }

    // To the next series, at the figure nearest along the axis.
    cross(by) {
      if (!this.at) return this.read(this.first());
      const all = this.visible;
      const next = all[(all.indexOf(this.at[0]) + by + all.length) % all.length];
      const one = d3.least(next.readings, (each) => Math.abs(each.x - this.at[1].x));
      return this.read([next, one]);
    }
  }

  let made = 0;
  function enhance() {
    for (const holder of document.querySelectorAll("[data-plot]:not(:has(.plot-frame))")) {
      const data = document.getElementById(holder.dataset.plot);
      if (data) new Chart(holder, JSON.parse(data.textContent), (made += 1));
    }
  }
  document.addEventListener("DOMContentLoaded", enhance);
  document.addEventListener("htmx:after:swap", enhance);
})();
