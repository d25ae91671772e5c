// A text with its marked passages: what was found there, by which rule, on what legal basis, and what to do.
// Values are only ever set as text.
const SHOWN = 5;                                                        // reasons; the rest unfolds
const R = { rule: 0, kind: 1, severity: 2, zh: 3, en: 4, basis: 5, suggestion: 6 };
const told = (reason) => (zh ? reason[R.zh] : reason[R.en] || reason[R.zh]);
const kindOf = (reason) => both(data.kinds[reason[R.kind]]);
let tips = 0;

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function body(text, spans) {
  const letters = Array.from(text);                                    // offsets count code points
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

function highlight(piece, reasons) {
  const tip = make("span", "tip", ...reasons.map(explained));
  tip.id = `tip-${++tips}`;
  tip.lang = zh ? "zh-CN" : "en";
  tip.setAttribute("role", "tooltip");
  const mark = make("mark", reasons.every((reason) => reason[R.severity] === "warn") ? "warn" : "", piece, tip);
  mark.tabIndex = 0;
  mark.setAttribute("aria-describedby", tip.id);
  const open = () => { mark.classList.remove("hush"); place(mark, tip); };
  mark.addEventListener("mouseenter", open);
  mark.addEventListener("focus", open);
  mark.addEventListener("keydown", (event) => { if (event.key === "Escape") mark.classList.add("hush"); });
  return mark;
}

function explained(reason) {
  const line = (label, value) => (value ? make("span", "", make("i", "", label), value) : "");
  return make("span", "tip-reason", make("b", "", kindOf(reason)), make("code", "", reason[R.rule]), make("span", "", told(reason)),
    line(say("basis", "依据"), reason[R.basis]), line(say("instead", "建议"), reason[R.suggestion]));
}

// Under the passage, but never outside its text's column: on a phone a tip would else leave the screen.
function place(mark, tip) {
  const column = mark.parentElement.getBoundingClientRect(), line = [...mark.getClientRects()].at(-1);
  tip.style.left = `${Math.max(0, Math.min(line.left - column.left, column.width - tip.offsetWidth))}px`;
  tip.style.top = `${line.bottom - column.top}px`;
}

function reasonList(spans) {
  const lines = spans.map(([number, start, end]) => {
    const reason = data.reasons[number], where = end > start ? "" : say(" (whole text)", "（全文）");
    return make("li", "", make("b", "", kindOf(reason)), ` ${told(reason)}${where} · ${reason[R.basis]}`);
  });
  const list = make("ul", "reasons", ...lines.slice(0, SHOWN));
  if (lines.length > SHOWN) {
    const rest = lines.length - SHOWN;
    list.append(make("li", "", make("details", "", make("summary", "", say(`${rest} more`, `另有 ${rest} 处`)), make("ul", "reasons", ...lines.slice(SHOWN)))));
  }
  return list;
}
