/** One stage of `make demo`, as it tells programs. */
export interface Stage {
  stage: string;
  seconds: number;
}
