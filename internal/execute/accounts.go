package execute

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Accounts makes the account with which a source controller logs in at the target
// while models move: a local superuser with a password, because a macaroon may
// expire in the middle (Juju issue 20286). The password is in this process's
// memory, and in the source's database while a migration is under way; no file of
// ours has it. A resumed run makes another account, and leaves alone the one that
// a migration in flight may still use: RemoveAccounts removes all in the end.
type Accounts struct {
	Mover Mover
	// Prefix begins the names of all accounts of this run, and of no other.
	Prefix string

	mu   sync.Mutex
	made *Account
}

// get returns this process's account, which it makes when it is first needed.
func (a *Accounts) get(ctx context.Context, controller fleet.Ref) (Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.made != nil {
		return *a.made, nil
	}
	// Each attempt has a name of its own: if the answer is lost the account may
	// have been made, and nobody knows its password then.
	account := Account{User: a.Prefix + "-" + hex.EncodeToString(random(3)), Password: fleet.Secret(base64.RawURLEncoding.EncodeToString(random(32)))}
	if err := a.Mover.AddAccount(ctx, controller, account); err != nil {
		return Account{}, err
	}
	a.made = &account
	return account, nil
}

// random returns bytes that cannot be guessed. crypto/rand.Read never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// RemoveAccounts removes the accounts that the run made, in whatever attempt, once
// no migration is in flight that may use one.
type RemoveAccounts struct {
	Watcher Watcher
	Mover   Mover
	Prefix  string
	// State tells where the run stands.
	State func() journal.State
	// Since is when each step was first seen to wait for what is not shown.
	Since *Settling
}

// unseenTime is for how long a migration that is not shown may go on after its
// model is there: logs are transferred, and the source tidies up.
const unseenTime = time.Minute

// errNothingToAsk is returned by kinds whose Look never says Absent.
var errNothingToAsk = errors.New("there is nothing to ask for")

// Look implements Kind.
func (k RemoveAccounts) Look(ctx context.Context, s plan.Step) (Sight, error) {
	left, err := k.left(ctx, s)
	if err != nil {
		return Sight{}, err
	}
	if len(left) == 0 {
		return Sight{Stage: There}, nil
	}
	models, err := k.Watcher.Models(ctx, s.Controller)
	if err != nil {
		return Sight{}, err
	}
	for _, ref := range s.Models {
		if m := modelOf(models, ref); m != nil && m.LastMigration.Underway() {
			return Sight{Stage: Coming, Note: "waiting for the migration of " + m.Name + " to end", Mark: m.LastMigration.Status}, nil
		}
	}
	if asked := lastAsked(k.State()); s.Unseen && !asked.IsZero() && time.Since(asked) < s.Patience {
		return Sight{}, &certainError{fmt.Errorf("a model may still be migrating with it, which %s does not show: it is kept until %s",
			s.Controller.Name, asked.Add(s.Patience).Local().Format("15:04"))}
	}
	if s.Unseen && !k.Since.expired(s.ID, unseenTime) {
		return Sight{Stage: Coming, Note: "giving migrations time to end, which " + s.Controller.Name + " does not show"}, nil
	}
	return Sight{Stage: Absent, Note: fmt.Sprintf("%d to remove", len(left))}, nil
}

// lastAsked is when a migration was last asked for, or may have been, whose model is
// not seen to have arrived; zero when all have.
func lastAsked(state journal.State) time.Time {
	var last time.Time
	for _, s := range state.Plan.Steps {
		at := state.Steps[s.ID]
		open := at.Changed || at.Status == journal.Started
		if s.Kind == plan.Migrate && open && at.Status != journal.Done && at.Tried.After(last) {
			last = at.Tried
		}
	}
	return last
}

// AccountPrefix begins the names of the accounts that a run makes on the target. Runs
// are numbered per client, so that a number alone could be another's.
func AccountPrefix(state journal.State) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", state.Run, state.Plan.Hash, state.Plan.Created.UnixNano()))
	return fmt.Sprintf("upgrade-all-%d-%x", state.Run, sum[:3])
}

// left are the names of the run's accounts that are still there.
func (k RemoveAccounts) left(ctx context.Context, s plan.Step) ([]string, error) {
	users, err := k.Watcher.Users(ctx, s.Target)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, u := range users {
		if strings.HasPrefix(u.Name, k.Prefix+"-") {
			out = append(out, u.Name)
		}
	}
	return out, nil
}

// Act implements Kind.
func (k RemoveAccounts) Act(ctx context.Context, s plan.Step) error {
	left, err := k.left(ctx, s)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := k.Mover.RemoveAccount(ctx, s.Target, name); err != nil {
			return fmt.Errorf("cannot remove the temporary superuser %s from %s: %w", name, s.Target.Name, err)
		}
	}
	return nil
}
