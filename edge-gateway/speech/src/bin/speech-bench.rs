//! Measures the real engines and prints one JSON line: what recognition and synthesis cost, and how well the one
//! understands the other through telephone coding. `--show` also prints what was said and heard. `--readings` prints
//! how each line of the standard input is read, and measures nothing.

use std::time::{Duration, Instant};

use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use crossbeam_channel::unbounded;
use speech::{
    Cancel, JobId, Language, Outcome, Priority, RenderJob, ReplyTo, Speech, SpeechConfig, SpeechError, TranscribeJob,
    VAD_FRAME, VadSlot, VoiceSettings, character_error_rate, models_folder, readings,
};

/// What customers and bots say on such calls.
const SENTENCES: [&str; 24] = [
    "我想了解一下你们的贷款利率是多少。",
    "不好意思我现在正在开会，晚一点再打给我吧。",
    "我不需要贷款，以后不要再打电话给我了。",
    "可以啊，你跟我详细说说吧。",
    "请问需要准备哪些材料？",
    "最高可以贷多少钱？",
    "我已经在别的银行办过了。",
    "你们是哪家公司，怎么会有我的电话号码？",
    "好的，我知道了，谢谢你。",
    "没有兴趣，再见。",
    "这个月的账单我已经还清了。",
    "提前还款要不要收手续费？",
    "您好，这里是普惠金融服务中心，请问是张先生吗？",
    "我们有一款低利率的信用贷款产品，想跟您介绍一下。",
    "您的还款日是十一月二十五号，请按时还款。",
    "稍后会有专门的客户经理跟您联系。",
    "请问您现在方便接听电话吗？",
    "感谢您的接听，祝您生活愉快。",
    "我考虑一下，明天下午再联系你。",
    "多长时间可以到账？",
    "利息太高了，别家比你们便宜。",
    "我是做生意的，需要一笔周转资金。",
    "你可以加我的微信，把资料发给我看看。",
    "我的征信有逾期记录，还能办吗？",
];

fn main() -> Result<(), SpeechError> {
    if std::env::args().any(|arg| arg == "--readings") {
        for line in std::io::stdin().lines() {
            let line = line?;
            println!("{line}\t{}", readings(&line)?);
        }
        return Ok(());
    }
    let show = std::env::args().any(|arg| arg == "--show");
    let speech = Speech::open(SpeechConfig { workers: 1, ..SpeechConfig::real(models_folder()?) })?;
    let voices = [(1.0, 1.0), (1.15, 0.8), (0.9, 1.12)];
    let (mut said_s, mut render_cpu, mut first_ms) = (0.0, Duration::ZERO, Vec::new());
    let (mut heard_s, mut hear_cpu, mut hear_ms) = (0.0, Duration::ZERO, Vec::new());
    let (mut wrong, mut total, mut unintelligible) = (0, 0, 0);
    for (speed, pitch) in voices {
        let voice = VoiceSettings { speed, pitch, ..VoiceSettings::default() };
        for sentence in SENTENCES {
            let before = cpu_time();
            let (samples, first) = render(&speech, sentence, voice)?;
            render_cpu += cpu_time() - before;
            said_s += samples.len() as f64 / 8000.0;
            first_ms.push(first.as_secs_f64() * 1e3);
            let line: Vec<i16> = samples.iter().map(|&sample| decode_ulaw(encode_ulaw(sample))).collect();
            heard_s += line.len() as f64 / 8000.0;
            let before = cpu_time();
            let (heard, took) = hear(&speech, line)?;
            hear_cpu += cpu_time() - before;
            hear_ms.push(took.as_secs_f64() * 1e3);
            let (errors, length) = character_error_rate(sentence, &heard);
            wrong += errors;
            total += length;
            unintelligible += usize::from(errors * 2 > length);
            if show {
                println!("{errors:2}/{length:2} {:4.0} ms  {sentence}  →  {heard}", took.as_secs_f64() * 1e3);
            }
        }
    }
    let (vad_alone, vad_batched) = (vad_cost(&speech, 1)?, vad_cost(&speech, 64)?);
    let round = |value: f64, digits: i32| (value * 10f64.powi(digits)).round() / 10f64.powi(digits);
    let line = serde_json::json!({
        "bench": "speech",
        "utterances": hear_ms.len(),
        "audio_s": round(heard_s, 1),
        "cer": round(wrong as f64 / f64::from(u32::try_from(total).unwrap_or(1)), 4),
        "more_than_half_wrong": unintelligible,
        "asr_cpu_ms_per_audio_s": round(hear_cpu.as_secs_f64() * 1e3 / heard_s, 1),
        "asr_cpu_ms_mean": round(hear_cpu.as_secs_f64() * 1e3 / hear_ms.len() as f64, 1),
        "asr_ms_p50": round(percentile(&mut hear_ms, 50), 1),
        "asr_ms_p95": round(percentile(&mut hear_ms, 95), 1),
        "tts_cpu_rtf": round(render_cpu.as_secs_f64() / said_s, 4),
        "first_clause_ms_p50": round(percentile(&mut first_ms, 50), 1),
        "first_clause_ms_p95": round(percentile(&mut first_ms, 95), 1),
        "vad_us_per_frame": round(vad_alone, 1),
        "vad_us_per_frame_batched_64": round(vad_batched, 1),
    });
    println!("{line}");
    Ok(())
}

