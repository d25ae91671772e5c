// Comparing pairs of texts. Data comes from the JSON block; values are only ever set as text. Nothing leaves the page
// but the file that the rater exports.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const pairs = data.pairs;
  const shelf = {                                       // a page opened from disk may have no storage
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
  };

  // -- language ----------------------------------------------------------------------------------------------------
  let zh = (shelf.get("copymill-lang") || navigator.language || "en").startsWith("zh");
  const say = (en, chinese) => (zh ? chinese : en);
  function speak() {
    root.dataset.lang = zh ? "zh" : "en";
    root.lang = zh ? "zh-CN" : "en";
    if (rater) show();
  }

  // -- what is kept: labels (pair id -> winner), notes (pair id -> text), trail (ids in the order of labelling) ----
  let rater = "", at = 0, kept = { labels: {}, notes: {}, trail: [] }, stored = true;
  const place = () => `copymill-labels/${data.page}/${rater.normalize("NFKC").toLowerCase()}`;
  function load() {
    kept = { labels: {}, notes: {}, trail: [] };
    try { Object.assign(kept, JSON.parse(shelf.get(place()) || "{}")); } catch { /* damaged: begin again */ }
    at = Math.max(0, pairs.findIndex((pair) => !kept.labels[pair.id]));
  }
  function save() {
    stored = shelf.set(place(), JSON.stringify(kept));
    state();
  }

  // -- elements ----------------------------------------------------------------------------------------------------
  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }
  const FIELDS = [["category", "Category", "品类"], ["ingredients", "Ingredients", "成分"], ["features", "Features", "特点"],
    ["audience", "Audience", "人群"], ["claims", "Claims", "功效"], ["evidence", "Evidence", "依据"]];
  function sheet(product) {
    const rows = FIELDS.filter(([name]) => product[name] && product[name].length);
    byId("sheet").replaceChildren(...rows.flatMap(([name, en, chinese]) => [
      make("dt", "", say(en, chinese)), make("dd", "", [].concat(product[name]).join("、"))]));
  }
  function rubric(criteria) {
    byId("rubric").replaceChildren(...criteria.map(([en, chinese, question, anchors]) => {
      const list = make("ol", "", ...Object.entries(anchors).map(([, text]) => make("li", "", text)));
      list.lang = "zh-CN";
      const asked = make("span", "soft", ` ${question}`);
      asked.lang = "zh-CN";
      return make("details", "criterion", make("summary", "", make("b", "", say(en, chinese)), asked), list);
    }));
  }

  // -- the pair on show --------------------------------------------------------------------------------------------
  function show() {
    const pair = pairs[at], product = data.products[pair.product], type = data.types[pair.type];
    byId("subject").textContent = `${product.name} · ${type[zh ? 1 : 0]}`;
    for (const side of ["first", "second"]) {
      byId(side).querySelector(".body").textContent = pair[side][1];
      byId(side).classList.toggle("chosen", kept.labels[pair.id] === side);
    }
    for (const button of document.querySelectorAll(".choice")) {
      button.setAttribute("aria-pressed", String(kept.labels[pair.id] === button.dataset.winner));
    }
    byId("note").value = kept.notes[pair.id] || "";
    sheet(product);
    rubric(data.rubrics[type[2]]);
    state();
  }
  function state() {
    const labelled = pairs.filter((pair) => kept.labels[pair.id]).length;
    byId("progress").max = pairs.length;
    byId("progress").value = labelled;
    byId("count").textContent = say(`${at + 1} of ${pairs.length} · ${labelled} labelled`, `第 ${at + 1} 对，共 ${pairs.length} 对 · 已标 ${labelled}`);
    byId("saved").textContent = !labelled ? "" : stored ? say("kept in this browser", "已存于本浏览器") : say("not kept: export before you close", "未能保存：关闭前请导出");
    byId("saved").classList.toggle("warn", !stored);
    byId("done").hidden = labelled < pairs.length;
    byId("export").disabled = !labelled;
    byId("undo").disabled = !kept.trail.length;
  }
  function go(to) {
    if (to < 0 || to >= pairs.length) return;
    at = to;
    show();
    scrollTo(0, 0);
  }
  function choose(winner) {
    const id = pairs[at].id;
    kept.labels[id] = winner;
    kept.trail = [...kept.trail.filter((other) => other !== id), id];
    save();
    const after = [...pairs.keys()].map((step) => (at + 1 + step) % pairs.length).find((to) => !kept.labels[pairs[to].id]);
    if (after === undefined) show(); else go(after);
  }
  function undo() {
    const id = kept.trail.pop();
    if (!id) return;
    delete kept.labels[id];
    save();
    go(pairs.findIndex((pair) => pair.id === id));
  }
  function write() {
    const lines = pairs.filter((pair) => kept.labels[pair.id]).map((pair) => JSON.stringify({
      pair: pair.id, first: pair.first[0], second: pair.second[0], winner: kept.labels[pair.id], rater, note: kept.notes[pair.id] || "",
    }));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "application/x-ndjson" }));
    link.download = `labels-${rater.replace(/[^\p{L}\p{N}]+/gu, "-")}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // -- hands -------------------------------------------------------------------------------------------------------
  byId("language").addEventListener("click", () => { zh = !zh; shelf.set("copymill-lang", zh ? "zh" : "en"); speak(); });
  byId("export").addEventListener("click", write);
  byId("undo").addEventListener("click", undo);
  byId("back").addEventListener("click", () => go(at - 1));
  byId("next").addEventListener("click", () => go(at + 1));
  for (const button of document.querySelectorAll(".choice")) button.addEventListener("click", () => choose(button.dataset.winner));
  byId("note").addEventListener("input", (event) => { kept.notes[pairs[at].id] = event.target.value; save(); });
  byId("start").addEventListener("submit", (event) => {
    event.preventDefault();
    rater = byId("rater").value.trim();
    if (!rater) return;
    shelf.set("copymill-labels/rater", rater);
    byId("rater").blur();                               // a hidden field keeps the keys until the next frame
    byId("start").hidden = true;
    byId("work").hidden = byId("state").hidden = false;
    load();
    show();
  });
  const KEYS = { 1: () => choose("first"), 2: () => choose("second"), 0: () => choose("tie"), u: undo,
    n: () => byId("note").focus(), ArrowLeft: () => go(at - 1), ArrowRight: () => go(at + 1) };
  document.addEventListener("keydown", (event) => {
    if (event.target === byId("note") && event.key === "Escape") byId("note").blur();
    if (byId("work").hidden || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.matches("input, textarea") || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  addEventListener("beforeunload", (event) => { if (!stored) event.preventDefault(); });
  byId("rater").value = shelf.get("copymill-labels/rater") || "";
  speak();
})();
