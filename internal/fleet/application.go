package fleet

import (
	"slices"
	"strconv"
	"strings"
)

// Application is one application of a model.
type Application struct {
	Name string `json:"name"`
	// URL is that of its charm as Juju writes it: "ch:amd64/tiny-1", "local:tiny-0".
	URL string `json:"url"`
	// Channel is the one that it follows, as Juju writes it ("1/stable"); empty for
	// a local charm.
	Channel string `json:"channel,omitempty"`
	// Base is that of its charm as "ubuntu@24.04"; empty when not shown.
	Base string `json:"base,omitempty"`
	Life string `json:"life,omitempty"`
	// Status is what its charm says of it as a whole, or, where the charm says nothing,
	// what is worst of its units.
	Status Condition `json:"status,omitzero"`
	// Principals are the applications to which it is subordinate.
	Principals []string `json:"principals,omitempty"`
	// Behind are those of its units that do not run its charm yet: a refresh that
	// is on its way, or one that units in error pass by.
	Behind []string `json:"behind,omitempty"`
	// Storage are the names of what storage its units have; told on Kubernetes alone, where
	// there is another charm for it.
	Storage []string `json:"storage,omitempty"`
	// Podspec says that its charm is one of format 1, which makes pods by a podspec; told
	// on Kubernetes alone, up to Juju 3, where there is another charm for it.
	Podspec bool `json:"podspec,omitempty"`
	// Release is what Charmhub has for it; nil when it was not asked for it.
	Release *Release `json:"release,omitempty"`
}

// Source is where a charm comes from.
type Source string

// The sources of charms.
const (
	Charmhub   Source = "ch"
	LocalCharm Source = "local"
	// CharmStore is the one that Juju 2.9 still has charms of.
	CharmStore Source = "cs"
)

// Source is where its charm comes from.
func (a Application) Source() Source {
	source, _, ok := strings.Cut(a.URL, ":")
	if !ok {
		return ""
	}
	return Source(source)
}

// Charm is the name of its charm: "tiny".
func (a Application) Charm() string { name, _ := charmOf(a.URL); return name }

// Revision is that of its charm; -1 when the URL has none.
func (a Application) Revision() int { _, revision := charmOf(a.URL); return revision }

// Arch is the architecture in its charm's URL; empty where there is none.
func (a Application) Arch() string {
	_, path, _ := strings.Cut(a.URL, ":")
	parts := strings.Split(path, "/")
	if a.Source() != Charmhub || len(parts) < 2 {
		return ""
	}
	return parts[0]
}

// charmOf splits the end of a charm's URL into name and revision.
func charmOf(url string) (name string, revision int) {
	last := url[strings.LastIndexAny(url, ":/")+1:]
	i := strings.LastIndex(last, "-")
	if i < 0 {
		return last, -1
	}
	revision, err := strconv.Atoi(last[i+1:])
	if err != nil {
		return last, -1
	}
	return last[:i], revision
}

// SameCharm says that two URLs are of the same revision of a charm: servers differ in
// what else they write into one (a series, an architecture).
func SameCharm(a, b string) bool {
	one, other := Application{URL: a}, Application{URL: b}
	return one.Source() == other.Source() && one.Charm() == other.Charm() && one.Revision() == other.Revision()
}

// Release is what Charmhub has for an application: in the channel that it follows, for
// its architecture.
type Release struct {
	// URL and Revision are the newest that the channel has; unset with a Problem.
	URL      string `json:"url,omitempty"`
	Revision int    `json:"revision"`
	// Channel is the one that has answered: another than the application's, where
	// that one is closed.
	Channel string `json:"channel,omitempty"`
	// Bases are those that the revision supports, where the application's is none of
	// them; empty where it is.
	Bases []string `json:"bases,omitempty"`
	// Resources are those of the charm, as the application has them and as the
	// channel does.
	Resources []Resource `json:"resources,omitempty"`
	// Actions are those that the charm of now offers; nil when they were not asked
	// for.
	Actions []string `json:"actions,omitempty"`
	// Objection is what the charm assumes and the model, as it is, does not have; empty
	// when it has all, and where the controller was not asked.
	Objection string `json:"objection,omitempty"`
	// Problem is why Charmhub has nothing to say of it.
	Problem *Problem `json:"problem,omitempty"`
}

