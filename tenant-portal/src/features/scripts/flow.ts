/// The flow of a script as the server keeps it, and the pure helpers of its editor.
export type Branch = { intents: string[]; next: string };
export type Patience = { replies: string[]; ask_again?: boolean; then: string };
export type SlotKind = 'number' | 'amount' | 'time' | 'yes_no';
export type Node = {
  kind: 'opening' | 'statement' | 'question' | 'closing';
  key: string;
  name?: string;
  text: string;
  again?: string;
  interruptible?: boolean;
  wait_ms?: number;
  branches?: Branch[];
  otherwise?: string;
  silence?: Patience;
  not_understood?: Patience;
  slot?: { name: string; kind: SlotKind };
  handover?: boolean;
  next?: string;
};
export type Answer = { key: string; name?: string; phrases?: string[]; intents?: string[]; replies?: string[]; interruptible?: boolean; then?: string };
export type Intent = { key: string; name?: string; phrases: string[] };
export type Variable = { name: string; fallback?: string };
export type Condition = { is: string; intents?: string[]; nodes?: string[]; at_least?: number; seconds?: number };
export type LabelRule = { label: string; name?: string; when?: Condition[] };
export type Flow = {
  schema: number;
  start: string;
  nodes: Node[];
  faq?: Answer[];
  objections?: Answer[];
  intents?: Intent[];
  variables?: Variable[];
  silence: Patience;
  not_understood: Patience;
  opt_out: { reply: string; phrases?: string[] };
  limits: { max_turns: number; max_duration_s: number; wait_ms: number; goodbye: string };
  voice?: { name: string; speed: number; volume: number };
  labels?: LabelRule[];
};

export const SLOT_KINDS: SlotKind[] = ['number', 'amount', 'time', 'yes_no'];
export const CONDITIONS = ['heard', 'not_heard', 'reached', 'promised_handover', 'opted_out', 'asked', 'spoke', 'never_spoke', 'understood_nothing', 'hung_up_within', 'machine'] as const;
export const BUILTIN = [
  'affirm', 'deny', 'interested', 'consider', 'acknowledge', 'dont_know', 'not_interested', 'busy_callback', 'somebody_else', 'wrong_person', 'transfer_human', 'hostile', 'who_are_you',
  'are_you_robot', 'how_got_number', 'is_scam', 'what_matter', 'repeat_please', 'greeting', 'goodbye', 'backchannel', 'machine', 'opt_out',
] as const;

export type Path = (string | number)[];

/** The flow with the value at `path` replaced; `undefined` removes the key. Everything off the path is shared. */
export function setAt<T>(root: T, path: Path, value: unknown): T {
  const [head, ...rest] = path;
  if (head === undefined) return value as T;
  if (Array.isArray(root)) {
    const copy = [...root];
    copy[Number(head)] = setAt(copy[Number(head)], rest, value);
    return copy as T;
  }
  const copy = { ...(root as Record<string, unknown>) };
  if (rest.length === 0 && value === undefined) delete copy[head];
  else copy[head] = setAt(copy[head], rest, value);
  return copy as T;
}

export const pointer = (path: Path): string => path.map((p) => `/${p}`).join('');

export type Section = { name: 'node'; index: number } | { name: 'faq' | 'objections' | 'intents' | 'variables' | 'patience' | 'ending' | 'voice' | 'labels' };

/** Where in the editor a JSON pointer of the flow is edited. */
export function sectionOf(path: string): Section {
  const [, head, index] = path.split('/');
  switch (head) {
    case 'nodes':
      return { name: 'node', index: Number(index ?? 0) || 0 };
    case 'faq':
    case 'objections':
    case 'intents':
    case 'variables':
    case 'labels':
    case 'voice':
      return { name: head };
    case 'silence':
    case 'not_understood':
      return { name: 'patience' };
    case 'opt_out':
    case 'limits':
      return { name: 'ending' };
    default:
      return { name: 'node', index: 0 };
  }
}

