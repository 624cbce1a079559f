package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const (
	planFile     = "plan.json"
	journalFile  = "journal.jsonl"
	beforeFile   = "before.json"
	progressFile = "progress.json"
	lockFile     = "lock"
	plansDir     = "plans"
	locksDir     = "locks"
)

// Store is the folder that holds all runs of this client:
// upgrade-all/ in the Juju client's data directory.
type Store struct{ dir string }

// NewStore returns the store in the Juju client's data directory. It makes
// nothing there until a run or a plan is kept.
func NewStore(dataDir string) Store { return Store{dir: filepath.Join(dataDir, "upgrade-all")} }

// RunDir is the folder of a run.
func (s Store) RunDir(run int) string { return filepath.Join(s.dir, strconv.Itoa(run)) }

// Runs returns the numbers of the runs that are kept, in order. A run that was
// killed before its first record has changed nothing and counts as none.
func (s Store) Runs() ([]int, error) {
	numbers, err := s.numbers()
	return slices.DeleteFunc(numbers, func(n int) bool { return !s.begun(n) }), err
}

// numbers returns the numbers that are taken, in order.
func (s Store) numbers() ([]int, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list the runs: %w", err)
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n > 0 && e.IsDir() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Last returns the number of the newest run that has begun.
func (s Store) Last() (int, error) {
	runs, err := s.Runs()
	if err != nil {
		return 0, err
	}
	if len(runs) > 0 {
		return runs[len(runs)-1], nil
	}
	return 0, fleet.BadInput("there is no run yet: start one with 'juju upgrade-all'")
}

// begun says that the run got as far as its journal.
func (s Store) begun(run int) bool {
	info, err := os.Stat(filepath.Join(s.RunDir(run), journalFile))
	return err == nil && info.Size() > 0
}

// Load tells where a run stands. An unknown run, or one whose files cannot be
// read, is a fleet.InputError.
func (s Store) Load(run int) (State, error) {
	dir := s.RunDir(run)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return State{}, fleet.BadInput("there is no run %d: see 'juju upgrade-all runs'", run)
	}
	data, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return State{}, fleet.BadInput("cannot read the plan of run %d: %v", run, err)
	}
	p, err := plan.Decode(data)
	if err != nil {
		return State{}, fleet.BadInput("cannot use the plan of run %d (%s): %v", run, filepath.Join(dir, planFile), err)
	}
	records, err := readRecords(filepath.Join(dir, journalFile))
	if err != nil {
		return State{}, fleet.BadInput("cannot use the journal of run %d: %v", run, err)
	}
	return Fold(run, p, records), nil
}

// Progress reads what a run last told between its records; nil when it told
// nothing that can be read.
func (s Store) Progress(run int) *Progress {
	data, err := os.ReadFile(filepath.Join(s.RunDir(run), progressFile))
	if err != nil {
		return nil
	}
	var p Progress
	if json.Unmarshal(data, &p) != nil || p.Format != Format {
		return nil
	}
	return &p
}

// Unfinished is a run that left a controller unfinished.
type Unfinished struct {
	Run int
	// Problem is why the run cannot be read, and so not be resumed; nil when it can.
	Problem error
}

// Unfinished returns the newest run that left each controller unfinished, by the
// controller's UUID. A run that cannot be read, say because a newer version of
// the tool began it, may have left its controllers in the middle: it counts.
func (s Store) Unfinished() (map[string]Unfinished, error) {
	runs, err := s.Runs()
	if err != nil {
		return nil, err
	}
	out := map[string]Unfinished{}
	for _, run := range runs {
		state, err := s.Load(run)
		switch {
		case err != nil:
			for _, uuid := range s.touched(run) {
				out[uuid] = Unfinished{Run: run, Problem: err}
			}
		case state.Unfinished():
			for _, uuid := range state.halfway() {
				out[uuid] = Unfinished{Run: run}
			}
		}
	}
	return out, nil
}

