/** Everything the fake knows. Kept in memory only: it starts from account.ts each time. */
import { zones } from "./account";
import { Faults } from "./control/faults";
import { RequestLog } from "./control/log";
import { Records } from "./records/records";
import type { Publish } from "./records/zoneFile";
import { Tokens } from "./tokens/tokens";

interface State {
  records: Records;
  tokens: Tokens;
  faults: Faults;
  requests: RequestLog;
}

export interface World extends State {
  now: () => number;
  /** Back to the start, request log included. */
  reset: () => void;
}

/** `publish` is told of all records at the start and whenever a zone's change; `now` is the time in milliseconds. */
export const newWorld = (publish: Publish = () => {}, now: () => number = Date.now): World => {
  const start = (): State => {
    for (const zone of zones) publish(zone, []);
    const records: Records = new Records(now, (zone) => publish(zone, records.all()));
    return { records, tokens: new Tokens(now), faults: new Faults(), requests: new RequestLog() };
  };
  const world: World = { ...start(), now, reset: () => void Object.assign(world, start()) };
  return world;
};
