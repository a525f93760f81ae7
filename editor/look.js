// How the editor looks: the colours of the page's own style, in light and in dark.

import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.standard(tags.variableName)], color: "var(--code-keyword)" },
  { tag: [tags.atom, tags.meta], color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-text)" },
  { tag: tags.local(tags.variableName), color: "var(--code-variable)" },
  { tag: tags.comment, color: "var(--soft)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--ground)", fontSize: "13.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
    lineHeight: "1.5",
    minHeight: "12rem",
    maxHeight: "60vh",
    overflow: "auto",
  },
  ".cm-content": { caretColor: "var(--ink)", padding: ".5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--panel) 60%, transparent)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important",
  },
  ".cm-matchingBracket": { backgroundColor: "transparent !important", outline: "1px solid var(--accent)" },
  ".cm-tooltip": {
    backgroundColor: "var(--ground)", color: "var(--ink)", border: "1px solid var(--line)", maxWidth: "90vw",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)", color: "var(--on-accent)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: ".75", marginLeft: ".7em" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--wrong)" },
  ".cm-lintRange-error": {
    backgroundImage: "none", textDecoration: "underline wavy var(--wrong)", textUnderlineOffset: "3px",
  },
});

export const look = [StreamLanguage.define(sparql), syntaxHighlighting(colours), theme];
