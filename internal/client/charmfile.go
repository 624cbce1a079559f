package client

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// metadataMost is how much of a charm's metadata.yaml is read: more than any has.
const metadataMost = 1 << 20

// CharmFile reads, of the archive of a charm, its name and the SHA-256 of the file in
// hexadecimal digits. What is no such archive is bad input.
func CharmFile(file string) (name, sha string, err error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "", fleet.BadInput("there is no file %q", file)
	case err != nil:
		return "", "", fleet.BadInput("cannot look at %q: %v", file, err)
	case info.IsDir():
		return "", "", fleet.BadInput("%q is a directory: give the archive that charmcraft pack has made of it (NAME.charm)", file)
	case !info.Mode().IsRegular():
		return "", "", fleet.BadInput("%q is no file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", "", fleet.BadInput("cannot read %q: %v", file, err)
	}
	defer f.Close()
	if name, err = charmName(f, info.Size()); err != nil {
		return "", "", fleet.BadInput("%q is no charm: %v", file, err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(f, 0, info.Size())); err != nil {
		return "", "", fleet.BadInput("cannot read %q: %v", file, err)
	}
	return name, hex.EncodeToString(hash.Sum(nil)), nil
}

// charmName is the name in the metadata of a charm's archive.
func charmName(f io.ReaderAt, size int64) (string, error) {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return "", errors.New("it is not a zip archive")
	}
	metadata, err := archive.Open("metadata.yaml")
	if err != nil {
		return "", errors.New("it has no metadata.yaml")
	}
	defer metadata.Close()
	data, err := io.ReadAll(io.LimitReader(metadata, metadataMost))
	if err != nil {
		return "", fmt.Errorf("its metadata.yaml cannot be read: %w", err)
	}
	var of struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(data, &of); err != nil || of.Name == "" {
		return "", errors.New("its metadata.yaml has no name")
	}
	return of.Name, nil
}
