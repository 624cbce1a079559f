package jujuapi

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"

	"github.com/juju/errors"
	"gopkg.in/httprequest.v1"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// checksumFormat is the one that Juju uses: base64 of SHA-1. (state/backups)
const checksumFormat = "SHA-1, base64 encoded"

// download is the request for a backup's file. (api/client/backups/download.go; that
// one heeds no context)
type download struct {
	httprequest.Route `httprequest:"GET /backups"`
	Body              params.BackupsDownloadArgs `httprequest:",body"`
}

// Backup implements execute.Archivist. Both parts go over one connection: in HA the
// file is on the server that made it. Juju 3.6 removes its file when the download
// begins, so that after a broken one only a new backup helps.
func (w *Writer) Backup(ctx context.Context, controller, controllerModel fleet.Ref, dst io.Writer) (execute.Archive, error) {
	k := key{controller, controllerModel.UUID}
	archive, err := w.backup(ctx, k, dst)
	return archive, errors.Annotatef(err, "cannot back up controller %s", controller.Name)
}

func (w *Writer) backup(ctx context.Context, k key, dst io.Writer) (execute.Archive, error) {
	if err := w.session.freshen(ctx, k); err != nil {
		return execute.Archive{}, err
	}
	c, err := w.session.pool.get(ctx, k)
	if err != nil {
		return execute.Archive{}, err
	}
	defer c.release()
	create := ask[params.BackupsMetadataResult]("Backups", "Create", params.BackupsCreateArgs{})
	meta, err := within(ctx, c.conn, create)
	if err != nil {
		if fleet.Passing(err) || ctx.Err() != nil {
			c.discard() // with the call that still waits on it, if it does
		}
		return execute.Archive{}, err
	}
	archive := execute.Archive{
		ID: meta.ID, Filename: meta.Filename, Size: meta.Size, SHA1: meta.Checksum, FormatVersion: meta.FormatVersion,
	}
	return archive, c.fetch(ctx, archive, meta.ChecksumFormat, dst)
}

// fetch copies a backup, and compares it with what the server told of it.
func (c *conn) fetch(ctx context.Context, archive execute.Archive, format string, dst io.Writer) error {
	client, err := c.HTTPClient()
	if err != nil {
		return errors.Trace(err)
	}
	// The download ends with the connection: a frozen server would hold it for ever.
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.Broken():
			cancel()
		case <-during.Done():
		}
	}()
	var resp *http.Response
	request := &download{Body: params.BackupsDownloadArgs{ID: archive.Filename}}
	if err := client.Call(during, request, &resp); err != nil {
		return c.problem(ctx, err)
	}
	defer resp.Body.Close()
	sum := sha1.New()
	source := &watched{r: resp.Body}
	size, err := io.Copy(io.MultiWriter(dst, sum), source)
	if err != nil && source.err == nil {
		return errors.Annotate(err, "cannot keep the backup") // the writer's fault
	}
	if ended := ending(ctx, err); ended != nil && err != nil {
		return ended
	}
	if err != nil || size != archive.Size {
		return corrupt("%d of its %d bytes arrived", size, archive.Size)
	}
	if format != "" && format != checksumFormat {
		return corrupt("its checksum is of a kind that this tool does not know: %s", format)
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != archive.SHA1 {
		return corrupt("its SHA-1 is %s, and the controller says %s", got, archive.SHA1)
	}
	return nil
}

// watched tells a source's error from its destination's.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

func corrupt(format string, args ...any) error {
	return &fleet.Problem{Code: fleet.Corrupt, Text: "the backup did not arrive whole: " + fmt.Sprintf(format, args...)}
}
