package journal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// past keeps a run of an earlier day, with these records, a number of seconds
// after its beginning each.
func past(t testing.TB, s journal.Store, p plan.Plan, records ...timed) {
	t.Helper()
	r := create(t, s, p)
	_ = r.Close()
	var out bytes.Buffer
	records = append(append([]timed{{0, event(journal.Begun)}}, records...), timed{0, event(journal.Abandoned)})
	for i, at := range records {
		at.Format, at.Run, at.Seq = journal.Format, r.Number, i+1
		at.Time = epoch.Add(time.Duration(r.Number)*24*time.Hour + time.Duration(at.second)*time.Second)
		if err := json.NewEncoder(&out).Encode(at.Record); err != nil {
			t.Fatal(err)
		}
	}
	write(t, journalFile(s, r.Number), out.Bytes())
}

type timed struct {
	second int
	journal.Record
}

// step is a step that took that many seconds.
func step(id string, seconds int) []timed {
	return []timed{{1, moved(id, journal.Started)}, {1 + seconds, moved(id, journal.Done)}}
}

func TestWithoutRunsThatTellEstimatesAreGuesses(t *testing.T) {
	unchanged := moved(backup, journal.Done)
	unchanged.Changed = false
	for name, records := range map[string][]timed{
		"nothing began":               nil,
		"nothing was done":            {{1, moved(backup, journal.Started)}, {9, event(journal.Interrupted)}},
		"it failed":                   {{1, moved(backup, journal.Started)}, {9, moved(backup, journal.Failed)}},
		"it was there already":        {{1, moved(backup, journal.Started)}, {9, unchanged}},
		"it was interrupted":          {{1, moved(backup, journal.Started)}, {9, event(journal.Resumed)}, {10, moved(backup, journal.Started)}, {20, moved(backup, journal.Done)}},
		"the clock was set back":      {{9, moved(backup, journal.Started)}, {1, moved(backup, journal.Done)}},
		"only the health was checked": step(checked, 5),
		"it is of no known step":      step("/no/such", 5),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			past(t, s, planOf("prod"), records...)
			if got := s.Estimates(); got != plan.Guesses() {
				t.Errorf("estimates are %+v, want the guesses", got)
			}
		})
	}
}

func TestEstimatesAreMediansOfEarlierRuns(t *testing.T) {
	s := newStore(t)
	for i, seconds := range []int{100, 3600, 130} { // one slow night
		past(t, s, planOf("prod"), append(step(backup, seconds), step(controller, 2*seconds)...)...)
		if got := s.Estimates().Runs; got != i+1 {
			t.Errorf("after %d runs estimates come from %d", i+1, got)
		}
	}
	past(t, s, planOf("prod"), timed{1, moved(backup, journal.Started)}) // tells nothing
	got := s.Estimates()
	want := plan.Guesses()
	want.Runs, want.Backup, want.Controller = 3, 130*time.Second, 260*time.Second
	if got != want {
		t.Errorf("estimates are %+v, want %+v", got, want)
	}
}

func TestAnUnreadableRunTellsNothing(t *testing.T) {
	s := newStore(t)
	past(t, s, planOf("prod"), step(backup, 100)...)
	past(t, s, planOf("prod"), step(backup, 900)...)
	write(t, journalFile(s, 2), []byte("rubbish\nrubbish\n"))
	if got := s.Estimates(); got.Runs != 1 || got.Backup != 100*time.Second {
		t.Errorf("estimates are %+v", got)
	}
}

func TestOnlyTheNewestRunsTell(t *testing.T) {
	s := newStore(t)
	for range 15 {
		past(t, s, planOf("prod"), step(backup, 10)...)
	}
	for range 20 {
		past(t, s, planOf("prod"), step(backup, 300)...)
	}
	if got := s.Estimates(); got.Runs != 20 || got.Backup != 300*time.Second {
		t.Errorf("estimates are %+v", got)
	}
}

// models keeps a run with that many models, of 1 to 10 agents.
func models(t testing.TB, s journal.Store, n int, seconds func(agents int) int) {
	t.Helper()
	p := planFor([]string{"prod"}, n)
	var records []timed
	for _, one := range p.Steps {
		if one.Kind == plan.ModelUpgrade {
			records = append(records, step(one.ID, seconds(one.Agents))...)
		}
	}
	past(t, s, p, records...)
}

func TestWhatAnAgentAddsIsToldByModelsOfManySizes(t *testing.T) {
	s := newStore(t)
	models(t, s, 10, func(agents int) int {
		if agents == 5 {
			return 3000 // it waited for a person
		}
		return 20 + 3*agents
	})
	if got := s.Estimates(); got.Runs != 1 || got.Model != 20*time.Second || got.Agent != 3*time.Second {
		t.Errorf("estimates are %+v", got)
	}
}

func TestAgentsNeverMakeAModelFaster(t *testing.T) {
	s := newStore(t)
	models(t, s, 10, func(agents int) int { return 100 - 5*agents })
	got := s.Estimates()
	if got.Agent != 0 || got.Model < 50*time.Second || got.Model > 95*time.Second {
		t.Errorf("estimates are %+v", got)
	}
}

func TestOfOneSizeTheGuessIsScaled(t *testing.T) {
	s := newStore(t)
	guess := plan.Guesses()
	models(t, s, 1, func(agents int) int { return int((3 * (guess.Model + time.Duration(agents)*guess.Agent)).Seconds()) })
	if got := s.Estimates(); got.Model != 3*guess.Model || got.Agent != 3*guess.Agent {
		t.Errorf("estimates are %+v, want three times the guess", got)
	}
}

func TestAgentsThatAreAbsentAddNothing(t *testing.T) {
	s := newStore(t)
	whole := planOf("prod")
	p := compute([]string{"prod"}, 1, whole.Options, absentAgent(whole.Step(web)))
	if got := p.Step(web); len(got.Absent) != 1 || got.Agents != 1 {
		t.Fatalf("the step is %+v", got)
	}
	guess := plan.Guesses()
	past(t, s, p, step(web, int(guess.Model.Seconds()))...)
	if got := s.Estimates(); got.Model != guess.Model || got.Agent != guess.Agent || got.Runs != 1 {
		t.Errorf("estimates are %+v", got)
	}
}

func BenchmarkEstimates(b *testing.B) {
	s := newStore(b)
	for range 100 {
		models(b, s, 200, func(agents int) int { return 20 + agents })
	}
	b.ResetTimer()
	for range b.N {
		if got := s.Estimates(); got.Runs != 20 {
			b.Fatal(fmt.Sprint(got))
		}
	}
}
