import assert from "node:assert/strict";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { ask, askHttp3, askPlain, output, rootOf } from "../../../lab";
import { attach } from "../support/application";
import { list } from "../support/cluster";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import { coalesced } from "../support/http2";
import { exchange, Wire } from "../support/wire";

const whoami = `whoami.${domain}`;

/** What client and edge agree on when the client offers this; rejects when they do not. */
const handshake = (offer: tls.ConnectionOptions): Promise<tls.TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ host: domain, port: 443, servername: domain, ca: rootOf("staging"), ...offer });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });

const agreed = async (offer: tls.ConnectionOptions) => {
  const socket = await handshake(offer);
  const found = { version: socket.getProtocol(), cipher: socket.getCipher().name, group: socket.getEphemeralKeyInfo() };
  socket.destroy();
  return found;
};

/** The old suites are outside what OpenSSL offers by itself. */
const tls12 = (ciphers: string): tls.ConnectionOptions => ({
  maxVersion: "TLSv1.2",
  ciphers: `${ciphers}:@SECLEVEL=0`,
});

describe("What a client agrees on with the edge", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`may be ${version}`, async () => {
      assert.equal((await agreed({ minVersion: version, maxVersion: version })).version, version);
    });
  }

  for (const version of ["TLSv1", "TLSv1.1"] as const) {
    it(`is never ${version}`, async () => {
      const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" };
      await assert.rejects(handshake(old), /alert protocol version/);
    });
  }

  for (const cipher of [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
  ]) {
    it(`may be ${cipher}`, async () => {
      assert.equal((await agreed(tls12(cipher))).cipher, cipher);
    });
  }

  it("is no suite without forward secrecy or authenticated encryption, whatever else the client offers", async () => {
    const good = /^ECDHE-.*(GCM|CHACHA20-POLY1305)/;
    const others = tls
      .getCiphers()
      .filter((each) => !each.startsWith("tls_"))
      .map((each) => each.toUpperCase())
      .filter((each) => !good.test(each));
    assert.ok(others.includes("AES128-SHA") && others.includes("ECDHE-ECDSA-AES128-SHA"));
    await assert.rejects(handshake(tls12(others.join(":"))), /alert handshake failure/);
  });

  it("is no signature with SHA-1", async () => {
    const offer = (sigalgs: string) => agreed({ ...tls12("DEFAULT"), sigalgs });
    assert.equal((await offer("ECDSA+SHA256")).version, "TLSv1.2");
    await assert.rejects(offer("ECDSA+SHA1"), /alert handshake failure/);
  });

  it("is a key exchange that quantum computers do not undo, where the client knows one", async () => {
    const by = (ecdhCurve: string) => agreed({ ecdhCurve, minVersion: "TLSv1.3" });
    for (const group of ["X25519MLKEM768", "X25519", "P-256", "P-384"])
      assert.equal((await by(group)).version, "TLSv1.3", group);
    // Node tells the name of a classic group alone.
    assert.deepEqual((await by("X25519MLKEM768:X25519")).group, {});
    for (const group of ["P-521", "X448"]) await assert.rejects(by(group), /alert handshake failure/, group);
  });

  it("is a new session each time: nobody keeps a key by which it could be read later", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const offer = { minVersion: version, maxVersion: version, ALPNProtocols: ["http/1.1"] };
      const first = await handshake(offer);
      const sessions: Buffer[] = [];
      first.on("session", (session) => sessions.push(session));
      first.write(`GET / HTTP/1.1\r\nHost: ${domain}\r\nConnection: close\r\n\r\n`);
      // What TLS 1.3 has to say of sessions comes with the answer.
      assert.match(await text(first), /^HTTP\/1\.1 200/);
      assert.equal(first.getTLSTicket() ?? undefined, undefined);
      if (version === "TLSv1.3") assert.deepEqual(sessions, []);
      const again = await handshake({ ...offer, session: sessions[0] ?? first.getSession() });
      assert.equal(again.isSessionReused(), false);
      again.destroy();
    }
  });

  it("is settled once a connection: the edge does not renegotiate", async () => {
    const socket = await handshake({ maxVersion: "TLSv1.2" });
    const error = await new Promise((resolve) => {
      socket.on("error", resolve);
      socket.renegotiate({}, resolve);
    });
    assert.match(String(error), /no renegotiation|unexpected message|ECONNRESET|socket hang up/i);
    socket.destroy();
  });
});

