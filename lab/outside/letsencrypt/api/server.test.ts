import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Faults } from "../../faults";
import type { AcmeFault } from "./faults";
import type { Forward, Request } from "./pebble";
import { RateLimits } from "./rateLimits";
import { acmeServer } from "./server";

const account = "https://acme-v02.api.letsencrypt.org/my-account/1";
const identifiers = [{ type: "dns", value: "example.com" }];

describe("What stands in front of Let's Encrypt's Pebbles", () => {
  /** The requests that reached the Pebble, and its answer to a path; with a detail it is a refusal. Undefined answers as to a new order. */
  let passed: Request[];
  let says: (path: string) => object | undefined;
  let server: Server;
  let faults: Faults<AcmeFault>;
  beforeEach(async () => {
    passed = [];
    says = () => undefined;
    const pebble: Forward = async (request) => {
      passed.push(request);
      const object = says(request.path);
      const told = object && "detail" in object ? 400 : 200;
      return {
        status: object ? told : 201,
        headers: { "content-type": "application/json", "replay-nonce": `nonce-${passed.length}` },
        body: Buffer.from(JSON.stringify(object ?? { status: "pending", identifiers })),
      };
    };
    faults = new Faults();
    server = acmeServer(pebble, { limits: new RateLimits(), faults });
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  afterEach(() => server.close());

  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const post = (path: string, payload: object = {}) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/jose+json", connection: "close" },
      body: JSON.stringify({ protected: encoded({ kid: account }), payload: encoded(payload), signature: "c2ln" }),
    });
  const order = (more: object = {}) => post("/order-plz", { identifiers, ...more });

  it("passes a request on as it came, and its answer back", async () => {
    const response = await order();
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("replay-nonce"), "nonce-1");
    assert.deepEqual(await response.json(), { status: "pending", identifiers });
    assert.deepEqual(
      passed.map(({ method, path }) => [method, path]),
      [["POST", "/order-plz"]],
    );
    assert.match(passed[0]?.body.toString() ?? "", /"signature":"c2ln"/);
    assert.equal(passed[0]?.headers["content-type"], "application/jose+json");
  });

  it("refuses an order after five certificates for its names, and counts each certificate once", async () => {
    for (let issued = 1; issued <= 5; issued++) {
      assert.equal((await order()).status, 201);
      says = () => ({
        status: "valid",
        identifiers,
        certificate: `https://acme-v02.api.letsencrypt.org/certZ/${issued}`,
      });
      for (let looks = 0; looks < 3; looks++) await post(`/my-order/${issued}`);
      says = () => undefined;
    }
    passed = [];
    const response = await order();
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal(response.headers.get("replay-nonce"), "nonce-1");
    const wait = Number(response.headers.get("retry-after"));
    assert.ok(wait > 33 * 3600 && wait <= 34 * 3600, `${wait} s`);
    const problem = (await response.json()) as { type: string; detail: string; status: number };
    assert.equal(problem.type, "urn:ietf:params:acme:error:rateLimited");
    assert.match(problem.detail, /^too many certificates \(5\) already issued for this exact set of identifiers/);
    assert.deepEqual(
      passed.map(({ path }) => path),
      ["/nonce-plz"],
    );
    assert.equal((await order({ replaces: "aYhb.AIdl" })).status, 201);
  });

  it("refuses an order after five authorizations of its name have failed", async () => {
    for (let failed = 1; failed <= 5; failed++) {
      assert.equal((await order()).status, 201);
      says = () => ({ status: "invalid", identifier: identifiers[0] });
      for (let looks = 0; looks < 3; looks++) await post(`/authZ/${failed}`);
      says = () => undefined;
    }
    const response = await order();
    assert.equal(response.status, 429);
    assert.match(await response.text(), /too many failed authorizations \(5\) for \\"example\.com\\"/);
  });

  it("tells a challenge that is accepted again as it is, which its Pebble refuses", async () => {
    const challenge = { type: "dns-01", url: "https://acme-v02.api.letsencrypt.org/chalZ/1", token: "dG9rZW4" };
    says = () => ({ ...challenge, status: "processing" });
    assert.equal((await post("/chalZ/1")).status, 200);
    says = () => ({ detail: "Cannot update challenge with status valid, only status pending" });
    const again = await post("/chalZ/1");
    assert.deepEqual([again.status, again.headers.get("replay-nonce")], [200, "nonce-2"]);
    assert.deepEqual(await again.json(), { ...challenge, status: "valid" });
    assert.equal((await post("/chalZ/2")).status, 400);
    says = () => ({ detail: "Expected POST-as-GET request to have empty payload" });
    assert.equal((await post("/chalZ/1")).status, 400);
  });

  it("fails as it is told to, as often as it is told, with a problem and a nonce, and its Pebble is not asked", async () => {
    faults.replace([
      { path: "^/order-plz$", status: 503, detail: "Service busy; retry later.", retryAfter: 7, times: 1 },
    ]);
    const busy = await order();
    assert.equal(busy.status, 503);
    assert.equal(busy.headers.get("content-type"), "application/problem+json");
    assert.deepEqual([busy.headers.get("retry-after"), busy.headers.get("replay-nonce")], ["7", "nonce-1"]);
    assert.deepEqual(await busy.json(), {
      type: "urn:ietf:params:acme:error:serverInternal",
      detail: "Service busy; retry later.",
      status: 503,
    });
    assert.deepEqual(
      passed.map(({ path }) => path),
      ["/nonce-plz"],
    );
    assert.equal((await order()).status, 201);
  });

  it("meets with each fault only the requests that it names, late or with no answer", async () => {
    faults.replace([{ method: "POST", path: "^/order-plz$", delay: 30, drop: true, times: 1 }]);
    assert.equal((await post("/authZ/1")).status, 201);
    const begun = performance.now();
    await assert.rejects(order());
    assert.ok(performance.now() - begun > 25);
    assert.deepEqual(
      passed.map(({ path }) => path),
      ["/authZ/1"],
    );
    assert.equal((await order()).status, 201);
  });

  it("answers 502 while its Pebble does not", async () => {
    says = () => {
      throw new Error("connection refused");
    };
    assert.equal((await order()).status, 502);
  });
});
