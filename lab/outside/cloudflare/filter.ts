/** The filters of a list: `name=`, `name.contains=`, `name.startswith=` ..., for zones `name=contains:`. */

const operators: Record<string, (value: string, wanted: string) => boolean> = {
  exact: (value, wanted) => value === wanted,
  equal: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  starts_with: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
};

/** Whether the values fit all filters of the query, or one of them with `match=any`; names of no value are ignored. */
export function matches(query: URLSearchParams, values: Record<string, string | undefined>): boolean {
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
}

function splitKey(key: string, values: object): [name?: string, operator?: string] {
  if (key in values) return [key];
  const dot = key.lastIndexOf(".");
  const name = key.slice(0, dot);
  return dot > 0 && name in values ? [name, key.slice(dot + 1)] : [];
}
