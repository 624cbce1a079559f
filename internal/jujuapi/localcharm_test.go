package jujuapi

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juju/errors"
	"gopkg.in/httprequest.v1"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// shelf is where a model's charms are uploaded to.
type shelf struct {
	hub *hub
	// posts says that it is a server from before 3.3.
	posts bool
	// breaks has an upload cut, before or after it is taken.
	breaks, after bool
	refuses       *params.Error
	uploads       []string
	headers       []http.Header
}

// ServeHTTP answers as a controller does.
func (h *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	put := r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/model-"+modelUUID+"/charms/")
	post := r.Method == http.MethodPost && r.URL.Path == "/model/"+modelUUID+"/charms"
	if put == h.posts || post != h.posts {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	if err != nil || h.breaks && !h.after {
		panic(http.ErrAbortHandler)
	}
	if h.refuses != nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(params.CharmsResponse{Error: h.refuses.Message, ErrorCode: h.refuses.Code})
		return
	}
	sum := sha256.Sum256(body)
	if want := "tiny-" + hex.EncodeToString(sum[:])[:7]; put && filepath.Base(r.URL.Path) != want {
		http.Error(w, "digests differ", http.StatusBadRequest)
		return
	}
	url := fmt.Sprintf("local:tiny-%d", len(h.uploads)+3)
	h.uploads, h.headers = append(h.uploads, string(body)), append(h.headers, r.Header)
	h.hub.known[url] = params.Charm{URL: url}
	if h.breaks {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Juju-Curl", url)
	_ = json.NewEncoder(w).Encode(params.CharmsResponse{CharmURL: url})
}

// unmarshal is api/httpclient.go's unmarshalHTTPErrorResponse, as far as it matters here.
func unmarshal(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var answer params.CharmsResponse
	switch {
	case json.Unmarshal(body, &answer) == nil:
		return &params.Error{Message: answer.Error, Code: answer.ErrorCode}
	case resp.StatusCode == http.StatusNotFound:
		return errors.NotFoundf("%s", body)
	case resp.StatusCode == http.StatusForbidden:
		return errors.Forbiddenf("%s", body)
	}
	return errors.New(string(body))
}

// parcel is an archive on this machine; files are its content.
func parcel(t *testing.T, files map[string]string) (path, sum string) {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "tiny.charm")
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(archive.Bytes())
	return path, hex.EncodeToString(digest[:])
}

// tiny is the content of a charm for 24.04.
func tiny(more ...string) map[string]string {
	out := map[string]string{
		"metadata.yaml": "name: tiny\nsummary: s\ndescription: d\n",
		"manifest.yaml": "bases:\n- name: ubuntu\n  channel: 24.04/stable\n  architectures: [amd64]\n",
		"dispatch":      "#!/bin/sh\n",
		"revision":      "7",
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] += more[i+1]
	}
	return out
}

// local is an application whose charm is to come from a file.
func local(t *testing.T, files map[string]string) (*standIn, *shelf, fleet.Refresh) {
	t.Helper()
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "1/stable")
	shelf := &shelf{hub: h}
	server := httptest.NewServer(shelf)
	t.Cleanup(server.Close)
	s.source().http = server.URL
	path, sum := parcel(t, files)
	return s, shelf, fleet.Refresh{Application: "tiny", From: "ch:amd64/tiny-1", File: path, SHA256: sum}
}

func TestACharmFromAFileIsUploadedAndSet(t *testing.T) {
	for _, posts := range []bool{false, true} {
		s, shelf, r := local(t, tiny())
		shelf.posts = posts
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(r.File)
		if err != nil {
			t.Fatal(err)
		}
		if len(shelf.uploads) != 1 || shelf.uploads[0] != string(content) {
			t.Fatalf("%d uploads", len(shelf.uploads))
		}
		if h := shelf.headers[0]; h.Get("Content-Type") != "application/zip" || !posts && h.Get("Juju-Curl") != "local:tiny-7" {
			t.Errorf("headers: %v", h)
		}
		a := shelf.hub.apps["tiny"]
		if o := a.origin; a.url != "local:tiny-3" || a.hooks != 1 || o.Source != "local" || o.ID+o.Hash+o.Risk != "" || o.Track != nil ||
			*o.Revision != 3 || o.Base.Channel != "24.04" || o.Architecture != "amd64" {
			t.Errorf("got %+v", a)
		}
	}
}

func TestAnotherFileThanWhenItWasPlannedIsNotUploaded(t *testing.T) {
	s, shelf, r := local(t, tiny())
	content, err := os.ReadFile(r.File)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"changed": func() error { return os.WriteFile(r.File, append(content, 0), 0o600) },
		"gone":    func() error { return os.Remove(r.File) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		s.wants(s.refresh(r), fleet.Refused)
		if len(shelf.uploads) > 0 {
			t.Errorf("%s: uploaded", name)
		}
	}
}

