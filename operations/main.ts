#!/usr/bin/env node
/** What is done to an edge that stands, as a command line. */
import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { type AddHostOptions, addHost } from "./addHost";
import { type BackupOptions, backup } from "./backup";
import type { ChosenOptions } from "./chosen";
import { type DestroyOptions, destroy } from "./destroy";
import { type DoctorOptions, doctor } from "./doctor";
import { CommandError, exitCodes } from "./exit";
import { type MendOptions, mend } from "./mend";
import { type ProxyProtocolOptions, proxyProtocol } from "./proxyProtocol";
import { type RenewOptions, renew } from "./renew";
import { type RestoreOptions, restore } from "./restore";
import { type RotateOptions, rotate } from "./rotate";
import { sbom } from "./sbom";
import type { StackRef } from "./state";
import { type VerifyOptions, verify } from "./verify";

/** Where all commands look for the stack. */
interface Common extends StackRef {
  cwd?: string;
}

const program = new Command("https-edge")
  .description("What is done to an HTTPS edge that stands, beside pulumi up.")
  .exitOverride();

/** A command on a stack; it ends with the exit code that its work returns. */
const command = (name: string): Command =>
  program
    .command(name)
    .option("-s, --stack <stack>", "the stack; the selected one by default")
    .option("-C, --cwd <directory>", "directory of the Pulumi project; this one by default");

/** A command on an edge, which a stack has made or somebody by hand. */
const edgeCommand = (name: string): Command =>
  command(name)
    .option("--gateway <namespace/name>", "the Gateway of an edge that no stack has made")
    .option("--kubeconfig <file>", "the way to the cluster, if not the stack's; KUBECONFIG for --gateway by default")
    .option("--context <context>", "the kubeconfig's context, if not the stack's or the current one");

const secondsOf = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of seconds, at least 1.");
};

const run = async ({ cwd }: Common, work: () => Promise<number>): Promise<void> => {
  if (cwd !== undefined) process.chdir(cwd);
  process.exitCode = await work();
};

command("destroy")
  .summary("pulumi destroy, with all that would hold it said before")
  .description(
    [
      "Looks at the cluster, says in a line each what would hold pulumi destroy, and runs it. It stops, before anything is changed, where",
      "somebody must decide: in another cluster than the edge's, at others' Gateways on the edge's GatewayClass. It does itself what nobody",
      "else can: it takes off finalizers whose controller is gone, and deletes what a lost Helm release has left.",
    ].join(" "),
  )
  .argument("[flags...]", "further options of pulumi destroy, as they are: --remove, --parallel 4, ...")
  .option("-y, --yes", "ask nothing, and pass --yes on")
  .option("--preview-only", "only tell what holds the destroy; change nothing")
  .option("--json", "print the findings as JSON on standard output, and all else on standard error")
  .option(
    "--without-cloudflare",
    "leave the records and the token at Cloudflare, which cannot be asked any more, and tell which they are",
  )
  .option("--uid <uid>", "UID of the namespace kube-system where the edge stands, if not what the state tells")
  .allowUnknownOption()
  .addHelpText(
    "after",
    `
Examples:
  https-edge destroy -s prod --preview-only     what holds it?
  https-edge destroy -s prod                    asks, as pulumi destroy does
  https-edge destroy -s prod --yes --remove     for scripts; the stack goes, too
  https-edge destroy -C infra --json --preview-only | jq '.edges[].findings[].message'

Exit codes:
  ${exitCodes.done}   destroyed; with --preview-only: nothing stops it
  ${exitCodes.held}  somebody must decide first; nothing was changed
  ${exitCodes.unseen}  the cluster could not be looked at; nothing was changed
  ${exitCodes.usage}   called wrongly, or nobody is there to be asked
  ${exitCodes.cancelled}   the answer was no
  any other is that of pulumi destroy`,
  )
  .action((flags: string[], options: Common & DestroyOptions) =>
    run(options, () => destroy({ ...options, flags: [...flags] })),
  );

