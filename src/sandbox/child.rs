//! The child side: limit yourself, read one document from standard input, answer, end.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::panic::catch_unwind;
use std::process::ExitCode;

use crate::engine::read::{ReadError, read_for};
use crate::sandbox::confine::{few_calls, no_files};
use crate::sandbox::message::{Answer, Orders, SUBCOMMAND};

/// Exit codes other than 0, for whoever looks at a core of the trouble: bad orders, no limits, no answer.
const BAD_ORDERS: u8 = 64;
const NO_LIMITS: u8 = 65;
const PANICKED: u8 = 70;
const NO_ANSWER: u8 = 74;

/// Whether this process was started to read one document.
#[must_use]
pub fn is_child() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == SUBCOMMAND)
}

/// Runs the hidden subcommand `read-document`: the document comes on standard input, the answer goes to
/// standard output. To be called before anything else starts threads or opens files.
#[must_use]
pub fn child_main() -> ExitCode {
    // What a panic has to say may quote the document.
    std::panic::set_hook(Box::new(|_| {}));
    let Some(orders) = orders(std::env::args_os()) else { return ExitCode::from(BAD_ORDERS) };
    if limit(&orders).is_err() {
        return ExitCode::from(NO_LIMITS);
    }
    let Ok(answered) = catch_unwind(|| answer(io::stdin().lock(), &orders)) else {
        return ExitCode::from(PANICKED);
    };
    match answered.and_then(|answer| send(&answer, io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NO_ANSWER),
    }
}

fn orders(mut arguments: impl Iterator<Item = OsString>) -> Option<Orders> {
    serde_json::from_str(arguments.nth(2)?.to_str()?).ok()
}

/// Takes from this process what reading needs no more of.
#[cfg(unix)]
fn limit(orders: &Orders) -> io::Result<()> {
    use rlimit::Resource;

    Resource::AS.set(orders.memory_bytes, orders.memory_bytes)?;
    // At the soft limit the kernel asks, a second later it ends the process.
    Resource::CPU.set(orders.cpu_seconds, orders.cpu_seconds.saturating_add(1))?;
    Resource::FSIZE.set(0, 0)?;
    Resource::CORE.set(0, 0)?;
    // Before there is room for no file more: it needs one for a moment.
    no_files()?;
    // Standard input, output and error.
    Resource::NOFILE.set(3, 3)?;
    few_calls().map(drop)
}

#[cfg(not(unix))]
fn limit(_: &Orders) -> io::Result<()> {
    Ok(())
}

fn answer(input: impl Read, orders: &Orders) -> io::Result<Answer> {
    let limit = orders.limits.max_bytes;
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Ok(Answer::Refused(ReadError::TooLarge { bytes: bytes.len() as u64, limit }));
    }
    Ok(match read_for(orders.purpose, &bytes, &orders.filename, &orders.limits) {
        Ok(source) => Answer::Read(Box::new(source)),
        Err(error) => Answer::Refused(error),
    })
}

fn send(answer: &Answer, mut output: impl Write) -> io::Result<()> {
    output.write_all(&serde_json::to_vec(answer)?)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic; that is how it reports")]

    use std::ffi::OsString;

    use crate::engine::read::{Limits, Purpose, ReadError};
    use crate::sandbox::child::{answer, orders};
    use crate::sandbox::message::{Answer, Orders};

    fn some_orders() -> Orders {
        let limits = Limits { max_bytes: 64, ..Limits::default() };
        Orders {
            filename: "x.txt".to_owned(),
            purpose: Purpose::Resume,
            limits,
            memory_bytes: 1 << 30,
            cpu_seconds: 8,
        }
    }

    #[test]
    fn a_document_is_read_for_what_the_orders_say() {
        let lines = |purpose| {
            let orders = Orders { purpose, limits: Limits::default(), ..some_orders() };
            let page = b"<html><body><div class='site-header'>Ada</div><p>Analyst</p></body></html>";
            match answer(&page[..], &orders).unwrap() {
                Answer::Read(source) => source.lines.len(),
                Answer::Refused(error) => panic!("{error}"),
            }
        };
        assert_eq!((lines(Purpose::Resume), lines(Purpose::Posting)), (2, 1));
    }

    #[test]
    fn the_answer_is_what_was_read_or_why_not() {
        let Answer::Read(source) = answer(&b"Ada Lovelace"[..], &some_orders()).unwrap() else {
            panic!("a text can be read");
        };
        assert_eq!(source.lines.len(), 1);
        let refused = |bytes: &[u8]| match answer(bytes, &some_orders()).unwrap() {
            Answer::Refused(error) => error,
            Answer::Read(_) => panic!("this cannot be read"),
        };
        assert_eq!(refused(b""), ReadError::Empty);
        assert!(matches!(refused(&[b'a'; 100]), ReadError::TooLarge { limit: 64, .. }));
    }

    #[test]
    fn orders_are_the_third_argument() {
        let json = serde_json::to_string(&some_orders()).unwrap();
        let arguments = |last: &str| ["program", "read-document", last].map(OsString::from).into_iter();
        assert_eq!(orders(arguments(&json)).unwrap().cpu_seconds, 8);
        assert!(orders(arguments("{}")).is_none());
        assert!(orders(std::iter::empty()).is_none());
    }
}
