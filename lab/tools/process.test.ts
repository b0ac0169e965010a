import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logged, output, run, start, startDaemon, startReady } from "./process";
import { startOf } from "./processes";
import { until } from "./until";

const sh = (script: string): string[] => ["sh", "-c", script];

describe("A program", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "process-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("says what it prints, to the last newline", async () => {
    assert.equal(await output(sh("echo said; echo aside >&2")), "said\n");
  });

  it("reads the lines that it is given, and otherwise nothing", async () => {
    assert.equal(await output(["cat"], { input: ["one", "two"] }), "one\ntwo\n");
    assert.equal(await output(["cat"]), "");
  });

  it("has the variables that are added to this process's", async () => {
    assert.equal(await output(sh('echo "$ADDED $PATH"'), { env: { ADDED: "added" } }), `added ${process.env.PATH}\n`);
  });

  it("is heard line by line", async () => {
    const heard: string[][] = [];
    await start(sh("printf 'o'; echo ne; echo aside >&2; printf two"), {}, (...line) => heard.push(line)).ended;
    assert.deepEqual(heard.sort(), [
      ["aside", "stderr"],
      ["one", "stdout"],
      ["two", "stdout"],
    ]);
  });

  it("is ready with the first line that it prints, and runs until it is stopped", async () => {
    const { firstLine, stop, ended } = await startReady(sh("echo aside >&2; echo ready; exec cat"), { input: "open" });
    assert.equal(firstLine, "ready");
    stop();
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stdout, stderr], [undefined, "ready\n", "aside\n"]);
  });

  it("that ends before it is ready is an error with all that it said", async () => {
    await assert.rejects(startReady(sh("echo wrong >&2; exit 3")), /^Error: sh -c .* ended with 3:\nwrong/s);
    await assert.rejects(startReady(["no-such-program"]), /must be installed/);
  });

  it("ends with its code, or with none when a signal ends it", async () => {
    const { code, stdout, stderr, output: both } = await run(sh("echo out; sleep 0.1; echo err >&2; exit 3"));
    assert.deepEqual([code, stdout, stderr, both], [3, "out\n", "err\n", "out\nerr\n"]);
    assert.equal((await run(sh("kill -9 $$"))).code, undefined);
  });

  it("that fails is an error with all that it said", async () => {
    await assert.rejects(output(sh("echo out; echo err >&2; exit 3")), /^Error: sh -c .* ended with 3:\nout\nerr/s);
    await assert.rejects(output(sh("kill -9 $$")), /ended with a signal/);
  });

  it("that is not there is named", async () => {
    await assert.rejects(output(["no-such-program"]), /^Error: no-such-program must be installed and on PATH$/);
    await assert.rejects(start(["no-such-program"]).ended, /must be installed/);
  });

  it("adds its output to a log, and its error shows the end of the log", async () => {
    const log = join(directory, "logs", "build.log");
    await logged(log, sh("echo first"));
    await assert.rejects(logged(log, sh("echo second; exit 1")), /ended with 1:\n.*first\n.*second\n\n.*build\.log/s);
    assert.equal(readFileSync(log, "utf8"), "$ sh -c echo first\nfirst\n$ sh -c echo second; exit 1\nsecond\n");
  });

  it("that is a daemon writes to its log, and tells when it has ended", async () => {
    const log = join(directory, "daemon.log");
    const running = startDaemon(log, sh("echo $$; exec sleep 60"));
    const pid = Number(await until("its first line", async () => readFileSync(log, "utf8").trim() || undefined));
    assert.ok(running() && startOf(pid));
    process.kill(-pid, "SIGKILL"); // at the head of a group
    await until("its end", async () => !running());
    const absent = startDaemon(log, ["no-such-program"]);
    await until("its failure", async () => !absent());
  });
});
