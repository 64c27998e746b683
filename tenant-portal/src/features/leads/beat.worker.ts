/// A clock for tabs out of sight, whose own timers the browser slows down to once a minute.
const BEAT_MS = 10_000;
setInterval(() => self.postMessage(null), BEAT_MS);
