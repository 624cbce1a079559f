package jujutest

import (
	"testing"

	"github.com/juju/version/v2"
)

func mustVersion(t *testing.T, s string) version.Number {
	t.Helper()
	v, err := version.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
