/** An answer as a fault would have it: with fields left out, or with the zone in its records again. */
import { zones } from "./account";
import type { Answer } from "./envelope";
import type { Fault } from "./faults";

export function altered(answer: Answer, { omit = [], zone_id }: Fault, path: string): Answer {
  const zone = zone_id && zones.find(({ id }) => path.includes(`/zones/${id}/dns_records`));
  const alter = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const whole = zone ? { ...item, zone_id: zone.id, zone_name: zone.name } : item;
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !omit.includes(name)));
  };
  const { result } = answer.body;
  return { ...answer, body: { ...answer.body, result: Array.isArray(result) ? result.map(alter) : alter(result) } };
}
