package jujuapi

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/juju/charm/v12"
	"github.com/juju/errors"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
	jujuversion "github.com/juju/juju/version"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Upload implements execute.Refresher, as "juju refresh --path" does: all that its client
// looks at is looked at here before anything is sent. Each upload makes a new revision, which
// nothing uses until it is set.
func (w *Writer) Upload(ctx context.Context, controller, model fleet.Ref, r fleet.Refresh) (string, error) {
	job := &refresh{Refresh: r, session: w.session, controller: controller, model: model}
	url, err := job.give(ctx)
	return url, errors.Annotatef(inOneLine(err), "cannot upload a charm for %s to model %s on %s", r.Application, model.Name, controller.Name)
}

// give uploads the charm in the file, if the application can come to it.
func (j *refresh) give(ctx context.Context) (string, error) {
	if err := j.ready(ctx); err != nil {
		return "", err
	}
	file, err := openCharm(j.File, j.SHA256)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := j.fits(ctx, file.charm); err != nil {
		return "", err
	}
	return j.upload(ctx, file)
}

// toUploaded refreshes to a charm that was uploaded.
func (j *refresh) toUploaded(ctx context.Context) error {
	revision := revisionOf(j.To)
	// It follows no channel any more, and nobody at Charmhub knows it.
	origin := j.origin
	origin.Source, origin.ID, origin.Hash, origin.Revision = fromFile, "", "", &revision
	origin.Risk, origin.Track, origin.Branch = "", nil, nil
	return j.set(ctx, j.To, origin, nil)
}

// charmFile is a charm's archive, open so that what was looked at is what is sent,
// whatever becomes of the file's name.
type charmFile struct {
	*os.File
	size   int64
	sha256 string
	charm  *charm.CharmArchive
}

// openCharm opens the archive, if it is still the one that was planned.
func openCharm(name, sum string) (*charmFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, declined(err.Error())
	}
	out := &charmFile{File: file}
	if err := out.read(sum); err != nil {
		_ = file.Close()
		return nil, err
	}
	return out, nil
}

func (f *charmFile) read(sum string) error {
	hash := sha256.New()
	size, err := io.Copy(hash, f.File)
	if err != nil {
		return declined(err.Error())
	}
	f.size, f.sha256 = size, hex.EncodeToString(hash.Sum(nil))
	if !strings.EqualFold(f.sha256, sum) {
		return declined(fmt.Sprintf("%s is another file than when it was planned", f.Name()))
	}
	f.charm, err = charm.ReadCharmArchiveFromReader(f.File, size)
	if err == nil {
		err = runs(f.File, size)
	}
	if err != nil {
		return declined(fmt.Sprintf("%s is no charm: %v", f.Name(), err))
	}
	return nil
}

// runs says that the archive has hooks or a dispatch file: without, Juju could not call
// it. (api/client/charms/localcharmclient.go hasHooksFolderOrDispatchFile)
func runs(r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return errors.Trace(err)
	}
	for _, f := range archive.File {
		mode := f.Mode()
		hook := path.Dir(f.Name) == "hooks" && (mode.IsRegular() || mode&fs.ModeSymlink != 0)
		if hook || strings.Contains(f.Name, "dispatch") {
			return nil
		}
	}
	return errors.New("it has no hooks and no dispatch file")
}

// fits looks whether the charm is one for the application and its model.
func (j *refresh) fits(ctx context.Context, c *charm.CharmArchive) error {
	meta := c.Meta()
	if now := (fleet.Application{URL: j.url}).Charm(); meta.Name != now {
		return declined(fmt.Sprintf("%s is the charm %s, and the application's is %s", j.File, meta.Name, now))
	}
	if profile := c.LXDProfile(); profile != nil && !profile.Empty() {
		if err := profile.ValidateConfigDevices(); err != nil {
			return declined(fmt.Sprintf("its LXD profile is not valid: %v", err))
		}
	}
	if err := j.runsOn(j.File, basesOf(c.Manifest())); err != nil {
		return err
	}
	if err := j.newEnough(ctx, meta); err != nil {
		return err
	}
	if err := j.assumed(ctx, &params.CharmMeta{AssumesExpr: meta.Assumes}); err != nil {
		return err
	}
	if err := j.keeps(ctx, j.File, meta); err != nil {
		return err
	}
	return j.equipped(ctx, meta)
}

// basesOf are the bases that an archive names, as a controller would tell them.
func basesOf(manifest *charm.Manifest) *params.CharmManifest {
	if manifest == nil {
		return nil
	}
	var out params.CharmManifest
	for _, b := range manifest.Bases {
		out.Bases = append(out.Bases, params.CharmBase{Name: b.Name, Channel: b.Channel.String()})
	}
	return &out
}

// newEnough compares the version of Juju that a charm asks for with the model's.
func (j *refresh) newEnough(ctx context.Context, meta *charm.Meta) error {
	if meta.MinJujuVersion == version.Zero {
		return nil
	}
	info, err := j.modelInfo(ctx)
	if err != nil {
		return err
	}
	if err := jujuversion.CheckJujuMinVersion(meta.MinJujuVersion, valueOf(info.AgentVersion)); err != nil {
		return declined(err.Error())
	}
	return nil
}

// equipped refuses a charm with resources that the application does not have: there is
// nowhere to take them from. Those that it has stay.
func (j *refresh) equipped(ctx context.Context, meta *charm.Meta) error {
	if len(meta.Resources) == 0 {
		return nil
	}
	used, err := j.inUse(ctx)
	if err != nil {
		return err
	}
	lacking := make(map[string]bool)
	for name := range meta.Resources {
		lacking[name] = true
	}
	for _, one := range used {
		delete(lacking, one.Name)
	}
	if len(lacking) == 0 {
		return nil
	}
	return &fleet.Problem{
		Code: fleet.Refused,
		Text: "it has resources that the application does not have: " + words(natural(lacking)),
		Remedy: fmt.Sprintf("juju refresh -m %s:%s %s --path %s --resource %s=FILE",
			j.controller.Name, j.model.Name, j.Application, j.File, natural(lacking)[0]),
	}
}
