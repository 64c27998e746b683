//! Opens everything an edge consists of and reads its journal: what a gateway begins with.

use super::{Addresses, Duty, Event, Gateway, JournalState, Live, Results};
use crate::admission::Admission;
use crate::clock::Clock;
use crate::config::EdgeConfig;
use crate::disk::Disk;
use crate::journal::{Book, Condition, Journal, Record};
use crate::ports::Ports;
use crate::prompts::Prompts;
use crate::recorder::{Recorder, Spool};
use crate::shard::{Shards, ShardsConfig};
use crate::signalling;
use crate::stats::EdgeStats;
use crate::uplink::Uploads;
use anyhow::Context;
use speech::Speech;
use std::collections::BTreeSet;
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// An edge that is ready to run.
pub struct Parts {
    pub gateway: Gateway,
    pub events: mpsc::UnboundedReceiver<Event>,
    pub signalling: signalling::Receive,
    pub uploading: tokio::task::JoinHandle<()>,
    pub recording: JoinHandle<()>,
}

/// Opens folders, sockets and threads; settles what an earlier process left behind.
pub async fn build(config: &EdgeConfig, speech: Speech, stats: EdgeStats, clock: Clock) -> anyhow::Result<Parts> {
    let spool = Spool::open(config.spool()).context("opening the recordings' spool")?;
    let salvaged = spool.salvage().context("making whole the recordings that were cut off")?;
    let cut = spool.sweep().context("cleaning the recordings' spool")?;
    let (journal, book) = replay(config, &spool, &clock).await?;
    let socket = signalling::bind(config.sip)?;
    let sip = socket.local_addr()?;
    let disk = Disk::under(&config.data, &config.limits);
    let (recorder, recording) = Recorder::start(spool.clone(), disk.clone(), stats.clone())?;
    let (uploads, uploading) = Uploads::start(spool.clone(), stats.clone());
    let (events_in, events) = mpsc::unbounded_channel();
    let prompts = Prompts::open(&config.prompts(), speech.clone()).context("opening the prompts' folder")?;
    let shards = Shards::start(ShardsConfig {
        count: config.limits.shards,
        socket: socket.clone(),
        speech: speech.clone(),
        recorder,
        events: events_in.clone(),
        stats: stats.clone(),
        clock: clock.clone(),
    })?;
    let signalling =
        signalling::Receive { socket, routes: shards.routes(), shards: shards.datagrams(), stats: stats.clone() };
    let waiting: BTreeSet<_> = book.unacked().map(|(_, result)| result.attempt).collect();
    for call in spool.finished().context("reading the recordings' spool")? {
        if !waiting.contains(&call.into()) {
            uploads.ready(call);
        }
    }
    let results = Results::new(book.next_seq(), book.unacked().map(|(seq, _)| seq));
    tracing::info!(%sip, unacknowledged = waiting.len(), salvaged, cut_recordings = cut, "the edge is open");
    let ports = Ports::new(config.sip.ip(), &config.rtp);
    let calls = config.limits.calls.min(u32::from(ports.pairs()));
    let conversations = u32::try_from(speech.capacity()).unwrap_or(u32::MAX);
    let gateway = Gateway {
        name: config.name.clone(),
        limits: config.limits.clone(),
        clock,
        stats,
        journal,
        book,
        results,
        live: Live::default(),
        disowned: BTreeSet::new(),
        admission: Admission::new(calls, conversations, config.limits.shards),
        ports,
        versions: super::Versions::default(),
        prompts,
        our: Addresses { sip, advertised: config.advertised },
        shards,
        uploads,
        events: events_in,
        uplink: None,
        duty: Duty::Working,
        writing: 0,
        journal_state: JournalState::Sound,
        disk,
        trouble: None,
    };
    Ok(Parts { gateway, events, signalling, uploading, recording })
}

/// Reads the journal, gives every call that died with its process a result, and rewrites the journal without its history.
async fn replay(config: &EdgeConfig, spool: &Spool, clock: &Clock) -> anyhow::Result<(Journal, Book)> {
    let hint = || format!("opening the journal in {}", config.journal().display());
    let (journal, records, condition) = Journal::open(&config.journal()).with_context(hint)?;
    let mut book = Book::of(records);
    let now = clock.unix_ms();
    match condition {
        Condition::Whole => {}
        Condition::TornTail => tracing::info!("the journal's last write was cut short and has been dropped"),
        Condition::Damaged => {
            tracing::error!("the journal is damaged: attempts it does not know will be reported lost, not unsent");
            book.apply(&Record::Damaged { at_unix_ms: now });
        }
    }
    let lost = book.lost(now);
    if !lost.is_empty() {
        tracing::warn!(calls = lost.len(), "calls died with the last process; they are reported lost");
    }
    for mut result in lost {
        // What was recorded before the process died.
        result.recording = spool.whole(result.attempt.into());
        let seq = book.next_seq();
        book.apply(&Record::Result { seq, result: Box::new(result) });
    }
    book.forget(now);
    journal.replace(book.compacted()).await.with_context(hint)?;
    Ok((journal, book))
}
