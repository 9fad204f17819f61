// Ops of the area regex: RegExp and the methods of String that take one; patterns and templates are
// as JavaScript has them. RegExp counts UTF-16 units; spans of the protocol count code points.
import { Raised } from "../../sdk/javascript/assay_sdk.mjs";

// u makes a character a code point, d gives the spans of groups. There are no flags a and x.
function compiled(pattern, flags, more = "") {
  try {
    return new RegExp(pattern, `du${more}${flags}`);
  } catch (wrong) {
    throw new Raised("PatternError", wrong.message);
  }
}

const textOrNull = (text) => text ?? null;

// What turns an offset in UTF-16 units into one in code points.
function counting(text) {
  if (!/\p{Surrogate}|[^\0-\uffff]/u.test(text)) return (unit) => unit;
  const points = [];
  let point = 0;
  for (const character of text) {
    for (const _ of Array(character.length)) points.push(point);
    ++point;
  }
  return (unit) => points[unit] ?? point;
}

function described(match, spans, count = counting(match?.input)) {
  if (match === null) return null;
  const [span, ...ofGroups] = match.indices.map((each) => each?.map(count) ?? null);
  return { span, groups: match.slice(1).map(textOrNull), spans: spans ? ofGroups : undefined };
}

function compile({ pattern, flags }) {
  compiled(pattern, flags);
  // With an alternative that matches anything, the result tells how many groups there are. The
  // numbers of named ones it does not tell.
  return { groups: compiled(`${pattern}|`, flags).exec("").length - 1, groupindex: {} };
}

function fullmatch({ pattern, text, flags, spans }) {
  compiled(pattern, flags);
  return described(compiled(`(?:${pattern})(?![^])`, flags, "y").exec(text), spans);
}

function findall({ pattern, text, flags }) {
  return Array.from(text.matchAll(compiled(pattern, flags, "g")), ([whole, ...groups]) => {
    if (groups.length === 0) return whole;
    const texts = groups.map((group) => group ?? "");
    return texts.length === 1 ? texts[0] : texts;
  });
}

const FUNCTIONS = {
  increment: (whole) => String(Number(whole) + 1),
  brackets: (whole) => `[${whole}]`,
  span: (whole, ...more) => {
    const at = more.findIndex((each) => typeof each === "number");
    const count = counting(more[at + 1]);
    return `${count(more[at])}-${count(more[at] + whole.length)}`;
  },
  group1: (whole, first) => first ?? "",
  template: () => "\\1",
  number: () => 1,
};

// replace knows one or all, by the flag g.
function replaced(pattern, flags, text, count, by) {
  if (count > 1) throw new Raised("ValueError", "String.replace replaces one match or all");
  const expression = compiled(pattern, flags, count === 1 ? "" : "g");
  let found = text.match(expression)?.length ?? 0;
  if (count === 1) found = Math.min(found, 1); // without g, its groups are listed too
  return { text: text.replace(expression, by), count: found };
}

function split({ pattern, text, maxsplit, flags }) {
  const expression = compiled(pattern, flags);
  const pieces = maxsplit > 0 ? text.split(expression, maxsplit + 1) : text.split(expression);
  return pieces.map(textOrNull);
}

export function addTo(adapter) {
  adapter.op("regex.compile", compile);
  adapter.op("regex.match", ({ pattern, text, flags, spans }) =>
    described(compiled(pattern, flags, "y").exec(text), spans));
  adapter.op("regex.search", ({ pattern, text, flags, spans }) =>
    described(compiled(pattern, flags).exec(text), spans));
  adapter.op("regex.fullmatch", fullmatch);
  adapter.op("regex.findall", findall);
  adapter.op("regex.finditer", ({ pattern, text, flags, spans }) => {
    const count = counting(text);
    const found = text.matchAll(compiled(pattern, flags, "g"));
    return Array.from(found, (match) => described(match, spans, count));
  });
  adapter.op("regex.sub", ({ pattern, template, text, count, flags }) =>
    replaced(pattern, flags, text, count, template));
  adapter.op("regex.sub_function", ({ pattern, function: name, text, count, flags }) => {
    if (!(name in FUNCTIONS)) throw new Raised("ValueError", `no function is called ${name}`);
    return replaced(pattern, flags, text, count, FUNCTIONS[name]);
  });
  adapter.op("regex.split", split);
}
