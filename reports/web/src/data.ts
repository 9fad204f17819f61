// The data that `assay report` put into the page, and the indexes that every view reads.
import { by_family } from './families';

export type Level = 'must' | 'should' | 'may';
export type Verdict =
  | 'pass'
  | 'fail'
  | 'crash'
  | 'hang'
  | 'malformed reply'
  | 'not supported'
  | 'not here'
  | 'expected fail'
  | 'unexpected pass';

export interface Testee {
  name: string;
  implementation: string;
  version: string;
  language: string;
  summary: string;
  supports: string[];
  here: boolean;
  missing: string;
}

export interface TranscriptLine {
  t_ms: number;
  actor: string;
  dir: '>' | '<' | '!';
  text: string;
}

export interface Result {
  testee: string;
  area: string;
  requirement: string;
  level: Level;
  verdict: Verdict;
  expected: boolean;
  observed: string;
  reason: string;
  duration_ms: number;
  message: string;
  transcript: TranscriptLine[];
  reproduce: string;
}

export interface Source {
  text: string;
  url: string;
}

export interface Requirement {
  slug: string;
  level: Level;
  area: string;
  sentence: string;
  source: Source[];
  covers: string[];
  erratum: string;
  saboteurs: string[];
  file: string;
  line: number;
}

export interface Claim {
  id: string;
  claim: string;
  truth: string;
  observed: string;
  covered_by: string[];
  no_test?: string; // why no requirement covers it
}

export interface Machine {
  kernel?: string;
  cpu?: string;
  cores?: number;
  memory_bytes?: number;
  os?: string;
  date?: string;
  load?: number | number[] | string;
}

export interface Tool {
  name: string;
  version: string;
  commit: string;
  compiler?: string;
  flags?: string;
}

export interface Saboteur {
  requirement: string;
  name: string;
  summary: string;
  caught: boolean;
  verdict: string;
  message: string;
}

export interface Bench {
  tool?: Tool;
  machine: Machine;
  benchmarks: BenchRow[];
  /** Areas whose program failed, with its last words. */
  failures?: { area: string; message: string }[];
}

/** A row of Google Benchmark, with its three-part name taken apart by `assay bench`. */
export interface BenchRow {
  name: string;
  run_type?: string;
  area?: string;
  behaviour?: string;
  implementation?: string;
  real_time?: number;
  time_unit?: string;
  items_per_second?: number;
  bytes_per_second?: number;
  bytes_each?: number;
  label?: string;
  error_occurred?: boolean;
  error_message?: string;
}

/** A row of a file of Google Benchmark that is not ours. */
export interface FileRow extends BenchRow {
  run_name?: string;
  aggregate_name?: string;
  cpu_time?: number;
  big_o?: string;
  real_coefficient?: number;
  rms?: number;
}

export interface BenchFile {
  name: string; // unique in the report
  context: Record<string, unknown>;
  rows: FileRow[];
}

export interface Data {
  results: {
    tool: Tool;
    machine: Machine;
    testees: Testee[];
    results: Result[];
    requirements: Requirement[];
    claims: Claim[];
  };
  sabotage: { saboteurs: Saboteur[]; requirements: number; with_caught: number } | null;
  bench: Bench | null;
}

export interface Group {
  name: string; // `queue.get`
  requirements: Requirement[];
}

export interface Area {
  name: string;
  groups: Group[];
  requirements: Requirement[];
}

export interface Model extends Data {
  areas: Area[];
  requirement: Map<string, Requirement>;
  testee: Map<string, Testee>;
  claim: Map<string, Claim>;
  saboteurs: Map<string, Saboteur[]>; // by requirement
  /** The result of a testee at a requirement; a pair that was not run has none. */
  result(testee: string, slug: string): Result | undefined;
}

/** `queue.get` of `queue.get/timeout-raises-empty`. */
export function group_of(slug: string): string {
  return slug.split('/', 1)[0] ?? slug;
}

/** `timeout-raises-empty` of `queue.get/timeout-raises-empty`. */
export function tail_of(slug: string): string {
  return slug.slice(group_of(slug).length + 1);
}

/** Undoes what `packed` of reports/html.h did: Base64, gzip, JSON. */
async function unpack(text: string): Promise<unknown> {
  const decoded = atob(text);
  // A loop: Uint8Array.from calls a function for each byte and takes twenty times as long.
  const bytes = new Uint8Array(decoded.length);
  for (let at = 0; at < decoded.length; at++) bytes[at] = decoded.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

/** A report of benchmark files alone; it has no spec, no testees and no claims. */
export interface FilesData {
  benchmark_files: BenchFile[];
}

/** Reads the embedded data; null in a template that nothing was put into. */
export async function read_data(): Promise<Data | FilesData | null> {
  const text = document.getElementById('assay-data')?.textContent?.trim() ?? '';
  if (text === '') return null;
  const data = await unpack(text);
  if (typeof data !== 'object' || data === null) return null;
  if ('benchmark_files' in data) return data as FilesData;
  return 'results' in data && data.results ? (data as Data) : null;
}

function areas_of(requirements: Requirement[]): Area[] {
  const areas = new Map<string, Map<string, Requirement[]>>();
  for (const requirement of requirements) {
    const groups = areas.get(requirement.area) ?? new Map<string, Requirement[]>();
    areas.set(requirement.area, groups);
    const group = group_of(requirement.slug);
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push(requirement);
  }
  return [...areas].map(([name, groups]) => ({
    name,
    groups: [...groups].map(([group, rows]) => ({ name: group, requirements: rows })),
    requirements: [...groups.values()].flat(),
  }));
}

export function build_model(given: Data): Model {
  const testees = by_family(given.results.testees).flatMap((family) => family.testees);
  const data = { ...given, results: { ...given.results, testees } };
  const cells = new Map<string, Map<string, Result>>();
  for (const result of data.results.results) {
    const row = cells.get(result.testee) ?? new Map<string, Result>();
    cells.set(result.testee, row);
    row.set(result.requirement, result);
  }
  const saboteurs = new Map<string, Saboteur[]>();
  for (const saboteur of data.sabotage?.saboteurs ?? []) {
    const list = saboteurs.get(saboteur.requirement) ?? [];
    saboteurs.set(saboteur.requirement, list);
    list.push(saboteur);
  }
  return {
    ...data,
    areas: areas_of(data.results.requirements),
    requirement: new Map(data.results.requirements.map((r) => [r.slug, r])),
    testee: new Map(data.results.testees.map((t) => [t.name, t])),
    claim: new Map((data.results.claims ?? []).map((c) => [c.id, c])),
    saboteurs,
    result: (testee, slug) => cells.get(testee)?.get(slug),
  };
}
