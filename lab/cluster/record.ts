/** What is known of a lab between commands: whose it is, what it runs, and which process holds it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../layout";
import { startOf } from "../tools/processes";
import type { Init } from "./namespaces";

/** The record of a lab, in run/lab.json. */
export interface LabRecord {
  /** Clone that put it up. */
  clone: string;
  /** Hash of all that it runs and of how it is put up. */
  pins: string;
  /** PID 1 of the lab. */
  init?: Init;
  /** When everything answered; absent while it is being put up. */
  since?: string;
}

const path = join(run, "lab.json");

export const readRecord = (): LabRecord | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as LabRecord) : undefined;

export const writeRecord = (record: LabRecord): void =>
  writeFileSync(path, `${JSON.stringify(record, undefined, 2)}\n`);

/** PID 1 of the record's lab, if that very process still runs. */
export const liveInit = (record: LabRecord | undefined): number | undefined =>
  record?.init && startOf(record.init.pid) === record.init.started ? record.init.pid : undefined;
