/** A program of the lab that runs until the lab goes down. */
export interface Service {
  /** Name of its log: run/log/<name>.log. */
  name: string;
  command: string[];
  /** Added to the environment of `lab run`. */
  env?: Record<string, string>;
  /** Whether it answers. The lab asks again until it does or the time is up. A rejection counts as no. */
  ready: () => Promise<boolean>;
}

/** The built programs, by name. */
export interface Programs {
  /** The path of a program; throws when there is none of that name. */
  bin(name: string): string;
  /** All of them, by name. */
  all(): Record<string, string>;
}

/** Programs by their names and paths. */
export const programsOf = (paths: Record<string, string>): Programs => ({
  all: () => paths,
  bin: (name) => {
    const path = paths[name];
    if (!path) throw new Error(`no program ${name}; there are ${Object.keys(paths).join(", ")}`);
    return path;
  },
});
