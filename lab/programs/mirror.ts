/** A firm's own registry, which has a copy of each chart and image under its own path. */

export const mirror = "registry.company.example/mirror";

/** A chart or an image by the name of its copy. */
export const inMirror = (reference: string): string => `${mirror}${reference.slice(reference.indexOf("/"))}`;
