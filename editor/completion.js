// Completion from the graph that is served: its prefixes, classes, properties and instances.

import { autocompletion } from "@codemirror/autocomplete";

const KEYWORDS = `SELECT DISTINCT REDUCED WHERE CONSTRUCT DESCRIBE ASK FROM NAMED GRAPH OPTIONAL UNION MINUS
  FILTER BIND VALUES UNDEF EXISTS NOT IN AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET PREFIX BASE COUNT SUM
  MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR BOUND IF COALESCE STR LANG LANGMATCHES DATATYPE IRI BNODE CONCAT
  SUBSTR STRLEN REPLACE UCASE LCASE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER REGEX ABS ROUND CEIL FLOOR
  YEAR MONTH DAY isIRI isBLANK isLITERAL isNUMERIC sameTerm STRDT STRLANG true false`.split(/\s+/);
const MOST = 60;
const PAUSE = 250;
const NAME = /(?:[\p{L}\p{N}_-]*:)?[\p{L}\p{N}_.-]*$/u;
const VARIABLE = /[?$][\p{L}\p{N}_]*$/u;

// The extension; `addresses` say where the terms are and where instances are searched.
export function completion(addresses, language) {
  let known = null;
  const terms = async () => {
    known ??= fetch(addresses.terms).then((response) => response.json());
    return known.catch(() => {
      known = null;
      return { prefixes: {}, terms: [] };
    });
  };

  const variables = (context) => {
    const word = context.matchBefore(VARIABLE);
    if (!word) return null;
    const names = new Set(context.state.doc.toString().match(/[?$][\p{L}\p{N}_]+/gu));
    names.delete(word.text);
    return { from: word.from, options: [...names].map((label) => ({ label, type: "variable" })) };
  };

  const names = async (context) => {
    const word = context.matchBefore(NAME);
    if (!word || (!word.text && !context.explicit) || isElsewhere(context, word.from)) return null;
    const { prefixes, terms: all } = await terms();
    const typed = word.text.toLowerCase();
    const isType = /\sa\s+$/.test(context.state.sliceDoc(Math.max(0, word.from - 20), word.from));
    const ranked = (isType ? all.filter(({ kind }) => kind === "class") : all)
      .map((term) => ({ term, rank: rank(term, word.text) }))
      .filter(({ rank }) => rank < 9)
      .sort((a, b) => a.rank - b.rank || b.term.uses - a.term.uses)
      .slice(0, MOST);
    const options = (test) => ranked.filter(test).map(({ term }) => option(term, language, prefixes));
    const [near, far] = [options(({ rank }) => rank <= 2), options(({ rank }) => rank > 2)];
    const more = typed.includes(":") ? [] : plain(typed, prefixes);
    return { from: word.from, options: [...near, ...more, ...far], filter: false };
  };

  const instances = async (context) => {
    const word = context.matchBefore(/(?:[\p{L}\p{N}_-]*:)?[\p{L}\p{N}_-]{2,}$/u);
    if (!word || isElsewhere(context, word.from)) return null;
    const [local, prefix] = word.text.split(":").reverse();
    const question = new URLSearchParams({ q: local.replaceAll("-", " "), lang: language });
    // Asked when the typing pauses, and then heard to the end: a search that is cut off ends its worker.
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (context.aborted) return null;
    try {
      const { prefixes, terms: all } = await terms();
      const response = await fetch(`${addresses.search}?${question}`, { headers: { Accept: "application/json" } });
      if (!response.ok) return null;
      const known = new Set(all.map(({ iri }) => iri));
      const { hits } = await response.json();
      const options = hits
        .filter(({ iri }) => !known.has(iri) && iri.startsWith(prefixes[prefix] ?? ""))
        .map(({ iri, label, kindLabel }) => ({
          label: short(iri, prefixes),
          detail: kindLabel ? `${label} (${kindLabel})` : label,
          type: "constant",
          apply: (view, { label: name }, from, to) => insert(view, name, from, to, prefixes),
        }));
      return { from: word.from, options, filter: false };
    } catch {
      return null; // there is no search: the other completions remain
    }
  };

  return autocompletion({ override: [variables, names, instances], maxRenderedOptions: MOST });
}

function plain(typed, prefixes) {
  const words = typed
    ? KEYWORDS.filter((word) => word.toLowerCase().startsWith(typed))
        .map((label) => ({ label, type: "keyword" }))
    : [];
  const spaces = Object.keys(prefixes)
    .filter((prefix) => prefix.startsWith(typed))
    .map((prefix) => ({
      label: `${prefix}:`,
      detail: prefixes[prefix],
      type: "namespace",
      apply: (view, _, from, to) => insert(view, `${prefix}:`, from, to, prefixes),
    }));
  return [...words, ...(typed ? spaces : [])];
}

// How well a term fits what was typed, 0 best, 9 not at all: by its name, then by its labels.
function rank(term, text) {
  const typed = text.toLowerCase();
  const name = term.name.toLowerCase();
  const local = name.slice(name.indexOf(":") + 1);
  const labels = Object.values(term.labels).map((label) => label.toLowerCase());
  if (text && term.name.slice(term.name.indexOf(":") + 1).startsWith(text)) return 0;
  if (name.startsWith(typed) || local.startsWith(typed)) return 1;
  if (typed.includes(":")) {
    const [prefix, rest] = typed.split(":", 2);
    return name.startsWith(`${prefix}:`) && local.includes(rest) ? 2 : 9;
  }
  if (labels.some((label) => label.startsWith(typed))) return 3;
  return name.includes(typed) || labels.some((label) => label.includes(typed)) ? 4 : 9;
}

function option(term, language, prefixes) {
  return {
    label: term.name,
    detail: term.labels[language] ?? Object.values(term.labels)[0] ?? "",
    type: term.kind,
    apply: (view, _, from, to) => insert(view, term.name, from, to, prefixes),
  };
}

// Insert a name, and the declaration of its prefix where the query has none.
function insert(view, name, from, to, prefixes) {
  const prefix = /^([^<:]*):/.exec(name)?.[1];
  const text = view.state.doc.toString();
  const isDeclared = new RegExp(`prefix\\s+${prefix}:`, "i").test(text);
  const changes = [{ from, to, insert: name }];
  let shift = 0;
  if (prefix !== undefined && prefix in prefixes && !isDeclared) {
    const line = `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
    changes.unshift({ from: 0, insert: line });
    shift = line.length;
  }
  view.dispatch({
    changes,
    selection: { anchor: from + name.length + shift },
    userEvent: "input.complete",
  });
}

function short(iri, prefixes) {
  let best = `<${iri}>`;
  for (const [prefix, space] of Object.entries(prefixes)) {
    const local = iri.slice(space.length);
    if (iri.startsWith(space) && /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*)$/u.test(local)) {
      if (best.startsWith("<") || local.length < best.length - best.indexOf(":") - 1) best = `${prefix}:${local}`;
    }
  }
  return best;
}

// Whether a place is in a comment, a string, an IRI or a variable, where no name is written.
function isElsewhere(context, from) {
  const line = context.state.doc.lineAt(from);
  const text = line.text.slice(0, from - line.from).replace(/<[^>\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "");
  return /["'#]|<\S*$|[?$@]$/.test(text);
}
