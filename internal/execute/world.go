package execute

import (
	"context"
	"io"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Watcher is how the upgrade and verify steps see Juju. Its errors are
// *fleet.Problem in their chain wherever the cause is known; a connection that
// a restart has cut is Unreachable, an upgrade window is Busy.
type Watcher interface {
	// ModelStatus reads one model in one call.
	ModelStatus(ctx context.Context, controller, model fleet.Ref) (fleet.ModelStatus, error)
	// Servers dials every API server of the controller on its own, by whichever
	// of its addresses answers, with a short dial. Those that were known before
	// and do not answer are in the result, with a Problem. It fails only when
	// the client's registry knows no address at all.
	Servers(ctx context.Context, controller fleet.Ref) ([]fleet.Server, error)
	// Open makes a call that the upgrade window forbids: nil when the
	// controller serves everything again.
	Open(ctx context.Context, controller fleet.Ref) error
	// Models lists all models that the controller has now, in one call. Of a model
	// that migrates away, or did, it tells how far that is (LastMigration).
	Models(ctx context.Context, controller fleet.Ref) ([]fleet.Model, error)
	// ModelAt reads, in one call, what the controller tells of one model, also of
	// one that is being imported there, which lists leave out; false when the
	// controller does not have the model, or not any more. It takes a superuser.
	ModelAt(ctx context.Context, controller, model fleet.Ref) (fleet.Model, bool, error)
	// Users lists all users of the controller, in one call, without removed ones.
	Users(ctx context.Context, controller fleet.Ref) ([]fleet.User, error)
}

// Comparer looks at what controllers have besides their models.
type Comparer interface {
	// Compare tells how the target's item is next to the source's. A target's that
	// was Preset is Lacking. It reads what it needs on both sides anew.
	Compare(ctx context.Context, source, target fleet.Ref, item fleet.Item) (fleet.Likeness, error)
	// HA tells how many servers a controller has, and may have.
	HA(ctx context.Context, controller fleet.Ref) (fleet.HA, error)
	// Registered tells what the client's registry has of a name now; false when
	// that is nothing.
	Registered(name string) (fleet.Registered, bool, error)
}

// Cloner gives a controller what another one has. Nothing that is there is ever
// overwritten, but what is there as Juju makes it.
type Cloner interface {
	// Clone gives target the source's item, with what is in it on the source now.
	// An item that is there already is Exists.
	Clone(ctx context.Context, source, target fleet.Ref, item fleet.Item) error
	// EnableHA asks for that number of servers: where the cloud makes no machines,
	// of those that are spare. Accepted is not there.
	EnableHA(ctx context.Context, controller fleet.Ref, servers int) error
}

// Errands run programs of this machine that go on by themselves if we end. Each has
// a name, its output in a file of the run's, and is under way once at most.
type Errands interface {
	// Start begins the errand; one that is under way is not begun again.
	Start(name, program string, args ...string) error
	// Status tells how far it is.
	Status(name string) (fleet.Errand, error)
}

// Upgrader asks Juju to upgrade: the only thing of the patch journey that
// cannot be undone.
type Upgrader interface {
	// UpgradeModel asks for exactly that version, for the model or, when model
	// is the controller's own, for the controller. Accepted is not arrived.
	UpgradeModel(ctx context.Context, controller, model fleet.Ref, target version.Number) error
}

// Refresher looks at the charms of applications, and brings them to others.
type Refresher interface {
	// Resources are the revisions of an application's resources now, by name; -1 of
	// one that is none of Charmhub's. One call.
	Resources(ctx context.Context, controller, model fleet.Ref, application string) (map[string]int, error)
	// Upload gives the model the charm in the refresh's file, which nothing uses before it
	// is asked for, and returns what it is called there. All that can be known of the
	// charm is looked at first: what does not fit is Refused, and not uploaded.
	Upload(ctx context.Context, controller, model fleet.Ref, r fleet.Refresh) (url string, err error)
	// Refresh asks for exactly that charm, with these resources, as "juju refresh"
	// does: configuration, storage, constraints and bindings stay. Accepted is not
	// arrived. Where the channel has taken the revision back, or the charm wants what
	// the model does not have, it is Refused and nothing was changed; a newer one that
	// was released meanwhile is not taken. Of a file To is what it is called since it was
	// uploaded. What is there already is UpToDate.
	Refresh(ctx context.Context, controller, model fleet.Ref, r fleet.Refresh) error
}

// Mover moves models from one controller to another.
type Mover interface {
	// Migrate asks source to move the model to target, where source logs in as
	// that account, at addresses that target itself names. Accepted is not moved.
	// What the prechecks of either side say no to is Refused.
	Migrate(ctx context.Context, source, target, model fleet.Ref, as Account) error
	// AddAccount makes a local superuser with that password. One of that name
	// that exists already is Exists.
	AddAccount(ctx context.Context, controller fleet.Ref, a Account) error
	// RemoveAccount removes a local user; one that is not there is no error.
	RemoveAccount(ctx context.Context, controller fleet.Ref, user string) error
}

// Account is a local user of a controller and its password.
type Account struct {
	User     string
	Password fleet.Secret
}

// Registrar makes users.
type Registrar interface {
	// AddUser makes a local user who has yet to choose a password, and returns the
	// string that "juju register" takes; or, with a password, one who has it, and
	// no string. One who exists already is Exists: never changed.
	AddUser(ctx context.Context, controller fleet.Ref, name, displayName string, password fleet.Secret) (fleet.Secret, error)
	// ResetUser makes a new such string; an earlier one, and any password, is
	// void at once.
	ResetUser(ctx context.Context, controller fleet.Ref, name string) (fleet.Secret, error)
	// GrantController gives a user more access to the controller; one who has it
	// already is no error.
	GrantController(ctx context.Context, controller fleet.Ref, name, access string) error
	// DisableUser keeps a user from logging in; twice is no error.
	DisableUser(ctx context.Context, controller fleet.Ref, name string) error
}

// Registrations keeps the strings with which users register, for the operator. It
// is a file of the run's that only its owner can read.
type Registrations interface {
	// Intend makes durable that the user, who was seen not to exist, is about to
	// be made.
	Intend(user string) error
	// Forget takes that back: somebody else made the user.
	Forget(user string) error
	// Of tells whether that was intended, and whether the user's string is kept.
	Of(user string) (intended, kept bool, err error)
	// Keep makes the user's string durable.
	Keep(user string, registration fleet.Secret) error
}

// ClientStore is what the juju client on this machine knows of controllers and
// models.
type ClientStore interface {
	// Knows says whether the client finds all these models on target and none of
	// them on source, and points to target if it pointed to source and its model
	// there has moved, or it had none.
	Knows(source, target fleet.Ref, moved []fleet.Model) (bool, error)
	// Follow makes it so. What else the client knows stays as it is, and one that
	// points to a model which stays goes on pointing there.
	Follow(ctx context.Context, source, target fleet.Ref, moved []fleet.Model) error
}

// Archivist makes backups.
type Archivist interface {
	// Backup creates a backup of the controller and copies it into w, over one
	// connection, from the server that made it. The copy was compared with the
	// size and the checksum that the server told; a mismatch is Corrupt.
	Backup(ctx context.Context, controller, controllerModel fleet.Ref, w io.Writer) (Archive, error)
}

// Archive describes a backup.
type Archive struct {
	// ID and Filename are the server's.
	ID       string `json:"id"`
	Filename string `json:"filename"`
	// Size is in bytes, SHA1 is base64 as Juju tells it.
	Size int64  `json:"size"`
	SHA1 string `json:"sha1"`
	// FormatVersion is Juju's; juju-restore reads version 1 only.
	FormatVersion int64 `json:"format-version"`
}
