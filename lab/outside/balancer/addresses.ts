/** The balancers' addresses: for each Service the same for as long as it lives, on the loopback device of this namespace. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { output } from "../../tools/process";

/** From the last number 1 to 254, where a hash of the Service's uid says; from there the next one that is free. */
export function choose(network: string, uid: string, taken: ReadonlySet<string>, requested?: string): string {
  const first = network.slice(0, network.search(/\d+\/\d+$/));
  if (requested?.startsWith(first) && !taken.has(requested)) return requested;
  const start = createHash("sha256").update(uid).digest().readUInt32BE() % 254;
  for (let step = 0; step < 254; step++) {
    const address = `${first}${((start + step) % 254) + 1}`;
    if (!taken.has(address)) return address;
  }
  throw new Error(`no address left in ${network}`);
}

export type Family = "IPv4" | "IPv6";

/** Remembered in a file, so that a controller started again gives nobody a new address. */
export class Addresses {
  /** By the Service's uid, and, for what is not its first IPv4 address, by family and number. */
  private byOwner = new Map<string, string>();

  constructor(
    private readonly networks: Record<Family, string>,
    private readonly file: string,
  ) {}

  async load(): Promise<void> {
    const text = await readFile(this.file, "utf8").catch(() => "{}");
    this.byOwner = new Map(Object.entries<string>(JSON.parse(text)));
    for (const address of this.byOwner.values()) await onLoopback("replace", address);
  }

  /** One address for each family that is wanted, which may be wanted twice. */
  async of(uid: string, families: Family[], requested?: string): Promise<string[]> {
    const addresses: string[] = [];
    for (const [index, family] of families.entries()) {
      const before = families.slice(0, index).filter((each) => each === family).length;
      const owner = family === "IPv4" && before === 0 ? uid : `${uid}/${family}/${before}`;
      addresses.push(await this.one(owner, family, requested));
    }
    return addresses;
  }

  private async one(owner: string, family: Family, requested?: string): Promise<string> {
    const known = this.byOwner.get(owner);
    if (known !== undefined) return known;
    const address = choose(this.networks[family], owner, new Set(this.byOwner.values()), requested);
    await onLoopback("replace", address);
    this.byOwner.set(owner, address);
    await this.save();
    return address;
  }

  /** Gives back all other addresses. */
  async keep(addresses: ReadonlySet<string>): Promise<void> {
    const gone = [...this.byOwner].filter(([, address]) => !addresses.has(address));
    for (const [owner, address] of gone) {
      await onLoopback("del", address);
      this.byOwner.delete(owner);
    }
    if (gone.length > 0) await this.save();
  }

  private async save(): Promise<void> {
    await writeFile(this.file, JSON.stringify(Object.fromEntries(this.byOwner)));
  }
}

async function onLoopback(verb: "replace" | "del", address: string): Promise<void> {
  await output(["ip", "addr", verb, `${address}/${address.includes(":") ? 128 : 32}`, "dev", "lo"]);
}
