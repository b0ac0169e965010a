/** A program of the lab that runs until the lab goes down. */
export interface Service {
  /** Names its log, run/log/<name>.log. */
  name: string;
  command: string[];
  /** Added to the environment of `lab run`. */
  env?: Record<string, string>;
  /** Tells whether it answers; asked again until it does, or the lab gives up. A rejection counts as no. */
  ready: () => Promise<boolean>;
}

/** The built programs, by name. */
export interface Programs {
  bin(name: string): string;
  /** All of them, by name. */
  all(): Record<string, string>;
}
