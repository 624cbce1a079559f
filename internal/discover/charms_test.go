package discover

import (
	"context"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// hub answers for applications, or fails.
type hub struct {
	asked []string
	err   error
}

func (h *hub) Applications(_ context.Context, _ fleet.Controller, m fleet.Model, wanted func(string) bool) ([]fleet.Application, error) {
	var out []fleet.Application
	for _, a := range m.Status.Applications {
		if !wanted(a.Name) {
			continue
		}
		h.asked = append(h.asked, a.Name)
		if a.Source() == fleet.Charmhub {
			a.Release = &fleet.Release{URL: "ch:amd64/x-9", Revision: 9}
		}
		out = append(out, a)
	}
	return out, h.err
}

func charmedModel() fleet.Model {
	return fleet.Model{Ref: fleet.Ref{UUID: "u", Name: "admin/web"}, Status: fleet.ModelStatus{Applications: []fleet.Application{
		{Name: "big", URL: "ch:amd64/big-1"}, {Name: "own", URL: "local:own-1"}, {Name: "tiny", URL: "ch:amd64/tiny-1"},
	}}}
}

func TestCharmhubIsAskedForWhatIsWantedAlone(t *testing.T) {
	h, m := &hub{}, charmedModel()
	goal := fleet.Goal{Charms: fleet.CharmsAlso, ExcludeApps: []fleet.AppPattern{{App: "big"}}}
	applications(context.Background(), h, fleet.Controller{}, &m, goal)
	if m.Status.Application("tiny").Release.Revision != 9 || m.Status.Application("big").Release != nil || m.Status.Application("own").Release != nil {
		t.Errorf("known is %+v", m.Status.Applications)
	}
}

func TestNobodyIsAskedWithoutNeed(t *testing.T) {
	unread := charmedModel()
	unread.Problem = &fleet.Problem{Code: fleet.Forbidden}
	local := charmedModel()
	local.Status.Applications = local.Status.Applications[1:2]
	for name, test := range map[string]struct {
		m    fleet.Model
		goal fleet.Goal
	}{
		"charms are no part of it":  {charmedModel(), fleet.Goal{}},
		"the model is not readable": {unread, fleet.Goal{Charms: fleet.CharmsAlso}},
		"all are local":             {local, fleet.Goal{Charms: fleet.CharmsAlso}},
		"files are given": {charmedModel(), fleet.Goal{Charms: fleet.CharmsAlso, Apps: []fleet.AppPattern{{App: "none"}},
			CharmFiles: []fleet.CharmFile{{App: fleet.AppPattern{App: "tiny"}}}}},
	} {
		h := &hub{}
		applications(context.Background(), h, fleet.Controller{}, &test.m, test.goal)
		if len(h.asked) > 0 {
			t.Errorf("%s: asked for %q", name, h.asked)
		}
	}
}

func TestWhatCouldNotBeAskedIsEachApplicationsProblem(t *testing.T) {
	h, m := &hub{err: &fleet.Problem{Code: fleet.Unreachable, Text: "no answer"}}, charmedModel()
	applications(context.Background(), h, fleet.Controller{}, &m, fleet.Goal{Charms: fleet.CharmsOnly})
	for name, want := range map[string]bool{"big": true, "tiny": true, "own": false} {
		r := m.Status.Application(name).Release
		if got := r != nil && r.Problem != nil && r.Problem.Code == fleet.Unreachable; got != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
