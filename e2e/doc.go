// Package e2e runs the unmodified tool on real Juju controllers, through the
// real juju client, and asserts on what that client shows afterwards, on what
// the controllers' audit logs recorded, and on the tool's output, exit codes
// and journals.
//
// Its tests are skipped unless JUJU_E2E=1. They need root, Linux, and a built
// bench: a script that starts real Juju agents in network namespaces. JUJU_BENCH
// names the folder of that script (default: ../shared/bench beside the project),
// BENCH_DIR where it was built (default: /var/tmp/juju-bench). Every test works
// in a bench folder of its own, so that one that is in use is left alone.
//
// Those on Kubernetes (k8s_*_test.go) need the bench's clusters besides: the script
// k8s/kb in the same folder, and K8SBENCH_DIR where it was built (default: k8s in
// BENCH_DIR). Without them they are skipped, and say so. Each has a cluster of its own,
// one at a time, beside what runs on machines; their names say Kubernetes, which is how
// make e2e tells them from the others.
//
// JUJU_UPGRADE_ALL names a built plugin to test; without it this source is built.
// With -update the tests also write what they saw to docs/transcripts.
package e2e
