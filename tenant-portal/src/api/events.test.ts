import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeEvents, openEvents, watchEvents } from './events';

class Stream extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static made: Stream[] = [];
  readyState = 0;
  onopen = () => undefined as void;
  onerror = () => undefined as void;
  constructor() {
    super();
    Stream.made.push(this);
  }
  close() {
    this.readyState = Stream.CLOSED;
  }
  fail(state: number) {
    this.readyState = state;
    this.onerror();
  }
}
const last = () => Stream.made.at(-1) as Stream;
const onBack = vi.fn();
const onRefused = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
  Stream.made = [];
  onBack.mockClear();
  onRefused.mockClear();
  watchEvents({ onBack, onRefused });
  openEvents();
  last().onopen();
});
afterEach(() => {
  closeEvents();
  vi.useRealTimers();
});

describe('the event stream', () => {
  it('is asked for again after the server refused it, with nobody listening, until it stands', () => {
    last().fail(Stream.CLOSED);
    expect(onRefused).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_000);
    last().fail(Stream.CLOSED);
    vi.advanceTimersByTime(3_000);
    expect(Stream.made).toHaveLength(3);
    last().onopen();
    expect(onBack).toHaveBeenCalledTimes(1);
  });

  it('says so when the browser mended it, and not at its first opening', () => {
    expect(onBack).not.toHaveBeenCalled();
    last().fail(0);
    last().onopen();
    expect(onBack).toHaveBeenCalledTimes(1);
    expect(Stream.made).toHaveLength(1);
  });

  it('stays closed once it was closed on purpose', () => {
    last().fail(Stream.CLOSED);
    closeEvents();
    vi.advanceTimersByTime(10_000);
    expect(Stream.made).toHaveLength(1);
  });

  it('is made anew when an open one has been silent for ten seconds, and not while the server gives signs of life', () => {
    last().readyState = Stream.OPEN;
    for (let i = 0; i < 5; i += 1) {
      vi.advanceTimersByTime(4_000);
      last().dispatchEvent(new Event('ping'));
    }
    expect(Stream.made).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(Stream.made).toHaveLength(2);
    last().onopen();
    expect(onBack).toHaveBeenCalledTimes(1);
  });

  it('is made anew when the network is back', () => {
    dispatchEvent(new Event('online'));
    expect(Stream.made).toHaveLength(2);
    last().onopen();
    expect(onBack).toHaveBeenCalledTimes(1);
  });
});
