// Which items are shown and in what order; turning the page; links that lead to one item
// (#item=product/type) or to what a gate refused (#gate=law&system=sft&type=paid_ad_bab).
let at = 0, found = [];

// -- filters -------------------------------------------------------------------------------------------------------
function fill(id, entries) {
  const select = byId(id), before = select.value;
  select.replaceChildren(...entries.map(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  }));
  select.value = entries.some(([value]) => value === before) ? before : entries[0][0];
}
const hasScores = data.items.some((item) => item.texts.some((text) => text[T.criteria]));
const hasDuels = data.items.some((item) => item.duels.length);
const present = Object.keys(SYSTEMS).filter((name) => data.items.some((item) => item.texts.some((text) => text[T.system] === name)));

function options() {
  fill("f-type", [["", say("all", "全部")], ...Object.entries(data.types).map(([id, pair]) => [id, both(pair)])]);
  fill("f-gate", [["", say("any or none", "不限")], ...Object.entries(data.gates).map(([id, pair]) => [id, both(pair)])]);
  fill("f-system", [["", say("any text", "任一文案")], ...present.map((name) => [name, both(SYSTEMS[name])])]);
  fill("f-judge", [["", say("any opinion", "不限")], ...(hasDuels ? [["odd", say("orders disagree", "次序不一致")]] : [])]);
  fill("f-sort", [["", say("by product", "按商品")], ...(hasScores ? [["score", say("worst score first", "低分在前")]] : []), ["faults", say("most faults first", "问题多在前")]]);
}

const looked = (item, system) => item.texts.filter((text) => (system ? text[T.system] === system : text[T.system] !== "reference"));
const least = (values) => Math.min(Infinity, ...values);
const SORTS = {
  score: (item, system) => least(looked(item, system).filter((text) => text[T.criteria]).map((text) => mean(text[T.criteria]))),
  faults: (item, system) => -Math.max(0, ...looked(item, system).map((text) => text[T.spans].length)),
};

function fits(item, wanted, [type, gate, system, judge]) {
  return (!type || item.type === type) &&
    (!wanted || sheetOf(item).name.toLowerCase().includes(wanted)) &&
    (!gate || item.texts.some((text) => (!system || text[T.system] === system) && text[T.failed].includes(gate))) &&
    (!judge || item.duels.some((duel) => disagrees(duel) && (!system || duel.slice(0, 2).includes(system))));
}
function filter() {
  const wanted = byId("f-product").value.trim().toLowerCase();
  const chosen = ["f-type", "f-gate", "f-system", "f-judge"].map((id) => byId(id).value);
  const sort = SORTS[byId("f-sort").value];
  found = data.items.filter((item) => fits(item, wanted, chosen));
  if (sort) {                                                           // each key is computed once, not at each comparison
    const keyed = found.map((item) => [sort(item, chosen[2]), item]);
    found = keyed.sort((one, other) => one[0] - other[0] || 0).map(([, item]) => item);
  }
  at = 0;
  show();
}

// -- one item ------------------------------------------------------------------------------------------------------
function show() {
  const item = found[at];
  byId("count").textContent = found.length ? `${at + 1} / ${found.length}` : say("nothing found", "没有结果");
  byId("item").replaceChildren(...(item ? itemView(item) : []));
}
function turn(by) {
  if (!found.length) return;
  at = (at + by + found.length) % found.length;
  show();
  history.replaceState(null, "", addressOf(found[at]));                 // a reload, or a copied address, comes back here
}

// -- links ---------------------------------------------------------------------------------------------------------
function addressOf(item) {
  return `#item=${encodeURIComponent(`${item.product}/${item.type}`)}`;
}
function follow() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const item = data.items.find((one) => `${one.product}/${one.type}` === asked.get("item"));
  const filters = ["type", "gate", "system", "judge", "sort"].filter((name) => asked.get(name));
  if (!item && !filters.length) return;
  if (!found.includes(item)) clear();
  for (const name of filters) byId(`f-${name}`).value = asked.get(name);
  if (filters.length) filter();
  at = Math.max(0, found.indexOf(item));
  show();
  byId("viewer").scrollIntoView();
  byId("item").firstChild?.focus({ preventScroll: true });
}
function clear() {
  byId("filters").reset();
  filter();
}

// -- keys ----------------------------------------------------------------------------------------------------------
const KEYS = { ArrowLeft: -1, ArrowRight: 1, k: -1, j: 1 };
function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || !KEYS[event.key] || event.target.closest("input,select,textarea,.scroll")) return;
  const viewer = byId("viewer"), box = viewer.getBoundingClientRect();
  const inSight = box.top < window.innerHeight && box.bottom > 0;
  if (inSight || viewer.contains(event.target)) turn(KEYS[event.key]);  // elsewhere the keys scroll, as ever
}

options();
filter();
byId("viewer").hidden = false;
redraw.push(options, show);
byId("filters").addEventListener("input", filter);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("clear").addEventListener("click", clear);
byId("before").addEventListener("click", () => turn(-1));
byId("next").addEventListener("click", () => turn(1));
document.addEventListener("keydown", pressed);
window.addEventListener("hashchange", follow);
follow();
