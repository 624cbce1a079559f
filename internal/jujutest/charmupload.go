package jujutest

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How local charms come to a model: over HTTPS. Each upload is a new revision, whatever
// is in it, and is not refused where changes are blocked. (seen)

// charmObject takes apart the path under which servers have uploads from Juju 3.4 on.
func charmObject(path string) (modelUUID, object string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/model-")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "/charms/")
}

// servePutCharm is PUT /model-UUID/charms/NAME-DIGEST.
func (s *server) servePutCharm(resp http.ResponseWriter, req *http.Request, modelUUID, object string) {
	if v := s.version; v.Major < 3 || v.Major == 3 && v.Minor < 4 {
		http.NotFound(resp, req)
		return
	}
	if req.Method != http.MethodPut {
		http.Error(resp, "http method "+req.Method+" not implemented", http.StatusNotImplemented)
		return
	}
	i := strings.LastIndex(object, "-")
	if i < 0 {
		answerUpload(resp, "", badUpload("%q is not a valid charm object path", object))
		return
	}
	_, revision := charmName(req.Header.Get("Juju-Curl"))
	url, failure := s.upload(req, upload{
		model: modelUUID, name: object[:i], digest: object[i+1:], revision: revision, local: strings.HasPrefix(req.Header.Get("Juju-Curl"), "local:"),
	})
	answerUpload(resp, url, failure)
}

// servePostCharm is POST /model/UUID/charms, of all versions up to Juju 3.
func (s *server) servePostCharm(resp http.ResponseWriter, req *http.Request, modelUUID string) {
	if req.Method != http.MethodPost || s.version.Major >= 4 {
		http.Error(resp, "unsupported method: "+req.Method, http.StatusMethodNotAllowed)
		return
	}
	query := req.URL.Query()
	revision := -1
	if text := query.Get("revision"); text != "" {
		var err error
		if revision, err = strconv.Atoi(text); err != nil {
			answerUpload(resp, "", badUpload("revision %q not valid", text))
			return
		}
	}
	url, failure := s.upload(req, upload{
		model: modelUUID, name: query.Get("name"), revision: revision, series: query.Get("series"), local: cmp.Or(query.Get("schema"), "local") == "local",
	})
	answerUpload(resp, url, failure)
}

// upload is what a request says of a charm; name, digest and series may be empty.
type upload struct {
	model, name, digest, series string
	revision                    int
	local                       bool
}

func badUpload(format string, args ...any) *params.Error {
	return &params.Error{Code: params.CodeBadRequest, Message: "cannot upload charm: " + fmt.Sprintf(format, args...)}
}

func answerUpload(resp http.ResponseWriter, url string, failure *params.Error) {
	answer, status := params.CharmsResponse{CharmURL: url}, http.StatusOK
	if failure != nil {
		answer, status = params.CharmsResponse{Error: failure.Message, ErrorCode: failure.Code}, http.StatusBadRequest
		if failure.Code == params.CodeUnauthorized {
			status = http.StatusUnauthorized
			resp.Header().Set("WWW-Authenticate", `Basic realm="juju"`)
		}
	} else {
		resp.Header().Set("Juju-Curl", url)
	}
	resp.Header().Set("Content-Type", params.ContentTypeJSON)
	resp.WriteHeader(status)
	_ = json.NewEncoder(resp).Encode(answer)
}

// upload gives a charm to a model, by the URL that it returns.
func (s *server) upload(req *http.Request, up upload) (url string, failure *params.Error) {
	data, readErr := io.ReadAll(req.Body)
	k, charmErr := readArchive(data)
	c := s.controller
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	m := c.byUUID[up.model]
	name, password, ok := req.BasicAuth()
	who := &session{server: s, model: m, modelUUID: up.model}
	if ok {
		who.user = c.authenticate(name, password)
	}
	call := Call{Facade: "HTTP", Method: req.Method + " /charms", Subject: cmp.Or(up.name, k.name)}
	defer func() {
		var err error
		if failure != nil {
			err = failure
		}
		call.Effect = err == nil
		who.record(call, err)
	}()
	sum := sha256.Sum256(data)
	switch {
	case who.user == nil || m == nil || !who.may(m, "write"):
		return "", &params.Error{Code: params.CodeUnauthorized, Message: "invalid entity name or password"}
	case req.Header.Get("Content-Type") != "application/zip":
		return "", badUpload("expected Content-Type: application/zip, got: %v", req.Header.Get("Content-Type"))
	case !up.local:
		return "", badUpload("non-local charms may only be uploaded during model migration import")
	case readErr != nil:
		return "", badUpload("%v", readErr)
	case charmErr != nil:
		return "", badUpload("invalid charm archive: %v", charmErr)
	case up.digest != "" && !strings.HasPrefix(hex.EncodeToString(sum[:]), up.digest):
		return "", badUpload("Uploaded charm sha256 (%x) does not match sha in url (%s)", sum[:4], up.digest)
	}
	k.name = cmp.Or(up.name, k.name)
	k.revision = max(up.revision, k.revision, m.nextLocal(k.name))
	url = fmt.Sprintf("local:%s-%d", k.name, k.revision)
	if up.series != "" {
		url = fmt.Sprintf("local:%s/%s-%d", up.series, k.name, k.revision)
	}
	k.content.Revision = k.revision
	m.charms[url] = k
	c.effects++
	return url, nil
}

// nextLocal is the revision after all that a local charm ever had in a model.
func (m *model) nextLocal(name string) int {
	next := 0
	for url, k := range m.charms {
		if k.name == name && strings.HasPrefix(url, "local:") {
			next = max(next, k.revision+1)
		}
	}
	return next
}

// readArchive reads as much of a charm's archive as Juju looks at here.
func readArchive(data []byte) (knownCharm, error) {
	k := knownCharm{revision: 0, noManifest: true}
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return k, err
	}
	var meta struct {
		Name        string                           `yaml:"name"`
		Subordinate bool                             `yaml:"subordinate"`
		Assumes     []string                         `yaml:"assumes"`
		Resources   map[string]struct{ Type string } `yaml:"resources"`
	}
	var manifest struct {
		Bases []struct{ Name, Channel string } `yaml:"bases"`
	}
	var actions map[string]any
	for file, into := range map[string]any{"metadata.yaml": &meta, "manifest.yaml": &manifest, "actions.yaml": &actions, "revision": &k.revision} {
		text, err := files.Open(file)
		if err != nil {
			continue // the archive does not have it
		}
		err = yaml.NewDecoder(text).Decode(into)
		_ = text.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return k, fmt.Errorf("%s: %w", file, err)
		}
	}
	if meta.Name == "" {
		return k, errors.New("metadata.yaml: no name")
	}
	k.name, k.subordinate = meta.Name, meta.Subordinate
	k.content = estate.CharmRevision{Assumes: meta.Assumes, Actions: sortedNames(actions), Resources: map[string]string{}}
	for name, r := range meta.Resources {
		k.content.Resources[name] = r.Type
	}
	for _, b := range manifest.Bases {
		k.content.Bases = append(k.content.Bases, baseName(params.Base{Name: b.Name, Channel: b.Channel}))
		k.noManifest = false
	}
	slices.Sort(k.content.Bases)
	return k, nil
}