edgeCommand("verify")
  .summary("does the edge serve? each thing from the controllers to an answer over HTTPS, in a line")
  .description(
    [
      "Looks at an edge from its cluster and from this machine, and says what it found: controllers, proxies, GatewayClass, Gateway, listeners,",
      "issuers, certificates, policies, both ends of PROXY protocol, HTTPRoutes; then for each domain, for a host that nobody has claimed, and",
      "for each HTTPRoute's hosts: what DNS says, how every address of the Gateway answers over HTTPS and with which certificate, and the",
      "redirect from HTTP. It changes nothing. An edge that was made by hand is named by --gateway; no stack is read then.",
    ].join(" "),
  )
  .option(
    "--ca-file <file>",
    "roots that are trusted besides Node's, as PEM: a firm's own, or Let's Encrypt's staging ones",
  )
  .option("--json", "print the checks as JSON on standard output")
  .addHelpText(
    "after",
    `
Examples:
  https-edge verify -s prod
  https-edge verify --gateway envoy-gateway/eg --context prod      an edge made by hand
  https-edge verify -s prod --json | jq -r '.edges[].checks[] | select(.result == "failed") | .found'

Exit codes:
  ${exitCodes.done}   it serves; a warning is no failure
  ${exitCodes.unfit}  a check failed
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly
  any other is that of pulumi stack export`,
  )
  .action((options: Common & VerifyOptions) => run(options, () => verify(options)));

edgeCommand("doctor")
  .summary("what is wrong, where, why, and the one next command")
  .description(
    [
      "Looks at an edge as verify does, and at what it stands on: the token at Cloudflare, the zone and its DNS, CAA, the challenge, controllers,",
      "CRDs, webhook, clocks, Secrets, backends, both ends of PROXY protocol. It draws what leads to what, and tells of each thing that is wrong",
      "what was seen, why, the cure, the next command and the page that says so; what only follows from it is left out. It changes nothing. With",
      "--preflight it looks, before a first up, whether the stack's token, zones and cluster let an edge be put up.",
    ].join(" "),
  )
  .option("--preflight", "look before a first up, at what the stack is set to")
  .option(
    "--watch [seconds]",
    "look again and again, and tell what has changed; every 10 seconds by default",
    secondsOf,
  )
  .option("--html <file>", "write the diagnosis as one page, too")
  .option(
    "--ca-file <file>",
    "roots that are trusted besides Node's, as PEM: a firm's own, or Let's Encrypt's staging ones",
  )
  .option("--json", "print the diagnosis as JSON on standard output; a line for each change with --watch")
  .addHelpText(
    "after",
    `
Examples:
  https-edge doctor -s prod
  https-edge doctor -s prod --preflight                  before the first up
  https-edge doctor --gateway envoy-gateway/eg           an edge made by hand
  https-edge doctor -s prod --html edge.html --watch 30  a page that stays true
  https-edge doctor -s prod --json | jq -r '.edges[].findings[] | "\\(.symptom): \\(.next)"'

Exit codes:
  ${exitCodes.done}   nothing is wrong, or only worth a note
  ${exitCodes.unfit}  something does not serve, or cannot be issued
  ${exitCodes.risky}  it serves, and will not for ever, or not to everybody
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly
  any other is that of pulumi stack export`,
  )
  .action(({ watch, ...options }: Common & Omit<DoctorOptions, "watch"> & { watch?: number | true }) =>
    run(options, () => doctor({ ...options, ...(watch !== undefined && { watch: watch === true ? 10 : watch }) })),
  );

command("proxy-protocol")
  .summary("take a running edge to PROXY protocol, or back, a phase at a time")
  .description(
    [
      "Sets proxyProtocol.phase to each phase in turn and runs pulumi up: prepare, enable, enforce, or the same way back to off. After each it",
      "asks every address of the Gateway from here, as plain clients do and with a PROXY header, until all answer as they must in that phase.",
      "Where one does not, it goes back by a phase and ends. No request is lost on the way; it asks before it begins.",
    ].join(" "),
  )
  .addArgument(new Argument("<direction>", "which way to go").choices(["enable", "disable"]))
  .option(
    "--load-balancer <name>",
    "the load balancer, where the stack does not say it yet: docs/traffic.md has the names",
  )
  .option("-y, --yes", "ask nothing")
  .option("--timeout <seconds>", "how long the load balancer may take to follow each time", secondsOf, 300)
  .addHelpText(
    "after",
    `
Examples:
  https-edge proxy-protocol enable -s prod --load-balancer hetzner
  https-edge proxy-protocol disable -s prod --yes

Exit codes:
  ${exitCodes.done}   done, or nothing to do
  ${exitCodes.unfit}  a phase did not answer as it must; the one before stands again
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly, or nobody is there to be asked
  ${exitCodes.cancelled}   the answer was no`,
  )
  .action((direction: ProxyProtocolOptions["direction"], options: Common & ProxyProtocolOptions) =>
    run(options, () => proxyProtocol({ ...options, direction })),
  );

