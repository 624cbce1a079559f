package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// hashLength is how many hexadecimal digits of a hash are kept: enough to tell
// apart all plans that one client ever makes, and short enough to type.
const hashLength = 12

// decision is what the hash of a plan is made of: no times, no estimates, no
// texts, nothing that differs between two looks at an unchanged world.
type decision struct {
	Format  int
	Journey Journey
	Steps   []stepDecision
	// Accepted are the findings in spite of which the plan goes on.
	Accepted []string
	// Options are those that were asked for. Without them, a plan of the same steps at
	// another pace would take this one's place.
	Options []string `json:",omitempty"`
}

type stepDecision struct {
	ID, Controller, Model string
	Kind                  Kind
	To                    version.Number
	Needs, Absent         []string
	// What follows is left out where it is not set, so that plans of the patch
	// journey keep the hashes that they had before there was another.
	Target string        `json:",omitempty"`
	Stage  int           `json:",omitempty"`
	Always bool          `json:",omitempty"`
	User   *User         `json:",omitempty"`
	Models []fleet.Ref   `json:",omitempty"`
	Soak   time.Duration `json:",omitempty"`
	// New is the name of a target that is to be made.
	New       string            `json:",omitempty"`
	Item      *fleet.Item       `json:",omitempty"`
	Bootstrap *fleet.Bootstrap  `json:",omitempty"`
	Config    map[string]string `json:",omitempty"`
	Servers   int               `json:",omitempty"`
	Names     []string          `json:",omitempty"`
	Program   string            `json:",omitempty"`
	Juju      string            `json:",omitempty"`
	Refresh   *fleet.Refresh    `json:",omitempty"`
}

func (p *Plan) decisions() decision {
	d := decision{Format: p.Format, Journey: p.Journey}
	for _, s := range p.Steps {
		d.Steps = append(d.Steps, s.decision())
	}
	for _, f := range p.Findings {
		if f.Accepted {
			d.Accepted = append(d.Accepted, f.Name())
		}
	}
	slices.Sort(d.Accepted)
	d.Options = p.Options.asked()
	return d
}

// asked are the options that differ from the defaults, as they are typed. Whether to
// leave out what is held is not among them: that can be decided when the plan is applied.
func (o Options) asked() []string {
	o.SkipBlocked = false
	return o.arguments()
}

func (s Step) decision() stepDecision {
	d := stepDecision{
		ID: s.ID, Kind: s.Kind, Controller: s.Controller.UUID, Model: s.Model.UUID,
		To: s.To, Needs: s.Needs, Absent: s.Absent,
		Target: s.Target.UUID, Stage: s.Stage, Always: s.Always, User: s.User, Models: s.Models, Soak: s.Soak,
		Item: s.Item, Bootstrap: s.Bootstrap, Config: s.Config, Servers: s.Servers, Names: s.Names, Program: s.Program, Juju: s.Juju,
	}
	if s.Refresh != nil {
		// What actions a charm offers is for people.
		refresh := *s.Refresh
		refresh.Resumes = nil
		d.Refresh = &refresh
	}
	if s.Target.UUID == "" {
		d.New = s.Target.Name
	}
	return d
}

func (p *Plan) hash() string {
	return digest(p.decisions())[:hashLength]
}

// digest is the SHA-256 of a value's JSON. Only values of this package's own
// types come here, which always marshal.
func digest(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("cannot marshal %T: %v", v, err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Encode returns the plan as the JSON document that Decode reads.
func Encode(p Plan) ([]byte, error) {
	p.Checksum = ""
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("cannot write the plan: %w", err)
	}
	if _, p.Checksum, err = canonical(data); err != nil {
		return nil, fmt.Errorf("cannot write the plan: %w", err)
	}
	if data, err = json.MarshalIndent(p, "", "  "); err != nil {
		return nil, fmt.Errorf("cannot write the plan: %w", err)
	}
	return append(data, '\n'), nil
}

// canonical returns a plan's document without white space and checksum, and the
// checksum that belongs to it. The checksum is of the document, not of what this
// version of the tool reads of it: a run that an earlier or a later version
// began, with fields that this one does not know, can still be resumed.
func canonical(data []byte) (body []byte, checksum string, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, "", err
	}
	delete(fields, "checksum")
	if body, err = json.Marshal(fields); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(body)
	return body, hex.EncodeToString(sum[:]), nil
}

// Decode reads a plan's document. One that is torn, edited or of an unknown
// format is a fleet.InputError.
func Decode(data []byte) (Plan, error) {
	var head struct {
		Format   *int   `json:"format"`
		Checksum string `json:"checksum"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Plan{}, fleet.BadInput("it is not a whole plan: %v", err)
	}
	if head.Format == nil {
		return Plan{}, fleet.BadInput("it is not a plan: it has no format")
	}
	if *head.Format < 1 || *head.Format > Format {
		return Plan{}, fleet.BadInput("its format is %d and this version of the tool reads format %d: make the plan anew with 'juju upgrade-all plan'", *head.Format, Format)
	}
	body, checksum, err := canonical(data)
	if err != nil {
		return Plan{}, fleet.BadInput("it is not a plan: %v", err)
	}
	var p Plan
	if err := json.Unmarshal(body, &p); err != nil {
		return Plan{}, fleet.BadInput("it is not a plan: %v", err)
	}
	if head.Checksum != checksum {
		return Plan{}, fleet.BadInput("it was edited or damaged: make the plan anew with 'juju upgrade-all plan'")
	}
	return p, nil
}
