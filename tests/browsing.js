// What is wrong with how a page looks and reads, as the browser sees it; a list of sentences.
() => {
  const wrong = [];
  const say = (element) => {
    const text = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()}> "${text}"`;
  };
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const widest = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !element.closest(".wide, pre"),
    );
    wrong.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}, ${widest.slice(0, 3).map(say)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not exactly one h1");
  if (!root.lang) wrong.push("no language");
  if (!document.title.trim()) wrong.push("no title");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not exactly one main");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) wrong.push(`id ${id} twice`);
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!field.hidden && !field.labels?.length && !field.ariaLabel && !field.getAttribute("aria-labelledby")) {
      wrong.push(`no label: ${field.outerHTML.slice(0, 80)}`);
    }
  }
  for (const each of document.querySelectorAll("a[href], button, summary")) {
    if (!each.textContent.trim() && !each.ariaLabel && !each.querySelector("title, img[alt]")) {
      wrong.push(`no name: ${each.outerHTML.slice(0, 80)}`);
    }
  }
  for (const image of document.querySelectorAll("img:not([alt])")) wrong.push(`no alt: ${image.src}`);
  for (const svg of document.querySelectorAll("svg:not(svg svg):not([aria-hidden=true])")) {
    if (!svg.querySelector("title") && !svg.ariaLabel) wrong.push("an SVG without title");
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.querySelector("th")) wrong.push(`a table without headings: ${say(table)}`);
  }

  // Boxes of texts that can be seen, one for each line.
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (parent.closest("select, textarea, title, desc, option")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const clip = parent.closest(".wide, pre, .cm-scroller")?.getBoundingClientRect();
    // What a drawing squeezes by `textLength` is as wide as its element, not as its range.
    const isSqueezed = parent.hasAttribute("textLength");
    for (const rect of isSqueezed ? [parent.getBoundingClientRect()] : range.getClientRects()) {
      if (rect.right <= 0 || rect.width < 1) continue; // put aside for those who cannot see
      if (clip && (rect.left >= clip.right || rect.top >= clip.bottom || rect.bottom <= clip.top)) continue;
      boxes.push({ rect, parent });
    }
  }
  boxes.sort((a, b) => a.rect.top - b.rect.top);
  const met = new Set();
  boxes.forEach((one, place) => {
    for (const other of boxes.slice(place + 1)) {
      if (other.rect.top > one.rect.bottom - 4) break;
      const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const down = Math.min(one.rect.bottom, other.rect.bottom) - other.rect.top;
      const pair = `texts overlap: ${say(one.parent)} and ${say(other.parent)}`;
      if (across > 3 && down > 5 && one.parent !== other.parent && !met.has(pair)) met.add(pair);
    }
  });
  wrong.push(...[...met].slice(0, 5));

  // Contrast as WCAG 2.2 §1.4.3 counts it; texts in drawings stand on what is drawn, and are left out.
  const colour = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = (channels) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
      const part = channels[at] / 255;
      return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const faint = new Set();
  for (const { parent } of boxes) {
    if (parent.closest("svg, .cm-editor")) continue;
    let ground = parent;
    while (ground && (colour(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
    const [style, under] = [getComputedStyle(parent), ground && getComputedStyle(ground).backgroundColor];
    if (!under || !under.startsWith("rgb") || !style.color.startsWith("rgb")) continue;
    const [high, low] = [light(colour(style.color)), light(colour(under))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) faint.add(`contrast ${ratio.toFixed(1)}: ${say(parent)}`);
  }
  wrong.push(...[...faint].slice(0, 5));
  return wrong;
};
