import assert from "node:assert/strict";
import { Screen, waitSince } from "./screen";

const challenge = (left: number) => ({ what: "the challenge of example.com", time: `${left} s left` });

/** A screen, and what has been written to it. */
const newScreen = (terminal: { isTTY?: boolean; columns?: number } = {}) => {
  const written: string[] = [];
  return { screen: new Screen({ ...terminal, write: (text) => written.push(text) }), written };
};

describe("The demo's screen", () => {
  it("rewrites the wait in place on a terminal, after the lines", () => {
    const { screen, written } = newScreen({ isTTY: true, columns: 80 });
    screen.wait(challenge(2));
    screen.line("created");
    screen.wait(challenge(1));
    screen.wait(undefined);
    const shown = (left: number) => `\x1b[2mwaiting for the challenge of example.com: ${left} s left\x1b[0m`;
    assert.deepEqual(written, [`\r\x1b[K${shown(2)}`, "\r\x1b[Kcreated\n", `\r\x1b[K${shown(1)}`, "\r\x1b[K"]);
  });

  it("keeps a wait to one line of the terminal", () => {
    const { screen, written } = newScreen({ isTTY: true, columns: 20 });
    screen.wait({ what: "the\nchallenge" });
    assert.deepEqual(written, ["\r\x1b[K\x1b[2mwaiting for the cha\x1b[0m"]);
  });

  it("writes a line elsewhere each time something else is awaited, and no colour", () => {
    const { screen, written } = newScreen();
    for (const awaited of [challenge(2), challenge(1), { what: "the Gateway" }, undefined, { what: "the Gateway" }])
      screen.wait(awaited);
    screen.line("created");
    assert.deepEqual(written, [
      "waiting for the challenge of example.com: 2 s left\n",
      "waiting for the Gateway\n",
      "waiting for the Gateway\n",
      "created\n",
    ]);
  });

  it("shows the wait while the work goes on, and no longer", async () => {
    const { screen, written } = newScreen({ isTTY: true });
    let end = (_: string) => {};
    const work = new Promise<string>((resolve) => {
      end = resolve;
    });
    const awaited = () => {
      end("done");
      return { what: "the work" };
    };
    assert.equal(await screen.during(work, awaited), "done");
    assert.deepEqual(written, ["\r\x1b[K\x1b[2mwaiting for the work\x1b[0m", "\r\x1b[K"]);
  });

  it("passes on that the work has failed", async () => {
    const { screen } = newScreen();
    await assert.rejects(
      screen.during(Promise.reject(new Error("work")), () => undefined),
      /^Error: work$/,
    );
  });
});

describe("A wait", () => {
  it("is shown from its third second on", () => {
    assert.equal(waitSince(1_000, "whoami", 3_999), undefined);
    assert.deepEqual(waitSince(1_000, "whoami", 4_000), { what: "whoami", time: "3 s so far" });
    assert.deepEqual(waitSince(1_000, "whoami", 64_999), { what: "whoami", time: "63 s so far" });
  });
});
