// What makes text more than text: colours in code, formulas, and buttons that copy. The libraries are brought when there is
// something for them to do, and a page without them shows the text as it is.
import { reveal } from "./copy.js";

const maxCode = 50_000;

const colour = async (root) => {
  const blocks = [...root.querySelectorAll("pre > code[class^='language-']:not([data-done])")];
  if (blocks.length === 0) return;
  for (const code of blocks) code.dataset.done = "";
  const { default: hljs } = await import("/lib/highlight.min.js");
  for (const code of blocks) {
    const language = code.className.slice("language-".length);
    if (!hljs.getLanguage(language) || code.textContent.length > maxCode) continue;
    // What comes back is the text, encoded, in spans with classes.
    code.innerHTML = hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value;
    code.classList.add("hljs");
  }
};

const typeset = async (root) => {
  const formulas = [...root.querySelectorAll(".markdown .math:not([data-done]), .math:not([data-done])")];
  if (formulas.length === 0) return;
  for (const formula of formulas) formula.dataset.done = "";
  const { default: katex } = await import("/lib/katex.mjs");
  for (const formula of formulas) {
    const source = formula.textContent.trim().replace(/^\\[([]/, "").replace(/\\[)\]]$/, "").trim();
    try {
      katex.render(source, formula, { output: "mathml", displayMode: formula.tagName === "DIV", throwOnError: true, trust: false, maxExpand: 500, maxSize: 20 });
    } catch {
      // Not a formula: it stays as it was written.
      formula.textContent = formula.tagName === "DIV" ? `$$${source}$$` : `$${source}$`;
    }
  }
};

/** Brings to life what the server rendered below root. */
export const enhance = (root) => {
  if (!root?.querySelectorAll) return;
  reveal(root);
  colour(root).catch(() => {});
  typeset(root).catch(() => {});
};