/// The whole sound, and how long the first clause took.
fn render(speech: &Speech, text: &str, voice: VoiceSettings) -> Result<(Vec<i16>, Duration), SpeechError> {
    let (sender, replies) = unbounded();
    let began = Instant::now();
    speech.render(RenderJob {
        id: JobId { call: 0, seq: 0 },
        text: text.to_owned(),
        voice,
        priority: Priority::FirstChunk,
        deadline: began + Duration::from_secs(60),
        reply: ReplyTo::channel(sender),
    })?;
    let (mut whole, mut first) = (Vec::new(), None);
    for reply in replies {
        match reply.outcome {
            Outcome::Chunk { last, samples, .. } => {
                first.get_or_insert_with(|| began.elapsed());
                whole.extend(samples);
                if last {
                    break;
                }
            }
            other => return Err(SpeechError::Failed(format!("{other:?}"))),
        }
    }
    Ok((whole, first.unwrap_or_default()))
}

fn hear(speech: &Speech, samples_8k: Vec<i16>) -> Result<(String, Duration), SpeechError> {
    let (sender, replies) = unbounded();
    speech.transcribe(TranscribeJob {
        id: JobId { call: 0, seq: 1 },
        samples_8k,
        language: Language::Mandarin,
        priority: Priority::Final,
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: Cancel::default(),
        reply: ReplyTo::channel(sender),
    })?;
    match replies.recv().map(|reply| reply.outcome) {
        Ok(Outcome::Transcript(transcript)) => Ok((transcript.text, transcript.took)),
        other => Err(SpeechError::Failed(format!("{other:?}"))),
    }
}

/// Microseconds per frame.
fn vad_cost(speech: &Speech, calls: usize) -> Result<f64, SpeechError> {
    let mut vad = speech.vad()?;
    let mut slots = vec![VadSlot::default(); calls];
    let frames: Vec<[i16; VAD_FRAME]> =
        (0..calls).map(|call| std::array::from_fn(|n| ((n * (call + 7)) % 251) as i16 * 40)).collect();
    let rounds = 2_000 / calls;
    let began = cpu_time();
    for _ in 0..rounds {
        vad.infer(&mut slots.iter_mut().collect::<Vec<_>>(), &frames)?;
    }
    Ok((cpu_time() - began).as_secs_f64() * 1e6 / (rounds * calls) as f64)
}

/// Processor time of all threads, from the scheduler's own count.
fn cpu_time() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let spent = threads.flatten().filter_map(|thread| {
        let line = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}