describe("A connection that a browser uses for several hosts", () => {
  it("leads each request to its own application, apex and unclaimed hosts included", async () => {
    const hosts = [whoami, domain, `nobody.${domain}`, whoami, "www.example.org"];
    const answers = await coalesced(whoami, hosts);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, /Hostname: whoami|It works|Nothing here/.exec(body)?.[0]]),
      [
        [200, "Hostname: whoami"],
        [200, "It works"],
        [404, "Nothing here"],
        [200, "Hostname: whoami"],
        [404, undefined],
      ],
    );
  });
});

describe("Our own pages", () => {
  for (const [host, status] of [
    [domain, 200],
    [`nobody.${domain}`, 404],
  ] as const) {
    it(`allow nothing but their own style (${host})`, async () => {
      const answer = await ask(host);
      assert.equal(answer.status, status);
      const { "content-security-policy": policy = "" } = answer.headers;
      assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']{44}'; .*frame-ancestors 'none'$/);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
      assert.equal(answer.headers["x-frame-options"], "DENY");
      assert.equal(answer.headers["referrer-policy"], "no-referrer");
    });
  }
});

describe("With every protocol and header that can be set", () => {
  const hsts = "max-age=86400; includeSubDomains";
  const long = { "x-long": "a".repeat(2_000) };
  const page = Buffer.from("<p>compressed by the application</p>".repeat(100));
  const alternative = /h3=":443"/;
  let back: () => Promise<void>;
  let application: Awaited<ReturnType<typeof attach>>;
  let dead: Awaited<ReturnType<typeof attach>>;

  before(async () => {
    const stack = await stagingEdge();
    back = stack.keepSettings();
    const settings = {
      "clientTraffic.http3": "true",
      "clientTraffic.hsts.maxAge": "1 day",
      "clientTraffic.hsts.includeSubDomains": "true",
      "backendTraffic.compression[0]": "br",
      "backendTraffic.compression[1]": "gzip",
      "backendTraffic.compression[2]": "zstd",
      "redirect.statusCode": "308",
    };
    const plain = Object.entries(settings).flatMap(([path, value]) => ["--plaintext", `https-edge:${path}=${value}`]);
    await stack.succeed("config", "set-all", "--path", ...plain);
    await stack.up();
    const server = createServer(({ url }, response) => {
      if (url === "/events") return response.setHeader("content-type", "text/event-stream").end(page);
      response.setHeader("content-type", "text/html");
      response.setHeader("content-encoding", "gzip");
      response.setHeader("strict-transport-security", "max-age=5");
      return response.end(gzipSync(page));
    });
    application = await attach("own-encoding", { servers: [server] });
    dead = await attach("dead", { servers: [undefined] });
    await eventually("the new settings at both proxies", async () => {
      for (let times = 0; times < 6; times++) {
        const { headers } = await ask(whoami);
        assert.equal(headers["strict-transport-security"], hsts);
        assert.match(headers["alt-svc"] ?? "", alternative);
        assert.equal((await askPlain(whoami)).status, 308);
      }
    });
    await eventually("the applications", async () => {
      assert.equal((await ask(application.host)).status, 200);
      assert.equal((await ask(dead.host)).status, 503);
    });
  });
  after(async () => {
    await application.remove();
    await dead.remove();
    await back();
    await eventually("the old settings", async () => {
      const { headers } = await ask(whoami);
      assert.equal(headers["strict-transport-security"], undefined);
      assert.equal(headers["alt-svc"], undefined);
      assert.equal((await askPlain(whoami)).status, 301);
    });
  });

  describe("HTTP/3", () => {
    it("is served on UDP port 443 beside TCP", async () => {
      const services = await list("service");
      const balanced = services.find(({ spec }) => spec?.type === "LoadBalancer");
      const ports = balanced?.spec?.ports as { port: number; protocol: string }[];
      assert.deepEqual(ports.map(({ port, protocol }) => `${protocol} ${port}`).sort(), [
        "TCP 443",
        "TCP 80",
        "UDP 443",
      ]);
    });

    it("leads to the applications and pages, with the same certificate", async () => {
      const { protocol, status, body, names } = await askHttp3(whoami, "/some/path?with=query");
      assert.deepEqual([protocol, status, names.sort()], ["HTTP/3.0", 200, [`*.${domain}`, domain]]);
      assert.match(body, /^GET \/some\/path\?with=query HTTP\/1\.1$/m);
      assert.match(body, /^X-Forwarded-Proto: https$/m);
      assert.match((await askHttp3(domain)).body, /<h1>It works<\/h1>/);
      assert.equal((await askHttp3(`nobody.${domain}`)).status, 404);
    });

    it("is told of on every page, and not over plain HTTP", async () => {
      for (const host of [domain, `nobody.${domain}`, application.host])
        assert.match((await ask(host)).headers["alt-svc"] ?? "", alternative, host);
      assert.equal((await askPlain(domain)).headers["alt-svc"], undefined);
    });
  });

  describe("HSTS", () => {
    for (const [what, host, status, headers] of [
      ["a page of ours", domain, 200, {}],
      ["an unclaimed host", `nobody.${domain}`, 404, {}],
      ["a host outside the domains", domain, 404, { ":authority": "www.example.org" }],
      ["an application that is down", `dead.${domain}`, 503, {}],
    ] as const) {
      it(`is on the answer of ${what}`, async () => {
        const answer = await ask(host, { headers });
        assert.deepEqual([answer.status, answer.headers["strict-transport-security"]], [status, hsts]);
      });
    }

    it("is on what Envoy answers before it knows the host, too", async () => {
      for (const [status, line] of [
        [400, "not a header"],
        [431, `x-long: ${"a".repeat(70_000)}`],
      ] as const) {
        const { received } = await exchange(await Wire.secure(whoami), "GET / HTTP/1.1", `Host: ${whoami}`, line);
        assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\r\nstrict-transport-security: ${hsts}\r\n`));
      }
    });

    it("is on answers over HTTP/3", async () => {
      for (const host of [domain, whoami])
        assert.equal((await askHttp3(host)).headers["strict-transport-security"], hsts);
    });

    it("is what the application says, where it says something", async () => {
      assert.equal((await ask(application.host)).headers["strict-transport-security"], "max-age=5");
    });

    it("is never sent over plain HTTP, whatever is answered there", async () => {
      assert.equal((await askPlain(whoami)).headers["strict-transport-security"], undefined);
      const { received } = await exchange(
        await Wire.plain(whoami),
        "GET / HTTP/1.1",
        `Host: ${whoami}`,
        "not a header",
      );
      assert.match(received, /^HTTP\/1\.1 400/);
      assert.doesNotMatch(received, /strict-transport/i);
    });
  });

  describe("Compression", () => {
    /** The body as it came. */
    const raw = async (host: string, accept: string, more: Record<string, string> = {}) => {
      const [answer] = await coalesced(host, [host], { "accept-encoding": accept, ...more });
      return answer ?? assert.fail("no answer");
    };

    for (const [encoding, decompress] of [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
      ["zstd", zstdDecompressSync],
    ] as const) {
      it(`is by ${encoding} for a client that takes it`, async () => {
        const { headers, bytes } = await raw(whoami, encoding, long);
        assert.equal(headers["content-encoding"], encoding);
        assert.match(headers.vary ?? "", /accept-encoding/i);
        assert.ok(bytes.length < 1_000);
        const seen = String(decompress(bytes));
        assert.doesNotMatch(seen, /^Accept-Encoding/m, "the application is not asked for it as well");
        assert.match(seen, /^Hostname: whoami-[\s\S]*X-Long: a{2000}/m);
      });
    }

    it("is by the first of those that a client likes as much", async () => {
      assert.equal((await raw(whoami, "gzip, deflate, br, zstd", long)).headers["content-encoding"], "br");
      assert.equal((await raw(whoami, "gzip, zstd, br;q=0.5", long)).headers["content-encoding"], "gzip");
    });

    it("is left out for a client that takes none, and for what fits into one packet", async () => {
      assert.equal((await raw(whoami, "identity", long)).headers["content-encoding"], undefined);
      assert.equal((await raw(whoami, "br, gzip")).headers["content-encoding"], undefined);
    });

    it("leaves an application's own as it is", async () => {
      const { headers, bytes } = await raw(application.host, "br, gzip");
      assert.equal(headers["content-encoding"], "gzip");
      assert.deepEqual(gunzipSync(bytes), page);
    });

    it("leaves event streams alone, which would arrive late", async () => {
      const { headers, bytes } = await raw(application.host, "br, gzip", { ":path": "/events" });
      assert.equal(headers["content-encoding"], undefined);
      assert.deepEqual(bytes, page);
    });
  });

  describe("The redirect", () => {
    it("keeps a POST a POST", async () => {
      const { status, headers } = await askPlain(whoami, "/form?a=b");
      assert.deepEqual([status, headers.location], [308, `https://${whoami}/form?a=b`]);
      const curl = ["curl", "--silent", "--insecure", "--location", "--data", "x=1"];
      assert.match(await output([...curl, `http://${whoami}/form?a=b`]), /^POST \/form\?a=b HTTP\/1\.1$/m);
    });
  });
});
