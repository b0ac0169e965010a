/** A registry of one's own in place of the public ones. */

/** An image or a chart as the mirror has it: under its own path, tag and digest. */
export const mirrored = (reference: string, mirror: string | undefined): string =>
  mirror ? `${mirror}${reference.slice(reference.indexOf("/"))}` : reference;

/** What is wrong with the name of a mirror: https://github.com/distribution/reference/blob/main/reference.go */
export const checkMirror = (mirror: string): string | undefined =>
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(mirror)
    ? undefined
    : `must be a registry, with a path if need be, such as registry.company.example/mirror, got "${mirror}" (no https://, no slash at the end)`;
