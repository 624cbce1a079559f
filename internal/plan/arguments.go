package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Arguments are the options that lead to a plan for the same: what to type after
// the command to look at these controllers with this goal again. They are quoted
// for a shell where they have to be.
func (p *Plan) Arguments() string {
	var words []string
	option := func(name, value string) { words = append(words, name, quote(value)) }
	var names []string
	for _, c := range p.Controllers {
		names = append(names, c.Name)
	}
	if len(names) > 0 {
		option("-c", strings.Join(names, ","))
	}
	for _, m := range p.Goal.Include {
		option("-m", m.String())
	}
	for _, m := range p.Goal.Exclude {
		option("--exclude", m.String())
	}
	if p.Goal.WithController {
		words = append(words, "--with-controller")
	}
	if p.Goal.Moves() {
		words = append(words, destination(p.Goal)...)
	}
	for _, m := range p.Goal.Canary {
		option("--canary", m.String())
	}
	if p.Goal.AgentVersion != version.Zero {
		option("--agent-version", p.Goal.AgentVersion.String())
	}
	for _, a := range p.Goal.Accept {
		option("--accept", a.String())
	}
	words = append(words, charmArguments(p.Goal)...)
	if p.Goal.Backup != "" && p.Goal.Backup != fleet.BackupAuto {
		option("--backup", string(p.Goal.Backup))
	}
	return strings.Join(append(words, p.Options.arguments()...), " ")
}

// destination are the options that say where models go and what goes with them.
func destination(g fleet.Goal) []string {
	var words []string
	if b := g.Bootstrap; b != nil {
		words = append(words, "--bootstrap", quote(b.Place()), "--bootstrap-name", quote(g.To.Name))
		for _, arg := range b.Args {
			words = append(words, "--bootstrap-arg", quote(arg))
		}
	} else {
		words = append(words, "--to", quote(g.To.Name))
	}
	if g.Clone != "" && g.Clone != fleet.CloneNative {
		words = append(words, "--clone", string(g.Clone))
	}
	if g.JujuTyped && (g.Bootstrap != nil || g.Clone == fleet.CloneRestore) {
		words = append(words, "--juju", quote(g.Juju))
	}
	if g.Restore != "" {
		words = append(words, "--juju-restore", quote(g.Restore))
	}
	if len(g.Passwords) > 0 {
		words = append(words, "--password-file", "FILE")
	}
	return words
}

// charmArguments are the options that say which applications are refreshed.
func charmArguments(g fleet.Goal) []string {
	var words []string
	switch g.Charms {
	case fleet.CharmsAlso:
		words = append(words, "--charms")
	case fleet.CharmsOnly:
		words = append(words, "--charms-only")
	}
	for _, p := range g.Apps {
		words = append(words, "--app", quote(p.String()))
	}
	for _, p := range g.ExcludeApps {
		words = append(words, "--exclude-app", quote(p.String()))
	}
	var order []string
	for _, p := range g.CharmOrder {
		order = append(order, p.String())
	}
	if len(order) > 0 {
		words = append(words, "--charm-order", quote(strings.Join(order, ",")))
	}
	for _, f := range g.CharmFiles {
		words = append(words, "--charm-path", quote(f.App.String()+"="+f.File))
	}
	return words
}

// arguments are the options of a run that are not the defaults.
func (o Options) arguments() []string {
	var words []string
	if o.BackupDir != "" {
		words = append(words, "--backup-dir", quote(o.BackupDir))
	}
	if o.Migrations > 0 || o.PerCluster > 0 || o.Parallel > 0 && o.Parallel != DefaultParallel {
		words = append(words, "--parallel", strconv.Itoa(o.Parallel))
	}
	if o.MaxFailures != DefaultMaxFailures {
		words = append(words, "--max-failures", strconv.Itoa(o.MaxFailures))
	}
	if o.Stall > 0 {
		words = append(words, "--stall", o.Stall.String())
	}
	if o.Soak > 0 {
		words = append(words, "--soak", o.Soak.String())
	}
	if o.CharmParallel > 1 {
		words = append(words, "--charm-parallel", strconv.Itoa(o.CharmParallel))
	}
	if o.SkipBlocked {
		words = append(words, "--skip-blocked")
	}
	return words
}

// quote quotes a word for a POSIX shell where it has to be.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || slices.Contains([]rune("-_./:,@+="), r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