/** A key that no other item has: `question_3`. */
export function freshKey(stem: string, taken: readonly string[]): string {
  for (let i = taken.length + 1; ; i += 1) if (!taken.includes(`${stem}_${i}`)) return `${stem}_${i}`;
}

/** Removing a node takes away the branches that lead to it. */
export function withoutNode(flow: Flow, index: number): Flow {
  const gone = flow.nodes[index]?.key;
  return {
    ...flow,
    nodes: flow.nodes
      .filter((_, i) => i !== index)
      .map((n) => ({ ...n, ...(n.branches && { branches: n.branches.filter((b) => b.next !== gone) }), ...(n.otherwise === gone && { otherwise: undefined }) })),
  };
}

/** Puts the node removed from `index` back at `at`, with what led to it in `before`; everything written since stays. */
export function withNodeBack(flow: Flow, before: Flow, index: number, at = index): Flow {
  const node = before.nodes[index];
  if (!node || flow.nodes.some((n) => n.key === node.key)) return flow;
  const nodes = flow.nodes.map((n) => {
    const was = before.nodes.find((b) => b.key === n.key);
    if (!was) return n;
    const back = { ...n, ...(was.otherwise === node.key && !n.otherwise && { otherwise: node.key }) };
    const lost = (was.branches ?? []).flatMap((branch, row) => (branch.next === node.key ? [{ branch, row }] : []));
    if (lost.length === 0) return back;
    const branches = [...(n.branches ?? [])];
    for (const { branch, row } of lost) branches.splice(row, 0, branch);
    return { ...back, branches };
  });
  nodes.splice(at, 0, node);
  return { ...flow, nodes };
}

/** The lists beside the steps, whose items stand by themselves. */
export type ItemList = 'faq' | 'objections' | 'intents' | 'variables' | 'labels';
type Item = Answer | Intent | Variable | LabelRule;
const itemsOf = (flow: Flow, list: ItemList): Item[] => flow[list] ?? [];

export const withoutItem = (flow: Flow, list: ItemList, index: number): Flow => ({ ...flow, [list]: itemsOf(flow, list).filter((_, i) => i !== index) });

/** Puts the item removed from `index` back at `at`; where another one was given its key since, under a key of its own. */
export function withItemBack(flow: Flow, before: Flow, list: ItemList, index: number, at = index): Flow {
  const item = itemsOf(before, list)[index];
  if (!item) return flow;
  const rows = [...itemsOf(flow, list)];
  const taken = rows.flatMap((row) => ('key' in row ? row.key : []));
  rows.splice(at, 0, 'key' in item && taken.includes(item.key) ? { ...item, key: freshKey(item.key, taken) } : item);
  return { ...flow, [list]: rows };
}

/** A name that no other step has: `Question 2` for the second question. */
function freshName(kind: Node['kind'], called: string, nodes: readonly Node[]): string {
  const taken = new Set(nodes.map((n) => n.name));
  for (let i = nodes.filter((n) => n.kind === kind).length + 1; ; i += 1) if (!taken.has(`${called} ${i}`)) return `${called} ${i}`;
}

/** A new step of this kind, which people call `called`. */
export const newNode = (kind: Node['kind'], flow: Flow, called: string): Node => {
  const key = freshKey(kind, flow.nodes.map((n) => n.key));
  const name = freshName(kind, called, flow.nodes);
  const end = flow.limits.goodbye;
  if (kind === 'closing') return { kind, key, name, text: '' };
  if (kind === 'statement') return { kind, key, name, text: '', next: end };
  return { kind, key, name, text: '', branches: [{ intents: ['affirm', 'interested'], next: end }] };
};

/** Equal whatever the order of their keys; a key without a value is none. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return (a ?? undefined) === (b ?? undefined);
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => same(left[key], right[key]));
}
