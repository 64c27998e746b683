import { expect, it } from 'vitest';
import { plainPhrase, plainReason } from './plain-phrase';

it('writes a phrase as people read it', () => {
  expect(plainPhrase('^行$')).toBe('行');
  expect(plainPhrase('什么[时候|日子]*还')).toBe('什么时候/日子…还');
  expect(plainPhrase('[的|]话')).toBe('(的)话');
  expect(plainPhrase('利息多少')).toBe('利息多少');
});

it('rewrites only the phrase of a reason', () => {
  expect(plainReason('听到「$行*」，与说法「^行$」相符；同时还有：价格')).toBe('听到「$行*」，与说法「行」相符；同时还有：价格');
  expect(plainReason('答复里有要收集的信息「10*」')).toBe('答复里有要收集的信息「10*」');
});

it('tells only what was heard where the phrase is a pattern', () => {
  expect(plainReason('Heard "行", which fits the phrase "^[行|好]$"')).toBe('Heard "行"');
  expect(plainReason('听到「明天打」，与说法「[明天|后天|*][给我|]打」相符；同时还有：价格')).toBe('听到「明天打」；同时还有：价格');
});
