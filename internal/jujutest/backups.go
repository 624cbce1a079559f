package jujutest

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// backup is an archive on the disk of one controller machine.
type backup struct {
	server int
	data   []byte
}

// createBackupHandler is Backups.Create v3. It takes its time.
func createBackupHandler() handler {
	h := method(createBackup)
	h.slow = func(s *session, _ any) time.Duration { return s.world().timing.Backup }
	return h
}

func createBackup(s *session, args params.BackupsCreateArgs) (params.BackupsMetadataResult, error) {
	var out params.BackupsMetadataResult
	c := s.controller()
	if s.server.version.Major >= 4 {
		return out, apiError(params.CodeNotImplemented, "Dqlite-based backups not implemented")
	}
	if !s.superuser() {
		return out, errPerm()
	}
	if !s.model.isController() {
		return out, apiError("", "backups are only supported from the controller model\nUse juju switch to select the controller model")
	}
	if s.model.onKubernetes() {
		return out, notOnKubernetes("backups")
	}
	if f := c.strike(estate.FaultBackup, Call{}); f != nil {
		return out, apiError(f.Code, "%s", cmp.Or(f.Message, "while creating backup archive: while dumping juju state database"))
	}
	now := time.Now().UTC()
	data, err := archive(c, now)
	if err != nil {
		return out, apiError("", "%v", err)
	}
	// Juju's names have seconds: two within one overwrite each other there. Not here.
	name := fmt.Sprintf("/var/lib/juju/backups/juju-backup-%s-%d.tar.gz", now.Format("20060102-150405"), len(c.backups))
	c.backups[name] = &backup{server: s.server.index, data: data}
	c.effects++
	sum := sha1.Sum(data)
	return params.BackupsMetadataResult{
		ID:                  name,
		Checksum:            base64.StdEncoding.EncodeToString(sum[:]),
		ChecksumFormat:      "SHA-1, base64 encoded",
		Size:                int64(len(data)),
		Started:             now,
		Finished:            now,
		Stored:              now,
		Notes:               args.Notes,
		Model:               c.model().uuid,
		Machine:             s.server.machine().id,
		Hostname:            c.model().instanceID(s.server.machine()),
		Version:             s.server.version,
		Base:                c.model().base,
		Filename:            name,
		FormatVersion:       formatVersion(s.server.version),
		ControllerUUID:      c.uuid,
		ControllerMachineID: s.server.machine().id,
		HANodes:             int64(len(c.servers)),
	}, nil
}

// formatVersion is that of a backup: Juju has changed it from 3.6.23 and 2.9.58 on.
func formatVersion(v version.Number) int64 {
	first := version.MustParse("3.6.23")
	if v.Major == 2 {
		first = version.MustParse("2.9.58")
	}
	if v.Compare(first) >= 0 {
		return 2
	}
	return 1
}

// archive makes a gzipped tar of some size.
func archive(c *controller, now time.Time) ([]byte, error) {
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zip)
	dump := make([]byte, 200_000)
	for i := range dump {
		dump[i] = byte(rand.IntN(256)) // does not compress
	}
	for _, file := range []struct {
		name string
		data []byte
	}{
		{"juju-backup/metadata.json", []byte(fmt.Sprintf("{\"ControllerUUID\":%q,\"FormatVersion\":%d}\n", c.uuid, formatVersion(c.version())))},
		{"juju-backup/dump/juju/dump.bson", dump},
	} {
		if err := tw.WriteHeader(&tar.Header{Name: file.name, Mode: 0o600, Size: int64(len(file.data)), ModTime: now}); err != nil {
			return nil, err
		}
		if _, err := tw.Write(file.data); err != nil {
			return nil, err
		}
	}
	if err := tw.Close(); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// serveBackup is GET /model/UUID/backups. As in Juju 3.6, the server's copy is gone
// as soon as the download begins, and only the server that made it has it.
func (s *server) serveBackup(resp http.ResponseWriter, req *http.Request, modelUUID string) {
	data, truncated, status, failure := s.takeBackup(req, modelUUID)
	if failure != nil {
		body, _ := json.Marshal(failure)
		if status == http.StatusUnauthorized {
			resp.Header().Set("WWW-Authenticate", `Basic realm="juju"`)
		}
		resp.Header().Set("Content-Type", params.ContentTypeJSON)
		resp.WriteHeader(status)
		_, _ = resp.Write(body)
		return
	}
	sum := sha1.Sum(data)
	resp.Header().Set("Content-Type", params.ContentTypeRaw)
	resp.Header().Set("Digest", params.EncodeChecksum(base64.StdEncoding.EncodeToString(sum[:])))
	resp.WriteHeader(http.StatusOK)
	if !truncated {
		_, _ = resp.Write(data)
		return
	}
	_, _ = resp.Write(data[:len(data)/2])
	if flusher, ok := resp.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler) // drops the connection
}

func (s *server) takeBackup(req *http.Request, modelUUID string) (data []byte, truncated bool, status int, failure *params.Error) {
	var args params.BackupsDownloadArgs
	decodeErr := json.NewDecoder(req.Body).Decode(&args)
	c := s.controller
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	name, password, ok := req.BasicAuth()
	call := Call{Facade: "HTTP", Method: "GET /backups", Args: args.ID}
	record := &session{server: s, user: c.user, model: c.byUUID[modelUUID], modelUUID: modelUUID}
	defer func() {
		var err error
		if failure != nil {
			err = failure
		}
		record.record(call, err)
	}()
	switch {
	case !ok || c.authenticate(name, password) == nil:
		return nil, false, http.StatusUnauthorized, &params.Error{Code: params.CodeUnauthorized, Message: "invalid entity name or password"}
	case modelUUID != c.model().uuid:
		return nil, false, http.StatusInternalServerError, &params.Error{Message: "requested model is not the controller model"}
	case decodeErr != nil:
		return nil, false, http.StatusInternalServerError, &params.Error{Message: "while de-serializing args"}
	}
	b := c.backups[args.ID]
	if b == nil || b.server != s.index {
		return nil, false, http.StatusInternalServerError, &params.Error{Code: params.CodeNotValid, Message: fmt.Sprintf("backup file %q not valid", args.ID)}
	}
	delete(c.backups, args.ID)
	return b.data, c.strike(estate.FaultTruncate, Call{}) != nil, http.StatusOK, nil
}

// BackupOf is what a backup of a controller would be now; nil if there is no such controller.
func (w *World) BackupOf(controllerName string) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil
	}
	data, err := archive(c, time.Now().UTC())
	if err != nil {
		return nil
	}
	return data
}
