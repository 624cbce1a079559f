package jujutest_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

// archive makes a charm's archive.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func ownCharm(t *testing.T) []byte {
	t.Helper()
	return archive(t, map[string]string{
		"metadata.yaml": "name: own\nsummary: s\ndescription: d\nresources: {box: {type: file, filename: box}}\n",
		"manifest.yaml": "bases: [{name: ubuntu, channel: 24.04/stable, architectures: [amd64]}]\n",
		"actions.yaml":  "pre-refresh-check: {}\n",
		"dispatch":      "#!/bin/sh\n",
	})
}

// send sends an archive to model web as juju does: first as from Juju 3.4 on, then, where
// that is not known, as before.
func send(t *testing.T, w *jujutest.World, name string, data []byte) (int, params.CharmsResponse) {
	t.Helper()
	c, err := w.Controller("prod")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(c.CACert))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "juju-apiserver", MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	model := c.Models["admin/web"]
	digest := fmt.Sprintf("%x", sha256.Sum256(data))[:7]
	if status, answer := do(t, transport, c, http.MethodPut, "/model-"+model+"/charms/"+name+"-"+digest, data); status != http.StatusNotFound {
		return status, answer
	}
	return do(t, transport, c, http.MethodPost, "/model/"+model+"/charms?schema=local&series=&revision=0", data)
}

func do(t *testing.T, transport *http.Transport, c jujutest.Controller, method, path string, data []byte) (int, params.CharmsResponse) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+c.Addrs[0]+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(names.NewUserTag(c.User).String(), c.Password)
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Juju-Curl", "local:own-0")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer params.CharmsResponse
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	if answer.CharmURL != resp.Header.Get("Juju-Curl") {
		t.Errorf("%q in the header, %q in the body", resp.Header.Get("Juju-Curl"), answer.CharmURL)
	}
	return resp.StatusCode, answer
}

func TestALocalCharmComesByUploadAndEachUploadIsANewRevision(t *testing.T) {
	for v, how := range map[string]string{"2.9.50": "POST", "3.6.11": "PUT", "4.1.0": "PUT"} {
		t.Run(v, func(t *testing.T) {
			w := start(t, charmed(v))
			for _, want := range []string{"local:own-2", "local:own-3"} {
				if status, got := send(t, w, "own", ownCharm(t)); status != http.StatusOK || got.CharmURL != want {
					t.Fatalf("%d, %+v, want %s", status, got, want)
				}
			}
			if calls := w.CallsOf("HTTP." + how + " /charms"); len(calls) != 2 || calls[0].Subject != "own" || !calls[0].Effect {
				t.Errorf("calls: %+v", calls)
			}
		})
	}
}

func TestWhatIsNoCharmIsNotTaken(t *testing.T) {
	w := start(t, charmed("3.6.11"))
	for what, data := range map[string][]byte{
		"no archive": []byte("x"), "no name": archive(t, map[string]string{"metadata.yaml": "summary: s\n"}),
	} {
		if status, got := send(t, w, "own", data); status != http.StatusBadRequest || got.ErrorCode != params.CodeBadRequest {
			t.Errorf("%s: %d, %+v", what, status, got)
		}
	}
	for _, call := range w.CallsOf("HTTP.PUT /charms") {
		if call.Effect {
			t.Errorf("%+v", call)
		}
	}
}

func TestALocalCharmIsRefreshedAsOneOfTheStoreIs(t *testing.T) {
	a := ofCharm(t, "own")
	if st := a.status(); st.Charm != "local:own-1" || st.CharmChannel != "" {
		t.Errorf("before: %+v", st)
	}
	if got := a.resolve(nil); got.Error == nil || got.Error.Code != "" {
		t.Errorf("it is not the store's: %+v", got)
	}
	if err := a.world.Block("prod", "web", "all"); err != nil {
		t.Fatal(err)
	}
	_, sent := send(t, a.world, "own", ownCharm(t)) // which is not refused
	url := sent.CharmURL
	if err := a.world.Block("prod", "web"); err != nil {
		t.Fatal(err)
	}
	var info params.Charm
	if err := a.call("Charms", 7, "CharmInfo", params.CharmURL{URL: url}, &info); err != nil {
		t.Fatal(err)
	}
	if info.Meta.Name != "own" || info.Meta.Resources["box"].Type != "file" || info.Actions == nil || len(info.Manifest.Bases) != 1 {
		t.Errorf("%+v", info)
	}
	origin := a.origin().Origin
	revision := 2
	origin.Revision = &revision
	if err := a.set(url, origin, nil); err != nil {
		t.Fatal(err)
	}
	a.settles()
	if u := a.truth().Units[0]; u.URL != "local:own-2" {
		t.Errorf("%+v", u)
	}
}
