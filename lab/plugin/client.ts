/** The official client, brought to ask what the provider asks. In a file of its own because it is slow to load. */
import Cloudflare from "cloudflare";

export class Client extends Cloudflare {
  /** Without a credential the provider asks all the same, and people know the API's refusal. */
  protected override validateHeaders(): void {}

  /** A blank as `+` and the names in order, as in the recording. */
  protected override stringifyQuery(query: Record<string, string>): string {
    const parameters = new URLSearchParams(query);
    parameters.sort();
    return parameters.toString();
  }
}
