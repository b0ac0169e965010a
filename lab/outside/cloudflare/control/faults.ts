/** Faults on demand: what goes wrong with which requests, and how often. */
import { z } from "zod";
import { zones } from "../account";
import { type Envelope, Refusal } from "../api/envelope";

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

export const FaultList = z.array(
  z.strictObject({
    /** Which requests: those that match everything given here. */
    method: z.string().optional(),
    path: z.string().refine(isPattern, "must be a regular expression").optional(),
    /** A token's name. */
    token: z.string().optional(),
    /** How many requests. The default is all, until the faults are removed. */
    times: z.number().int().positive().optional(),

    /** The answer instead of the real one. Nothing else is done. */
    status: z.number().int().min(400).max(599).optional(),
    retryAfter: z.number().int().nonnegative().optional(),
    code: z.number().int().optional(),
    message: z.string().optional(),
    /** Milliseconds before the answer. */
    delay: z.number().nonnegative().optional(),
    /** Closes the connection without an answer. */
    drop: z.literal(true).optional(),
    /** Fields to leave out of the result, or of each of its items. */
    omit: z.array(z.string()).optional(),
    /** DNS records carry `zone_id` and `zone_name`, as they did until 2025. */
    zone_id: z.literal(true).optional(),
  }),
);

export type Fault = z.infer<typeof FaultList>[number];

export class Faults {
  private faults: Fault[] = [];

  all = (): Fault[] => this.faults;

  replace(faults: Fault[]): void {
    this.faults = structuredClone(faults);
  }

  /** The faults of a request. Each counts the request, and ends after its number of requests. */
  take(request: { method: string; path: string; token?: string }): Fault[] {
    const fitting = this.faults.filter(
      ({ method, path, token }) =>
        (method === undefined || method === request.method) &&
        (path === undefined || new RegExp(path).test(request.path)) &&
        (token === undefined || token === request.token),
    );
    for (const fault of fitting) if (fault.times !== undefined) fault.times -= 1;
    this.faults = this.faults.filter(({ times }) => times !== 0);
    return fitting;
  }
}

/** The fault's answer instead of the real one, if it has one. */
export const answerOf = ({ status, code, message }: Fault): Response | undefined => {
  if (status === undefined) return undefined;
  const usual =
    status === 429
      ? { code: 971, message: "Please wait and consider throttling your request speed" }
      : { code: 10013, message: "An unknown error has occurred." };
  return new Refusal(status, { code: code ?? usual.code, message: message ?? usual.message }).answer();
};

/** Changes an answer as a fault says: leaves fields out, or puts the zone into its records. */
export const altered = (answer: Envelope, { omit = [], zone_id }: Fault, path: string): Envelope => {
  const zone = zone_id && zones.find(({ id }) => path.includes(`/zones/${id}/dns_records`));
  const alter = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const whole = zone ? { ...item, zone_id: zone.id, zone_name: zone.name } : item;
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !omit.includes(name)));
  };
  const { result } = answer;
  return { ...answer, result: Array.isArray(result) ? result.map(alter) : alter(result) };
};
