/** The components as a Pulumi plugin: the engine starts this program and reads the port that it listens on. */
import * as pulumi from "@pulumi/pulumi";
import { provider } from "./provider";

void pulumi.provider.main(provider, process.argv.slice(2));
