// Pictures of zones and pages, asked for before they are needed.

import { el, word } from "./cards.js";

const AHEAD = 10;

function lay(element, [left, top, right, bottom], [x0, y0, x1, y1]) {
  const share = (length, whole) => `${(100 * length) / whole}%`;
  Object.assign(element.style, {
    left: share(left - x0, x1 - x0),
    top: share(top - y0, y1 - y0),
    width: share(right - left, x1 - x0),
    height: share(bottom - top, y1 - y0),
  });
}

export class Pictures {
  #zones = new Map();
  #lit = el("div", { class: "lit" });
  whole = false;

  constructor({ pdf, pages }, here, pane) {
    Object.assign(this, { pdf, pages, here, pane });
    this.sheets = pages.map(({ number, width, height }) => {
      const sheet = el("div", { class: "sheet" }, el("img", { src: this.#address(number), loading: "lazy", alt: word("page", { number }) }));
      sheet.style.aspectRatio = width / height;
      return sheet;
    });
    pane.append(...this.sheets);
  }

  #address(page, more = "") {
    return this.here.replace("?", `/picture/${page}?`) + more + (this.pdf && `&pdf=${this.pdf}`);
  }

  #zone({ page, zone, label }) {
    const address = this.#address(page, `&zone=${zone}`);
    if (!this.#zones.has(address)) {
      this.#zones.set(address, el("img", { decoding: "sync", src: address, alt: word("zone", { label }) }));
    }
    return this.#zones.get(address);
  }

  /** The zone of a doubt, large; null where it is not known. */
  zone(card) {
    if (!card.zone) return null;
    const frame = el("div", { class: "frame" });
    lay(frame, card.box, card.zone);
    return el("div", { class: "zone" }, this.#zone(card), frame);
  }

  ahead(cards) {
    for (const card of cards.slice(0, AHEAD)) {
      if (card.zone) this.#zone(card);
      this.sheets[(card.page ?? 1) - 1]?.firstChild.setAttribute("loading", "eager");
    }
  }

  /** Show a doubt's page with its zone lit, scrolled to it. */
  show({ page = 1, box }) {
    const sheet = this.sheets[page - 1];
    const size = this.pages[page - 1];
    if (!sheet) return;
    sheet.append(this.#lit);
    lay(this.#lit, box ?? [0, 0, 0, 0], [0, 0, size.width, size.height]);
    const middle = box ? this.#lit.offsetTop + this.#lit.offsetHeight / 2 - this.pane.clientHeight / 2 : 0;
    this.pane.scrollTop = sheet.offsetTop + middle;
  }

  scroll(screens) {
    this.pane.scrollBy(0, screens * this.pane.clientHeight);
  }

  turn(card) {
    this.whole = this.pane.classList.toggle("paper-whole");
    this.show(card ?? {});
  }
}
