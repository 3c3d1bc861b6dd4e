//! Starts servers of other people on free ports, each with a configuration made for one test.
//! Knows nothing of what is found there.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use crate::support::process::{PATIENCE, Running};
use crate::support::served::start_on_a_free_port;
use crate::support::{eventually, home, http};

/// A server and where it listens.
pub(crate) type Server = (Running, SocketAddr);

/// A new folder that servers under other users can read.
pub(crate) fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let home = home();
    let folder = home.join(format!("place-{}", NUMBER.fetch_add(1, Relaxed)));
    fs::create_dir(&folder).expect("a folder can be made");
    for open in [&home, &folder] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o777)).expect("it is ours");
    }
    folder
}

/// A folder with `config.json`, modified so many milliseconds after a fixed moment.
pub(crate) fn copy(late: u64) -> PathBuf {
    let folder = folder();
    let path = folder.join("config.json");
    let flags: Vec<_> = (0..60).map(|n| format!("\"flag-{n}\":{n}")).collect();
    fs::write(&path, format!("{{{}}}", flags.join(","))).expect("it can be written");
    let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + late);
    let file = fs::File::options().write(true).open(&path).expect("it was just written");
    file.set_modified(moment).expect("it is ours");
    folder
}

/// nginx with this text in its `server`, and further text before it.
pub(crate) fn nginx(before: &str, server: &str) -> Server {
    nginx_that_listens("", before, server)
}

/// The same with TLS and HTTP/2.
pub(crate) fn nginx_with_tls(server: &str) -> Server {
    nginx_that_listens("ssl http2", "", server)
}

pub(crate) fn nginx_that_listens(how: &str, before: &str, server: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let at = place.display();
        let text = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
             events {{ worker_connections 256; }}
             http {{
                 access_log off; default_type application/json;
                 client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
                 fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi;
                 scgi_temp_path {at}/scgi; gzip_types *; gzip_min_length 1;
                 {before}
                 server {{ listen {address} {how}; {} }}
             }}",
            server.replace("PLACE", &at.to_string())
        );
        let path = write(&place, "nginx.conf", &text.replace("PLACE", &at.to_string()));
        let mut command = Command::new("nginx");
        command.args(["-p", &at.to_string(), "-e", "stderr", "-c"]).arg(path);
        with_sbin(command)
    })
}

/// nginx in front of servers.
pub(crate) fn nginx_before(origins: &[SocketAddr], http: &str, location: &str) -> Server {
    let servers: Vec<_> = origins.iter().map(|origin| format!("server {origin};")).collect();
    let before = format!("upstream fleet {{ {} }} {http}", servers.concat());
    nginx(
        &before,
        &format!("location / {{ proxy_pass http://fleet; proxy_http_version 1.1; {location} }}"),
    )
}

/// Apache httpd that serves a folder.
pub(crate) fn apache(root: &Path, text: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let at = place.display();
        let modules = ["mpm_event", "authz_core", "mime", "filter", "deflate", "headers"];
        let user = if is_root() { "User www-data\nGroup www-data\n" } else { "" };
        let modules: Vec<_> = modules
            .iter()
            .map(|name| {
                format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")
            })
            .collect();
        let text = format!(
            "{}{user}ServerRoot {at}\nPidFile {at}/pid\nErrorLog {at}/error.log\nListen {address}\n\
             ServerName localhost\nTypesConfig /dev/null\nDocumentRoot {root}\nAddType application/json .json\n\
             <Directory {root}>\nRequire all granted\n</Directory>\n{text}\n",
            modules.concat(),
            root = root.display()
        );
        let path = write(&place, "httpd.conf", &text);
        let mut command = Command::new("apache2");
        command.args(["-X", "-f"]).arg(path);
        with_sbin(command)
    })
}

/// lighttpd that serves a folder.
pub(crate) fn lighttpd(root: &Path, text: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let text = format!(
            "server.document-root = \"{}\"\nserver.bind = \"{}\"\nserver.port = {}\n\
             mimetype.assign = ( \".json\" => \"application/json\" )\n{text}\n",
            root.display(),
            address.ip(),
            address.port()
        );
        let path = write(&place, "lighttpd.conf", &text);
        let mut command = Command::new("lighttpd");
        command.args(["-D", "-f"]).arg(path);
        with_sbin(command)
    })
}

/// Caddy that serves a folder, with these directives.
pub(crate) fn caddy(root: &Path, text: &str) -> Server {
    let server = start_on_a_free_port(|address| {
        let place = folder();
        let text = format!(
            "{{\nadmin off\nauto_https off\n}}\nhttp://{address} {{\n\
             root * {}\n{text}\nfile_server\n}}\n",
            root.display()
        );
        let path = write(&place, "Caddyfile", &text);
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
        command.env("HOME", &place).env("XDG_DATA_HOME", &place);
        command
    });
    // It accepts before it serves.
    eventually("Caddy", PATIENCE, || http::get(server.1, &[]).ok());
    server
}

