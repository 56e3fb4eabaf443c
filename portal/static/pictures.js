// Pictures of zones and pages: asked for before they are needed, and each only once.

import { el, word } from "./cards.js";

const AHEAD = 10;

export class Pictures {
  #images = new Map();

  constructor(review, pane, sheet) {
    Object.assign(this, { review, pane, sheet });
    this.page = null;
    this.lit = el("div", { class: "lit", hidden: true });
  }

  #address(page, zone) {
    const { dossier, number, department, pdf } = this.review;
    const query = new URLSearchParams({ department, ...(zone ? { zone: zone.join(",") } : {}), ...(pdf ? { pdf } : {}) });
    return `/review/${encodeURIComponent(dossier)}/${number}/picture/${page}?${query}`;
  }

  #image(page, zone) {
    const address = this.#address(page, zone);
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
    return image;
  }

  /** The pictures that the next doubts will need. */
  ahead(cards) {
    for (const card of cards.slice(0, AHEAD)) {
      if (card.zone) this.#image(card.page, card.zone);
      if (card.page) this.#image(card.page, null);
    }
  }

  /** Show a doubt's page with its zone lit, scrolled to it. */
  show(card) {
    const size = (this.review.pages ?? []).find((one) => one.number === (card.page ?? 1));
    if (!size) return;
    if (this.page !== size.number) {
      const image = this.#image(size.number, null);
      image.alt = word("page", { number: size.number });
      this.sheet.style.aspectRatio = `${size.width} / ${size.height}`;
      this.sheet.replaceChildren(image, this.lit);
      this.page = size.number;
    }
    this.lit.hidden = !card.box;
    if (card.box) {
      const [left, top, right, bottom] = card.box;
      const at = { left: left / size.width, top: top / size.height, width: (right - left) / size.width, height: (bottom - top) / size.height };
      for (const [side, share] of Object.entries(at)) this.lit.style[side] = `${100 * share}%`;
    }
    const middle = card.box ? (card.box[1] + card.box[3]) / 2 / size.height : 0;
    this.pane.scrollTop = middle * this.sheet.offsetHeight - this.pane.clientHeight / 2;
  }

  /** The whole page, or as wide as there is room. */
  turn(card) {
    this.pane.classList.toggle("paper-whole");
    this.show(card);
  }
}
