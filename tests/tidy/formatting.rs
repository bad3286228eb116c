//! White space and file modes, so that diffs show changes and nothing else.

use crate::breaches::Breaches;
use crate::tree::{paths, root, text_files};

#[test]
fn lines_end_where_their_text_ends() {
    let mut breaches = Breaches::of("white space");
    for file in text_files().iter().filter(|file| !is_verbatim(&file.path)) {
        for (number, line) in file.lines().filter(|(_, line)| line.ends_with([' ', '\t', '\r'])) {
            breaches.add(format!(
                "{}:{number}: ends with white space: {:?}",
                file.path,
                line.chars().next_back()
            ));
        }
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            breaches.add(format!("{}: must end with exactly one new line", file.path));
        }
    }
    breaches.settle();
}

#[cfg(unix)]
#[test]
fn only_scripts_can_be_executed() {
    use std::os::unix::fs::PermissionsExt;

    let mut breaches = Breaches::of("file mode");
    for path in paths() {
        let Ok(metadata) = std::fs::metadata(root().join(path)) else {
            continue;
        };
        let executable = metadata.permissions().mode() & 0o111 != 0;
        let script = std::fs::read(root().join(path)).is_ok_and(|bytes| bytes.starts_with(b"#!/"));
        if executable != script {
            breaches.add(format!(
                "{path}: executable is {executable}, starts with #!/ is {script}"
            ));
        }
    }
    breaches.settle();
}

/// Test data and recorded texts are kept as they were received.
fn is_verbatim(path: &str) -> bool {
    let folders = ["/fixtures/", "/corpus/"];
    let kinds = [".snap", ".sip", ".dat"];
    kinds.iter().any(|kind| path.ends_with(kind)) || folders.iter().any(|folder| path.contains(folder))
}
