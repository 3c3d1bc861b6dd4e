//! `scripts/kubernetes`: what kubectl renders is valid for several versions of Kubernetes and within the
//! restricted Pod Security Standard, and the Job of shards works when it is played without a cluster.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{counts, merge, warning};
use crate::support::served::{Served, free_address};
use crate::support::{assert_code, at_home, etag_lab, home, poll_json, require, skip, workspace};

/// Versions whose schemas are asked, those of `PyPI`'s `kubernetes-validate`.
const VERSIONS: [&str; 3] = ["1.31", "1.34", "1.37"];
const OVERLAYS: [&str; 6] =
    ["load", "fleet", "fleet-ingress", "coalesce", "coalesce-monitored", "check"];

fn folder() -> PathBuf {
    workspace().join("scripts/kubernetes")
}

/// Python with `kubernetes-validate`, where `scripts/test` puts it.
fn validator() -> Option<PathBuf> {
    let python = workspace().join("target/peers/kubernetes/bin/python");
    if !python.is_file() {
        skip("kubernetes-validate");
        return None;
    }
    Some(python)
}

/// The objects of an overlay, as kubectl renders them; `None` without kubectl or a reader of YAML.
fn rendered(overlay: &str) -> Option<Vec<Value>> {
    let python = validator()?;
    let fetched = python.with_file_name("kubectl");
    let kubectl = if fetched.is_file() { fetched } else { require("kubectl")? };
    let output = at_home(kubectl).arg("kustomize").arg(folder().join(overlay)).output();
    let output = output.expect("kubectl starts");
    assert_code(&output, 0);
    std::fs::write(home().join("rendered.yaml"), &output.stdout).expect("written");
    let program =
        "import json, yaml; print(json.dumps(list(yaml.safe_load_all(open('rendered.yaml')))))";
    let output = at_home(python).args(["-c", program]).output().expect("python starts");
    assert_code(&output, 0);
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// All objects of all overlays, with the overlay that each is of.
fn all() -> Option<Vec<(&'static str, Value)>> {
    let mut objects = Vec::new();
    for overlay in OVERLAYS {
        objects.extend(rendered(overlay)?.into_iter().map(|object| (overlay, object)));
    }
    Some(objects)
}

/// The pods that an object starts.
fn pod_of(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "CronJob" => Some(&object["spec"]["jobTemplate"]["spec"]["template"]["spec"]),
        "Job" | "Deployment" => Some(&object["spec"]["template"]["spec"]),
        _ => None,
    }
}

fn object<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects.iter().find(|object| object["kind"] == kind).expect("there is one")
}

#[test]
fn manifests_are_strictly_valid_for_three_versions_of_kubernetes() {
    let (Some(objects), Some(python)) = (all(), validator()) else { return };
    // Objects of the Prometheus Operator have no schema there, and one of their own below.
    let is_known = |object: &&Value| object["kind"] != "ServiceMonitor";
    let objects: Vec<_> = objects.iter().map(|(_, object)| object).filter(is_known).collect();
    assert!(objects.len() >= 20);
    let validated = |name: &str, objects: &[&Value], version: &str| {
        let text = objects.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n---\n");
        std::fs::write(home().join(name), text).expect("written");
        let mut command = at_home(&python);
        command.args(["-m", "kubernetes_validate", "--strict", "-k", version, name]);
        command.output().expect("python starts")
    };
    for version in VERSIONS {
        assert_code(&validated("all.yaml", &objects, version), 0);
        // It does look: neither an unknown key nor a wrong type passes.
        for (pointer, wrong) in [("/metadata/nmae", json!("x")), ("/metadata/name", json!(7))] {
            let mut object = objects[0].clone();
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            object.pointer_mut(parent).expect("it is there")[key] = wrong;
            let output = validated("wrong.yaml", &[&object], version);
            assert!(!output.status.success(), "{pointer}");
        }
    }
}

/// Reads an object as the Prometheus Operator's definition has it. Keys that are not in it are lost then.
const AS_DEFINED: &str = "import json
from cloudcoil.models.prometheus_operator import v1
given = json.load(open('monitor.json'))
read = v1.ServiceMonitor.model_validate(given)
read = read.model_dump(mode='json', by_alias=True, exclude_unset=True)
assert read == given, read";

