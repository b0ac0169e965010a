import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "mocha";
import { ask } from "../../../lab";
import { attach, patient, served } from "../support/application";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import { exchange, Wire } from "../support/wire";

const whoami = `whoami.${domain}`;

describe("A setting of the traffic", () => {
  let restore: () => Promise<void>;
  let host: string;
  const removals: (() => Promise<void>)[] = [];
  before(async () => {
    const stack = await stagingEdge();
    restore = stack.keepSettings();
    stack.setBlocks({
      clientTraffic: {
        requestHeadersReceivedTimeout: "1s",
        requestReceivedTimeout: "4s",
        streamIdleTimeout: "2s",
        idleTimeout: "2s",
        connectionLimit: 20,
        initialStreamWindowSize: "64Ki",
        escapedSlashesAction: "RejectRequest",
        mergeSlashes: false,
        withUnderscoresAction: "Allow",
        http10: false,
      },
      backendTraffic: { requestTimeout: "4s", connectionIdleTimeout: "1s", maxParallelRequests: 2, numRetries: 0 },
    });
    await stack.up();
    const application = await attach("patient", { servers: [patient()] });
    removals.push(application.remove);
    host = application.host;
    await served(host);
    await eventually("the settings", async () => assert.equal((await ask(whoami, { path: "/a%2Fb" })).status, 400));
  });
  after(async () => {
    await Promise.all(removals.map((remove) => remove()));
    await restore();
  });

  it("lets paths, headers and versions of HTTP be as a client sends them, or not", async () => {
    assert.equal((await ask(host, { path: "/a//b" })).body, "/a//b\n");
    assert.match((await ask(whoami, { headers: { x_trace: "1" } })).body, /^X_trace: 1\r?$/m);
    assert.equal((await exchange(await Wire.secure(whoami), "GET / HTTP/1.0", `Host: ${whoami}`)).status, 426);
  });

  it("ends what takes longer", async () => {
    const headers = await Wire.secure(host);
    headers.socket.write("GET / HTTP/1.1\r\n");
    const body = await Wire.secure(host);
    body.send("POST / HTTP/1.1", `Host: ${host}`, "Content-Length: 100");
    const more = setInterval(() => body.socket.write("a"), 1_000);
    const idle = await Wire.secure(host);
    const quiet = await Wire.secure(host);
    quiet.send("GET / HTTP/1.1", `Host: ${host}`, "Connection: Upgrade", "Upgrade: websocket");
    const answer = ask(host, { path: "/lines?30", timeout: 20_000 });
    await Promise.all([
      ...[headers, body, idle, quiet].map(({ closed }) => closed),
      assert.rejects(answer, /NGHTTP2_|reset/),
    ]);
    clearInterval(more);
    assert.deepEqual(
      [headers, body, idle, quiet].map(({ status }) => status),
      [408, 408, 0, 101],
    );
  });

  it("limits requests to an application, and what is tried again", async () => {
    // What was cut off before is over at the application, too.
    await served(host);
    const busy = await Promise.all(Array.from({ length: 12 }, () => ask(host, { path: "/wait?1" })));
    const answered = (status: number) => busy.some((answer) => answer.status === status);
    assert.deepEqual([answered(200), answered(503)], [true, true]);
    const server = http.createServer((_, response) => response.end("alive"));
    const halfDead = await attach("half-dead", { servers: [server, undefined] });
    removals.push(halfDead.remove);
    await eventually("the route", async () => assert.equal((await ask(halfDead.host)).status, 200));
    const statuses: number[] = [];
    for (let count = 0; count < 20; count++) statuses.push((await ask(halfDead.host)).status);
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
  });

  it("limits the connections of a listener", async () => {
    const wires = await Promise.allSettled(Array.from({ length: 60 }, () => Wire.secure(host)));
    const open = wires.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    try {
      assert.ok(open.length <= 40, `${open.length} of 60 connections to two proxies are open`);
      assert.ok(open.length > 0);
    } finally {
      for (const { socket } of open) socket.destroy();
    }
  });
});
