//! `cargo xtask deb`: the Debian package of the released server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo::{build_server, root, succeed, target_folder};

/// Where files of the repository go, and who may do what with them.
const FILES: [(&str, &str, u32); 6] = [
    (
        "packaging/systemd/wigwag.service",
        "lib/systemd/system/wigwag.service",
        0o644,
    ),
    ("packaging/debian/wigwag.toml", "etc/wigwag/wigwag.toml", 0o640),
    ("docs/configuration.md", "usr/share/doc/wigwag/configuration.md", 0o644),
    ("LICENSE-MIT", "usr/share/doc/wigwag/copyright", 0o644),
    ("CHANGELOG.md", "usr/share/doc/wigwag/CHANGELOG.md", 0o644),
    ("packaging/debian/conffiles", "DEBIAN/conffiles", 0o644),
];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Builds the released server and the package, and says where it is.
pub(crate) fn release() -> Result<()> {
    let server = build_server("release")?;
    let folder = target_folder()?.join("debian");
    let package = package(&server, &folder)?;
    eprintln!("{}", package.display());
    Ok(())
}

/// Packs `server` in `folder`.
fn package(server: &Path, folder: &Path) -> Result<PathBuf> {
    let tree = folder.join("wigwag");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    put(server, &tree.join("usr/bin/wigwag"), 0o755)?;
    for (from, to, mode) in FILES {
        put(&root().join(from), &tree.join(to), mode)?;
    }
    for script in SCRIPTS {
        let from = root().join("packaging/debian").join(script);
        put(&from, &tree.join("DEBIAN").join(script), 0o755)?;
    }
    let architecture = architecture()?;
    let version = env!("CARGO_PKG_VERSION");
    let control = fs::read_to_string(root().join("packaging/debian/control"))?
        .replace("@version@", version)
        .replace("@architecture@", &architecture)
        .replace("@kilobytes@", &(fs::metadata(server)?.len() / 1024).to_string());
    fs::write(tree.join("DEBIAN/control"), control)?;
    let package = folder.join(format!("wigwag_{version}_{architecture}.deb"));
    let mut dpkg_deb = Command::new("dpkg-deb");
    dpkg_deb
        .args(["--root-owner-group", "--build"])
        .arg(&tree)
        .arg(&package);
    succeed(&mut dpkg_deb)?;
    Ok(package)
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

fn architecture() -> Result<String> {
    let output = Command::new("dpkg")
        .arg("--print-architecture")
        .output()
        .context("there is no dpkg here: Debian packages are built on Debian")?;
    ensure!(output.status.success(), "dpkg tells no architecture");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_by(command: &mut Command) -> String {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn the_package_has_the_server_its_unit_and_scripts_that_a_shell_understands() {
        if architecture().is_err() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = folder.path().join("server");
        fs::write(&server, "#!/bin/sh\n").unwrap();
        let package = package(&server, folder.path()).unwrap();
        let contents = said_by(Command::new("dpkg-deb").arg("--contents").arg(&package));
        let line = |path: &str| contents.lines().find(|line| line.ends_with(path)).unwrap_or_default();
        assert!(
            line("./usr/bin/wigwag").starts_with("-rwxr-xr-x root/root"),
            "{contents}"
        );
        assert!(
            line("./etc/wigwag/wigwag.toml").starts_with("-rw-r----- root/root"),
            "{contents}"
        );
        assert!(
            line("./lib/systemd/system/wigwag.service").starts_with("-rw-r--r--"),
            "{contents}"
        );
        let field = |name| said_by(Command::new("dpkg-deb").arg("--field").arg(&package).arg(name));
        assert_eq!(field("Version").trim(), env!("CARGO_PKG_VERSION"));
        for script in SCRIPTS {
            let path = root().join("packaging/debian").join(script);
            said_by(Command::new("sh").arg("-n").arg(path));
        }
    }
}