// halfway are the controllers, by UUID, in which the run has begun or changed
// something for good and is not done. One that it has not come to, or that has
// refused to be touched, is as it was.
func (s State) halfway() []string {
	begun, lacks := map[string]bool{}, map[string]bool{}
	for _, step := range s.Plan.Steps {
		at := s.Steps[step.ID]
		for _, uuid := range []string{step.Controller.UUID, s.Resolve(step.Target).UUID} {
			if uuid != "" {
				begun[uuid] = begun[uuid] || at.Status == Started || at.Changed && step.Class == plan.PointOfNoReturn
				lacks[uuid] = lacks[uuid] || at.Status != Done && at.Status != Skipped
			}
		}
	}
	var out []string
	for uuid := range begun {
		if begun[uuid] && lacks[uuid] {
			out = append(out, uuid)
		}
	}
	return out
}

// touched are the controllers that a run which cannot be read has steps for, as
// far as its plan tells.
func (s Store) touched(run int) []string {
	data, err := os.ReadFile(filepath.Join(s.RunDir(run), planFile))
	if err != nil {
		return nil
	}
	var p struct {
		Steps []struct {
			Controller fleet.Ref `json:"controller"`
			Target     fleet.Ref `json:"target"`
		} `json:"steps"`
	}
	// What is torn or of another format has no steps that can be told.
	_ = json.Unmarshal(data, &p)
	var out []string
	for _, step := range p.Steps {
		out = append(out, step.Controller.UUID)
		if step.Target.UUID != "" {
			out = append(out, step.Target.UUID)
		}
	}
	return out
}

// KeepPlan keeps a plan under its hash and returns its file.
func (s Store) KeepPlan(p plan.Plan) (string, error) {
	data, err := plan.Encode(p)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.dir, plansDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot keep the plan: %w", err)
	}
	file := filepath.Join(dir, p.Hash+".json")
	return file, writeFile(file, data)
}

// FindPlan reads the plan of that hash (or an unmistakable beginning of it), or
// of that file. What is wrong with either is a fleet.InputError.
func (s Store) FindPlan(hashOrFile string) (plan.Plan, error) {
	file := hashOrFile
	if !strings.ContainsAny(hashOrFile, `/.`) {
		if strings.Trim(hashOrFile, "0123456789abcdef") != "" || hashOrFile == "" {
			return plan.Plan{}, fleet.BadInput("%q is not the hash of a plan: make one with 'juju upgrade-all plan', or name its file as ./FILE", hashOrFile)
		}
		found, err := filepath.Glob(filepath.Join(s.dir, plansDir, hashOrFile+"*.json"))
		switch {
		case err != nil || len(found) == 0:
			return plan.Plan{}, fleet.BadInput("there is no plan %q: make one with 'juju upgrade-all plan', or name its file as ./FILE", hashOrFile)
		case len(found) > 1:
			return plan.Plan{}, fleet.BadInput("%q is the beginning of %d plans: type more of it", hashOrFile, len(found))
		}
		file = found[0]
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return plan.Plan{}, fleet.BadInput("cannot read the plan: %v", err)
	}
	p, err := plan.Decode(data)
	if err != nil {
		return plan.Plan{}, fleet.BadInput("cannot use the plan in %s: %v", file, err)
	}
	return p, nil
}

// writeFile writes a whole file, or leaves what was there: 0600, fsynced, and
// renamed into place.
func writeFile(file string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, err)
	}
	defer os.Remove(tmp.Name()) // nothing is there any more once it is renamed
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, err)
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes a new name in a folder survive a crash of the machine.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("cannot sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("cannot sync %s: %w", dir, err)
	}
	return nil
}

// Records returns the records of a run's journal, as far as they are written.
func (s Store) Records(run int) ([]Record, error) {
	return readRecords(filepath.Join(s.RunDir(run), journalFile))
}
