// The language switch of a page without a viewer.
"use strict";
(() => {
  const root = document.documentElement;
  let zh = false;
  try { zh = (localStorage.getItem("copymill-lang") || navigator.language || "en").startsWith("zh"); } catch { zh = false; }
  function speak() {
    root.dataset.lang = zh ? "zh" : "en";
    root.lang = zh ? "zh-CN" : "en";
  }
  document.getElementById("language").addEventListener("click", () => {
    zh = !zh;
    try { localStorage.setItem("copymill-lang", zh ? "zh" : "en"); } catch { /* a file page may have no storage */ }
    speak();
  });
  speak();
})();
