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
	// Models lists all models that the controller has now, in one call.
	Models(ctx context.Context, controller fleet.Ref) ([]fleet.Model, error)
}

// Upgrader asks Juju to upgrade: the only thing of the patch journey that
// cannot be undone.
type Upgrader interface {
	// UpgradeModel asks for exactly that version, for the model or, when model
	// is the controller's own, for the controller. Accepted is not arrived.
	UpgradeModel(ctx context.Context, controller, model fleet.Ref, target version.Number) error
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
