package contract

import (
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// controllerUpgrade: the API goes, perhaps with the answer; when it is back, it is at the
// new version at once, and has lost all units, which come back as they were; the charms
// of a long outage have restarted.
func (s *podSuite) controllerUpgrade() {
	before := s.settles(s.env.Model, s.env.From)
	old := s.open("")
	asked := time.Now()
	if res, err := s.upgrade(controllerModel, s.env.To, false); code(err) != "" || err == nil && (res.Error != nil || res.ChosenVersion != s.env.To) {
		s.Fatalf("%+v, %v (%q)", res, err, code(err))
	} else if err != nil {
		s.Log("the answer was lost: ", err)
	}
	select {
	case <-old.Broken():
	case <-time.After(s.env.Patience):
		s.Fatal("the connection was not dropped")
	}
	var st params.FullStatus
	s.eventually("the controller answers at the new version", func() bool {
		conn, err := s.env.Open(s.Context(), controllerModel)
		if err != nil {
			return false
		}
		defer conn.Close()
		if v, _ := conn.ServerVersion(); v.ToPatch() != s.env.To {
			s.Errorf("it answers at %v", v)
		}
		st, err = s.fullStatus(conn)
		return err == nil
	})
	away := time.Since(asked)
	s.Logf("it was away for %v", away)
	if st.Model.Version != s.env.To.String() {
		s.Errorf("the first answer tells version %s", st.Model.Version)
	}
	for name, u := range units(st) {
		if !lost(u) && u.AgentStatus.Version != s.env.To.String() {
			s.Errorf("%s: %s at %s", name, u.AgentStatus.Status, u.AgentStatus.Version)
		}
	}
	s.settles(controllerModel, s.env.To)
	s.eventually("the controller lets everything be asked", func() bool {
		ready, codes := s.controllerReady()
		for _, c := range codes {
			if c != params.CodeUpgradeInProgress {
				s.Errorf("refused with code %q while it upgrades", c)
			}
		}
		return ready
	})
	s.cameBack(before, away > s.pods.Restarts)
}

// cameBack: the units of a model are where they were, at their versions; if their charms
// have restarted, the time of their status has moved.
func (s *podSuite) cameBack(before map[string]params.UnitStatus, restarted bool) {
	s.Helper()
	s.eventually("the units are back", func() bool {
		st, ok := s.look(s.env.Model)
		for name, u := range units(st) {
			moved := u.AgentStatus.Since != nil && u.AgentStatus.Since.After(*before[name].AgentStatus.Since)
			ok = ok && well(u, s.env.From) && (moved || !restarted)
			if u.Address != before[name].Address {
				s.Errorf("%s: its pod was replaced: %s, was %s", name, u.Address, before[name].Address)
			}
		}
		return ok
	})
}

// modelUpgrade: the version flips at once; then pods are replaced.
func (s *podSuite) modelUpgrade() {
	before := s.settles(s.env.Model, s.env.From)
	res, err := s.upgrade(s.env.Model, version.Zero, false)
	if err != nil || res.Error != nil || res.ChosenVersion != s.env.To {
		s.Fatalf("%+v, %v", res, err)
	}
	st, err := s.fullStatus(s.open(s.env.Model))
	if err != nil || st.Model.Version != s.env.To.String() {
		s.Errorf("version is %q right after the request, %v", st.Model.Version, err)
	}
	r := &replacement{podSuite: s, before: before, away: map[string]bool{}}
	s.eventually("all pods are replaced and well", func() bool {
		st, ok := s.look(s.env.Model)
		return ok && r.done(st, s.env.To)
	})
	r.inOrder()
}

// replacement is what is seen of pods that are replaced.
type replacement struct {
	*podSuite
	before map[string]params.UnitStatus
	away   map[string]bool
	order  []string // in which they were first seen to be away
}

// done looks once: no unit is at the new version that was not away before, and of one
// application no two are away at a time.
func (r *replacement) done(st params.FullStatus, to version.Number) bool {
	r.Helper()
	done := true
	for _, app := range st.Applications {
		absent := 0
		for name, u := range app.Units {
			if lost(u) {
				absent++
				if !r.away[name] {
					r.away[name] = true
					r.order = append(r.order, name)
				}
			}
			if u.AgentStatus.Version != r.before[name].AgentStatus.Version && !r.away[name] {
				r.Errorf("%s is at %s and was not away", name, u.AgentStatus.Version)
			}
			done = done && well(u, to) && u.Address != "" && u.Address != r.before[name].Address
		}
		if absent > 1 {
			r.Errorf("%d units of an application are away: %v", absent, r.order)
		}
	}
	return done && len(r.before) > 0
}

// inOrder: of an application, the last one goes first.
func (r *replacement) inOrder() {
	r.Helper()
	last := map[string]string{}
	for _, name := range r.order {
		app, _, _ := strings.Cut(name, "/")
		if before, ok := last[app]; ok && before < name {
			r.Errorf("%s was replaced before %s", before, name)
		}
		last[app] = name
	}
	if len(r.order) != len(r.before) {
		r.Errorf("of %d units %v were seen away", len(r.before), slices.Sorted(slices.Values(r.order)))
	}
}

// spoiltImage: a unit whose image cannot be pulled is in error, as is its application,
// and nothing moves; mended, it comes by itself.
func (s *podSuite) spoiltImage() {
	s.settles(s.pods.Other, s.env.From)
	s.broken(SpoiltImage, func() {
		if res, err := s.upgrade(s.pods.Other, version.Zero, false); err != nil || res.Error != nil {
			s.Fatalf("%+v, %v", res, err)
		}
		s.eventually("a pod waits for its image", func() bool {
			st, ok := s.look(s.pods.Other)
			for _, app := range st.Applications {
				for _, u := range app.Units {
					if ok && s.waitsForImage(app, u) {
						return true
					}
				}
			}
			return false
		})
	})
	s.settles(s.pods.Other, s.env.To)
}

// waitsForImage says whether a unit does, and checks what is told of it.
func (s *podSuite) waitsForImage(app params.ApplicationStatus, u params.UnitStatus) bool {
	if u.AgentStatus.Version == s.env.To.String() {
		s.Errorf("%s is at the version that cannot be pulled", u.ProviderId)
	}
	if !strings.HasPrefix(u.WorkloadStatus.Info, `unknown container reason "ImagePullBackOff": `) {
		return false
	}
	if u.WorkloadStatus.Status != "error" || !lost(u) || app.Status.Status != "error" || app.Status.Info != u.WorkloadStatus.Info {
		s.Errorf("%+v, of %+v", u, app.Status)
	}
	return true
}
