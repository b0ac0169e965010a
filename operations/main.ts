#!/usr/bin/env node
/** What is done to an edge that stands, as a command line. */
import { Command, CommanderError } from "commander";
import { type DestroyOptions, destroy } from "./destroy";
import { CommandError, exitCodes } from "./exit";
import { mend } from "./mend";
import type { StackRef } from "./state";

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

command("mend")
  .summary("make a stack readable again that a killed Pulumi left unreadable")
  .description(
    [
      'Mends a stack in a file backend, of which every command ends with "failed to load checkpoint: EOF": a killed Pulumi has left an empty',
      "<stack>.json.attrs beside the stack's file. The empty file is deleted, and said. destroy does the same.",
    ].join(" "),
  )
  .addHelpText("after", "\nExample:\n  https-edge mend -s staging")
  .action((options: Common) => run(options, () => mend(options)));

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
