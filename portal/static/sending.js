// What was said goes out one after the other and stays here, in memory alone, until the server has
// it: sent again with the same key it counts once. Nothing is left behind on a shared machine.

const LONGEST_WAIT = 15000;
const FIRST_WAIT = 500;

/** A name for one decision: the same whenever it is sent again. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  #jobs = [];
  #running = false;
  #wake = () => {};

  /**
   * post(path, body): the answer, or an Error with `status` (none: the line is lost) and `code`.
   * changed(state, count): "saved", "saving", "lost", "signed_out" or "other_person".
   * renew(): after the session ended: true when the same person has signed in again, else a state.
   */
  constructor(post, changed, renew) {
    this.post = post;
    this.changed = changed;
    this.renew = renew;
  }

  get count() {
    return this.#jobs.length;
  }

  /** job: path, body() made when its turn comes (null: not needed any more), done(answer), refused(error). */
  add(job) {
    this.#jobs.push(job);
    this.#run();
  }

  /** Try again now: the line is back, the person has returned. */
  wake() {
    this.#wake();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let wait = FIRST_WAIT;
    this.changed("saving", this.count);
    while (this.#jobs.length) {
      const job = this.#jobs[0];
      if (job.said === undefined) job.said = job.body();
      let ended = () => {};
      try {
        const answer = job.said === null ? null : await this.post(job.path, job.said);
        if (answer !== null) ended = () => job.done?.(answer);
        wait = FIRST_WAIT;
      } catch (error) {
        const out = error.status === 401 || error.code === "sign_in.other_site";
        if (out || !error.status || error.status >= 500 || error.status === 429) {
          const renewed = out ? await this.renew().catch(() => "lost") : "lost";
          if (renewed !== true || wait > LONGEST_WAIT / 2) {
            this.changed(renewed === true ? "lost" : renewed, this.count);
            await this.#pause(wait);
          }
          wait = Math.min(2 * wait, LONGEST_WAIT);
          continue;
        }
        ended = () => job.refused?.(error);
      }
      this.#jobs.shift();
      ended();
      this.changed(this.count ? "saving" : "saved", this.count);
    }
    this.#running = false;
  }

  #pause(wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
