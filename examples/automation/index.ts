/** The edge by Pulumi's Automation API: a program of one's own in place of Pulumi's command line, and no project folder. */
import { parseArgs } from "node:util";
import * as cloudflare from "@pulumi/cloudflare";
import { LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation";
import { HttpsEdge } from "https-edge";

const help = `npx tsx index.ts COMMAND --domain example.com [OPTIONS]

  preview   what an up would do
  up        puts the edge up, or makes it what the options say
  outputs   the addresses that the records lead to, as JSON
  destroy   takes the edge away

  --domain NAME        the domain, served with its wildcard
  --zone NAME          the Cloudflare zone that it lies in (the domain itself)
  --production         certificates that browsers trust (a rehearsal by Let's Encrypt's staging environment)
  --wait DURATION      how long a challenge's record may spread (60s)
  --stack NAME         the stack (dev)

The cluster is the one of KUBECONFIG, the credential CLOUDFLARE_API_TOKEN, the backend the one that pulumi login chose.
Exit codes: 0 done; 1 failed, with the reason on the last lines; 2 called wrongly.`;

const options = {
  domain: { type: "string" },
  zone: { type: "string" },
  production: { type: "boolean", default: false },
  wait: { type: "string" },
  stack: { type: "string", default: "dev" },
  help: { type: "boolean", default: false },
} as const;

interface Options {
  domain?: string;
  zone?: string;
  production: boolean;
  wait?: string;
}

/** What the stack is made of. */
const edge =
  ({ domain = "", zone, production, wait }: Options) =>
  async () => {
    const account = new cloudflare.Provider("account");
    const { addresses } = new HttpsEdge(
      "edge",
      {
        domains: [{ name: domain, zone }],
        acme: { environment: production ? "production" : "staging", waitInsteadOfSelfCheck: wait },
        landing: {},
      },
      { providers: { cloudflare: account } },
    );
    return { addresses };
  };

const progress = {
  onOutput: (text: string) => process.stderr.write(text),
  color: process.stderr.isTTY ? "always" : "never",
} as const;

/** What each command ends with. */
const commands: Record<string, (stack: Stack) => Promise<unknown>> = {
  preview: async (stack) => (await stack.preview(progress)).changeSummary,
  up: async (stack) => valuesOf((await stack.up(progress)).outputs),
  outputs: async (stack) => valuesOf(await stack.outputs()),
  destroy: async (stack) => (await stack.destroy(progress)).summary.resourceChanges,
};

const valuesOf = (outputs: OutputMap): Record<string, unknown> =>
  Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command = ""] = positionals;
  if (values.help) {
    console.log(help);
    return 0;
  }
  const chosen = commands[command];
  if (!chosen || !values.domain) {
    const lack = chosen ? "--domain must be given" : `the command must be one of ${Object.keys(commands).join(", ")}`;
    console.error(`${lack} (see --help)`);
    return 2;
  }
  const stack = await LocalWorkspace.createOrSelectStack({
    projectName: "https-edge-automation",
    stackName: values.stack,
    program: edge(values),
  });
  console.log(JSON.stringify(await chosen(stack), undefined, 2));
  return 0;
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    // What went wrong was told as it went.
    console.error(error instanceof Error ? error.message.split("\n")[0] : error);
    process.exit(error instanceof TypeError ? 2 : 1);
  },
);
