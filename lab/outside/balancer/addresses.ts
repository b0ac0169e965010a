/** The balancers' addresses: one for each Service for as long as it lives, on the loopback device of this namespace. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { output } from "../../tools/process";

/** From the last octet 1 to 254, where a hash of the Service's uid says; from there the next one that is free. */
export const choose = (network: string, uid: string, taken: ReadonlySet<string>, requested?: string): string => {
  const first = network.slice(0, network.lastIndexOf(".") + 1);
  if (requested?.startsWith(first) && !taken.has(requested)) return requested;
  const start = createHash("sha256").update(uid).digest().readUInt32BE() % 254;
  for (let step = 0; step < 254; step++) {
    const address = `${first}${((start + step) % 254) + 1}`;
    if (!taken.has(address)) return address;
  }
  throw new Error(`no address left in ${network}`);
};

/** Remembered in a file, so that a controller started again gives nobody a new address. */
export class Addresses {
  private byUid = new Map<string, string>();

  constructor(
    private readonly network: string,
    private readonly file: string,
  ) {}

  async load(): Promise<void> {
    const text = await readFile(this.file, "utf8").catch(() => "{}");
    this.byUid = new Map(Object.entries<string>(JSON.parse(text)));
    for (const address of this.byUid.values()) await onLoopback("replace", address);
  }

  async of(uid: string, requested?: string): Promise<string> {
    const known = this.byUid.get(uid);
    if (known !== undefined) return known;
    const address = choose(this.network, uid, new Set(this.byUid.values()), requested);
    await onLoopback("replace", address);
    this.byUid.set(uid, address);
    await this.save();
    return address;
  }

  /** Gives back the addresses of all other Services. */
  async keep(uids: ReadonlySet<string>): Promise<void> {
    const gone = [...this.byUid].filter(([uid]) => !uids.has(uid));
    for (const [uid, address] of gone) {
      await onLoopback("del", address);
      this.byUid.delete(uid);
    }
    if (gone.length > 0) await this.save();
  }

  private async save(): Promise<void> {
    await writeFile(this.file, JSON.stringify(Object.fromEntries(this.byUid)));
  }
}

const onLoopback = async (verb: "replace" | "del", address: string): Promise<void> => {
  await output(["ip", "addr", verb, `${address}/32`, "dev", "lo"]);
};
