import { describe, expect, it } from 'vitest';
import { freshKey, newNode, pointer, same, sectionOf, setAt, withItemBack, withNodeBack, withoutItem, withoutNode, type Flow } from './flow';
import begin from '../../../../control-plane/src/features/scripts/starter.json';

/** What the server begins a new script with. */
const starter = () => structuredClone(begin) as unknown as Flow;

describe('editing a flow', () => {
  it('replaces one value and shares the rest', () => {
    const flow = starter();
    const next = setAt(flow, ['nodes', 1, 'text'], '新的问题');
    expect(next.nodes[1]?.text).toBe('新的问题');
    expect(next.nodes[0]).toBe(flow.nodes[0]);
    expect(flow.nodes[1]?.text).not.toBe('新的问题');
  });
  it('removes a key that is set to nothing', () => expect('again' in (setAt(setAt(starter(), ['nodes', 0, 'again'], 'x'), ['nodes', 0, 'again'], undefined).nodes[0] ?? {})).toBe(false));
  it('writes a JSON pointer', () => expect(pointer(['nodes', 2, 'branches', 0])).toBe('/nodes/2/branches/0'));
  it('finds where a finding is edited', () => {
    expect(sectionOf('/nodes/3/text')).toEqual({ name: 'node', index: 3 });
    expect(sectionOf('/silence/then')).toEqual({ name: 'patience' });
    expect(sectionOf('/limits/goodbye')).toEqual({ name: 'ending' });
    expect(sectionOf('/labels/2/when/0')).toEqual({ name: 'labels' });
  });
  it('makes a key nobody has', () => expect(freshKey('question', ['question_2', 'a'])).toBe('question_3'));
  it('takes the branches to a removed node away', () => {
    const flow = starter();
    const gone = withoutNode(flow, flow.nodes.findIndex((n) => n.key === 'wrong_bye'));
    expect(gone.nodes.some((n) => n.key === 'wrong_bye')).toBe(false);
    expect(gone.nodes[0]?.branches?.some((b) => b.next === 'wrong_bye')).toBe(false);
  });
  it('puts a removed node back with what led to it, and keeps what was written since', () => {
    const before = starter();
    const index = before.nodes.findIndex((n) => n.key === 'wrong_bye');
    expect(withNodeBack(withoutNode(before, index), before, index)).toEqual(before);
    const since = setAt(withoutNode(before, index), ['nodes', 0, 'text'], 'written since');
    expect(withNodeBack(since, before, index)).toEqual(setAt(before, ['nodes', 0, 'text'], 'written since'));
  });
  it('puts a removed item back in its place beside what was added since', () => {
    const before: Flow = { ...starter(), faq: [{ key: 'faq_1', name: 'a' }, { key: 'faq_2', name: 'b' }], labels: [{ label: 'high' }, { label: 'low' }] };
    expect(withItemBack(withoutItem(before, 'faq', 0), before, 'faq', 0)).toEqual(before);
    expect(withItemBack(withoutItem(before, 'labels', 1), before, 'labels', 1)).toEqual(before);
    const since = { ...withoutItem(before, 'faq', 1), faq: [{ key: 'faq_1', name: 'a' }, { key: 'faq_2', name: 'new' }] };
    const back = withItemBack(since, before, 'faq', 1).faq ?? [];
    expect(back.map((row) => row.name)).toEqual(['a', 'b', 'new']);
    expect(new Set(back.map((row) => row.key)).size).toBe(3);
  });
  it('tells a changed flow from one that was changed back', () => {
    const changed = setAt(starter(), ['nodes', 0, 'own'], 'x');
    expect(same(changed, starter())).toBe(false);
    expect(same(setAt(changed, ['nodes', 0, 'own'], undefined), starter())).toBe(true);
    expect(same({ a: [1, 2], b: null }, { b: undefined, a: [1, 2] })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [1] })).toBe(false);
  });
  it('gives a new statement somewhere to go', () => expect(newNode('statement', starter(), 'Statement').next).toBe('bye'));
  it('gives a new step a name of its kind that no other has', () => {
    const begun = starter();
    const asked = begun.nodes.filter((n) => n.kind === 'question').length;
    const flow = { ...begun, nodes: [...begun.nodes, { ...newNode('closing', begun, 'x'), name: `Question ${asked + 1}` }] };
    expect(newNode('question', flow, 'Question').name).toBe(`Question ${asked + 2}`);
  });
  it('starts with a flow whose every step exists', () => {
    const flow = starter();
    const keys = new Set(flow.nodes.map((n) => n.key));
    const targets = flow.nodes.flatMap((n) => [...(n.branches ?? []).map((b) => b.next), ...(n.next ? [n.next] : [])]);
    expect(targets.filter((t) => !keys.has(t))).toEqual([]);
  });
});
