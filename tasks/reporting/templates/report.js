// The viewer and the language switch. Data comes from the JSON block; values are only ever set as text.
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("viewer-data").textContent);
  const byId = (id) => document.getElementById(id);

  // -- language ----------------------------------------------------------------------------------------------------
  let zh = false;
  try { zh = (localStorage.getItem("copymill-lang") || navigator.language || "en").startsWith("zh"); } catch { zh = false; }
  const both = (pair) => pair[zh ? 1 : 0];
  function speak() {
    root.dataset.lang = zh ? "zh" : "en";
    root.lang = zh ? "zh-CN" : "en";
  }
  byId("language").addEventListener("click", () => {
    zh = !zh;
    try { localStorage.setItem("copymill-lang", zh ? "zh" : "en"); } catch { /* a file page may have no storage */ }
    speak(); options(); show();
  });

  // -- elements ----------------------------------------------------------------------------------------------------
  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }
  const SYSTEMS = { reference: ["Reference", "参考文案"], base: ["Base", "基座"], sft: ["SFT", "SFT"], grpo: ["GRPO", "GRPO"] };
  const say = (en, chinese) => (zh ? chinese : en);
  const REASON = { kind: 1, severity: 2, zh: 3, en: 4, basis: 5, suggestion: 6 };
  const told = (reason) => (zh ? reason[REASON.zh] : reason[REASON.en] || reason[REASON.zh]);
  const kindOf = (reason) => both(data.kinds[reason[REASON.kind]]);

  // -- filters -----------------------------------------------------------------------------------------------------
  let at = 0, found = [];
  function fill(id, entries) {
    const select = byId(id), before = select.value;
    select.replaceChildren(...entries.map(([value, text]) => {
      const option = make("option", "", text);
      option.value = value;
      return option;
    }));
    select.value = entries.some(([value]) => value === before) ? before : entries[0][0];
  }
  function options() {
    fill("f-type", [["", say("all", "全部")], ...Object.entries(data.types).map(([id, pair]) => [id, both(pair)])]);
    fill("f-gate", [["", say("any or none", "不限")], ...Object.entries(data.gates).map(([id, pair]) => [id, both(pair)])]);
    const present = Object.keys(SYSTEMS).filter((name) => data.items.some((item) => item.texts.some((text) => text[0] === name)));
    fill("f-system", [["", say("any text", "任一文案")], ...present.map((name) => [name, both(SYSTEMS[name])])]);
  }
  function filter() {
    const wanted = byId("f-product").value.trim().toLowerCase();
    const [type, gate, system] = ["f-type", "f-gate", "f-system"].map((id) => byId(id).value);
    found = data.items.filter((item) =>
      (!type || item.type === type) &&
      (!wanted || (data.products[item.product] || { name: "" }).name.toLowerCase().includes(wanted)) &&
      (!gate || item.texts.some((text) => (!system || text[0] === system) && text[4].includes(gate))));
    at = 0;
    show();
  }

  // -- one text ----------------------------------------------------------------------------------------------------
  function body(text, spans) {
    const letters = Array.from(text);                                  // offsets count code points
    const marked = spans.filter(([, start, end]) => end > start);
    const cuts = [...new Set([0, letters.length, ...marked.flatMap(([, start, end]) => [start, end])])]
      .filter((cut) => cut <= letters.length).sort((a, b) => a - b);
    const element = make("p", "body");
    element.lang = "zh-CN";
    for (let i = 0; i + 1 < cuts.length; i++) {
      const piece = letters.slice(cuts[i], cuts[i + 1]).join("");
      const reasons = marked.filter(([, start, end]) => start <= cuts[i] && end >= cuts[i + 1]).map(([number]) => data.reasons[number]);
      element.append(reasons.length ? highlight(piece, reasons) : piece);
    }
    return element;
  }
  const SHOWN = 5;                                                      // reasons; the rest unfolds
  let tips = 0;
  function highlight(piece, reasons) {
    const tip = make("span", "tip", ...reasons.map((reason) =>
      make("span", "", `${kindOf(reason)}: ${told(reason)} · ${reason[REASON.basis]} → ${reason[REASON.suggestion]} `)));
    tip.id = `tip-${++tips}`;
    tip.setAttribute("role", "tooltip");
    const mark = make("mark", reasons.every((reason) => reason[REASON.severity] === "warn") ? "warn" : "", piece, tip);
    mark.tabIndex = 0;
    mark.setAttribute("aria-describedby", tip.id);
    const settle = () => {
      mark.classList.remove("hush");
      tip.classList.toggle("flip", mark.getBoundingClientRect().left > window.innerWidth * 0.6);
    };
    mark.addEventListener("mouseenter", settle);
    mark.addEventListener("focus", settle);
    mark.addEventListener("keydown", (event) => { if (event.key === "Escape") mark.classList.add("hush"); });
    return mark;
  }
  function reasonList(spans) {
    const lines = spans.map(([number, start, end]) => {
      const reason = data.reasons[number], place = end > start ? "" : say(" (whole text)", "（全文）");
      return make("li", "", make("b", "", kindOf(reason)), ` ${told(reason)}${place} · ${reason[REASON.basis]}`);
    });
    const list = make("ul", "reasons", ...lines.slice(0, SHOWN));
    if (lines.length > SHOWN) {
      const rest = lines.length - SHOWN;
      list.append(make("li", "", make("details", "", make("summary", "", say(`${rest} more`, `另有 ${rest} 处`)), make("ul", "reasons", ...lines.slice(SHOWN)))));
    }
    return list;
  }
  function opinion(criteria) {
    if (!criteria) return "";
    const mean = criteria.reduce((sum, one) => sum + one[1], 0) / criteria.length;
    const list = make("ul", "", ...criteria.map(([name, score, evidence, quoted]) =>
      make("li", "", `${name.replaceAll("_", " ")} ${score.toFixed(1)} `,
        make("span", "", evidence ? `“${evidence}”${quoted ? "" : say(" — not in the text", "（原文中没有）")}` : ""))));
    return make("details", "opinion", make("summary", "", say(`Judge preference ${mean.toFixed(2)} of 5`, `评审偏好 ${mean.toFixed(2)} / 5`)), list);
  }
  function card([system, text, ended, accepted, failed, spans, criteria]) {
    const head = make("p", "text-head", make("span", "", both(SYSTEMS[system])));
    const badge = (good, words) => head.append(make("span", `badge ${good ? "good" : "bad"}`, words));
    if (accepted !== null) badge(accepted, accepted ? say("✓ breaks no rule", "✓ 不违反规则") : say(`✗ ${spans.length} found`, `✗ ${spans.length} 处问题`));
    if (system !== "reference" && !ended) badge(false, say("✗ does not stop", "✗ 不会收尾"));
    if (failed.includes("name")) badge(false, say("✗ product not named", "✗ 未写商品名"));
    head.append(make("span", "badge", say(`${Array.from(text.trim()).length} characters`, `${Array.from(text.trim()).length} 字`)));
    return make("article", `text ${system}`, head, body(text, spans), reasonList(spans), opinion(criteria));
  }

  // -- one item ----------------------------------------------------------------------------------------------------
  function show() {
    const item = found[at];
    byId("count").textContent = found.length ? `${at + 1} / ${found.length}` : say("nothing found", "没有结果");
    if (!item) { byId("item").replaceChildren(); return; }
    const product = data.products[item.product] || { name: item.product, ingredients: [], features: [], category: "", audience: "", evidence: [], claims: [] };
    const name = make("b", "", product.name);
    name.lang = "zh-CN";
    const head = make("p", "item-head", name, ` · ${both(data.types[item.type])}`,
      item.judged ? "" : say(" · left out of all figures: no accepted reference", " · 不计入统计：没有合格参考文案"));
    const sheet = make("p", "sheet", [product.category, product.ingredients.join("、"), product.features.join("、"), product.audience,
      ...product.claims, ...product.evidence].filter(Boolean).join(" · "));
    sheet.lang = "zh-CN";
    byId("item").replaceChildren(head, sheet, make("div", "texts", ...item.texts.map(card)));
  }
  function turn(by) {
    if (found.length) { at = (at + by + found.length) % found.length; show(); }
  }

  speak(); options(); filter();
  byId("viewer").hidden = false;
  byId("filters").addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("before").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input,select,textarea,.scroll")) return;
    const viewer = byId("viewer"), box = viewer.getBoundingClientRect();
    const inSight = box.top < window.innerHeight && box.bottom > 0;
    if (!inSight && !viewer.contains(event.target)) return;             // elsewhere the arrows scroll, as ever
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
})();
