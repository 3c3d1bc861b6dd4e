//! Shards as tasks of a real scheduler: Slurm, one node that is this machine, without systemd.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{counts, output, start, warning};
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, free_address};
use crate::support::{
    assert_code, at_home, etag_lab, eventually, home, json_of, poll_json, require, skip, stdout,
    workspace,
};

/// Programs of Debian's `slurm-wlm` and `munge`.
const PROGRAMS: [&str; 5] = ["munged", "slurmctld", "slurmd", "srun", "scancel"];

/// A cluster of one node with four processors, whatever this machine has; gone with this value.
struct Cluster {
    configuration: PathBuf,
    _daemons: Vec<Running>,
}

impl Cluster {
    /// Starts it; `None` where the machine does not allow it: then the test is to return.
    fn start() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip("root, as whom the daemons of slurm run");
            return None;
        }
        let [munged, slurmctld, slurmd, srun, _] = PROGRAMS.map(require);
        let (munged, slurmctld, slurmd, srun) = (munged?, slurmctld?, slurmd?, srun?);
        let key = home().join("munge.key");
        std::fs::write(&key, [7; 128]).expect("written");
        let command = |program: &Path| at_home(program);
        run(command(Path::new("chmod")).arg("400").arg(&key));
        let mut daemon = command(&munged);
        daemon.args(["--foreground", "--force"]);
        for (flag, file) in [
            ("socket", "munge.sock"),
            ("key-file", "munge.key"),
            ("pid-file", "munge.pid"),
            ("seed-file", "munge.seed"),
            ("log-file", "munge.log"),
        ] {
            daemon.arg(format!("--{flag}={}", home().join(file).display()));
        }
        let mut daemons = vec![Running::start(&mut daemon)];
        let configuration = configure();
        for program in [&slurmctld, &slurmd] {
            let mut daemon = command(program);
            daemons.push(Running::start(daemon.arg("-D").env("SLURM_CONF", &configuration)));
        }
        let cluster = Self { configuration, _daemons: daemons };
        eventually("a task that ends", PATIENCE, || {
            let mut tried = command(&srun);
            let tried = tried.env("SLURM_CONF", &cluster.configuration).args(["-I5", "true"]);
            tried.output().is_ok_and(|output| output.status.success()).then_some(())
        });
        Some(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = at_home(program);
        command.env("SLURM_CONF", &self.configuration);
        command
    }

    /// Four tasks that poll, each with a file for its record; the environment alone says which is which.
    fn poll(&self, url: &str, name: &str, load: &[&str]) -> Command {
        let mut command = self.command("srun");
        command.args(["-n", "4", "--overcommit", "--job-name", name]);
        command.arg(format!("--output={name}-%t.json")).arg(format!("--error={name}-%t.err"));
        command.arg(etag_lab().get_program()).args(["poll", url, "--no-save", "--format", "json"]);
        command.args(["--barrier", &free_address().to_string()]).args(load);
        command
    }
}

fn run(command: &mut Command) {
    let ended = command.output().expect("it starts");
    assert!(ended.status.success(), "{ended:?}");
}

fn configure() -> PathBuf {
    let place = home();
    let at = |name: &str| place.join(name).display().to_string();
    let node = Command::new("hostname").arg("-s").output().expect("hosts have names");
    let node = String::from_utf8_lossy(&node.stdout).trim().to_owned();
    let ports = harness::ports::free(2).expect("there are free ports");
    for folder in ["state", "spool"] {
        std::fs::create_dir(place.join(folder)).expect("a new folder");
    }
    std::fs::write(place.join("cgroup.conf"), "CgroupPlugin=cgroup/v1\n").expect("written");
    let text = format!(
        "ClusterName=lab\nSlurmctldHost={node}(127.0.0.1)\nSlurmctldPort={}\nSlurmdPort={}\n\
         AuthType=auth/munge\nAuthInfo=socket={}\nCredType=cred/munge\nSlurmUser=root\n\
         SlurmdUser=root\nStateSaveLocation={}\nSlurmdSpoolDir={}\nSlurmctldPidFile={}\n\
         SlurmdPidFile={}\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n\
         MpiDefault=none\nSelectType=select/linear\nReturnToService=2\n\
         SlurmdParameters=config_overrides\nNodeName={node} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN\n\
         PartitionName=all Nodes=ALL Default=YES State=UP\n",
        ports[0],
        ports[1],
        at("munge.sock"),
        at("state"),
        at("spool"),
        at("ctld.pid"),
        at("slurmd.pid"),
    );
    let file = place.join("slurm.conf");
    std::fs::write(&file, text).expect("written");
    file
}

/// The sum of what the tasks of this name have written.
fn merged(name: &str, code: i32) -> Output {
    let files = (0..4).map(|task| format!("{name}-{task}.json"));
    let mut command = etag_lab();
    command.args(["merge", "--no-save", "--format", "json"]).args(files);
    let merged = output(start(&mut command));
    assert_code(&merged, code);
    merged
}

#[test]
fn tasks_of_slurm_are_shards_that_add_up_and_one_that_is_cancelled_is_named() {
    let Some(cluster) = Cluster::start() else { return };
    let replica = Served::start(&["replica"]);
    let load = ["--clients", "20", "--polls", "5", "--cadence", "open-loop", "--interval", "80ms"];
    let whole = poll_json(&[&[replica.url().as_str()], &load[..]].concat());
    let ended = output(start(&mut cluster.poll(&replica.url(), "done", &load)));
    assert_code(&ended, 0);
    assert_eq!(counts(&json_of(&merged("done", 0))), counts(&whole));
    batch_file(&cluster, &replica.url());
    // One that has far to go, until somebody cancels it.
    let load = ["--clients", "8", "--polls", "9000", "--cadence", "open-loop", "--interval", "1s"];
    let job = start(&mut cluster.poll(&replica.url(), "cut", &load));
    eventually("the progress of a task", PATIENCE, || {
        let said = std::fs::read_to_string(home().join("cut-3.err")).unwrap_or_default();
        said.contains(" polls, 304 rate").then_some(())
    });
    run(cluster.command("scancel").arg("--name=cut"));
    let cancelled = output(job);
    assert!(!cancelled.status.success(), "{}", stdout(&cancelled));
    let sum = json_of(&merged("cut", 4));
    assert_eq!(sum["partial"], true);
    assert_eq!(warning(&sum)["title"], "4 of 4 shards interrupted");
    std::fs::remove_file(home().join("cut-2.json")).expect("it was written");
    let mut command = etag_lab();
    command.args([
        "merge",
        "--no-save",
        "--format",
        "json",
        "cut-0.json",
        "cut-1.json",
        "cut-3.json",
    ]);
    let some = output(start(&mut command));
    assert_code(&some, 4);
    assert_eq!(warning(&json_of(&some))["evidence"], "no record of shard 2");
}

/// The batch file of the page does the same, merging included.
fn batch_file(cluster: &Cluster, url: &str) {
    let mut command = cluster.command("sbatch");
    command.args(["--wait", "--output=batch.out"]);
    command
        .env("ETAG_LAB", etag_lab().get_program())
        .env("PORT", free_address().port().to_string());
    command.arg(workspace().join("scripts/slurm/poll.sbatch")).arg(url);
    command.args(["--clients", "8", "--polls", "5", "--interval", "80ms"]);
    let ended = output(start(&mut command));
    let said = std::fs::read_to_string(home().join("batch.out")).unwrap_or_default();
    assert!(ended.status.success(), "{ended:?} {said}");
    assert!(said.contains("304 rate (conditional)       100.0 %  32/32"), "{said}");
}
