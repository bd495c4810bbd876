// Runs inside a page: what people would see, measured. Returns faults as texts.

globalThis.wall = (() => {
  const SLACK = 1.5;
  /** A line's box is higher than its letters; so much of it, above and below, may lie over another line's. */
  const LEADING = 0.22;
  /** Above capitals and below the tails of g and p a line's box is empty by so much of its height. */
  const [HEADROOM, FOOTROOM] = [0.2, 0.08];

  const name = (element) => {
    const own = element.id ? `#${element.id}` : [...element.classList].map((one) => `.${one}`).join("");
    const above = element.closest("[data-unit], [data-code], section, header, footer");
    return `${above && above !== element ? `${above.tagName.toLowerCase()}.${above.className} ` : ""}${element.tagName.toLowerCase()}${own}`;
  };

  const unseen = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "none" || style.visibility === "hidden" || style.clipPath !== "none") return true;
    }
    return false;
  };

  /** Every line of text: [text node, element, rectangle]. */
  function lines() {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.data.trim() || ["SCRIPT", "NOSCRIPT", "STYLE"].includes(node.parentElement.tagName) || unseen(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 0 && box.height > 0) found.push([node, node.parentElement, box]);
    }
    return found;
  }

  /** Text that a box with hidden overflow, a drawing or the window cuts. */
  function cut(all, wall) {
    const faults = [];
    for (const [node, element, box] of all) {
      const inner = { top: box.top + box.height * HEADROOM, bottom: box.bottom - box.height * FOOTROOM };
      for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
        const style = getComputedStyle(at);
        const drawing = at.tagName === "svg" && style.overflow !== "visible";
        const hides = (axis) => drawing || ["hidden", "clip"].includes(style[`overflow${axis}`]);
        const edge = at.getBoundingClientRect();
        const beside = hides("X") && (box.left < edge.left - SLACK || box.right > edge.right + SLACK);
        const below = hides("Y") && (inner.top < edge.top - SLACK || inner.bottom > edge.bottom + SLACK);
        if (at !== document.body && (beside || below)) {
          faults.push(`cut off by ${name(at)}: “${node.data.trim()}” (${name(element)})`);
          break;
        }
      }
      if (wall && (box.left < 0 || box.right > innerWidth || inner.top < 0 || inner.bottom > innerHeight)) {
        faults.push(`outside of the wall: “${node.data.trim()}” (${name(element)})`);
      }
    }
    return faults;
  }

  function overlaps(all) {
    const faults = [];
    const boxes = all.map(([node, element, box]) => ({
      node, element, left: box.left + SLACK, right: box.right - SLACK,
      top: box.top + box.height * LEADING, bottom: box.bottom - box.height * LEADING,
    }));
    boxes.sort((one, other) => one.top - other.top);
    for (let i = 0; i < boxes.length; i += 1) {
      for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j += 1) {
        const [one, other] = [boxes[i], boxes[j]];
        if (one.node !== other.node && one.left < other.right && other.left < one.right) {
          faults.push(`overlap: “${one.node.data.trim()}” (${name(one.element)}) and “${other.node.data.trim()}” (${name(other.element)})`);
        }
      }
    }
    return faults;
  }

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }
  const over = ([r, g, b, a], ground) => [r, g, b].map((one, at) => one * a + ground[at] * (1 - a));
  const luminance = (colour) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, part, at) => {
      const share = colour[at] / 255;
      return sum + part * (share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
    }, 0);
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  /** What lies behind an element's text: backgrounds of those around it, and drawn shapes before it under its middle. */
  function ground(element, box) {
    const around = [];
    for (let at = element; at; at = at.parentElement) around.unshift(at);
    let colour = [255, 255, 255];
    for (const at of around) if (!(at instanceof SVGElement)) colour = over(rgba(getComputedStyle(at).backgroundColor), colour);
    if (!(element instanceof SVGElement)) return colour;
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    for (const shape of element.ownerSVGElement.querySelectorAll("rect")) {
      if (shape.compareDocumentPosition(element) !== Node.DOCUMENT_POSITION_FOLLOWING) continue;
      const edge = shape.getBoundingClientRect();
      if (x < edge.left || x > edge.right || y < edge.top || y > edge.bottom) continue;
      const style = getComputedStyle(shape);
      const [r, g, b, a] = rgba(style.fill);
      colour = over([r, g, b, a * Number(style.opacity)], colour);
    }
    return colour;
  }

  function faint(all, least) {
    const faults = new Set();
    for (const [node, element, box] of all) {
      const style = getComputedStyle(element);
      let opacity = 1;
      for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
      const behind = ground(element, box);
      const [r, g, b, a] = rgba(element instanceof SVGElement ? style.fill : style.color);
      const found = contrast(over([r, g, b, a * opacity], behind), behind);
      if (found < least) faults.add(`contrast ${found.toFixed(2)}: “${node.data.trim().slice(0, 40)}” (${name(element)})`);
    }
    return [...faults];
  }

  /** Height of an element's digits and capitals as they are drawn, in percent of the window's height. */
  function drawn(selector) {
    const element = document.querySelector(selector);
    if (!element) return null;
    const style = getComputedStyle(element);
    canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const glyph = canvas.measureText(element.textContent.trim().replace(/[^0-9A-Z]/g, "").slice(0, 1) || "0");
    return { text: element.textContent.trim(), percent: (100 * glyph.actualBoundingBoxAscent) / innerHeight };
  }

  function look({ wall }) {
    const all = lines();
    const page = document.scrollingElement;
    const faults = [...cut(all, wall), ...overlaps(all), ...faint(all, 4.5)];
    if (page.scrollWidth > innerWidth) faults.push(`wider than the window: ${page.scrollWidth} > ${innerWidth}`);
    if (wall && page.scrollHeight > innerHeight) faults.push(`higher than the wall: ${page.scrollHeight} > ${innerHeight}`);
    return faults;
  }

  /** What tells a stop of the keyboard from the others; the page may draw it anew at any time. */
  const stop = (element) => [name(element), element.getAttribute("href"), element.textContent.trim()].join(" ");
  const stops = new Set();

  /** Stops that there are and that `focused` has not seen. */
  const missed = () =>
    [...document.querySelectorAll("a[href], button, input, [tabindex='0']")]
      .filter((one) => !unseen(one) || one.matches(".skip"))
      .map(stop)
      .filter((one) => !stops.has(one));

  /** Whether what has the focus shows it. */
  function focused() {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    stops.add(stop(element));
    return { name: name(element), seen: ring && !unseen(element), inMain: Boolean(element.closest("main")) };
  }

  return { look, drawn, missed, focused };
})();