// Offers are those of the actions that the charm of now offers; none of no release.
func (r *Release) Offers(actions []string) []string {
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(actions), func(a string) bool { return !slices.Contains(r.Actions, a) })
}

// Resource is a resource of an application's charm.
type Resource struct {
	Name string `json:"name"`
	// Type is Juju's: file, oci-image.
	Type string `json:"type,omitempty"`
	// Now is the revision in use; -1 when the application has none of Charmhub's.
	Now int `json:"now"`
	// Then is the one that the channel has; -1 when it has none.
	Then int `json:"then"`
	// Uploaded says that an operator gave what is in use: it stays as it is.
	Uploaded bool `json:"uploaded,omitempty"`
}

// Changes says that a refresh brings a newer revision of the resource. One that the
// channel has taken back stays.
func (r Resource) Changes() bool { return !r.Uploaded && r.Then > r.Now }

// Newer says that the channel has something newer for the application: a charm, or,
// of the same one, resources.
func (a Application) Newer() bool {
	o := a.Release
	if o == nil || o.Problem != nil || o.Revision < a.Revision() {
		return false
	}
	return o.Revision > a.Revision() || slices.ContainsFunc(o.Resources, Resource.Changes)
}

// OffChannel says that the application runs a revision that its channel is behind of:
// one that was asked for by number, or one that was taken back. Juju does not remember
// which; a refresh would go back. (A pinned revision that is older than the channel's
// looks like any that is behind: Juju tells nothing of it.)
func (a Application) OffChannel() bool {
	return a.Release != nil && a.Release.Problem == nil && a.Release.Revision < a.Revision()
}

// UnitsOf are the agents of an application's units.
func (s ModelStatus) UnitsOf(application string) []Agent {
	var out []Agent
	for _, a := range s.Agents {
		if (a.Kind == UnitAgent || a.Kind == SubordinateAgent) && strings.HasPrefix(a.Name, application+"/") {
			out = append(out, a)
		}
	}
	return out
}

// Application returns the application of that name, or nil.
func (s ModelStatus) Application(name string) *Application {
	for i := range s.Applications {
		if s.Applications[i].Name == name {
			return &s.Applications[i]
		}
	}
	return nil
}

// ApplicationsOf tells the conditions of a model's applications, each by a name of its own.
// They are no part of HealthOf: where charms say nothing they only repeat their units'.
func ApplicationsOf(status ModelStatus) Health {
	out := Health{}
	for _, a := range status.Applications {
		if a.Status.Status != "" {
			out[ApplicationPrefix+a.Name] = a.Status
		}
	}
	return out
}

// ApplicationPrefix is what the names of applications' conditions begin with.
const ApplicationPrefix = "application "

// Refresh is what brings one application to another charm.
type Refresh struct {
	Application string `json:"application"`
	// From and To are charm URLs. To is empty for a file: Juju numbers it when it
	// is uploaded. They are the same where only resources change.
	From string `json:"from"`
	To   string `json:"to,omitempty"`
	// Channel and Base are the application's, and stay.
	Channel string `json:"channel,omitempty"`
	Base    string `json:"base,omitempty"`
	// Resources are those that change.
	Resources []Resource `json:"resources,omitempty"`
	// File is the archive of a local charm, SHA256 its digest when it was planned.
	File   string `json:"file,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	// Resumes are the actions that the charm of now offers to let a refresh go on that
	// has stopped half way: resume-refresh and its like.
	Resumes []string `json:"resumes,omitempty"`
}

// Revisions are those of From and To; -1 where there is none.
func (r Refresh) Revisions() (from, to int) {
	_, from = charmOf(r.From)
	_, to = charmOf(r.To)
	if r.To == "" {
		to = -1
	}
	return from, to
}
