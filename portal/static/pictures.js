// Pictures of zones and pages: asked for before they are needed, and each only once.

import { el, word } from "./cards.js";

const AHEAD = 10;

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
    const [left, top, right, bottom] = box ?? [0, 0, 0, 0];
    const share = (length, whole) => `${(100 * length) / whole}%`;
    Object.assign(this.lit.style, {
      left: share(left, size.width),
      top: share(top, size.height),
      width: share(right - left, size.width),
      height: share(bottom - top, size.height),
    });
    this.pane.scrollTop = ((top + bottom) / 2 / size.height) * this.sheet.offsetHeight - this.pane.clientHeight / 2;
  }

  /** The whole page, or as wide as there is room. */
  turn(card) {
    this.whole = this.pane.classList.toggle("paper-whole");
    this.show(card ?? {});
  }
}
