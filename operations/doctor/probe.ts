/** How an address answers a connection that begins with a PROXY header, and one that does not. */
import { type Asked, ask } from "../../components/standing/https";
import type { Outside } from "../outside";

/** The two answers. */
export interface Probe {
  host: string;
  address: string;
  plain: Asked;
  withHeader: Asked;
}

/** Milliseconds. */
const patience = 5_000;

/** Asks the first address for the first host; undefined where there is nobody to ask. */
export const probe = async (
  { hosts: [first], addresses: [address] }: Outside,
  port?: number,
): Promise<Probe | undefined> => {
  if (!first || address === undefined) return undefined;
  const { host } = first;
  const [plain, withHeader] = await Promise.all([
    ask(address, host, { port, timeout: patience }),
    ask(address, host, { port, timeout: patience, withHeader: true }),
  ]);
  return { host, address, plain, withHeader };
};
