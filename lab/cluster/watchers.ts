/** The one setting of the whole machine that labs change: how many programs may watch files. Put back by the last lab that goes. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labs } from "../layout";

const setting = "/proc/sys/fs/inotify/max_user_instances";
const before = join(labs, "inotify.before");

/** A cluster's programs watch many; the usual 128 are too few. */
const enough = 8192;

/** Raises the limit, and keeps what it was. */
export const raiseWatchers = (): void => {
  const now = readFileSync(setting, "utf8").trim();
  if (Number(now) >= enough) return;
  writeFileSync(before, now);
  writeFileSync(setting, String(enough));
};

/** Puts the limit back if no other lab is there. */
export const restoreWatchers = (): void => {
  if (!existsSync(before) || readdirSync(labs).some((name) => existsSync(join(labs, name, "lab.json")))) return;
  writeFileSync(setting, readFileSync(before, "utf8"));
  rmSync(before);
};
