/** Where the time of an `up` goes: a bar for each part, by the engine's own events. */

/** An event of the engine, as far as it is read here: https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/interfaces/automation.EngineEvent.html */
export interface EngineEvent {
  /** Seconds since 1970. */
  timestamp: number;
  resourcePreEvent?: { metadata: { urn: string; op: string } };
  resOutputsEvent?: { metadata: { urn: string; op: string } };
}

/** The custom resources of one part: from the first that begins to the last that is done, in seconds from the engine's start. */
export interface Bar {
  part: string;
  from: number;
  to: number;
}

/** Events from the engine's log, a JSON object a line. */
export const eventsOf = (log: string): EngineEvent[] =>
  log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent);

/** The bars of an `up`, in the order in which they end. */
export const barsOf = (events: EngineEvent[]): Bar[] => {
  const start = events[0]?.timestamp ?? 0;
  const bars = new Map<string, Bar>();
  for (const { timestamp, resourcePreEvent, resOutputsEvent } of events) {
    const { urn = "", op = "same" } = (resourcePreEvent ?? resOutputsEvent)?.metadata ?? {};
    const part = partOf(urn);
    if (!part || ["same", "read"].includes(op)) continue;
    const at = timestamp - start;
    const bar = bars.get(part) ?? { part, from: at, to: at };
    bars.set(part, { ...bar, to: Math.max(bar.to, at) });
  }
  return [...bars.values()].sort((a, b) => a.to - b.to || a.from - b.from);
};

/** The part that a custom resource belongs to, and its type: of several in one part each is a bar of its own. */
const partOf = (urn: string): string | undefined => {
  const [type = "", part] = (urn.split("::")[2] ?? "").split("$").reverse();
  const isComponent = type.startsWith("https-edge:") || type.startsWith("pulumi:");
  return part && !isComponent ? [part, type].map((each) => each.split(":").pop()).join(" ") : undefined;
};

/** The bars as text, a second a character. */
export const draw = (bars: Bar[]): string[] => {
  const width = Math.max(0, ...bars.map(({ part }) => part.length));
  return bars.map(
    ({ part, from, to }) =>
      `${part.padEnd(width)} ${" ".repeat(from)}${"█".repeat(Math.max(1, to - from))} ${from}-${to} s`,
  );
};
