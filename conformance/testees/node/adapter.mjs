// Node.js as a testee: RegExp, iterators and generators of the language, worker_threads.
import { readFileSync } from "node:fs";
import process from "node:process";

import { Adapter } from "../../sdk/javascript/assay_sdk.mjs";
import * as generatorOps from "./generator_ops.mjs";
import * as iteratorOps from "./iterator_ops.mjs";
import * as regexOps from "./regex_ops.mjs";

// What is supported stands in testee.toml, with its reasons.
const description = readFileSync(new URL("testee.toml", import.meta.url), "utf8");
const [, list] = description.match(/^supports = \[$(.*?)^\]$/ms);
const supports = list.replace(/#.*/g, "").match(/[^\s",]+/g);

const adapter = new Adapter("Node.js", process.versions.node, { supports });
for (const { addTo } of [regexOps, iteratorOps, generatorOps]) addTo(adapter);
adapter.run();
