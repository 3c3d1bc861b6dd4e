//! Real nginx, real Apache httpd and a replica of the lab, each with the same file at the same
//! path, last modified at the same time.
//!
//! As they are delivered, but for gzip, which is switched on in each: what they do about
//! preconditions, ranges and codings is their own. Asks and judges nothing.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::support::process::Running;
use crate::support::served::{Served, start_on_a_free_port};
use crate::support::{home, peers};

/// Seconds since 1970 of a Wednesday in June 2021: long ago enough to be a strong validator.
const MODIFIED: u64 = 1_623_844_800;

/// Writes the resource and returns its content.
pub(crate) fn write_resource() -> Vec<u8> {
    let content = origin::content::sample(8_192, 42, 0);
    let file = resource();
    let folder = file.parent().expect("the resource is in a folder");
    std::fs::create_dir_all(folder).expect("a folder can be made");
    std::fs::write(&file, &content).expect("a file can be written");
    let open = std::fs::File::options().append(true).open(&file).expect("the file is there");
    open.set_modified(UNIX_EPOCH + Duration::from_secs(MODIFIED)).expect("it is our file");
    // Apache started by root serves, and stores, as somebody who may do what everybody may.
    open_to_all(&home(), 0o755);
    open_to_all(&home().join("site"), 0o777);
    open_to_all(&home().join("site/api"), 0o777);
    content
}

fn resource() -> PathBuf {
    home().join("site/api/config")
}

fn open_to_all(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("it is our folder");
}

/// `etag-lab replica` with that file.
pub(crate) fn replica() -> Served {
    let file = resource();
    let file = file.to_str().expect("temporary folders have plain names");
    Served::start(&["replica", "--codings", "gzip", "--file", file])
}

/// `etag-lab replica` with a copy of its own, which a PUT replaces.
pub(crate) fn writable_replica() -> Served {
    Served::start(&["replica", "--codings", "gzip", "--writable", "--host", "lab"])
}

/// With `dav_methods`, which has it take a PUT.
pub(crate) fn nginx(program: &Path) -> (Running, SocketAddr) {
    start_on_a_free_port(|address| {
        let directives = format!(
            "access_log off;
             default_type application/json;
             gzip on; gzip_vary on; gzip_types application/json;
             server {{ listen {address}; root {}/site; dav_methods PUT; }}",
            home().display()
        );
        peers::nginx(program, &directives)
    })
}

/// One process (`-X`), so that no worker outlives a failed test; `writable` with `mod_dav`, which does more than PUT.
pub(crate) fn apache(program: &Path, writable: bool) -> (Running, SocketAddr) {
    start_on_a_free_port(|address| {
        let dav = if writable { "On" } else { "Off" };
        let folder = home();
        let place = folder.display();
        let modules = "/usr/lib/apache2/modules";
        let configuration = format!(
            "ServerRoot {place}
             ServerName lab
             Listen {address}
             PidFile {place}/apache-{dav}.pid
             ErrorLog {place}/apache-{dav}.log
             DefaultRuntimeDir {place}
             LoadModule mpm_event_module {modules}/mod_mpm_event.so
             LoadModule authz_core_module {modules}/mod_authz_core.so
             LoadModule filter_module {modules}/mod_filter.so
             LoadModule deflate_module {modules}/mod_deflate.so
             LoadModule dav_module {modules}/mod_dav.so
             LoadModule dav_fs_module {modules}/mod_dav_fs.so
             DavLockDB {place}/site/locks
             User nobody
             Group #65534
             DocumentRoot {place}/site
             <Directory {place}/site>
                 ForceType application/json
                 AddOutputFilterByType DEFLATE application/json
                 Dav {dav}
             </Directory>"
        );
        let file = peers::configuration(&format!("apache-{dav}.conf"), &configuration);
        let mut command = Command::new(program);
        command.arg("-X").arg("-f").arg(file);
        command
    })
}

/// Version that a program reports.
pub(crate) fn version(program: &Path) -> String {
    let output = Command::new(program).arg("-v").output().expect("a server tells its version");
    // nginx says it on standard error.
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}
