// Runs the query of the form: the same page as without a script, of which only the answer is taken.

// Addresses that are longer go as the body of a POST.
const LONGEST = 6000;

export class Run {
  #form;
  #done;
  #controller = null;
  #ticking = 0;

  constructor(form, done) {
    this.#form = form;
    this.#done = done;
    this.state = document.getElementById("editor-state");
    this.cancel = document.getElementById("editor-cancel");
  }

  // Ask; an answer under way is stopped, and its worker with it.
  async start(view = "") {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const pairs = new URLSearchParams();
    for (const [name, text] of new FormData(this.#form)) if (text) pairs.append(name, text);
    if (view && view !== "table") pairs.append("view", view);
    const address = `${this.#form.action}?${pairs}`;
    const options = { headers: { Accept: "text/html" }, signal: controller.signal };
    const isLong = address.length > LONGEST;
    this.#busy(true);
    try {
      const response = isLong
        ? await fetch(this.#form.action, { ...options, method: "POST", body: pairs })
        : await fetch(address, options);
      const text = await response.text();
      if (/^text\/html/.test(response.headers.get("Content-Type"))) this.#show(text);
      else this.state.textContent = JSON.parse(text).detail;
      if (!isLong) history.replaceState(null, "", address);
    } catch (error) {
      if (controller !== this.#controller) return; // another one has taken its place
      const { cancelled, failed } = this.#form.dataset;
      this.state.textContent = error.name === "AbortError" ? cancelled : failed;
    } finally {
      if (controller === this.#controller) this.#busy(false);
    }
  }

  stop() {
    this.#controller?.abort();
  }

  #show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const result = document.adoptNode(page.getElementById("result"));
    document.getElementById("result").replaceWith(result);
    // The links to this page in other languages take the query along.
    for (const { hreflang, href } of page.querySelectorAll("a[hreflang]")) {
      document.querySelector(`a[hreflang="${hreflang}"]`)?.setAttribute("href", href);
    }
    this.state.textContent = "";
    this.#done(result);
  }

  #busy(isBusy) {
    clearInterval(this.#ticking);
    this.cancel.hidden = !isBusy;
    document.getElementById("result").toggleAttribute("aria-busy", isBusy);
    if (!isBusy) return;
    const started = performance.now();
    const say = () => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      this.state.textContent = `${this.#form.dataset.running} … ${seconds} s`;
    };
    this.state.textContent = `${this.#form.dataset.running} …`;
    this.#ticking = setInterval(say, 100);
  }
}
