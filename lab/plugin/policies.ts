/** A token's policies, whose `resources` are JSON text in Pulumi and an object in the API. */
import { toApi } from "./spelling";
import { isProperties, type Properties, type Value } from "./value";

const list = (value: Value | undefined): Properties[] => (Array.isArray(value) ? value.filter(isProperties) : []);

export const toPolicies = (policies: Value | undefined): Value =>
  list(policies).map(({ resources, ...policy }) => ({
    ...fields(toApi(policy)),
    resources: JSON.parse(String(resources)),
  }));

/** As programs write them, and in the order in which they were given before: the API's own order is none to rely on. */
export function fromPolicies(answered: Value | undefined, before: Value | undefined): Value {
  const policies = list(answered).map(
    (policy): Policy => ({
      effect: String(policy.effect),
      permissionGroups: list(policy.permission_groups).map(({ id }) => ({ id: String(id) })),
      resources: JSON.stringify(policy.resources),
    }),
  );
  const known = list(before);
  for (const policy of policies) {
    const groups = known.filter((other) => isLike(policy, other)).flatMap((other) => ids(other));
    policy.permissionGroups.sort(inOrderOf(groups, ({ id }) => id));
  }
  const order = known.map(identity);
  return policies.sort(inOrderOf(order, identity)).map((policy) => ({ ...policy }));
}

interface Policy extends Properties {
  effect: string;
  permissionGroups: { id: string }[];
  resources: string;
}

const fields = (value: Value): Properties => (isProperties(value) ? value : {});

const ids = (policy: Properties): string[] => list(policy.permissionGroups).map(({ id }) => String(id));

/** What a policy is, in whatever order its groups are. */
const identity = (policy: Properties): string => [policy.effect, policy.resources, ...ids(policy).sort()].join("|");

const isLike = (a: Properties, b: Properties): boolean => identity(a) === identity(b);

/** Those that are known come first, in the known order; the others in the order of the alphabet. */
const inOrderOf =
  <Item>(known: string[], key: (item: Item) => string) =>
  (a: Item, b: Item): number => {
    const place = (item: Item) => (known.includes(key(item)) ? known.indexOf(key(item)) : known.length);
    return place(a) - place(b) || (key(a) < key(b) ? -1 : 1);
  };
