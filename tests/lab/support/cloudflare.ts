/** The lab's Cloudflare as its own control page tells of it, and as its API answers a token. */
import { controlUrl, type Fault, type LoggedRequest, type stateOf } from "../../../lab";
import { control, failing } from "./control";

type State = ReturnType<typeof stateOf>;

/** Records, tokens and zones. */
export const state = (): Promise<State> => control<State>(controlUrl, "/state");

/** Of a long time, the last ones. */
const requests = (): Promise<LoggedRequest[]> => control<LoggedRequest[]>(controlUrl, "/requests");

/** Those from now on, whenever one asks for them. */
export const requestsFromNow = (): (() => Promise<LoggedRequest[]>) => {
  const from = new Date().toISOString();
  return async () => (await requests()).filter(({ time }) => time >= from);
};

/** Lets requests fail while `during` runs. */
export const withFault = (fault: Fault, during: () => Promise<void>): Promise<void> => withFaults([fault], during);

/** The same in several ways. */
export const withFaults = (faults: Fault[], during: () => Promise<void>): Promise<void> =>
  failing(controlUrl, faults, during);

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
