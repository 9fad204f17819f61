// Node.js as a testee: what the language has, and what Node's own modules add.
import { readFileSync } from "node:fs";
import process from "node:process";

import { Adapter } from "../../sdk/javascript/assay_sdk.mjs";
import * as costOps from "./cost_ops.mjs";
import * as generatorOps from "./generator_ops.mjs";
import * as httpOps from "./http_ops.mjs";
import * as iteratorOps from "./iterator_ops.mjs";
import * as regexOps from "./regex_ops.mjs";
import * as udpOps from "./udp_ops.mjs";
import * as unitOps from "./unit_ops.mjs";

// What is supported stands in testee.toml, with its reasons.
const description = readFileSync(new URL("testee.toml", import.meta.url), "utf8");
const [, list] = description.match(/^supports = \[$(.*?)^\]$/ms);
const supports = list.replace(/#.*/g, "").match(/[^\s",]+/g);

const adapter = new Adapter("Node.js", process.versions.node, { supports });
const all = [regexOps, iteratorOps, generatorOps, unitOps, costOps, udpOps, httpOps];
for (const { addTo } of all) addTo(adapter);
adapter.run();
