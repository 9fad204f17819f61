// A verdict as a small mark with its word: the same look as in the matrix.
import { h } from './dom';
import { type Look, look_of } from './verdict';

export function mark(look: Look): HTMLElement {
  return h('span', { class: `mark ${look.kind}`, 'aria-hidden': 'true' }, look.glyph || ' ');
}

export function stamp(look: Look): HTMLElement {
  return h('span', { class: `stamp ${look.kind}` }, mark(look), look.text);
}

export function verdict_stamp(verdict: string, observed = ''): HTMLElement {
  return stamp(look_of(verdict, observed));
}

export function level_badge(level: string): HTMLElement {
  return h('span', { class: `level ${level}` }, level);
}
