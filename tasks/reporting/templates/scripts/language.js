// The language switch. `zh` says which language is shown; `redraw` holds what has to be drawn again when it changes.
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const redraw = [];
let zh = false;
try { zh = (localStorage.getItem("copymill-lang") || navigator.language || "en").startsWith("zh"); } catch { zh = false; }
const say = (en, chinese) => (zh ? chinese : en);
const both = (pair) => pair[zh ? 1 : 0];

function speak() {
  root.dataset.lang = zh ? "zh" : "en";
  root.lang = zh ? "zh-CN" : "en";
}
byId("language").addEventListener("click", () => {
  zh = !zh;
  try { localStorage.setItem("copymill-lang", zh ? "zh" : "en"); } catch { /* a file page may have no storage */ }
  speak();
  for (const draw of redraw) draw();
});
// What is folded is printed too, but for whole model cards and repaired texts: these are read on a screen, or not at all.
const printed = () => [...document.querySelectorAll("details")].filter((fold) => !fold.closest(".model,.repaired"));
window.addEventListener("beforeprint", () => printed().forEach((fold) => { fold.open = true; }));
speak();
