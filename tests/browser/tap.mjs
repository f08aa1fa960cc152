// Steps of a story as TAP: after a step failed, the rest is said to fail too.
export class Tap {
  constructor(story) {
    this.story = story;
    this.n = 0;
    this.bad = 0;
  }

  async step(name, fn) {
    this.n += 1;
    const line = `${this.n} - ${this.story}: ${name}`;
    try {
      await fn();
      console.log("ok " + line);
    } catch (e) {
      this.bad += 1;
      console.log("not ok " + line);
      console.log(String(e.stack || e).split("\n").slice(0, 25).map((l) => "# " + l).join("\n"));
    }
  }

  end() {
    console.log(`1..${this.n}`);
    process.exitCode = this.bad || !this.n ? 1 : process.exitCode;
  }
}

export function equal(got, want, what = "") {
  if (got !== want) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(what);
}
