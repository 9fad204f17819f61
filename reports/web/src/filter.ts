// What the matrix shows: pure functions, so that the address bar, the controls and the rows agree.
import type { Level, Model, Requirement, Result } from './data';
import { deviates, judged, passed } from './verdict';

export interface Filter {
  levels: Set<Level>;
  verdict: string; // '' shows every row
  area: string; // '' is every area
  text: string;
  without: Set<string>; // names of testees whose columns are hidden
}

export const all_levels: Level[] = ['must', 'should', 'may'];

/** What the verdict control offers: a question about a single result. */
export const verdict_choices: { value: string; label: string; test: (r: Result) => boolean }[] = [
  { value: 'surprise', label: 'unexpected results', test: (r) => !r.expected },
  { value: 'deviation', label: 'all deviations', test: deviates },
  { value: 'pass', label: 'pass', test: passed },
  { value: 'fail', label: 'fail', test: (r) => deviates(r) && r.observed === 'fail' },
  { value: 'crash', label: 'crash', test: (r) => r.observed === 'crash' },
  { value: 'hang', label: 'hang', test: (r) => r.observed === 'hang' },
  {
    value: 'malformed reply',
    label: 'malformed reply',
    test: (r) => r.observed === 'malformed reply',
  },
  { value: 'expected fail', label: 'expected fail', test: (r) => r.verdict === 'expected fail' },
  {
    value: 'unexpected pass',
    label: 'unexpected pass',
    test: (r) => r.verdict === 'unexpected pass',
  },
  { value: 'not supported', label: 'not supported', test: (r) => r.verdict === 'not supported' },
  { value: 'not here', label: 'not here', test: (r) => r.verdict === 'not here' },
];

export function no_filter(): Filter {
  return { levels: new Set(all_levels), verdict: '', area: '', text: '', without: new Set() };
}

/** Whether rows are left out. */
export function is_filtered(filter: Filter): boolean {
  return (
    filter.levels.size !== all_levels.length || !!(filter.verdict || filter.area || filter.text)
  );
}

/** From the query of `#/?area=queue&level=must`; names that mean nothing are left out. */
export function parse_filter(query: string, model: Model): Filter {
  const filter = no_filter();
  const parameters = new URLSearchParams(query);
  const levels = (parameters.get('level') ?? '')
    .split(',')
    .filter((l): l is Level => all_levels.includes(l as Level));
  if (levels.length > 0) filter.levels = new Set(levels);
  const verdict = parameters.get('verdict') ?? '';
  if (verdict_choices.some((choice) => choice.value === verdict)) filter.verdict = verdict;
  const area = parameters.get('area') ?? '';
  if (model.areas.some((known) => known.name === area)) filter.area = area;
  filter.text = parameters.get('text') ?? '';
  const without = (parameters.get('without') ?? '').split(',');
  filter.without = new Set(without.filter((name) => model.testee.has(name)));
  return filter;
}

export function filter_href(
  filter: Partial<Omit<Filter, 'levels'>> & { levels?: Iterable<Level> },
): string {
  const parameters = new URLSearchParams();
  const levels = [...(filter.levels ?? all_levels)];
  if (levels.length !== all_levels.length) parameters.set('level', levels.join(','));
  if (filter.verdict) parameters.set('verdict', filter.verdict);
  if (filter.area) parameters.set('area', filter.area);
  if (filter.text) parameters.set('text', filter.text);
  if (filter.without?.size) parameters.set('without', [...filter.without].join(','));
  const query = parameters.toString();
  return query ? `#/?${query}` : '#/';
}

/** Level, area and text; the verdict is asked of each cell. */
export function matches_row(filter: Filter, requirement: Requirement): boolean {
  if (!filter.levels.has(requirement.level)) return false;
  if (filter.area && requirement.area !== filter.area) return false;
  if (!filter.text) return true;
  const haystack = [
    requirement.slug,
    requirement.sentence,
    requirement.erratum,
    ...requirement.covers,
    ...requirement.source.map((source) => source.text),
  ]
    .join('\n')
    .toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

export function matches_cell(filter: Filter, result: Result | undefined): boolean {
  if (!filter.verdict || !result) return false;
  if (filter.verdict !== 'not supported' && filter.verdict !== 'not here' && !judged(result))
    return false;
  return verdict_choices.find((choice) => choice.value === filter.verdict)?.test(result) ?? false;
}
