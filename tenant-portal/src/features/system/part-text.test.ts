import { beforeAll, describe, expect, it } from 'vitest';
import i18next from 'i18next';
import { startI18n } from '@/shared/i18n';
import { partText } from './part-text';

describe('a note about a part', () => {
  beforeAll(startI18n);
  const said = (detail: string) => partText(i18next.t, detail);
  it('says where things are kept', () => expect(said('memory:')).toBe(i18next.t('system.kind.memory')));
  it('says the size of a model in the unit people use', () => expect(said('whisper.bin, 144483 KiB')).toContain('141.1 MB'));
  it('says what to do about a missing model', () => expect(said('vad.onnx is missing: run script/setup')).toBe(i18next.t('system.missing', { name: 'vad.onnx' })));
  it('shows an unknown note as it is', () => expect(said('nats at 10.0.0.5')).toBe('nats at 10.0.0.5'));
});
