/** Lists: the filters of their query (`name=`, `name.contains=`, for zones `name=contains:`), and their pages. */
import { type Envelope, success } from "./envelope";

const operators: Record<string, (value: string, wanted: string) => boolean> = {
  exact: (value, wanted) => value === wanted,
  equal: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  starts_with: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
};

/** Whether the values match all filters of the query, or any of them with `match=any`. Filters on unknown names are ignored. */
export const matches = (query: URLSearchParams, values: Record<string, string | undefined>): boolean => {
  const verdicts = [...query].flatMap(([key, text]) => {
    const [name, after] = splitKey(key, values);
    if (name === undefined) return [];
    const [, before, rest] = /^(\w+):(.*)$/.exec(text) ?? [];
    const inValue = before !== undefined && before in operators;
    const operator = operators[after ?? (inValue ? before : "exact")];
    const wanted = inValue && rest !== undefined ? rest : text;
    return [operator?.((values[name] ?? "").toLowerCase(), wanted.toLowerCase()) ?? true];
  });
  if (verdicts.length === 0) return true;
  return query.get("match") === "any" ? verdicts.includes(true) : !verdicts.includes(false);
};

const splitKey = (key: string, values: object): [name?: string, operator?: string] => {
  if (key in values) return [key];
  const dot = key.lastIndexOf(".");
  const name = key.slice(0, dot);
  return dot > 0 && name in values ? [name, key.slice(dot + 1)] : [];
};

/** One page of a list. A page past the end is empty, so that clients know that they have seen everything. */
export const pageOf = (
  items: unknown[],
  query: URLSearchParams,
  perPage: { default: number; most: number },
): Envelope => {
  const size = Math.min(positive(query.get("per_page")) ?? perPage.default, perPage.most);
  const page = positive(query.get("page")) ?? 1;
  const result = items.slice((page - 1) * size, page * size);
  const counts = { count: result.length, total_count: items.length, total_pages: Math.ceil(items.length / size) };
  return { ...success(result), result_info: { page, per_page: size, ...counts } };
};

const positive = (text: string | null): number | undefined =>
  text && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
