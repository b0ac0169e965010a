import assert from "node:assert/strict";
import { cloudflareAnswer } from "../components/rules/cloudflareAnswer";
import { refusals } from "./support/cloudflare";

const lineOf = (text: string): string => cloudflareAnswer(text).line;
const failed = 'invocation of getZone returned an error: failed to make http request: GET "https://a.example/x": ';

describe("What Cloudflare answers", () => {
  it("is told by its status, messages and codes, in one line", () => {
    assert.deepEqual(cloudflareAnswer(refusals.records.message), {
      line: "403 Forbidden: Authentication error (10000)",
      status: 403,
      credentialRefused: false,
    });
    const errors = [
      { code: 1, message: "one\nand a half" },
      {
        code: 2,
        message: "two",
        error_chain: [{ code: 3, message: "three", error_chain: [{ code: 4, message: "four" }] }],
      },
    ];
    assert.equal(
      lineOf(`${failed}500 Internal Server Error ${JSON.stringify({ errors }, undefined, 2)}\n`),
      "500 Internal Server Error: one and a half (1), two (2): three (3): four (4)",
    );
  });

  for (const [what, refused] of Object.entries({
    malformed: true,
    unknown: true,
    records: false,
    tokens: false,
  } satisfies Record<keyof typeof refusals, boolean>)) {
    it(`${refused ? "refuses" : "does not refuse"} the credential itself as ${what}`, () => {
      const { message } = refusals[what as keyof typeof refusals]; // `as`: the keys are the same
      assert.equal(cloudflareAnswer(message).credentialRefused, refused);
    });
  }

  it("is the provider's text where it has no such form", () => {
    for (const [text, line] of [
      [
        `${failed}502 Bad Gateway bad\r\n\tgateway`,
        'failed to make http request: GET "https://a.example/x": 502 Bad Gateway bad gateway',
      ],
      [
        `${failed}502 Bad Gateway {"errors":[]}`,
        'failed to make http request: GET "https://a.example/x": 502 Bad Gateway {"errors":[]}',
      ],
      [`${failed}502 Bad Gateway {}`, 'failed to make http request: GET "https://a.example/x": 502 Bad Gateway {}'],
      [
        `${failed}502 Bad Gateway <p style={}>`,
        'failed to make http request: GET "https://a.example/x": 502 Bad Gateway <p style={}>',
      ],
      ["failed to find exactly one result: 0 found", "failed to find exactly one result: 0 found"],
    ] as const)
      assert.deepEqual(cloudflareAnswer(text), { line, status: undefined, credentialRefused: false });
  });

  it("has no escape codes, and no more than 300 characters", () => {
    assert.equal(lineOf("\u001b[31mred\u001b[0m\u0007 rose"), "red rose");
    assert.equal(lineOf("x".repeat(300)), "x".repeat(300));
    assert.equal(lineOf("x".repeat(301)), `${"x".repeat(300)}…`);
  });
});