#[test]
fn the_service_monitor_is_strictly_valid_for_the_prometheus_operator() {
    let Some(objects) = rendered("coalesce-monitored") else { return };
    let Some(python) = validator() else { return };
    let monitor = object(&objects, "ServiceMonitor");
    let is_valid = |monitor: &Value| {
        std::fs::write(home().join("monitor.json"), monitor.to_string()).expect("written");
        let output = at_home(&python).args(["-c", AS_DEFINED]).output().expect("python starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("ModuleNotFoundError"), "scripts/test installs it: {said}");
        (output.status.success(), said)
    };
    let (valid, said) = is_valid(monitor);
    assert!(valid, "{said}");
    // Neither an unknown key, nor a wrong type, nor a time that is none passes.
    for (key, wrong) in [("prot", json!("http")), ("path", json!(7)), ("interval", json!("soon"))] {
        let mut other = monitor.clone();
        other["spec"]["endpoints"][0][key] = wrong;
        assert!(!is_valid(&other).0, "{key}");
    }
}

/// What the restricted Pod Security Standard forbids in this pod; empty where it is within it.
fn violations(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut is = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    for key in ["hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"] {
        is(pod.get(key).is_none(), key);
    }
    let context = &pod["securityContext"];
    is(context["runAsNonRoot"] == true, "runAsNonRoot");
    is(context["runAsUser"] == 65_532 && context["runAsGroup"] == 65_532, "runAsUser");
    is(context["seccompProfile"]["type"] == "RuntimeDefault", "seccompProfile");
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        let kinds = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected"];
        let keys = volume.as_object().expect("an object").keys();
        is(keys.into_iter().all(|key| key == "name" || kinds.contains(&key.as_str())), "volumes");
    }
    for container in pod["containers"].as_array().expect("containers") {
        let context = &container["securityContext"];
        is(context["allowPrivilegeEscalation"] == false, "allowPrivilegeEscalation");
        is(context["readOnlyRootFilesystem"] == true, "readOnlyRootFilesystem");
        is(context["capabilities"] == json!({"drop": ["ALL"]}), "capabilities");
        is(context.get("privileged").is_none(), "privileged");
        is(context.get("procMount").is_none(), "procMount");
        let ports = container["ports"].as_array().into_iter().flatten();
        is(ports.into_iter().all(|port| port.get("hostPort").is_none()), "hostPort");
        is(container["resources"]["requests"]["cpu"].is_string(), "requests");
        is(container["resources"]["limits"]["memory"].is_string(), "limits");
    }
    found
}

