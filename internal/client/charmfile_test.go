package client

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// archive makes a zip file of these files.
func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tiny.charm")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for name, content := range files {
		entry, err := w.Create(name)
		if err == nil {
			_, err = entry.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestACharmsFileTellsItsNameAndItsDigest(t *testing.T) {
	file := archive(t, map[string]string{"metadata.yaml": "name: tiny\nsummary: x\n", "dispatch": "#!/bin/sh\n"})
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	name, sha, err := CharmFile(file)
	if err != nil || name != "tiny" || sha != hex.EncodeToString(sum[:]) {
		t.Errorf("got %q, %q, %v", name, sha, err)
	}
}

func TestWhatIsNoCharmIsBadInput(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("name: tiny\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string]string{
		"there is no file":       filepath.Join(t.TempDir(), "none"),
		"is a directory":         t.TempDir(),
		"it is not a zip":        text,
		"has no metadata.yaml":   archive(t, map[string]string{"charm/metadata.yaml": "name: tiny"}),
		"metadata.yaml has no n": archive(t, map[string]string{"metadata.yaml": "summary: x"}),
	} {
		var bad *fleet.InputError
		if _, _, err := CharmFile(file); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