edgeCommand("renew")
  .summary("issue certificates anew, now, and wait until they stand")
  .description(
    [
      "Has cert-manager issue an edge's certificates anew, without waiting for the time of their renewal, and tells how far each is until it",
      "stands. What stood before serves meanwhile, and on if the issuance fails. It asks before it begins, and refuses where the certificates",
      "that the cluster knows of use up what Let's Encrypt's production issues for the same names: five a week.",
    ].join(" "),
  )
  .argument("[domains...]", "domains whose certificates are meant; all by default")
  .option("-y, --yes", "ask nothing")
  .option("--force", "ask although that limit is used up, as with an account whose limits were raised")
  .option("--timeout <seconds>", "how long to wait for each certificate", secondsOf, 900)
  .option("--json", "print what was issued as JSON on standard output, and all else on standard error")
  .addHelpText(
    "after",
    `
Examples:
  https-edge renew -s prod                     every certificate of the edge
  https-edge renew -s prod example.com --yes   one of them, in a script

Exit codes:
  ${exitCodes.done}   issued
  ${exitCodes.unfit}  one was not issued, or Let's Encrypt would not issue it now
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly, or nobody is there to be asked
  ${exitCodes.cancelled}   the answer was no`,
  )
  .action((domains: string[], options: Common & RenewOptions) => run(options, () => renew({ ...options, domains })));

command("rotate")
  .summary("replace the Cloudflare token that the stack has created")
  .description(
    [
      "Sets cloudflare.rotation to the present moment and runs pulumi up: that creates a token, waits until it reads its zones, puts it into the",
      "Secret, has cert-manager prove by a certificate of Let's Encrypt's staging environment that it uses it, and only then deletes the one before.",
      "A rotation that was interrupted is gone on with, and begins no other. At the end it deletes what a killed run has left at Cloudflare: tokens",
      "of the same name, which is another for each rotation, that the stack does not know. For that it needs the credential of the stack.",
    ].join(" "),
  )
  .option("-y, --yes", "ask nothing")
  .option("--json", "print the tokens as JSON on standard output, and all else on standard error")
  .addHelpText(
    "after",
    `
Examples:
  https-edge rotate -s prod
  https-edge rotate -s prod --yes --json | jq -r '.tokens[].name'     in a script

Exit codes:
  ${exitCodes.done}   rotated
  ${exitCodes.unfit}  the program has not made another token
  ${exitCodes.unseen}  the stack has created no token
  ${exitCodes.usage}   called wrongly, or nobody is there to be asked
  ${exitCodes.cancelled}   the answer was no
  any other is that of pulumi up; the token before still stands then`,
  )
  .action((options: Common & RotateOptions) => run(options, () => rotate(options)));

edgeCommand("add-host")
  .summary("serve one more host: an HTTPRoute to a Service, and the answer over HTTPS")
  .description(
    [
      "Makes an HTTPRoute from a host to a Service, on the listener that ends TLS for the host, in the Service's namespace, and waits until it is",
      "accepted and answered. The namespace gets the label with which it may attach routes, if it lacks it; what the API server refuses leaves it",
      "as it was. A host that another route serves is refused. With --print it only prints the manifests, for a repository.",
    ].join(" "),
  )
  .argument("<host>", "a domain of the edge, or one label below it")
  .requiredOption("--service <namespace/name[:port]>", "where the requests go; a Service's only port need not be named")
  .option("--name <name>", "name of the HTTPRoute; the Service's by default")
  .option("--print", "print the manifests as YAML, and change nothing")
  .option("-y, --yes", "ask nothing")
  .option("--timeout <seconds>", "how long to wait for the answer", secondsOf, 120)
  .addHelpText(
    "after",
    `
Examples:
  https-edge add-host shop.example.com --service shop/web -s prod
  https-edge add-host shop.example.com --service shop/web:8080 --gateway envoy-gateway/eg --print > shop.yaml

Exit codes:
  ${exitCodes.done}   served; or printed
  ${exitCodes.held}  the host or the name is taken, or the API server refuses the route; nothing was changed
  ${exitCodes.unfit}  it was not accepted or answered in time, or no listener is for it
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly, or nobody is there to be asked
  ${exitCodes.cancelled}   the answer was no`,
  )
  .action((host: string, options: Common & Omit<AddHostOptions, "host">) =>
    run(options, () => addHost({ ...options, host })),
  );