/// `HAProxy` in front of servers, with further lines for its backend.
pub(crate) fn haproxy(origins: &[SocketAddr], text: &str) -> Server {
    start_on_a_free_port(|address| {
        let place = folder();
        let servers = (1..).zip(origins).map(|(n, origin)| format!(" server s{n} {origin}\n"));
        let text = format!(
            "global\n maxconn 200\ndefaults\n mode http\n timeout client 10s\n timeout server 10s\n \
             timeout connect 5s\ncache small\n total-max-size 4\n max-age 60\nfrontend f\n bind {address}\n default_backend b\nbackend b\n \
             balance roundrobin\n{text}\n{}",
            servers.collect::<String>()
        );
        let path = write(&place, "haproxy.cfg", &text);
        let mut command = Command::new("haproxy");
        command.args(["-db", "-f"]).arg(path);
        with_sbin(command)
    })
}

/// Varnish in front of one server.
pub(crate) fn varnish(origin: SocketAddr) -> Server {
    let server = start_on_a_free_port(|address| {
        let place = folder();
        let mut command = Command::new("varnishd");
        command.args(["-F", "-j", "none", "-s", "malloc,8m", "-T", "none", "-n"]).arg(&place);
        command.args(["-a", &address.to_string(), "-b", &origin.to_string()]);
        with_sbin(command)
    });
    // It accepts before it knows its origin.
    eventually("Varnish", PATIENCE, || {
        http::get(server.1, &[]).ok().filter(|answer| answer.status == 200)
    });
    server
}

/// `app.py` in this mode, as this replica.
pub(crate) fn app(mode: &str, replica: usize) -> Server {
    python_app(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check/app.py"), mode, replica)
}

/// `odd_app.py` with this habit, as this replica.
pub(crate) fn odd_app(habit: &str, replica: usize) -> Server {
    python_app(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check/odd_app.py"),
        habit,
        replica,
    )
}

/// `handling_app.py` with these habits, as this replica.
pub(crate) fn handling_app(habits: &str, replica: usize) -> Server {
    python_app(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check/handling_app.py"),
        habits,
        replica,
    )
}

fn python_app(script: &str, mode: &str, replica: usize) -> Server {
    start_on_a_free_port(|address| {
        let mut command = Command::new("python3");
        // Nothing but its own library is needed, and looking for more takes as long as the rest.
        command.args(["-S", "-E"]).arg(script);
        command.args([&address.port().to_string(), mode, &replica.to_string()]);
        command
    })
}

/// `flask_app.py` with this folder.
pub(crate) fn flask(root: &Path) -> Server {
    start_on_a_free_port(|address| {
        let mut command = Command::new("flask");
        command.args([
            "--app",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check/flask_app.py"),
        ]);
        command.args(["run", "--port", &address.port().to_string()]).env("COPY", root);
        // Nothing is left beside the file.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    })
}

/// Files of Starlette and of a server for it where Debian installs them: libraries, no commands.
pub(crate) const STARLETTE: &str = "/usr/lib/python3/dist-packages/starlette/__init__.py";
pub(crate) const UVICORN: &str = "/usr/lib/python3/dist-packages/uvicorn/__init__.py";

/// `starlette_app.py` with this folder, on the Python of the system.
pub(crate) fn starlette(root: &Path) -> Server {
    start_on_a_free_port(|address| {
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-m", "uvicorn", "--port", &address.port().to_string()]);
        command.args(["--app-dir", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check")]);
        command.args(["--log-level", "warning", "starlette_app:app"]);
        command.env("COPY", root).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    })
}

/// A file of Express where Debian installs it: a library, no command.
pub(crate) const EXPRESS: &str = "/usr/share/nodejs/express/package.json";

/// A file of the newest Express, where `scripts/test` puts it.
pub(crate) const NEWEST_EXPRESS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/node_modules/express/package.json");

/// `express_app.js` with this folder and the Express under this path.
pub(crate) fn express(library: &str, root: &Path) -> Server {
    let modules = library.strip_suffix("/express/package.json").expect("it is named in full");
    start_on_a_free_port(|address| {
        let mut command = Command::new("node");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/etag_lab/check/express_app.js"));
        command.env("NODE_PATH", modules).env("COPY", root);
        command.env("PORT", address.port().to_string());
        command
    })
}

/// `python3 -m http.server` for a folder.
pub(crate) fn python_files(root: &Path) -> Server {
    start_on_a_free_port(|address| {
        let mut command = Command::new("python3");
        command.args(["-m", "http.server", &address.port().to_string(), "--bind", "127.0.0.1"]);
        command.current_dir(root);
        command
    })
}

pub(crate) fn write(place: &Path, name: &str, text: &str) -> PathBuf {
    let path = place.join(name);
    fs::write(&path, text).expect("a configuration can be written");
    path
}

/// httpd serves nothing as root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Debian keeps servers where a user's PATH may not lead.
pub(crate) fn with_sbin(command: Command) -> Command {
    let mut command = command;
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    let program = command.get_program().to_owned();
    let found = Path::new("/usr/sbin").join(&program);
    if !found.is_file() {
        return command;
    }
    let mut absolute = Command::new(found);
    absolute.args(command.get_args()).env("PATH", format!("{path}:/usr/sbin"));
    absolute
}
