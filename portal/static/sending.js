// What was said stays here, in memory alone, until the server has it: nothing is left on a shared
// machine. Sent again with its key it counts once.

const LONGEST_WAIT = 15000;
const FIRST_WAIT = 500;

export class Outbox {
  #jobs = [];
  #running = false;
  wake = () => {};

  /**
   * post(path, body): the answer, or an Error with `status` (none: the line is lost) and `code`;
   * changed(state, count): saved, saving, lost, signed_out, other_person; person: whose it is.
   */
  constructor(post, changed, person) {
    Object.assign(this, { post, changed, person });
  }

  get count() {
    return this.#jobs.length;
  }

  /** job: path, body() when its turn comes (null: not needed), done(answer), refused(error). */
  add(job) {
    this.#jobs.push(job);
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    let wait = FIRST_WAIT;
    while (this.count) {
      this.changed("saving", this.count);
      const job = this.#jobs[0];
      job.said ??= job.body();
      let ended = () => {};
      try {
        const answer = job.said && (await this.post(job.path, job.said));
        if (answer) ended = () => job.done(answer);
        wait = FIRST_WAIT;
      } catch (error) {
        const out = error.status === 401 || error.code === "sign_in.other_site";
        if (out || !error.status || error.status >= 500 || error.status === 429) {
          const renewed = out ? await renew(this.person).catch(() => "lost") : "lost";
          if (renewed === true && wait === FIRST_WAIT) wait += 1;
          else await this.#pause(renewed === true ? "lost" : renewed, wait);
          wait = Math.min(2 * wait, LONGEST_WAIT);
          continue;
        }
        ended = () => job.refused(error);
      }
      this.#jobs.shift();
      ended();
    }
    this.#running = false;
    this.changed("saved", 0);
  }

  /** Until it is time, or the line or the person is back. */
  #pause(state, wait) {
    this.changed(state, this.count);
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, wait);
    });
  }
}

/** True once the same person has signed in again, with their new word; else the state. */
async function renew(person) {
  const me = await fetch("/api/v1/me");
  if (!me.ok) return "signed_out";
  if ((await me.json()).name !== person) return "other_person";
  const page = new DOMParser().parseFromString(await (await fetch("/password")).text(), "text/html");
  const csrf = 'meta[name="csrf"]';
  document.querySelector(csrf).content = page.querySelector(csrf).content;
  return true;
}
