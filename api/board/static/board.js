"use strict";

// The server draws everything; this file only brings a newer drawing in and says when it cannot.

const region = document.querySelector("[data-live]");

/** Makes `old` equal to `fresh` in place, so that nothing jumps and CSS can move what moved. */
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh.cloneNode(true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, i) => (i < before.length ? morph(before[i], node) : old.append(node.cloneNode(true))));
  before.slice(after.length).forEach((node) => node.remove());
}

/** Keeps a region as fresh as its server: by its stream, and by asking every few seconds. */
class Live {
  constructor(element, decorate) {
    this.element = element;
    this.decorate = decorate;
    this.reached = Date.now();
    this.said = Date.now();
    this.asking = false;
    this.again = false;
    setInterval(() => document.hidden || this.refresh(), Number(element.dataset.every) * 1000);
    setInterval(() => this.judge(), 1000);
    addEventListener("online", () => this.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    if (element.dataset.stream) this.listen();
  }

  listen() {
    const stream = new EventSource(this.element.dataset.stream);
    stream.addEventListener("index", () => this.refresh());
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.listen(), 5000);
    });
  }

  async refresh() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      const answer = await fetch(this.element.dataset.fragment, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.ok) this.draw(await answer.text());
    } catch (error) {
      console.warn("ikm: no fresh figures", error);
    }
    this.judge();
    await new Promise((done) => setTimeout(done, 1000));
    this.asking = false;
    if (this.again) {
      this.again = false;
      this.refresh();
    }
  }

  draw(html) {
    const fresh = document.createElement(this.element.nodeName);
    fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    this.decorate(fresh);
    this.hush(fresh);
    morphChildren(this.element, fresh);
    this.reached = Date.now();
  }

  /** What is read aloud changes at most once a minute; the figures themselves move all the time. */
  hush(fresh) {
    const [before, now] = [this.element, fresh].map((part) => part.querySelector("[role=status]"));
    if (before.textContent === now.textContent) return;
    if (Date.now() - this.said < 60000) now.textContent = before.textContent;
    else this.said = Date.now();
  }

  judge() {
    const seconds = Math.round((Date.now() - this.reached) / 1000);
    const lost = seconds > Number(this.element.dataset.lostAfter);
    if (!lost) return;
    this.element.firstElementChild.classList.add("stale");
    const status = this.element.querySelector("#status");
    status.className = "status stale";
    const text = this.element.dataset.lost.replace("#", status.dataset.at);
    for (const line of [status, this.element.querySelector("[role=status]")]) {
      if (line.textContent !== text) line.textContent = text;
    }
  }
}

/** The search box and the letters of the list; applied to each newer drawing before it is shown. */
class Sieve {
  constructor(form, list) {
    this.form = form;
    this.list = list;
    this.tone = "";
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.apply(list));
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-tone]");
      if (!button) return;
      this.tone = this.tone === button.dataset.tone ? "" : button.dataset.tone;
      this.apply(list);
    });
    this.apply(list);
  }

  apply(list) {
    const words = this.form.querySelector("input").value.toLowerCase().split(/\s+/);
    const rows = [...list.querySelectorAll("[data-find]")];
    for (const row of rows) {
      const found = words.every((word) => row.dataset.find.includes(word));
      row.hidden = !found || (this.tone !== "" && row.dataset.tone !== this.tone);
    }
    const shown = rows.filter((row) => !row.hidden).length;
    for (const button of list.querySelectorAll("button[data-tone]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tone === this.tone));
    }
    const none = list.querySelector("#kosong");
    if (none) none.hidden = shown > 0;
    const output = this.form.querySelector("output");
    const said = shown === rows.length ? output.dataset.all : output.dataset.some;
    output.value = said.replace("*", shown).replace("#", rows.length);
  }
}

if (region) {
  const form = document.getElementById("saring");
  const sieve = form && new Sieve(form, region);
  new Live(region, (fresh) => sieve && sieve.apply(fresh));
}
