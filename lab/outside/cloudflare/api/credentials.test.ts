import assert from "node:assert/strict";
import { tokens } from "../account";
import { Running, records } from "../testing/running";

describe("credentials", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  after(() => cloudflare.stop());

  const zonesWith = async (headers: Record<string, string>) => {
    const response = await fetch(`${cloudflare.baseUrl}/zones`, { headers });
    return [response.status, JSON.parse(await response.text()).errors];
  };
  const headers = (code: number, message: string) => [
    400,
    [{ code: 6003, message: "Invalid request headers", error_chain: [{ code, message }] }],
  ];

  it("count as a bearer token, whatever X-Auth-Email says beside it", async () => {
    const [status] = await zonesWith({ authorization: `Bearer ${tokens.dnsOnly}`, "x-auth-email": "a@example.com" });
    assert.equal(status, 200);
  });

  for (const value of ["short", `${tokens.deploy}x`, "f".repeat(37), `cfut_${"a".repeat(40)}`]) {
    it(`are rejected when they cannot be a token, as ${value}`, async () => {
      assert.deepEqual(
        await zonesWith({ authorization: `Bearer ${value}` }),
        headers(6111, "Invalid format for Authorization header"),
      );
    });
  }

  it("are rejected when a token is sent as a key", async () => {
    assert.deepEqual(
      await zonesWith({ "x-auth-email": "a@example.com", "x-auth-key": tokens.deploy }),
      headers(6103, "Invalid format for X-Auth-Key header"),
    );
  });

  it("are rejected when there are none, or an unknown key", async () => {
    const missing = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
    assert.deepEqual(await zonesWith({}), [400, [{ code: 9106, message: missing }]]);
    const [status, [error]] = await zonesWith({ "x-auth-email": "a@example.com", "x-auth-key": "0".repeat(37) });
    assert.deepEqual([status, error.code], [403, 9103]);
  });

  it("are rejected by each call in its own words when there is no such token", async () => {
    const rejected = async (path: string) => {
      const { status, body } = await cloudflare.ask("x".repeat(40), "GET", path);
      return [status, ...body.errors.map(({ code, message }) => `${code} ${message}`)];
    };
    assert.deepEqual(await rejected("/zones"), [403, "9109 Invalid access token"]);
    assert.deepEqual(await rejected(records()), [403, "10000 Authentication error"]);
    assert.deepEqual(await rejected("/user/tokens/verify"), [401, "1000 Invalid API Token"]);
  });
});
