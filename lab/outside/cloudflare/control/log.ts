/** The request log: who asked what, and the answer. It holds no token's value and no body. */

export interface LoggedRequest {
  time: string;
  method: string;
  path: string;
  query: string;
  userAgent: string;
  /** The name of the token, even if it no longer works. */
  token?: string;
  /** Undefined when the connection was closed without an answer. */
  status?: number;
  /** The codes of the errors in the answer. */
  errors: number[];
}

/** Older requests are dropped, so that a lab can run for weeks. */
const most = 5000;

export class RequestLog {
  private readonly requests: LoggedRequest[] = [];

  all = (): LoggedRequest[] => this.requests;

  add(request: LoggedRequest): void {
    this.requests.push(request);
    if (this.requests.length > most) this.requests.shift();
  }
}
