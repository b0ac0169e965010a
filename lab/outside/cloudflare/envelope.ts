/** The form of every answer: `result`, `success`, `errors`, `messages`, and `result_info` for lists. */

export interface Problem {
  code: number;
  message: string;
  error_chain?: Problem[];
}

export interface Message {
  code: number;
  message: string;
  type: null;
}

export interface Envelope {
  result: unknown;
  success: boolean;
  errors: Problem[];
  messages: Message[];
  result_info?: { page: number; per_page: number; count: number; total_count: number; total_pages: number };
}

export interface Answer {
  status: number;
  body: Envelope;
}

/** Thrown wherever a request turns out not to be acceptable; becomes its answer. */
export class Refusal extends Error {
  readonly problems: Problem[];

  constructor(
    readonly status: number,
    ...problems: Problem[]
  ) {
    super(problems.map(({ code, message }) => `${message} (${code})`).join(", "));
    this.problems = problems;
  }

  answer(): Answer {
    return { status: this.status, body: { result: null, success: false, errors: this.problems, messages: [] } };
  }
}

export const succeed = (result: unknown, ...messages: Message[]): Answer => ({
  status: 200,
  body: { result, success: true, errors: [], messages },
});

/** One page of a list; a page past the end is empty, which is how clients know that they have seen everything. */
export function succeedWithPage(
  items: unknown[],
  query: URLSearchParams,
  perPage: { default: number; most: number },
): Answer {
  const size = Math.min(positive(query.get("per_page")) ?? perPage.default, perPage.most);
  const page = positive(query.get("page")) ?? 1;
  const result = items.slice((page - 1) * size, page * size);
  const answer = succeed(result);
  answer.body.result_info = {
    page,
    per_page: size,
    count: result.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / size),
  };
  return answer;
}

const positive = (text: string | null): number | undefined =>
  text && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
