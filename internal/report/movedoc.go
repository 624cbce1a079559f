package report

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// MoveDoc is what a plan says of the move of models to another controller.
type MoveDoc struct {
	Target TargetDoc `json:"target" yaml:"target"`
	// Order are the models in the order in which they begin to move.
	Order []string `json:"order" yaml:"order"`
	// AtOnce is how many of them move at once; AgentsAtOnce how many agents do, at
	// the most.
	AtOnce       int       `json:"at-once" yaml:"at-once"`
	AgentsAtOnce int       `json:"agents-at-once" yaml:"agents-at-once"`
	Users        []UserDoc `json:"users" yaml:"users"`
	// Superuser says that the run makes one of its own on the target, and removes
	// it at the end.
	Superuser bool `json:"temporary-superuser" yaml:"temporary-superuser"`
	// Clone is how what the source has besides models reaches the target: native,
	// restore or none; Cloned is what is given to it.
	Clone   string      `json:"clone,omitempty" yaml:"clone,omitempty"`
	Cloned  []ItemDoc   `json:"cloned,omitempty" yaml:"cloned,omitempty"`
	Restore *RestoreDoc `json:"restore,omitempty" yaml:"restore,omitempty"`
	// People are the users of the source, and how each of them gets to the target.
	People []PersonDoc `json:"people,omitempty" yaml:"people,omitempty"`
	// Confirm is the word to type at the prompt: the name of the controller that
	// models leave.
	Confirm          string               `json:"confirm,omitempty" yaml:"confirm,omitempty"`
	PointsOfNoReturn []PointOfNoReturnDoc `json:"points-of-no-return" yaml:"points-of-no-return"`
	// DoNotRestore says why a backup of the source is of no use once a model moved.
	DoNotRestore string `json:"do-not-restore-backup,omitempty" yaml:"do-not-restore-backup,omitempty"`
	NotPart      string `json:"not-part-of-this" yaml:"not-part-of-this"`
}

// TargetDoc is the controller that models move to.
type TargetDoc struct {
	Name    string      `json:"name" yaml:"name"`
	UUID    string      `json:"uuid,omitempty" yaml:"uuid,omitempty"`
	Place   string      `json:"place,omitempty" yaml:"place,omitempty"`
	Version string      `json:"version,omitempty" yaml:"version,omitempty"`
	Servers int         `json:"servers" yaml:"servers"`
	Problem *ProblemDoc `json:"problem,omitempty" yaml:"problem,omitempty"`
	// Budget is about how many agents it lets in within BudgetSeconds, which is
	// what a migrating model's agents have; 0 when it does not say.
	Budget        int `json:"reconnect-budget" yaml:"reconnect-budget"`
	BudgetSeconds int `json:"reconnect-budget-seconds" yaml:"reconnect-budget-seconds"`
	// Bootstrap is there when the run makes it; WantsServers is to how many servers it
	// is brought before models move.
	Bootstrap    *BootstrapDoc `json:"bootstrap,omitempty" yaml:"bootstrap,omitempty"`
	WantsServers int           `json:"wants-servers,omitempty" yaml:"wants-servers,omitempty"`
}

// UserDoc is a user to be made.
type UserDoc struct {
	Name        string `json:"name" yaml:"name"`
	DisplayName string `json:"display-name,omitempty" yaml:"display-name,omitempty"`
	Access      string `json:"access" yaml:"access"`
	Disabled    bool   `json:"disabled,omitempty" yaml:"disabled,omitempty"`
	// Password says that the user is given a known one, and need not register.
	Password bool `json:"password-given,omitempty" yaml:"password-given,omitempty"`
}

// PointOfNoReturnDoc is something that cannot be undone, and from where on.
type PointOfNoReturnDoc struct {
	What string `json:"what" yaml:"what"`
	From string `json:"from" yaml:"from"`
}

// PlaceDoc is where a model is: on exactly one controller, as far as was seen.
type PlaceDoc struct {
	Name       string `json:"name" yaml:"name"`
	UUID       string `json:"uuid" yaml:"uuid"`
	Controller string `json:"controller" yaml:"controller"`
	// Standing is not-moved, moving, moved, or arrived: moved, with every agent
	// seen there.
	Standing   string `json:"standing" yaml:"standing"`
	Note       string `json:"note,omitempty" yaml:"note,omitempty"`
	AgentsSeen int    `json:"agents-seen" yaml:"agents-seen"`
	Caution    string `json:"caution,omitempty" yaml:"caution,omitempty"`
}

func moveDoc(p *plan.Plan) *MoveDoc {
	t := p.Target
	if t == nil {
		return nil
	}
	out := &MoveDoc{
		Target: TargetDoc{
			Name: t.Name, UUID: t.UUID, Place: t.Place, Version: text(t.Version), Servers: t.Servers,
			Problem: problemDoc(t.Problem), Budget: t.Budget, BudgetSeconds: seconds(fleet.ValidationTime),
			Bootstrap: bootstrapDoc(p), WantsServers: t.WantsServers,
		},
		Clone: string(p.Goal.Clone), Cloned: clonedDocs(p), Restore: restoreDoc(p), People: personDocs(p.People),
		Order: []string{}, AtOnce: migrations(p), Users: []UserDoc{}, Superuser: hasKind(p, plan.RemoveAccounts),
		PointsOfNoReturn: []PointOfNoReturnDoc{}, NotPart: notPart(p),
	}
	out.AgentsAtOnce, _ = atOnce(p)
	out.Confirm, _ = Confirms(*p)
	for _, s := range p.Steps {
		switch s.Kind {
		case plan.Migrate:
			out.Order = append(out.Order, s.Model.Name)
		case plan.AddUser:
			if s.User != nil {
				out.Users = append(out.Users, *userDoc(s.User))
			}
		}
	}
	if hasKind(p, plan.Backup) {
		out.DoNotRestore = twoOwners(p)
	}
	for _, point := range pointsOfNoReturn(p) {
		out.PointsOfNoReturn = append(out.PointsOfNoReturn, PointOfNoReturnDoc{What: point.what, From: point.from})
	}
	return out
}

func userDoc(u *plan.User) *UserDoc {
	if u == nil {
		return nil
	}
	return &UserDoc{Name: u.Name, DisplayName: u.DisplayName, Access: u.Access, Disabled: u.Disabled, Password: u.Password}
}

func refNames(all []fleet.Ref) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.Name)
	}
	return out
}

func placeDocs(s *journal.State) []PlaceDoc {
	var out []PlaceDoc
	for _, at := range placesOf(s) {
		out = append(out, PlaceDoc{
			Name: at.model.Name, UUID: at.model.UUID, Controller: at.at.Name, Standing: string(at.standing),
			Note: at.note, AgentsSeen: at.agents, Caution: at.caution,
		})
	}
	return out
}
