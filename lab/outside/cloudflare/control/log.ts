/** The requests that came in: who asked what, and what they were told. Never a token's value, nor a body. */

export interface LoggedRequest {
  time: string;
  method: string;
  path: string;
  query: string;
  userAgent: string;
  /** The name of the token, also of one that does not work any more. */
  token?: string;
  /** None when the connection was closed without an answer. */
  status?: number;
  /** The codes of the errors in the answer. */
  errors: number[];
}

/** Older ones are forgotten, so that a lab can run for weeks. */
const most = 5000;

export class RequestLog {
  private readonly requests: LoggedRequest[] = [];

  all = (): LoggedRequest[] => this.requests;

  add(request: LoggedRequest): void {
    this.requests.push(request);
    if (this.requests.length > most) this.requests.shift();
  }
}
