package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// transcript is a page of docs/transcripts: what an operator typed and saw.
// It is written only with -update, so that a test run leaves the tree clean.
type transcript struct {
	b    *bench
	name string
	text strings.Builder
}

// transcript begins a page; it is written at the end of a test that passed.
func (b *bench) transcript(t *testing.T, name, title, about string) *transcript {
	tr := &transcript{b: b, name: name}
	fmt.Fprintf(&tr.text, "# %s\n\n%s\n\nWritten by `%s` from a run on real Juju controllers.\nTimes, durations, UUIDs, plan hashes and folders stand as placeholders.\n", title, about, t.Name())
	t.Cleanup(func() {
		if *update && !t.Failed() {
			tr.write(t)
		}
	})
	return tr
}

// note is a sentence between two commands.
func (tr *transcript) note(text string) { fmt.Fprintf(&tr.text, "\n%s\n", text) }

// show shows a command of the operator with its answer and exit code.
func (tr *transcript) show(r result) {
	args := r.args[1:] // without "exec" or "juju"
	if r.args[0] == "juju" {
		args = r.args
	}
	fmt.Fprintf(&tr.text, "\n```\n$ %s\n%s[exit %d]\n```\n", strings.Join(args, " "), r.all, r.code)
}

func (tr *transcript) write(t *testing.T) {
	dir := filepath.Join("..", "docs", "transcripts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	text := normalise(tr.text.String(), tr.b.dir)
	text = strings.NewReplacer(builtBench(), "BENCH", "registry.k8sbench", "registry.example").Replace(text)
	if err := os.WriteFile(filepath.Join(dir, tr.name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What differs from run to run, and what stands for it in a transcript.
var placeholders = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?`), "YYYY-MM-DD hh:mm:ss"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "hh:mm:ss"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "UUID"},
	{regexp.MustCompile(`\b(Plan|plan|apply) [0-9a-f]{6,64}\b`), "$1 HASH"},
	{regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+(\.\d+)?(ms|s)\b`), "Ns"},
	{regexp.MustCompile(`\b(\d+h)?\d+m\b`), "Nm"},
	{regexp.MustCompile(`\b\d+(\.\d+)? (MB|MiB|KB|KiB)\b`), "N $2"},
	{regexp.MustCompile(`\bgives up at \d\d:\d\d\b`), "gives up at hh:mm"},
	{regexp.MustCompile(`:\d{5}->`), ":PORT->"},
	{regexp.MustCompile(`\b10\.98\.[1-9]\d*\.\d+\b`), "POD-ADDRESS"},
	{regexp.MustCompile(`\b10\.96\.\d+\.\d+\b`), "SERVICE-ADDRESS"},
	{regexp.MustCompile(`\(process \d+ on [^)]+\)`), "(process N on HOST)"},
}

// normalise makes two transcripts of the same journey alike; dir is the bench's.
func normalise(text, dir string) string {
	text = strings.ReplaceAll(text, filepath.Join(dir, "data"), "~/.local/share/juju")
	text = strings.ReplaceAll(text, dir, "BENCH")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "$ ") { // what was typed
			line = hashPattern.ReplaceAllString(line, "apply HASH")
		} else {
			for _, p := range placeholders {
				line = p.pattern.ReplaceAllString(line, p.by)
			}
		}
		lines[i] = strings.TrimRight(line, " \t\r")
	}
	return strings.Join(lines, "\n")
}

func TestTwoTranscriptsOfOneJourneyAreAlike(t *testing.T) {
	a := normalise("14:02:11 prod 3.6.4 → 3.6.11 (1m4.2s, ~6m left) 2026-11-22T14:31:00Z\nPlan 3f9a1c. /tmp/x1/data/upgrade-all/1 10.99.0.11:17070 9f484882-2f18-4fd2-967d-db9663db7bea 12 MB  \n", "/tmp/x1")
	b := normalise("09:00:00 prod 3.6.4 → 3.6.11 (850ms, ~14m left) 2027-01-02 01:02:03Z\nPlan 00ffee. /tmp/y/data/upgrade-all/1 10.99.0.11:17070 0f484882-2f18-4fd2-967d-db9663db7bea 9.1 MB\n", "/tmp/y")
	if a != b {
		t.Errorf("\n%s\nis not\n%s", a, b)
	}
	if !strings.Contains(a, "3.6.4 → 3.6.11") || !strings.Contains(a, "10.99.0.11:17070") || !strings.Contains(a, "~/.local/share/juju/upgrade-all/1") {
		t.Errorf("versions, addresses and names do not stay:\n%s", a)
	}
}
