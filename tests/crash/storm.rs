//! Signals in showers, stops, and listeners that go away: each command ends in its time with a code that tells, and nothing is lost
//! but effort.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::judge;
use crate::kill::{Ground, ended_within, start, undisturbed, verbs};
use crate::stage::{Pace, Stage, VERBS, Verb};
use crate::support::program;
use crate::write_log::Luck;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Within this time everything ends; a machine that is not busy needs a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// What happens to a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    Terminate,
    HangUp,
    /// Ctrl-C, again and again.
    Interrupts,
    /// Stopped and continued some times.
    Stops,
    /// Whoever reads its output and its errors goes away.
    Pipes,
    /// The terminal that it runs in is closed.
    Terminal,
}

const TROUBLES: [Trouble; 6] =
    [Trouble::Terminate, Trouble::HangUp, Trouble::Interrupts, Trouble::Stops, Trouble::Pipes, Trouble::Terminal];

fn send(child: &Child, signal: Signal) {
    // It may have ended; it is not waited for yet, so that its number is nobody else's.
    let _ = kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal);
}

/// Runs the command into the trouble after `moment` and returns how it ended.
fn run_into(trouble: Trouble, mut command: Command, moment: Duration, luck: &mut Luck) -> ExitStatus {
    if trouble == Trouble::Pipes {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let ended = ended_within(&mut child, moment);
        drop((child.stdout.take(), child.stderr.take()));
        return ended.or_else(|| ended_within(&mut child, PATIENCE)).unwrap_or_else(|| too_long(child));
    }
    let mut child = start(&mut command);
    if let Some(ended) = ended_within(&mut child, moment) {
        return ended;
    }
    match trouble {
        Trouble::Terminate => send(&child, Signal::SIGTERM),
        Trouble::HangUp => send(&child, Signal::SIGHUP),
        Trouble::Interrupts => {
            for _ in 0..2 + luck.below(30) {
                send(&child, Signal::SIGINT);
                let _ = ended_within(&mut child, Duration::from_micros(luck.below(2000)));
            }
        }
        Trouble::Stops => {
            for _ in 0..3 {
                send(&child, Signal::SIGSTOP);
                let _ = ended_within(&mut child, Duration::from_millis(luck.below(200)));
                send(&child, Signal::SIGCONT);
                let _ = ended_within(&mut child, Duration::from_millis(luck.below(50)));
            }
        }
        Trouble::Pipes | Trouble::Terminal => unreachable!("has its own way"),
    }
    ended_within(&mut child, PATIENCE).unwrap_or_else(|| too_long(child))
}

fn too_long(mut child: Child) -> ! {
    let _ = child.kill();
    panic!("it did not end within {PATIENCE:?}");
}

/// Runs the command in a terminal (script, of util-linux, is one) that is closed after `moment`.
fn run_in_a_terminal(command: &Command, folder: &Path, moment: Duration) {
    let quote = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy());
    let words: Vec<String> = command.get_args().map(quote).collect();
    let pid = folder.join("pid");
    let line =
        format!("echo $$ >{}; exec {} {}", quote(pid.as_os_str()), quote(command.get_program()), words.join(" "));
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line, "/dev/null"]);
    for (name, value) in command.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    let mut terminal = start(&mut script);
    let _ = ended_within(&mut terminal, moment);
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    // Nobody waits for it but the system. It may still be the shell, which has the number before it becomes freemkv.
    let Ok(pid) = fs::read_to_string(&pid) else { return };
    let stat = format!("/proc/{}/stat", pid.trim());
    let end = Instant::now() + PATIENCE;
    while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < end, "it goes on for {PATIENCE:?} though its terminal is gone");
        std::thread::yield_now();
    }
    fs::remove_file(folder.join("pid")).unwrap();
}

/// Whether a command may end so after that trouble.
fn fits(verb: Verb, trouble: Trouble, ended: ExitStatus) -> bool {
    let is_done = match verb {
        Verb::Sweep | Verb::Patch => matches!(ended.code(), Some(0 | 3)),
        Verb::Mux | Verb::Rip | Verb::Convert => ended.code() == Some(0),
    };
    // Before its handlers are in place, a signal ends it as it ends any other program.
    let is_stopped = ended.code() == Some(130) || ended.signal().is_some();
    match trouble {
        Trouble::Stops => is_done,
        // What cannot be said is no reason to stop.
        Trouble::Pipes => is_done || ended.code() == Some(1),
        _ => is_done || is_stopped,
    }
}

/// Runs commands into trouble and judges what is left, and what comes of going on.
fn all(cases: &[(Verb, Trouble)], seed: u64) {
    let (stage, mut ground, mut luck) = (Stage::new(Pace::Quick), Ground::new(), Luck(seed));
    for verb in verbs() {
        let mut whole = None;
        for trouble in cases.iter().filter(|case| case.0 == verb).map(|case| case.1) {
            if trouble == Trouble::Terminal && program("script").is_none() {
                continue;
            }
            let whole = *whole.get_or_insert_with(|| undisturbed(&stage, verb, &ground.fresh()));
            let folder = &ground.fresh();
            stage.prepare(verb, folder);
            let command = stage.command(verb, folder, "auto", luck.below(1000));
            let moment = Duration::from_millis(luck.below(u64::try_from(whole.as_millis()).unwrap()));
            if trouble == Trouble::Terminal {
                run_in_a_terminal(&command, folder, moment);
            } else {
                let ended = run_into(trouble, command, moment, &mut luck);
                assert!(fits(verb, trouble, ended), "{verb:?}, {trouble:?} after {moment:?}: {ended}");
            }
            judge::after_a_cut(&stage, verb, folder);
            stage.go_on(verb, folder);
            judge::at_the_end(&stage, verb, folder);
        }
    }
    let count = cases.len();
    println!("figures: {count} runs into trouble: all ended in time and told, no false claim, all whole in the end");
}

#[test]
fn no_trouble_costs_more_than_effort() {
    let cases: Vec<_> =
        TROUBLES.into_iter().enumerate().map(|(number, trouble)| (VERBS[number % VERBS.len()], trouble)).collect();
    all(&cases, 3);
}

#[test]
#[ignore = "long: tests/long.sh runs it"]
fn no_trouble_costs_more_than_effort_however_often() {
    // `FREEMKV_STORM=Rip` runs one command alone.
    let only = std::env::var("FREEMKV_STORM").unwrap_or_default();
    let verbs = VERBS.into_iter().filter(|verb| format!("{verb:?}").starts_with(&only));
    let cases: Vec<_> = verbs.flat_map(|verb| TROUBLES.map(|trouble| (verb, trouble))).collect();
    all(&cases.repeat(8), 5);
}
