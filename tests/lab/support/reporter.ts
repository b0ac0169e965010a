/** Mocha's own report, and after each file the seconds that it took. */
import { relative } from "node:path";
import { type MochaOptions, Runner, reporters, type Suite } from "mocha";

module.exports = class extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    let start = Date.now();
    runner.on(Runner.constants.EVENT_SUITE_END, ({ parent, file }: Suite) => {
      if (!parent?.root || !file) return;
      const seconds = (Date.now() - start) / 1_000;
      start = Date.now();
      console.log(`\n  ${seconds.toFixed(0)} s for ${relative(process.cwd(), file)}`);
    });
  }
};
