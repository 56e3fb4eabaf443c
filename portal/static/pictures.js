// Pictures of zones and pages, each asked for once, before it is needed.

import { el, word } from "./cards.js";

const AHEAD = 10;

/** Put an element over a box of what is shown of a page. */
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
  #images = new Map();

  constructor(review, here, pane, sheet) {
    Object.assign(this, { review, here, pane, sheet, page: null, whole: false });
    this.lit = el("div", { class: "lit", hidden: "" });
  }

  #image(page, zone) {
    const wanted = [zone && `&zone=${zone}`, this.review.pdf && `&pdf=${this.review.pdf}`].filter(Boolean);
    const address = this.here.replace("?", `/picture/${page}?`) + wanted.join("");
    if (!this.#images.has(address)) {
      const image = new Image();
      image.decoding = "sync";
      image.src = address;
      this.#images.set(address, image);
    }
    return this.#images.get(address);
  }

  /** The zone of a doubt, large; null where it is not known. */
  zone(card) {
    if (!card.zone || !card.page) return null;
    const image = this.#image(card.page, card.zone);
    image.alt = word("zone", { label: card.label });
    const frame = el("div", { class: "frame" });
    lay(frame, card.box, card.zone);
    return el("div", { class: "zone" }, image, frame);
  }

  /** The pictures that the next doubts will need. */
  ahead(cards) {
    for (const card of cards.slice(0, AHEAD)) {
      if (card.zone) this.#image(card.page, card.zone);
      if (card.page) this.#image(card.page, null);
    }
  }

  /** Show a doubt's page with its zone lit, scrolled to it. */
  show({ page = 1, box }) {
    const size = this.review.pages.find((one) => one.number === page);
    if (!size) return;
    if (this.page !== page) {
      const image = this.#image(page, null);
      image.alt = word("page", { number: page });
      this.sheet.style.aspectRatio = `${size.width} / ${size.height}`;
      this.sheet.replaceChildren(image, this.lit);
      this.page = page;
    }
    this.lit.hidden = !box;
    lay(this.lit, box ?? [0, 0, 0, 0], [0, 0, size.width, size.height]);
    this.pane.scrollTop = this.lit.offsetTop + this.lit.offsetHeight / 2 - this.pane.clientHeight / 2;
  }

  /** The whole page, or as wide as there is room. */
  turn(card) {
    this.whole = this.pane.classList.toggle("paper-whole");
    this.show(card ?? {});
  }
}
