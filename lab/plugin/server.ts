/** The gRPC service that the Pulumi engine talks to. */
import { type handleUnaryCall, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as grpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Api } from "./api";
import { check } from "./check";
import { configurationSchema, readConfiguration, secretConfiguration } from "./configuration";
import { diffResponse, failures, Provider } from "./provider";
import { fromStruct, secret, toStruct } from "./value";

const { version }: { version: string } = require("@pulumi/cloudflare/package.json");

export interface Serving {
  port: number;
  close(): void;
}

export const serve = async (environment = process.env): Promise<Serving> => {
  let api = new Api(readConfiguration({}, environment));
  let provider = new Provider(api);

  const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(ResourceProviderService, {
    getPluginInfo: answer(() => new PluginInfo().setVersion(version)),
    getSchema: answer(() => new grpc.GetSchemaResponse().setSchema(JSON.stringify({ name: "cloudflare", version }))),
    attach: answer(() => new Empty()),
    cancel: answer(() => {
      api.cancel();
      return new Empty();
    }),
    checkConfig: answer(checkConfig),
    diffConfig: answer(diffConfig),
    configure: answer((request: grpc.ConfigureRequest) => {
      api = new Api(readConfiguration(fromStruct(request.getArgs()), environment));
      provider = new Provider(api);
      // The official client loads slowly, and nothing is answered meanwhile. The engine, which gives a plugin ten seconds to answer for the
      // first time, has that answer by now, and still has the program to start.
      setImmediate(() => require("./client"));
      // The engine removes the marks of secrets on the way here, and restores them by name.
      return new grpc.ConfigureResponse().setSupportspreview(true);
    }),
    check: answer((request: grpc.CheckRequest) => provider.check(request)),
    diff: answer((request: grpc.DiffRequest) => provider.diff(request)),
    create: answer((request: grpc.CreateRequest) => provider.create(request)),
    read: answer((request: grpc.ReadRequest) => provider.read(request)),
    update: answer((request: grpc.UpdateRequest) => provider.update(request)),
    delete: answer((request: grpc.DeleteRequest) => provider.delete(request)),
    invoke: answer((request: grpc.InvokeRequest) => provider.invoke(request)),
  });

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  return { port, close: () => server.forceShutdown() };
};

/** Methods without a handler answer "unimplemented", and the engine accepts that. */
const answer =
  <Request, Response>(handle: (request: Request) => Response | Promise<Response>): handleUnaryCall<Request, Response> =>
  async (call, callback) => {
    try {
      callback(null, await handle(call.request));
    } catch (error) {
      callback({ code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
    }
  };

const checkConfig = (request: grpc.CheckRequest): grpc.CheckResponse => {
  const news = fromStruct(request.getNews());
  const secrets = secretConfiguration.map((name) => [name, news[name] && secret(news[name])]);
  return new grpc.CheckResponse()
    .setInputs(toStruct({ ...news, ...Object.fromEntries(secrets) }))
    .setFailuresList(failures(check(configurationSchema, news)));
};

/** Another credential or address changes no resource. */
const diffConfig = (request: grpc.DiffRequest): grpc.DiffResponse => {
  const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
  const news = fromStruct(request.getNews());
  const changed = Object.keys(configurationSchema.shape).filter((name) => olds[name] !== news[name]);
  return diffResponse(changed.map((name) => ({ name, kind: "update", replaces: false })));
};
