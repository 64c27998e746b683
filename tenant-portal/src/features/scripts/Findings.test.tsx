import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { browser } from '@/testing/frame';
import type { LintFinding } from './api';
import { EditorContext, type Editor } from './editor';
import { Findings } from './Findings';

const editor = { flow: { nodes: [] } } as unknown as Editor;
const show = (findings: LintFinding[], outdated: boolean) =>
  render(
    <EditorContext value={editor}>
      <Findings findings={findings} outdated={outdated} onOpen={() => undefined} />
    </EditorContext>,
  );
const EARLIER = /以下是修改前的检查结果/;

beforeAll(browser);
afterEach(cleanup);

it('calls findings of an earlier flow that, and not where there are none', () => {
  show([{ code: 'x', text: 'a fault', severity: 'error', path: '/voice' } as unknown as LintFinding], true);
  expect(screen.getByText(EARLIER)).toBeTruthy();
  cleanup();
  show([], true);
  expect(screen.queryByText(EARLIER)).toBeNull();
  expect(screen.queryByText('没有发现问题，可以发布')).toBeNull();
});
