/** One stage of `make demo`, as --json prints it. */
export interface Stage {
  stage: string;
  seconds: number;
}