func TestACharmThatIsNotOneForTheApplicationIsNotUploaded(t *testing.T) {
	with := func(change func(map[string]string)) map[string]string {
		files := tiny()
		change(files)
		return files
	}
	for want, files := range map[string]map[string]string{
		"the application's is tiny": with(func(f map[string]string) { f["metadata.yaml"] = "name: other\nsummary: s\ndescription: d\n" }),
		"no hooks":                  with(func(f map[string]string) { delete(f, "dispatch"); f["hooks/deep/down"] = "x" }),
		"no charm":                  {"README": "no metadata"},
		"only ubuntu@22.04": with(func(f map[string]string) {
			f["manifest.yaml"] = strings.ReplaceAll(f["manifest.yaml"], "24.04", "22.04")
		}),
		"min version (99.0.0)":         tiny("metadata.yaml", "min-juju-version: 99.0.0\n"),
		"the charm assumes":            tiny("metadata.yaml", "assumes: [juju >= 99]\n"),
		"does not have: box":           tiny("metadata.yaml", "resources: {box: {type: file, filename: box, description: b}}\n"),
		"its LXD profile is not valid": tiny("lxd-profile.yaml", "config: {boot.autostart: \"true\"}\n"),
	} {
		t.Run(want, func(t *testing.T) {
			s, shelf, r := local(t, files)
			err := s.refresh(r)
			s.wants(err, fleet.Refused)
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
			if len(shelf.uploads) > 0 || shelf.hub.apps["tiny"].hooks > 0 {
				t.Error("it was uploaded")
			}
		})
	}
}

func TestACharmThatAsksForWhatIsThereIsUploaded(t *testing.T) {
	for _, asks := range []string{"min-juju-version: 3.6.0\n", "assumes: [juju >= 3.6]\n"} {
		s, shelf, r := local(t, tiny("metadata.yaml", asks+"resources: {box: {type: file, filename: box, description: b}}\n",
			"lxd-profile.yaml", "config: {security.nesting: \"true\"}\n"))
		shelf.hub.apps["tiny"].resources["box"] = params.Resource{CharmResource: params.CharmResource{Name: "box", Origin: "upload"}}
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		if a := shelf.hub.apps["tiny"]; a.resources["box"].Origin != "upload" || a.hooks != 1 {
			t.Errorf("got %+v", a)
		}
	}
}

func TestAnUploadThatIsCutPassesAndTheNextCompletesIt(t *testing.T) {
	for _, after := range []bool{false, true} {
		s, shelf, r := local(t, tiny())
		shelf.breaks, shelf.after = true, after
		err := s.refresh(r)
		s.wants(err, fleet.Unreachable)
		shelf.hub.mu.Lock()
		shelf.breaks = false
		shelf.hub.mu.Unlock()
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		if a := shelf.hub.apps["tiny"]; a.hooks != 1 || !strings.HasPrefix(a.url, "local:tiny-") {
			t.Errorf("got %+v", a)
		}
	}
}

// TestACharmThatWasUploadedIsSetWithoutAnotherUpload, once: when it is there that is told, and
// when another one is, that somebody else was here.
func TestACharmThatWasUploadedIsSetWithoutAnotherUpload(t *testing.T) {
	s, shelf, r := local(t, tiny())
	var err error
	if r.To, err = s.writer.Upload(t.Context(), sourceRef, modelRef, r); err != nil || r.To != "local:tiny-3" {
		t.Fatalf("it is called %q: %v", r.To, err)
	}
	if a := shelf.hub.apps["tiny"]; a.hooks != 0 || a.url != "ch:amd64/tiny-1" {
		t.Errorf("the upload has changed it: %+v", a)
	}
	if err := os.Remove(r.File); err != nil {
		t.Fatal(err)
	}
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	s.wants(s.refresh(r), fleet.UpToDate)
	if a := shelf.hub.apps["tiny"]; len(shelf.uploads) != 1 || a.hooks != 1 || a.url != r.To {
		t.Errorf("%d uploads, got %+v", len(shelf.uploads), a)
	}
	r.To = "local:tiny-4"
	s.wants(s.refresh(r), fleet.Refused)
}

func TestAnUploadThatIsRefusedSaysWhy(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		params.CodeBadRequest: fleet.Refused, params.CodeOperationBlocked: fleet.Blocked, params.CodeForbidden: fleet.Forbidden, "": fleet.Other,
	} {
		s, shelf, r := local(t, tiny())
		shelf.refuses = &params.Error{Code: code, Message: "no: https://me:canary@example.com"}
		s.wants(s.refresh(r), want)
		if shelf.hub.apps["tiny"].hooks > 0 {
			t.Error("it was set")
		}
	}
}

func TestAnUploadEndsWithItsContextAndWithItsConnection(t *testing.T) {
	s, _, r := local(t, tiny())
	hangs := make(chan struct{})
	arrived := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-hangs }))
	t.Cleanup(func() { close(hangs); server.Close() })
	s.source().http = server.URL
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-arrived; cancel() }()
	if _, err := s.writer.Upload(ctx, sourceRef, modelRef, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	go func() { <-arrived; s.source().hangUp() }()
	s.wants(s.refresh(r), fleet.Unreachable)
}

// client is how the stand-in's connections upload.
func (w *wire) client(path string) (*httprequest.Client, error) {
	return &httprequest.Client{BaseURL: w.server.http + path, UnmarshalError: unmarshal}, nil
}

func (w *wire) HTTPClient() (*httprequest.Client, error)     { return w.client("/model/" + modelUUID) }
func (w *wire) RootHTTPClient() (*httprequest.Client, error) { return w.client("") }
