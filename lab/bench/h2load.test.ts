import assert from "node:assert/strict";
import { commandOf, outcomeOf } from "./h2load";

const report = (
  requests: string,
  finished = "finished in 3.00s, 53475.50 req/s, 6.48MB/s",
): string => `starting benchmark...
spawning thread #0: 4 total client(s). Timing-based test with 0s of warm-up time and 2s of main duration for measurements.
progress: 100% of clients started
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Application protocol: http/1.1
Stopped all clients for thread #0

${finished}
requests: ${requests}
status codes: 106950 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 12.95MB (13582650) total, 11.39MB (11948319) headers (space savings 0.00%), 670.59KB (686685) data
                     min         max         mean         sd        +/- sd
time for request:       13us     24.36ms        74us       255us    99.60%
`;
const good = "106950 total, 106950 started, 106950 done, 106950 succeeded, 0 failed, 0 errored, 0 timeout";

describe("A load by h2load", () => {
  it("has its requests and their rate from the report, and its latencies from the log", () => {
    const log = ["1795752284890947\t200\t4000", "1795752284890853\t200\t2000", "1795752286891039\t200\t3000"];
    assert.deepEqual(outcomeOf(report(good), `${log.join("\n")}\n`), {
      requests: 106_950,
      perSecond: 53_475.5,
      p50: 3,
      p99: 4,
    });
  });

  for (const [what, ...told] of [
    ["failed", "400 total, 400 started, 400 done, 367 succeeded, 33 failed, 0 errored, 0 timeout"],
    ["died with their connection", "400 total, 10 started, 10 done, 10 succeeded, 390 failed, 390 errored, 0 timeout"],
    ["were never sent", "0 total, 0 started, 0 done, 0 succeeded, 0 failed, 0 errored, 0 timeout"],
    ["are not told of", good, "finished in 254us"],
  ] as const)
    it(`rejects requests that ${what}`, () =>
      assert.throws(() => outcomeOf(report(...(told as [string])), ""), /^Error: each request of a load must succeed/));

  it("keeps its connections for all its requests, at the rate asked for", () => {
    const load = { protocol: "HTTP/2", path: "/data", clients: 8, streams: 4, requests: 5_000, rate: 1_000 } as const;
    assert.deepEqual(commandOf(load, "app.example.com", "10.0.0.1:10443", "log"), [
      "h2load",
      "--clients=8",
      "--max-concurrent-streams=4",
      "--threads=2",
      "--requests=5000",
      "--rps=125",
      "--connect-to=10.0.0.1:10443",
      "--log-file=log",
      "https://app.example.com/data",
    ]);
  });

  it("makes one request on each connection where connections are counted", () => {
    const load = { protocol: "HTTP/1.1", path: "/", clients: 500, streams: 1 } as const;
    assert.deepEqual(commandOf(load, "app.example.com", "10.0.0.1:10443", "log"), [
      "h2load",
      "--h1",
      "--clients=500",
      "--max-concurrent-streams=1",
      "--threads=2",
      "--requests=500",
      "--connect-to=10.0.0.1:10443",
      "--log-file=log",
      "https://app.example.com/",
    ]);
  });
});
