package jujuapi

import (
	"strings"
	"testing"

	"github.com/juju/juju/rpc/params"
)

func TestADefaultIsTheSameHoweverAVersionTellsIt(t *testing.T) {
	for name, told := range map[string][]string{
		"resource-tags":              {`"b=2 a=1"`, `"a=1  b=2"`, `{"a":"1","b":"2"}`},
		"automatically-retry-hooks":  {`false`, `"false"`},
		"net-bond-reconfigure-delay": {`20`, `"20"`},
	} {
		first := defaultValue(name, fromJSON(t, told[0]))
		for _, text := range told[1:] {
			if got := defaultValue(name, fromJSON(t, text)); got != first {
				t.Errorf("%s: %q and %q", name, first, got)
			}
		}
	}
	if sent := defaultToSend("resource-tags", fromJSON(t, `{"b":"2","a":"1"}`)); sent != "a=1 b=2" {
		t.Errorf("3.x is sent %v", sent)
	}
}

func TestOnlyWhatSomebodyHasSetIsADefaultToGive(t *testing.T) {
	s := &Session{salt: newSalt()}
	got := s.defaultItems(map[string]map[string]params.ModelDefaults{"aws": {
		"http-proxy": {Default: "", Controller: "http://me:canary@p", Regions: []params.RegionDefaults{{RegionName: "z", Value: ""}, {RegionName: "a", Value: "x"}}},
		"test-mode":  {Default: false},
	}})
	var paths []string
	for _, h := range got {
		paths = append(paths, h.Path())
		if h.Preset || h.Value != "" || h.Digest == "" {
			t.Errorf("got %+v", h)
		}
	}
	if want := "model-defaults/aws/http-proxy model-defaults/aws/a/http-proxy model-defaults/aws/z/http-proxy"; strings.Join(paths, " ") != want {
		t.Errorf("got %v", paths)
	}
}
