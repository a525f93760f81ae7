// Makes the form of the editor page better where scripts run; without them the form works as it is.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";

import { completion } from "./completion.js";
import { Run } from "./run.js";
import { look } from "./look.js";

const form = document.getElementById("editor");
const field = document.getElementById("editor-query");

// In a shadow root the editor's styles are constructed sheets, which a strict style-src lets through.
const host = document.createElement("div");
host.className = "text";
const root = host.attachShadow({ mode: "open" });

const submit = () => {
  form.requestSubmit();
  return true;
};

// Chromium gives the text that replaces a selection an inline style, which the page does not allow:
// what is typed over a selection is put there by the editor itself.
function beforeinput(event, view) {
  const { from, to, empty } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || empty || view.composing) return false;
  const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type" });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handler) => handler(view, from, to, event.data, insert))) view.dispatch(insert());
  event.preventDefault();
  return true;
}

const view = new EditorView({
  root,
  parent: root,
  state: EditorState.create({
    doc: field.value,
    extensions: [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: submit }])),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      EditorView.lineWrapping,
      look,
      completion(form.dataset, document.documentElement.lang),
      // Tab is not bound: it leaves the field, as it leaves any other.
      keymap.of([
        ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap,
      ]),
      EditorView.domEventHandlers({ beforeinput }),
      EditorView.contentAttributes.of({ "aria-label": form.dataset.label, autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) field.value = update.state.doc.toString();
      }),
    ],
  }),
});

// What the server says of the query's syntax, underlined at its place.
function underline(result) {
  const { error, line, column } = result.dataset;
  const diagnostics = [];
  if (error && Number(line) >= 1 && Number(line) <= view.state.doc.lines) {
    const { from, to, text } = view.state.doc.line(Number(line));
    // The server counts characters, the editor UTF-16 units.
    const start = Math.min(from + [...text].slice(0, Number(column) - 1).join("").length, to);
    const word = /^\s*\S+/.exec(text.slice(start - from));
    const end = word ? start + word[0].length : to;
    diagnostics.push({ from: start === end ? from : start, to: end, severity: "error", message: error });
    view.dispatch({ selection: { anchor: start }, scrollIntoView: true });
  }
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

field.hidden = true;
field.required = false; // a field that cannot be seen cannot say that it is empty
field.after(host);
document.querySelector("label[for='editor-query']").addEventListener("click", () => view.focus());
document.getElementById("editor-hint").hidden = false;
const run = new Run(form, underline);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run.start();
});
document.getElementById("editor-cancel").addEventListener("click", () => run.stop());
document.addEventListener("click", (event) => {
  const link = event.target.closest("#result a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  run.start(link.dataset.view);
});
underline(document.getElementById("result"));
