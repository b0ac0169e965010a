import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accountId } from "../account";
import { Running, zoneId } from "../testing/running";

interface Exchange {
  method: string;
  path: string;
  body: unknown;
  status: number;
  response: { result: unknown };
}

/** A request of the real provider, and its answer. A line without a method only names a section. */
const recording: Exchange[] = readFileSync(join(__dirname, "../../../plugin/testing/recording.jsonl"), "utf8")
  .replaceAll("0000000000000000000000000000000a", accountId)
  .replaceAll("00000000000000000000000000000002", zoneId("example.com"))
  .replaceAll("example.test", "example.com")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .filter((line) => "method" in line);

/** Every field of `recorded` is in `told`, with a value of the same type. `told` may have more fields. */
const assertShape = (told: unknown, recorded: unknown, where: string): void => {
  if (recorded === null) return;
  assert.equal(Array.isArray(told) ? "list" : typeof told, Array.isArray(recorded) ? "list" : typeof recorded, where);
  if (typeof recorded !== "object") return;
  const fields = new Map(Object.entries(told ?? {}));
  for (const [name, value] of Object.entries(recorded)) {
    assert.ok(fields.has(name), `${where}.${name} is missing`);
    assertShape(fields.get(name), value, `${where}.${name}`);
  }
};

const idOf = (result: unknown): string | undefined =>
  typeof result === "object" && result !== null && "id" in result ? String(result.id) : undefined;

describe("the recorded exchange with the real provider", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  after(() => cloudflare.stop());

  it("is answered with the recorded status and shape", async () => {
    // A created object has another id than in the recording.
    const ids = new Map<string, string>();
    for (const { method, path, body, status, response } of recording) {
      const here = path.replace(/[0-9a-f]{32}$/, (id) => ids.get(id) ?? id).replace("/client/v4", "");
      const reply = await cloudflare.ask<unknown>("deploy", method, here, body ?? undefined);
      assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(reply.body.errors)}`);
      // There are more permission groups here, and in another order.
      const { result, ...envelope } = reply.body;
      const known = path.endsWith("/permission_groups") ? { ...envelope, result: [] } : { ...envelope, result };
      assertShape(
        known,
        { ...response, ...(path.endsWith("/permission_groups") && { result: [] }) },
        `${method} ${path}`,
      );
      const [was, is] = [idOf(response.result), idOf(result)];
      if (method === "POST" && was && is) ids.set(was, is);
    }
    assert.ok(recording.length > 50);
    assert.equal(ids.size, 4);
    assert.deepEqual(cloudflare.world.records.all(), []);
  });
});
