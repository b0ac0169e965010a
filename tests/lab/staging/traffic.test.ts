import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import tls from "node:tls";
import { after, before, describe, it } from "mocha";
import { ask, rootOf, until } from "../../../lab";
import { attach, patient, served } from "../support/application";
import { silentWay } from "../support/silence";
import { Wire } from "../support/wire";

/** A gRPC service whose only method streams a message a second, 20 of them. */
const streaming = (): http2.Http2Server =>
  http2.createServer().on("stream", async (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    for (let left = 20; left > 0; left--) {
      await sleep(1_000);
      stream.write(Buffer.from([0, 0, 0, 0, 1, left]));
    }
    stream.end();
  });

/** Counts requests, and treats each as `answer` says. */
const counting = (answer: (response: http.ServerResponse) => void) => {
  const counted = { requests: 0 };
  const server = http.createServer((_, response) => {
    counted.requests++;
    answer(response);
  });
  return { server, counted };
};

describe("What takes its time", () => {
  const own = "own-policy";
  let hosts: Record<string, string>;
  let removals: (() => Promise<void>)[];
  before(async () => {
    const route = [{ matches: [{ path: { type: "PathPrefix", value: "/short" } }], timeouts: { request: "2s" } }, {}];
    const policy = { retry: { numRetries: 1 } };
    const attached = {
      patient: await attach("patient", { servers: [patient()], rules: route }),
      grpc: await attach("grpc", { servers: [streaming()], kind: "GRPCRoute" }),
      [own]: await attach(own, { servers: [patient()], policy }),
      merged: await attach("merged", { servers: [patient()], policy: { mergeType: "StrategicMerge", ...policy } }),
    };
    hosts = Object.fromEntries(Object.entries(attached).map(([name, { host }]) => [name, host]));
    removals = Object.values(attached).map(({ remove }) => remove);
    for (const host of [hosts.patient, hosts[own], hosts.merged]) await served(host ?? "");
  });
  after(() => Promise.all(removals.map((remove) => remove())));

  it("arrives whole, side by side: answers, lines, gRPC, WebSockets, slow uploads; slow headers do not", async () => {
    const { patient: host = "", grpc = "", merged = "", [own]: ownHost = "" } = hosts;
    const timeout = 60_000;
    const lines = (protocol: string) => ask(host, { path: "/lines?40", protocols: [protocol], timeout });
    const wait = (at: string, path = "/wait?20") => ask(at, { path, timeout }).then(({ status }) => status);
    const came = await Promise.all([
      wait(host),
      wait(merged),
      wait(ownHost),
      wait(host, "/short?20"),
      grpcStream(grpc),
      webSocket(host, 30),
      upload(host, 20),
      dribble(host),
      ...["h2", "http/1.1"].map((each) => lines(each).then(({ body }) => body.split("\n").length)),
    ]);
    assert.deepEqual(came, [
      200,
      200, // by a policy of its own that is merged into the Gateway's
      504, // by one that takes its place, and brings Envoy's 15 seconds back
      504, // by the route's own timeout
      { messages: 20, status: "0" },
      "again",
      200,
      408,
      42,
      42,
    ]);
  });
});

/** Headers of which a byte comes each second, and no end: the status that the edge ends them with. */
const dribble = async (host: string): Promise<number> => {
  const wire = await Wire.secure(host);
  wire.socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
  const more = setInterval(() => wire.socket.write("a"), 1_000);
  await wire.closed;
  clearInterval(more);
  return wire.status;
};

/** A body of which a byte comes each second: the status of its answer. */
const upload = async (host: string, seconds: number): Promise<number> => {
  const wire = await Wire.secure(host);
  wire.send("POST / HTTP/1.1", `Host: ${host}`, "Connection: close", `Content-Length: ${seconds}`);
  for (let left = seconds; left > 0; left--) {
    await sleep(1_000);
    wire.socket.write("a");
  }
  await wire.closed;
  return wire.status;
};

/** What comes back on a WebSocket after so many seconds without a byte. */
const webSocket = async (host: string, seconds: number): Promise<string> => {
  const wire = await Wire.secure(host);
  wire.send(
    "GET / HTTP/1.1",
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
  );
  await until("the upgrade", async () => wire.received.endsWith("\r\n\r\n"));
  assert.equal(wire.status, 101);
  const before = wire.received.length;
  await sleep(seconds * 1_000);
  wire.socket.write("again");
  await until("the echo", async () => wire.received.length === before + "again".length);
  wire.socket.destroy();
  return wire.received.slice(before);
};

/** A call of the streaming service. */
const grpcStream = (host: string): Promise<{ messages: number; status: string }> =>
  new Promise((resolve, reject) => {
    const session = http2.connect(`https://${host}`, { ca: rootOf("staging") });
    session.once("error", reject);
    const headers = {
      ":method": "POST",
      ":path": "/test.Lines/Watch",
      "content-type": "application/grpc",
      te: "trailers",
    };
    const stream = session.request(headers);
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.once("error", reject);
    stream.once("trailers", (trailers) => {
      resolve({ messages: bytes / 6, status: String(trailers["grpc-status"]) });
      session.close();
    });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });

