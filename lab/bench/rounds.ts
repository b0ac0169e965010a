/** Two servers measured in turns, so that both had the same machine, and what one is beside the other. */

/** A figure of two servers, by its medians. */
export interface Comparison {
  edge: number;
  byHand: number;
  /** The edge's share of the other's: the median of the rounds' own ratios, the lowest and the highest of them. */
  ratio: number;
  lowest: number;
  highest: number;
}

/** The names of the two. */
export type Server = "edge" | "byHand";

/** Measures both as often as there are rounds. Who begins changes, as what runs beside it may grow or fade. */
export const takeRounds = async <T>(
  rounds: number,
  measure: (server: Server) => Promise<T>,
): Promise<Record<Server, T[]>> => {
  const taken: Record<Server, T[]> = { edge: [], byHand: [] };
  for (let round = 0; round < rounds; round++) {
    const order: Server[] = round % 2 === 0 ? ["edge", "byHand"] : ["byHand", "edge"];
    for (const server of order) taken[server].push(await measure(server));
  }
  return taken;
};

/** Compares two series, of which each pair is one round. */
export const compare = (edge: number[], byHand: number[]): Comparison => {
  const ratios = edge.map((value, round) => value / (byHand[round] ?? Number.NaN)).sort((a, b) => a - b);
  return {
    edge: median(edge),
    byHand: median(byHand),
    ratio: median(ratios),
    lowest: ratios[0] ?? Number.NaN,
    highest: ratios.at(-1) ?? Number.NaN,
  };
};

/** The middle value; between the two middle ones where there is none. */
export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2;
};

/** The smallest of sorted values that this share of them, in per cent, does not exceed. */
export const percentile = (sorted: number[], share: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * share) / 100) - 1)] ?? Number.NaN;
