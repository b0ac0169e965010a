/** The whole state of the fake. It is in memory only, and starts from account.ts each time. */
import { Faults } from "../faults";
import { zones } from "./account";
import type { Fault } from "./control/faults";
import { RequestLog } from "./control/log";
import { Records } from "./records/records";
import type { Publish } from "./records/zoneFile";
import { Tokens } from "./tokens/tokens";

interface State {
  records: Records;
  tokens: Tokens;
  faults: Faults<Fault>;
  requests: RequestLog;
}

export interface World extends State {
  now: () => number;
  /** Goes back to the start, and empties the request log. */
  reset: () => void;
}

/** `publish` gets all records at the start and after each change of a zone. `now` is the time in milliseconds. */
export const newWorld = (publish: Publish = () => {}, now: () => number = Date.now): World => {
  const start = (): State => {
    for (const zone of zones) publish(zone, []);
    const records: Records = new Records(now, (zone) => publish(zone, records.all()));
    return { records, tokens: new Tokens(now), faults: new Faults(), requests: new RequestLog() };
  };
  const world: World = { ...start(), now, reset: () => void Object.assign(world, start()) };
  return world;
};
