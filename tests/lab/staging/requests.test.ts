import assert from "node:assert/strict";
import http2 from "node:http2";
import { describe, it } from "mocha";
import { ask, askPlain, rootOf } from "../../../lab";
import { domain } from "../support/edge";
import { exchange, Wire } from "../support/wire";

const host = `whoami.${domain}`;

/** The request as whoami saw it: its lines below those about whoami itself. */
const seen = (body: string): string => body.slice(body.search(/^[A-Z]+ \S+ HTTP\/1\.1\r?$/m));

/** The path that the application sees for one that a client sends. */
const pathOf = async (path: string): Promise<string | undefined> =>
  / (\S+) HTTP\/1\.1/.exec(seen((await ask(host, { path })).body))?.[1];

const versions = [["h2"], ["http/1.1"]];

/** Headers of so many bytes in all, none of them long. */
const headersOf = (bytes: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: Math.ceil(bytes / 7_000) }, (_, index) => [`x-${index}`, "a".repeat(7_000)]));

/** One HTTP/2 request on a session: its status, or the error that it ended with. */
const request = (session: http2.ClientHttp2Session, headers: Record<string, string>): Promise<number | string> =>
  new Promise((resolve) => {
    const stream = session.request({ ":path": "/", ...headers });
    stream.once("response", (response) => resolve(Number(response[":status"])));
    stream.once("error", ({ message }) => resolve(message));
    stream.resume();
  });

describe("A request", () => {
  describe("by its path", () => {
    for (const [sent, arrives, what] of [
      ["/api/v4/projects/a%2Fb?q=%2F", "/api/v4/projects/a%2Fb?q=%2F", "keeps an escaped slash"],
      ["/a//b///c", "/a/b/c", "loses double slashes"],
      ["/a/../b/./c", "/b/c", "is resolved before it is routed"],
      ["/a/%2e%2E/b", "/b", "is resolved with escaped dots too"],
      ["/../../b", "/b", "does not lead above the root"],
      [
        "/a/..%2f..%2fb",
        "/a/..%2f..%2fb",
        "is not resolved behind an escaped slash, which the application must not unescape",
      ],
      ["/caf%C3%A9?x=a//b", "/caf%C3%A9?x=a//b", "keeps its other escapes, and its query"],
    ] as const)
      it(what, async () => assert.equal(await pathOf(sent), arrives));
  });

  for (const protocols of versions) {
    describe(`over ${protocols[0]}`, () => {
      const name = protocols[0] === "h2" ? ":authority" : "host";

      it("loses headers with an underscore, and nothing else", async () => {
        const headers = { x_real_ip: "192.0.2.1", "x-trace": "1" };
        const { status, body } = await ask(host, { protocols, headers });
        assert.equal(status, 200);
        assert.match(seen(body), /^X-Trace: 1\r?$/m);
        assert.doesNotMatch(body, /192\.0\.2\.1/);
      });

      for (const alias of [`${host}.`, `${host}:443`, `${host}.:443`, host.toUpperCase()])
        it(`to ${alias} is one to ${host}`, async () => {
          const { status, body } = await ask(host, { protocols, headers: { [name]: alias } });
          assert.equal(status, 200);
          assert.match(body, /^Hostname: whoami-/m);
        });

      it("has 49 KB of headers, or a URL of 50 KB, and no more than 60 KB of both", async () => {
        const headers = headersOf(49_000);
        const pathOf = (length: number) => `/?${"a".repeat(length)}`;
        assert.equal((await ask(host, { protocols, headers })).status, 200);
        assert.equal((await ask(host, { protocols, path: pathOf(50_000) })).status, 200);
        const both = ask(host, { protocols, path: pathOf(13_000), headers }).then(({ status }) => status);
        // Envoy answers HTTP/2 by an end of the stream alone.
        if (protocols[0] === "h2") await assert.rejects(both, /NGHTTP2_INTERNAL_ERROR/);
        else assert.equal(await both, 431);
      });
    });
  }

  it("with too many headers is refused alone: others on its HTTP/2 connection are answered", async () => {
    const session = http2.connect(`https://${host}`, { ca: rootOf("staging"), maxSendHeaderBlockLength: 200_000 });
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, "1"]));
    try {
      assert.match(String(await request(session, headersOf(70_000))), /NGHTTP2_INTERNAL_ERROR/);
      assert.match(String(await request(session, many)), /NGHTTP2_INTERNAL_ERROR/);
      assert.equal(await request(session, {}), 200);
    } finally {
      session.destroy();
    }
  });

  it("by HTTP/1.0 is answered when it names a host", async () => {
    const answer = await exchange(await Wire.secure(host), "GET / HTTP/1.0", `Host: ${host}`);
    assert.equal(answer.status, 200);
    assert.match(answer.received, /^Hostname: whoami-/m);
    assert.equal((await exchange(await Wire.secure(host), "GET / HTTP/1.0")).status, 400);
  });
});

describe("The redirect", () => {
  for (const [sent, goes] of [
    [`${host}.`, host],
    [`${host}:80`, host],
    [`${host}:8080`, host],
    [`${host}.:8080`, host],
    [host.toUpperCase(), host.toUpperCase()],
    ["[2001:db8::1]:8080", "[2001:db8::1]"],
  ] as const)
    it(`sends ${sent} to https://${goes}`, async () => {
      const lines = ["GET /a%2Fb?q=1 HTTP/1.1", `Host: ${sent}`, "Connection: close"];
      const { status, received } = await exchange(await Wire.plain(host), ...lines);
      assert.equal(status, 301);
      assert.ok(received.includes(`\r\nlocation: https://${goes}/a%2Fb?q=1\r\n`), received);
    });

  it("leads a host with a trailing dot to its application, without a loop", async () => {
    const { headers } = await askPlain(`${host}.`, "/", host);
    const { hostname } = new URL(headers.location ?? "");
    assert.equal((await ask(hostname)).status, 200);
  });
});
