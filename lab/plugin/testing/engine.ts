/** Talks to the plugin over gRPC as the Pulumi engine does. */
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as grpc from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Serving, serve } from "../server";
import { type Properties, toStruct } from "../value";

export const types = {
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
  apiToken: "cloudflare:index/apiToken:ApiToken",
  accountToken: "cloudflare:index/accountToken:AccountToken",
};

const urn = (type: string): string => `urn:pulumi:dev::plug::my:index:Component$${type}::name`;
const json = (struct: Struct | undefined): Properties => (struct?.toJavaScript() ?? {}) as Properties; // nothing but JSON
const reasons = (failures: grpc.CheckFailure[]) => failures.map((one) => [one.getProperty(), one.getReason()]);

export class Engine {
  readonly client: ResourceProviderClient;

  private constructor(private readonly serving: Serving) {
    this.client = new ResourceProviderClient(`127.0.0.1:${serving.port}`, credentials.createInsecure());
  }

  static async start(args: Properties, environment: NodeJS.ProcessEnv = {}): Promise<Engine> {
    const engine = new Engine(await serve(environment));
    await answerOf((done) => engine.client.configure(new grpc.ConfigureRequest().setArgs(toStruct(args)), done));
    return engine;
  }

  stop(): void {
    this.client.close();
    this.serving.close();
  }

  async checkConfig(news: Properties) {
    const request = new grpc.CheckRequest().setNews(toStruct(news));
    const response = await answerOf<grpc.CheckResponse>((done) => this.client.checkConfig(request, done));
    return { inputs: json(response.getInputs()), failures: reasons(response.getFailuresList()) };
  }

  async check(type: string, news: Properties) {
    const request = new grpc.CheckRequest().setUrn(urn(type)).setNews(toStruct(news));
    const response = await answerOf<grpc.CheckResponse>((done) => this.client.check(request, done));
    return { inputs: json(response.getInputs()), failures: reasons(response.getFailuresList()) };
  }

  async diff(type: string, state: Properties, news: Properties) {
    const request = new grpc.DiffRequest().setUrn(urn(type)).setOlds(toStruct(state)).setNews(toStruct(news));
    const response = await answerOf<grpc.DiffResponse>((done) => this.client.diff(request, done));
    return { changes: response.getDiffsList(), replaces: response.getReplacesList() };
  }

  async create(type: string, inputs: Properties, preview = false) {
    const request = new grpc.CreateRequest().setUrn(urn(type)).setProperties(toStruct(inputs)).setPreview(preview);
    const response = await answerOf<grpc.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), state: json(response.getProperties()) };
  }

  async read(type: string, id: string, state: Properties = {}, inputs: Properties = {}) {
    const request = new grpc.ReadRequest().setUrn(urn(type)).setId(id);
    request.setProperties(toStruct(state)).setInputs(toStruct(inputs));
    const response = await answerOf<grpc.ReadResponse>((done) => this.client.read(request, done));
    return { id: response.getId(), state: json(response.getProperties()), inputs: json(response.getInputs()) };
  }

  async update(type: string, id: string, state: Properties, news: Properties, preview = false) {
    const request = new grpc.UpdateRequest().setUrn(urn(type)).setId(id).setPreview(preview);
    request.setOlds(toStruct(state)).setNews(toStruct(news));
    const response = await answerOf<grpc.UpdateResponse>((done) => this.client.update(request, done));
    return json(response.getProperties());
  }

  async delete(type: string, id: string, state: Properties): Promise<void> {
    const request = new grpc.DeleteRequest().setUrn(urn(type)).setId(id).setProperties(toStruct(state));
    await answerOf((done) => this.client.delete(request, done));
  }

  async invoke(name: string, args: Properties) {
    const request = new grpc.InvokeRequest().setTok(`cloudflare:index/${name}:${name}`).setArgs(toStruct(args));
    const response = await answerOf<grpc.InvokeResponse>((done) => this.client.invoke(request, done));
    return { result: json(response.getReturn()), failures: reasons(response.getFailuresList()) };
  }
}

const answerOf = <Response>(ask: (done: (error: ServiceError | null, response: Response) => void) => void) =>
  new Promise<Response>((resolve, reject) => {
    ask((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
  });