#[test]
fn pods_are_within_the_restricted_standard_and_have_no_token_that_they_do_not_use() {
    let Some(objects) = all() else { return };
    let mut pods = 0;
    for (overlay, object) in &objects {
        if object["kind"] == "Namespace" {
            let level = &object["metadata"]["labels"]["pod-security.kubernetes.io/enforce"];
            assert_eq!(level, "restricted");
            continue;
        }
        assert_eq!(object["metadata"]["namespace"], "etag-lab", "{overlay}: {object}");
        let Some(pod) = pod_of(object) else { continue };
        pods += 1;
        assert_eq!(violations(pod), [""; 0], "{overlay}: {object:#}");
        let uses_token = pod.to_string().contains("/serviceaccount/token");
        assert_eq!(pod["automountServiceAccountToken"], uses_token, "{overlay}");
        let mut wrong = pod.clone();
        wrong["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["NET_RAW"]);
        assert_eq!(violations(&wrong), ["capabilities"]);
    }
    assert_eq!(pods, 8);
}

#[test]
fn all_pods_run_one_image_of_this_version_which_is_named_in_one_place() {
    let Some(objects) = all() else { return };
    let image = format!("registry.example/etag-lab:{}", env!("CARGO_PKG_VERSION"));
    for pod in objects.iter().filter_map(|(_, object)| pod_of(object)) {
        assert_eq!(pod["containers"][0]["image"], image.as_str());
        assert_eq!(pod["containers"].as_array().map(Vec::len), Some(1));
    }
    let grep = |what: &str| {
        let output = Command::new("grep").args(["-rl", what]).arg(folder()).output();
        let files = String::from_utf8(output.expect("grep starts").stdout).expect("paths");
        files.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(grep("newTag").len(), 1);
    let named = grep("registry.example");
    assert!(
        named.iter().all(|file| file.ends_with("image/kustomization.yaml")
            || file.ends_with("kubernetes/Dockerfile")),
        "{named:?}"
    );
    let dockerfile = std::fs::read_to_string(folder().join("Dockerfile")).expect("a file");
    assert!(dockerfile.contains("\nUSER 65532:65532\n"));
    assert!(dockerfile.contains(&format!("-t {image} .")));
}

#[test]
fn the_proxy_may_read_one_resource_and_stays_through_updates_and_drains() {
    let Some(objects) = rendered("coalesce-monitored") else { return };
    let rules = &object(&objects, "Role")["rules"];
    let expected = json!([{"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"],
        "verbs": ["get", "list"]}]);
    assert_eq!(rules, &expected);
    let deployment = &object(&objects, "Deployment")["spec"];
    assert_eq!(deployment["replicas"], 2);
    assert_eq!(deployment["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
    let labels = &deployment["template"]["metadata"]["labels"];
    let container = &deployment["template"]["spec"]["containers"][0];
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/health");
    // Whatever selects pods selects these.
    for (kind, pointer) in [
        ("Service", "/spec/selector"),
        ("PodDisruptionBudget", "/spec/selector/matchLabels"),
        ("NetworkPolicy", "/spec/podSelector/matchLabels"),
        ("ServiceMonitor", "/spec/selector/matchLabels"),
    ] {
        assert_eq!(object(&objects, kind).pointer(pointer), Some(labels), "{kind}");
    }
    let of_service = &object(&objects, "Service")["metadata"]["labels"];
    assert_eq!(of_service, labels, "which the ServiceMonitor selects by");
    assert!(objects.iter().all(|object| object["kind"] != "HorizontalPodAutoscaler"));
}

#[test]
fn an_ingress_takes_the_place_of_the_service_in_the_job_that_drives_the_fleet() {
    let Some(objects) = rendered("fleet-ingress") else { return };
    let ingress = &object(&objects, "Ingress")["spec"]["rules"][0];
    let args = pod_of(object(&objects, "Job")).expect("a pod")["containers"][0]["args"].clone();
    let host = format!("Host: {}", ingress["host"].as_str().expect("a host"));
    assert!(args.as_array().expect("a list").contains(&json!(host)), "{args}");
    let backend = &ingress["http"]["paths"][0]["backend"]["service"];
    assert_eq!(backend["name"], object(&objects, "Service")["metadata"]["name"]);
}

/// The pods of the Job of shards, started as Kubernetes would, without one: their names resolve to this
/// machine, the fleet is one replica, and an interval is shorter. Each has its log.
fn played(objects: &[Value], replica: &Served) -> Vec<(Child, PathBuf)> {
    let job = &object(objects, "Job")["spec"];
    let total = job["completions"].as_u64().expect("a number");
    assert_eq!(job["parallelism"], total);
    assert_eq!(
        (&job["completionMode"], &job["backoffLimitPerIndex"]),
        (&json!("Indexed"), &json!(0))
    );
    let service = object(objects, "Service");
    assert_eq!(service["spec"]["clusterIP"], "None");
    assert_eq!(service["spec"]["publishNotReadyAddresses"], true);
    assert_eq!(job["template"]["spec"]["subdomain"], service["metadata"]["name"]);
    let container = &job["template"]["spec"]["containers"][0];
    let port = free_address().port();
    let pod = |index: u64| {
        let args = container["args"].as_array().expect("arguments").iter();
        let args = args.map(|arg| match arg.as_str().expect("a text") {
            "http://fleet/api/config" => replica.url(),
            "30s" => "400ms".to_owned(),
            // The name of the first pod is not published yet when that starts.
            "load-0.load:9100" if index == 0 => format!("load-0.load.invalid:{port}"),
            "load-0.load:9100" => format!("127.0.0.1:{port}"),
            arg => arg.to_owned(),
        });
        let log = home().join(format!("load-{index}.log"));
        let file = File::create(&log).expect("a log");
        let mut command = etag_lab();
        command.args(args).env("JOB_COMPLETION_INDEX", index.to_string());
        for variable in container["env"].as_array().expect("variables") {
            let text = |key: &str| variable[key].as_str().expect("a text");
            command.env(text("name"), text("value"));
        }
        // A log has both streams.
        command.stderr(file.try_clone().expect("a descriptor")).stdout(Stdio::from(file));
        (command.spawn().expect("it starts"), log)
    };
    (0..total).map(pod).collect()
}

/// The last line of a log, as `kubectl logs --tail=1` prints it.
fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).expect("a log");
    text.lines().last().map(|line| format!("{line}\n")).unwrap_or_default()
}

#[test]
fn the_job_of_shards_is_played_without_a_cluster_and_merges_to_what_one_process_measures() {
    let Some(objects) = rendered("load") else { return };
    let replica = Served::start(&["replica"]);
    let pods = played(&objects, &replica);
    let records = pods.into_iter().map(|(mut pod, log)| {
        let status = pod.wait().expect("it ends");
        assert_eq!(status.code(), Some(0), "{}", last_line(&log));
        last_line(&log)
    });
    let records: Vec<_> = records.collect();
    let (sum, _) = merge(&records, 0);
    assert_eq!((&sum["partial"], &sum["arms"][0]["polls"]), (&json!(false), &json!(20_000)));
    let url = replica.url();
    let load = ["--clients", "1000", "--polls", "20", "--cadence", "open-loop"];
    let whole = poll_json(&[&[url.as_str()], &load[..], &["--interval", "400ms"]].concat());
    assert_eq!(counts(&sum), counts(&whole));
    // The log of a pod that was evicted has no record.
    let (some, _) = merge(&records[..3], 4);
    assert_eq!(warning(&some)["evidence"], "no record of shard 3");
}
