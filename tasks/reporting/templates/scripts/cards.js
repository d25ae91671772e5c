// One item: the product's sheet, what the judge said of it in both orders, and a card for each system's text.
const data = JSON.parse(byId("viewer-data").textContent);
const SYSTEMS = { reference: ["Reference", "参考文案"], base: ["Base", "基座"], sft: ["SFT", "SFT"], grpo: ["GRPO", "GRPO"] };
const T = { system: 0, text: 1, ended: 2, accepted: 3, failed: 4, spans: 5, criteria: 6 };
const mean = (criteria) => criteria.reduce((sum, one) => sum + one[1], 0) / criteria.length;
const disagrees = ([, , first, second]) => Boolean(first && second && first !== second);

function opinion(criteria) {
  if (!criteria) return "";
  const list = make("ul", "", ...criteria.map(([name, score, evidence, quoted]) =>
    make("li", "", `${data.criteria[name].replaceAll("_", " ")} ${score.toFixed(1)} `,
      make("span", "", evidence ? `“${evidence}”${quoted ? "" : say(" — not in the text", "（原文中没有）")}` : ""))));
  const shown = mean(criteria).toFixed(2);
  return make("details", "opinion", make("summary", "", say(`Judge preference ${shown} of 5`, `评审偏好 ${shown} / 5`)), list);
}

function card(entry) {
  const [system, text, ended, accepted, failed, spans, criteria] = entry;
  const head = make("p", "text-head", make("span", "", both(SYSTEMS[system])));
  const badge = (good, words) => head.append(make("span", `badge ${good ? "good" : "bad"}`, words));
  if (accepted !== null) badge(accepted, accepted ? say("✓ breaks no rule", "✓ 不违反规则") : say(`✗ ${spans.length} found`, `✗ ${spans.length} 处问题`));
  if (system !== "reference" && !ended) badge(false, say("✗ does not stop", "✗ 不会收尾"));
  if (failed.includes("name")) badge(false, say("✗ product not named", "✗ 未写商品名"));
  const letters = Array.from(text.trim()).length;
  head.append(make("span", "badge", say(`${letters} characters`, `${letters} 字`)));
  return make("article", `text ${system}`, head, body(text, spans), reasonList(spans), opinion(criteria));
}

// What each duel of the item came to; `left` and `right` are the systems, whichever stood first.
function duelLine([left, right, first, second]) {
  const name = (winner) => (winner === "tie" ? say("a tie", "平局") : both(SYSTEMS[winner === "left" ? left : right]));
  const said = !first || !second ? say("one order is missing", "缺一种次序")
    : first === second ? name(first)
    : say(`orders disagree: ${name(first)}, then ${name(second)}`, `次序不一致：先为${name(first)}，后为${name(second)}`);
  return make("li", first !== second ? "odd" : "", `${both(SYSTEMS[left])} – ${both(SYSTEMS[right])}: `, make("b", "", said));
}

function duels(item) {
  if (!item.duels.length) return "";
  const odd = item.duels.filter(disagrees).length;
  const head = say(`The judge's duels${odd ? `: orders disagree in ${odd}` : ""}`, `评审对决${odd ? `：${odd} 场次序不一致` : ""}`);
  return make("details", "opinion", make("summary", "", head), make("ul", "", ...item.duels.map(duelLine)));
}

const NO_SHEET = { name: "", category: "", ingredients: [], features: [], audience: "", claims: [], evidence: [] };
const sheetOf = (item) => data.products[item.product] || { ...NO_SHEET, name: item.product };

function itemView(item) {
  const product = sheetOf(item), name = make("b", "", product.name), link = make("a", "permalink", say("link", "链接"));
  name.lang = "zh-CN";
  link.href = addressOf(item);
  const head = make("p", "item-head", name, ` · ${both(data.types[item.type])} `, link,
    item.judged ? "" : say(" · left out of all figures: no accepted reference", " · 不计入统计：没有合格参考文案"));
  head.tabIndex = -1;
  const sheet = make("p", "sheet", [product.category, product.ingredients.join("、"), product.features.join("、"), product.audience,
    ...product.claims, ...product.evidence].filter(Boolean).join(" · "));
  sheet.lang = "zh-CN";
  return [head, sheet, duels(item), make("div", "texts", ...item.texts.map(card))].filter(Boolean);
}
