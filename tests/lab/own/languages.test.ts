import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { pythonSdk } from "../../../lab";
import { mintedTokens } from "../support/cloudflare";
import { Example } from "../support/example";

interface Language {
  language: string;
  example: string;
  /** The file with the domain, and how it is written there. */
  file: string;
  quoted: (name: string) => string;
  environment?: () => Promise<NodeJS.ProcessEnv>;
  /** What is said of the program's end as well: the lab's host for Python is of 2023, and shows where the program stood when the engine left. */
  noise?: RegExp;
}

const languages: Language[] = [
  { language: "YAML", example: "yaml", file: "Pulumi.yaml", quoted: (name) => `- name: ${name}` },
  {
    language: "Python",
    example: "python",
    file: "__main__.py",
    quoted: (name) => `"name": "${name.replaceAll('"', "")}"`,
    environment: async () => ({ PYTHONPATH: await pythonSdk(), PYTHONDONTWRITEBYTECODE: "1" }),
    noise: /error: Program failed with an unhandled exception:\n(.*\n)*? *Exception: resource monitor shut down\n/,
  },
];

for (const { language, example: name, file, quoted, environment = async () => ({}), noise = /$/ } of languages)
  describe(`The plugin, in a program in ${language}`, () => {
    let example: Example;
    let env: NodeJS.ProcessEnv;
    before(async () => {
      example = await Example.install(name, "dev");
      env = await environment();
      await example.init();
    });
    after(() => example.remove());

    it("is the edge with its parts, and a route on it", async () => {
      await example.createsEdgeAndRoute(env);
    });

    it("says what is wrong with a setting in the same line as everywhere, before anything is made", async () => {
      const [good, bad] = ["staging.example.com", '"*.example.com"'].map(quoted) as [string, string];
      example.edit(file, (text) => text.replace(good, bad));
      const { code, output } = await example.pulumi(["up", "--yes", "--skip-preview"], env);
      assert.notEqual(code, 0);
      assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
      assert.doesNotMatch(output.replace(noise, ""), /unhandled|^ *at /m);
      assert.deepEqual(await mintedTokens(), []);
    });
  });
