/** Waits for the first trusted answer of whoami over HTTPS. Runs inside the lab. */
import { ask, rootOf } from "../client/https";
import { until } from "../tools/until";

until(
  "whoami over HTTPS",
  async () => (await ask("whoami.staging.example.com", { roots: [rootOf("staging")], timeout: 1_000 })).status === 200,
  { seconds: 600, every: 100 },
).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
