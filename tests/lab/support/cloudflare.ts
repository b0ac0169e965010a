/** The lab's Cloudflare as its own control page tells of it, and as its API answers a token. */
import { controlUrl, type Fault, type LoggedRequest, type stateOf } from "../../../lab";

type State = ReturnType<typeof stateOf>;

const control = async <T>(path: string, request?: RequestInit): Promise<T> => {
  const response = await fetch(`${controlUrl}${path}`, request);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};

/** Records, tokens and zones. */
export const state = (): Promise<State> => control<State>("/state");

/** Every request since the lab came up. */
export const requests = (): Promise<LoggedRequest[]> => control<LoggedRequest[]>("/requests");

/** Lets requests fail while `during` runs. */
export const withFault = async (fault: Fault, during: () => Promise<void>): Promise<void> => {
  await control("/faults", { method: "PUT", body: JSON.stringify([fault]) });
  try {
    await during();
  } finally {
    await control("/faults", { method: "DELETE" });
  }
};

/** Tokens that were made by calling the API, and not there from the start. */
export const mintedTokens = async (): Promise<State["tokens"]> =>
  (await state()).tokens.filter(({ name }) => name.startsWith("https-edge "));

/** What the API answers a token. */
export const asToken = async (token: string, method: string, path: string, body?: object) => {
  const response = await fetch(`https://api.cloudflare.com/client/v4/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const { success, errors, result } = (await response.json()) as {
    success: boolean;
    errors: { code: number; message: string }[];
    result: unknown;
  };
  return { status: response.status, success, errors, result };
};
