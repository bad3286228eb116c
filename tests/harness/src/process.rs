//! A program that runs beside the test, with what it prints.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

use crate::patience::{PATIENCE, within};

/// How many lines of a program's output a failing test shows.
const SHOWN_LINES: usize = 200;

/// A running program. It is killed when this is dropped; when a test fails it has its last words then.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    printed: Arc<Mutex<Vec<String>>>,
    more: watch::Receiver<usize>,
}

impl Process {
    /// Starts `command` without input; `name` is how a failing test calls it.
    pub fn start(name: &str, command: &mut Command) -> Process {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}"));
        let printed = Arc::new(Mutex::new(Vec::new()));
        let (announce, more) = watch::channel(0);
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        read_lines(stdout, Arc::clone(&printed), announce.clone());
        read_lines(stderr, Arc::clone(&printed), announce);
        Process {
            name: name.to_owned(),
            child,
            printed,
            more,
        }
    }

    /// Waits for the first line that `wanted` makes something of, from the start of the program on.
    /// `None` when the program ends without one.
    ///
    /// # Panics
    ///
    /// When the line does not come in time.
    pub async fn find_line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut more = self.more.clone();
        let search = async {
            loop {
                more.borrow_and_update();
                if let Some(found) = self.lines().iter().find_map(|line| wanted(line)) {
                    return Some(found);
                }
                // An error means that the program has closed its output: it has ended.
                if more.changed().await.is_err() {
                    return self.lines().iter().find_map(|line| wanted(line));
                }
            }
        };
        match within(PATIENCE, search).await {
            Some(found) => found,
            None => panic!("{} did not print what was waited for", self.name),
        }
    }

    /// The end of what the program has printed, for the message of a failing test.
    pub fn last_words(&self) -> String {
        let lines = self.lines();
        let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
        format!("── the last lines of {} ──\n{}\n──", self.name, shown.join("\n"))
    }

    /// All that the program has printed.
    pub fn lines(&self) -> Vec<String> {
        self.printed.lock().expect("no reader panics").clone()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the program to end, as Ctrl-C does.
    pub fn interrupt(&mut self) {
        self.signal(Signal::SIGINT);
    }

    /// Waits for the program to end by itself.
    ///
    /// # Panics
    ///
    /// When it does not end in time.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut more = self.more.clone();
        let closed = async { while more.changed().await.is_ok() {} };
        if within(PATIENCE, closed).await.is_none() {
            panic!("{} did not end", self.name);
        }
        self.child.wait().expect("a child can be waited for")
    }

    /// Stops the program where it stands: it sends nothing any more, and its sockets stay open.
    pub fn freeze(&mut self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Lets a frozen program go on.
    pub fn thaw(&mut self) {
        self.signal(Signal::SIGCONT);
    }

    /// Ends the program where it stands.
    pub fn kill(&mut self) {
        // It may just have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn signal(&mut self, signal: Signal) {
        // The number of a process that has ended may be another's by now.
        if matches!(self.child.try_wait(), Ok(None)) {
            let id = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id fits"));
            kill(id, signal).expect("our own child can be signalled");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}", self.last_words());
        }
    }
}

fn read_lines(from: impl Read + Send + 'static, printed: Arc<Mutex<Vec<String>>>, announce: watch::Sender<usize>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            printed.lock().expect("no reader panics").push(text);
            announce.send_modify(|count| *count += 1);
            line.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::start("a shell", Command::new("sh").args(["-c", script]))
    }

    #[tokio::test]
    async fn a_line_is_found_wherever_it_is_printed() {
        let mut process = shell("echo one; echo two >&2; exec cat");
        assert_eq!(
            process
                .find_line(|line| line.strip_prefix("t").map(str::to_owned))
                .await
                .as_deref(),
            Some("wo")
        );
        assert_eq!(process.find_line(|line| (line == "one").then_some(())).await, Some(()));
    }

    #[tokio::test]
    async fn a_program_that_ends_has_no_more_lines() {
        let mut process = shell("echo one; exit 3");
        assert_eq!(process.find_line(|line| (line == "two").then_some(())).await, None);
        assert_eq!(process.ended().await.code(), Some(3));
    }
}