const collect = (each: string, before: string[] = []): string[] => [...before, each];

edgeCommand("backup")
  .summary("keep certificates and ACME account keys in an encrypted file")
  .description(
    [
      "Writes what an edge would have to ask of the CA again to a file that age encrypts: the Secrets of its certificates, the account keys of",
      "their issuers, the labels of the namespaces they are in, and the stack's file of settings. All else pulumi up makes again. It changes",
      "nothing in the cluster, and needs the right to read those Secrets.",
    ].join(" "),
  )
  .requiredOption("--out <file>", "the file to write; one that is there is not written over")
  .option("--recipient <key>", "a public key of age for whom it is encrypted; may be given again", collect)
  .option("--passphrase-file <file>", "a file with a passphrase of 16 characters or more, in place of keys")
  .addHelpText(
    "after",
    `
Examples:
  https-edge backup -s prod --out edge.age --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
  age -d -i key.txt edge.age | jq '.secrets[].metadata.name'      what is in it

Exit codes:
  ${exitCodes.done}   written
  ${exitCodes.unfit}  a Secret is not there yet; nothing was written
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly`,
  )
  .action((options: Common & BackupOptions) => run(options, () => backup(options)));

program
  .command("restore")
  .summary("put a backup into a rebuilt cluster, before pulumi up")
  .description(
    [
      "Puts the Secrets of a backup into a cluster in which the edge does not stand yet, with their namespaces. The next pulumi up of the same",
      "stack takes them for its own, and cert-manager finds its certificates issued: the CA sees no order. What is there already is left as",
      "it is.",
    ].join(" "),
  )
  .requiredOption("--in <file>", "the backup")
  .option("--identity <file>", "private keys as age-keygen writes them")
  .option("--passphrase-file <file>", "a file with the passphrase, in place of keys")
  .option("--kubeconfig <file>", "the way to the cluster; KUBECONFIG by default")
  .option("--context <context>", "the kubeconfig's context, if not the current one")
  .option("--settings <file>", "write the stack's settings of then to this file")
  .option("-y, --yes", "ask nothing")
  .addHelpText(
    "after",
    `
Example:
  https-edge restore --in edge.age --identity key.txt --context new && pulumi up -s prod

Exit codes:
  ${exitCodes.done}   put there
  ${exitCodes.unseen}  no way to the cluster
  ${exitCodes.usage}   called wrongly, or the file cannot be opened
  ${exitCodes.cancelled}   the answer was no`,
  )
  .action((options: RestoreOptions) => run({}, () => restore(options)));

edgeCommand("sbom")
  .summary("a bill of materials of what runs: images by digest, charts, CRDs")
  .description(
    [
      "Prints what runs of an edge as CycloneDX 1.6 in JSON: the images of its controllers, proxies and pages with the digests that the nodes run, the",
      "charts, and the version of the Gateway API's CRDs. Its serial number changes when what runs does. It changes nothing.",
    ].join(" "),
  )
  .addHelpText(
    "after",
    `
Examples:
  https-edge sbom -s prod > edge.cdx.json
  https-edge sbom -s prod | jq -r '.components[].purl'

Exit codes:
  ${exitCodes.done}   printed
  ${exitCodes.unseen}  no edge to look at, or no way to its cluster
  ${exitCodes.usage}   called wrongly`,
  )
  .action((options: Common & ChosenOptions) => run(options, () => sbom(options)));

command("mend")
  .summary("put right what a killed Pulumi has left")
  .description(
    [
      'Mends a stack in a file backend, of which every command ends with "failed to load checkpoint: EOF": a killed Pulumi has left an empty',
      "<stack>.json.attrs beside the stack's file. The empty file is deleted, and said. destroy does the same. Then it looks for DNS records that a",
      "killed run has created at Cloudflare and could not note, for which pulumi up would end with 81058, and deletes them. It asks before.",
    ].join(" "),
  )
  .option("-y, --yes", "ask nothing")
  .addHelpText("after", "\nExample:\n  https-edge mend -s staging")
  .action((options: Common & MendOptions) => run(options, () => mend(options)));

const main = async (): Promise<void> => {
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has told what is wrong.
    if (error instanceof CommanderError) process.exitCode = error.exitCode && exitCodes.usage;
    else if (error instanceof CommandError) {
      console.error(`error: ${error.message}`);
      process.exitCode = error.code;
    } else throw error;
  }
};

void main();
