import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { mock } from "node:test";
import promises from "node:timers/promises";
import { readText } from "../components/resources/download";
import { written } from "./support/crdFiles";
import { setProxies } from "./support/proxies";

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

/** What the server does with one request. */
type Answer = (response: ServerResponse<IncomingMessage>) => void;

const text: Answer = (response) => response.end("text");
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end("no");
const hangUp: Answer = (response) => response.destroy();
/** Hangs up when half is sent. */
const half: Answer = (response) => {
  response.writeHead(200, { "content-length": "4" }).write("te", () => response.destroy());
};

describe("A text", () => {
  let origin: Server;
  let host: string;
  let answers: Answer[];
  let asked: number;
  let waits: number[];
  let restore: () => void;
  beforeEach(async () => {
    [asked, waits, answers] = [0, [], []];
    origin = createServer((_, response) => {
      // The last answer is given for ever.
      (answers[Math.min(asked, answers.length - 1)] ?? text)(response);
      asked += 1;
    });
    host = await listen(origin);
    restore = setProxies();
    mock.method(promises, "setTimeout", async (wait: number) => {
      waits.push(wait);
    });
  });
  afterEach(async () => {
    mock.restoreAll();
    restore();
    await close(origin);
  });

  const get = (): Promise<string> => readText("crds.gatewayApi", `http://${host}/crds.yaml`);
  /** How reading it fails. */
  const failure = async (): Promise<string> =>
    get().then(
      () => assert.fail("it is read"),
      ({ message }: Error) => message,
    );
  const message = (cause: string, check = "network access"): string =>
    `crds.gatewayApi must be readable, got http://${host}/crds.yaml: ${cause} (check ${check}, or set crds.gatewayApi to a mirror or a local copy)`;

  it("is read from a file", async () => {
    assert.equal(await readText("crds.gatewayApi", written("text")), "text");
  });

  it("is not read from a file that is not there, and the network is not to blame", async () => {
    restore();
    restore = setProxies({ HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "none.example" });
    await assert.rejects(readText("crds.gatewayApi", "no-such-file.yaml"), {
      message:
        "crds.gatewayApi must be readable, got no-such-file.yaml: ENOENT: no such file or directory, open 'no-such-file.yaml' (check the path, or set crds.gatewayApi to a mirror or a local copy)",
    });
  });

  it("is read from an address, by one request", async () => {
    assert.equal(await get(), "text");
    assert.deepEqual([asked, waits], [1, []]);
  });

  for (const [what, answer] of [
    ["is too busy (429)", status(429)],
    ["fails (500)", status(500)],
    ["cannot be reached by its front (503)", status(503)],
    ["hangs up", hangUp],
    ["hangs up half-way", half],
  ] as const) {
    it(`is asked for again when the server ${what}`, async () => {
      answers = [answer, answer, text];
      assert.equal(await get(), "text");
      assert.deepEqual([asked, waits], [3, [1_000, 2_000]]);
    });
  }

  for (const [code, reason] of [
    [404, "Not Found"],
    [403, "Forbidden"],
  ] as const) {
    it(`is not asked for again after ${code}`, async () => {
      answers = [status(code)];
      assert.equal(await failure(), message(`${code} ${reason}`));
      assert.equal(asked, 1);
    });
  }

  it("is given up after four tries, with the last one's cause", async () => {
    answers = [hangUp, status(500), status(500), status(503)];
    assert.equal(await failure(), message("503 Service Unavailable, after 4 tries"));
    assert.deepEqual([asked, waits], [4, [1_000, 2_000, 4_000]]);
  });

  it("is given up when the server cannot be reached, which names the address", async () => {
    await close(origin);
    assert.equal(await failure(), message(`connect ECONNREFUSED ${host}, after 4 tries`));
  });

  it("is asked for when the server says", async () => {
    answers = [status(429, { "retry-after": "7" }), status(503, { "retry-after": "0" }), text];
    assert.equal(await get(), "text");
    assert.deepEqual(waits, [7_000, 2_000]);
  });

  it("is asked for at the time that the server says", async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    answers = [status(503, { "retry-after": date }), text];
    assert.equal(await get(), "text");
    assert.ok(waits.length === 1 && waits[0] && waits[0] > 25_000 && waits[0] <= 30_000, `${waits}`);
  });

  it("is given up when the server asks for a longer wait than anybody wants", async () => {
    answers = [status(429, { "retry-after": "3600" })];
    assert.equal(await failure(), message("429 Too Many Requests, for another 3600 s"));
    assert.deepEqual([asked, waits], [1, []]);
  });

  describe("behind a proxy", () => {
    let proxy: Server;
    let through: string;
    let tunnels: string[];
    beforeEach(async () => {
      tunnels = [];
      proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client, head) => {
        tunnels.push(url);
        // Whatever name is asked for, it leads to the server: the proxy resolves it, not the program.
        const server = connect(Number(host.split(":")[1]), "127.0.0.1", () => {
          client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
          server.write(head);
          server.pipe(client).pipe(server);
        });
        for (const socket of [server, client]) socket.on("error", () => server.destroy());
      });
      through = await listen(proxy);
    });
    afterEach(() => close(proxy));

    /** Sets the variables until the test ends. */
    const set = (values: Record<string, string>): void => {
      restore();
      restore = setProxies(values);
    };
    const read = (address: string): Promise<string> => readText("crds.gatewayApi", address);

    for (const [what, value] of [
      ["an address", () => `http://${through}`],
      ["a host and a port", () => through],
    ] as const) {
      it(`comes through the one that HTTP_PROXY names by ${what}`, async () => {
        set({ HTTP_PROXY: value() });
        assert.equal(await read("http://mirror.example/crds.yaml"), "text");
        assert.deepEqual(tunnels, ["mirror.example:80"]);
      });
    }

    it("is asked of HTTPS_PROXY's for an https address", async () => {
      set({ HTTPS_PROXY: `http://${through}` });
      // The server does not speak TLS, so the text does not come: what counts is who was asked.
      await assert.rejects(read("https://mirror.example/crds.yaml"), ({ message }: Error) => {
        assert.match(
          message,
          /^crds\.gatewayApi must be readable, got https:\/\/mirror\.example\/crds\.yaml: .* \(check network access and HTTPS_PROXY, or set crds\.gatewayApi to a mirror or a local copy\)$/,
        );
        return true;
      });
      assert.deepEqual(tunnels, Array(4).fill("mirror.example:443"));
    });

    it("is asked directly of what NO_PROXY names", async () => {
      set({ http_proxy: `http://${through}`, no_proxy: "other.example,127.0.0.1" });
      assert.equal(await get(), "text");
      assert.deepEqual(tunnels, []);
    });

    it("is asked directly by http when only HTTPS_PROXY is set", async () => {
      set({ HTTPS_PROXY: `http://${through}` });
      assert.equal(await get(), "text");
      assert.deepEqual(tunnels, []);
    });

    it("is asked for again when the server behind it fails", async () => {
      set({ HTTP_PROXY: `http://${through}` });
      answers = [hangUp, status(503), text];
      assert.equal(await get(), "text");
      assert.equal(asked, 3);
    });

    it("is given up when the proxy cannot be reached, which names the variables", async () => {
      await close(proxy);
      set({ http_proxy: `http://user:password@${through}`, NO_PROXY: "other.example" });
      assert.equal(
        await failure(),
        message(`connect ECONNREFUSED ${through}, after 4 tries`, "network access and http_proxy and NO_PROXY"),
      );
    });

    it("is given up when the proxy is of an unknown kind", async () => {
      set({ HTTP_PROXY: "gopher://proxy.example" });
      assert.match(await failure(), /\(check network access and HTTP_PROXY, or set crds\.gatewayApi to /);
      assert.deepEqual(waits, []);
    });
  });
});