describe("An application that fails", () => {
  const attached: { remove: () => Promise<void> }[] = [];
  after(() => Promise.all(attached.map(({ remove }) => remove())));

  const put = async (...args: Parameters<typeof attach>) => {
    const application = await attach(...args);
    attached.push(application);
    return application.host;
  };

  it("costs no request while one of its pods refuses connections", async () => {
    const { server, counted } = counting((response) => response.end("alive"));
    const host = await put("half-dead", { servers: [server, undefined] });
    await served(host);
    const before = counted.requests;
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(host)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(counted.requests - before, 40);
  });

  it("sees no request twice: neither one that it answered 503, nor one that it read and dropped", async () => {
    for (const [name, answer] of [
      ["busy", (response: http.ServerResponse) => void response.writeHead(503).end("busy")],
      ["crashing", (response: http.ServerResponse) => void response.socket?.destroy()],
    ] as const) {
      const { server, counted } = counting(answer);
      const host = await put(name, { servers: [server] });
      await served(host, 503);
      const before = counted.requests;
      assert.equal((await ask(host)).status, 503);
      assert.equal(counted.requests - before, 1);
    }
  });

  it("is left by a quiet connection before it would close that itself, as Node.js does after 5 seconds", async () => {
    const ends: string[] = [];
    const server = http
      .createServer((_, response) => response.end("hello"))
      .on("connection", (socket: Socket) => {
        socket.once("end", () => ends.push("the proxy"));
        socket.once("timeout", () => ends.push("the application"));
      });
    const host = await put("quiet", { servers: [server] });
    await served(host);
    await until("the end of the connection", async () => ends.length > 0);
    assert.equal(ends[0], "the proxy");
  });
});

describe("Clients", () => {
  it("have more requests under way to one application than Envoy's 1,024", async () => {
    const { host, remove } = await attach("crowd", { servers: [patient()] });
    await served(host);
    // Half of the connections for each proxy, each with as many streams as it may have.
    const sessions = Array.from({ length: 24 }, () => http2.connect(`https://${host}`, { ca: rootOf("staging") }));
    try {
      await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
      const streams = sessions.flatMap((session) =>
        Array.from({ length: 100 }, () => session.request({ ":path": "/wait?8" })),
      );
      const answers = await Promise.all(streams.map((stream) => once(stream.resume(), "response")));
      const statuses = answers.map(([headers]) => Number((headers as http2.IncomingHttpHeaders)[":status"]));
      assert.deepEqual([...new Set(statuses)], [200]);
    } finally {
      for (const session of sessions) session.destroy();
      await remove();
    }
  });

  it("send 4 MiB of an upload by HTTP/2 before anything comes back: that much in each round trip", async () => {
    const application = await attach("upload", {
      servers: [
        http.createServer((request, response) => void request.resume().once("end", () => response.end("received"))),
      ],
    });
    const { host } = application;
    await served(host);
    const way = await silentWay(host);
    try {
      const session = http2.connect(`https://${host}`, { createConnection: () => through(host, way.port) });
      await once(session, "remoteSettings");
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      way.hold();
      const before = way.sent();
      const stream = session.request({ ":method": "POST", ":path": "/", "content-length": size });
      stream.end(Buffer.alloc(size));
      await until("4 MiB without an answer", async () => way.sent() - before >= 4 * 1_024 * 1_024);
      way.release();
      assert.equal(await text(stream), "received");
      session.destroy();
    } finally {
      way.close();
      await application.remove();
    }
  });

  it("have 100 streams on an HTTP/2 connection, and none at all once they flood the edge with resets", async () => {
    const { host, remove } = await attach("flood", { servers: [patient()] });
    await served(host);
    const session = http2.connect(`https://${host}`, { ca: rootOf("staging") });
    session.on("error", () => {});
    const [settings] = (await once(session, "remoteSettings")) as [http2.Settings];
    assert.equal(settings.maxConcurrentStreams, 100);
    const isOver = () => session.closed || session.destroyed;
    for (let count = 0; !isOver() && count < 100; count++) {
      const streams = Array.from({ length: 50 }, () => session.request({ ":path": "/wait?60" }));
      for (const stream of streams) stream.on("error", () => {});
      // Once this is answered, the edge has begun with all of them.
      await new Promise<void>((resolve) => {
        if (!session.ping(() => resolve())) resolve();
      });
      for (const stream of streams) stream.close(http2.constants.NGHTTP2_CANCEL);
      await turn();
    }
    assert.ok(isOver(), "5,000 resets were borne");
    assert.equal((await ask(host)).status, 200);
    await remove();
  });
});

const size = 20 * 1_024 * 1_024;

/** An HTTP/2 connection to a host through a port on this machine. */
const through = (host: string, port: number): tls.TLSSocket =>
  tls.connect({ host: "127.0.0.1", port, servername: host, ca: rootOf("staging"), ALPNProtocols: ["h2"] });
