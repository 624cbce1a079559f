package report

// HandoverDoc is the twin of the hand-over screen.
type HandoverDoc struct {
	Run    int    `json:"run" yaml:"run"`
	Source string `json:"source" yaml:"source"`
	Target string `json:"target" yaml:"target"`
	// Registrations is the file of the run that has the strings of those whom it made.
	Registrations string `json:"registrations,omitempty" yaml:"registrations,omitempty"`
	// Problem is why the target was not asked: states are unknown then.
	Problem *ProblemDoc       `json:"problem,omitempty" yaml:"problem,omitempty"`
	Users   []HandoverUserDoc `json:"users" yaml:"users"`
	Counts  HandoverCountsDoc `json:"counts" yaml:"counts"`
	Reissue string            `json:"reissue-command,omitempty" yaml:"reissue-command,omitempty"`
	Hidden  []string          `json:"not-shown-by-juju" yaml:"not-shown-by-juju"`
}

// HandoverUserDoc is one user of the source.
type HandoverUserDoc struct {
	User   string `json:"user" yaml:"user"`
	Access string `json:"access,omitempty" yaml:"access,omitempty"`
	// Comes is how the user gets to the target; State how far that is: logged-in,
	// not-yet, external, was-there, came-with-it, not-made, to-make, gone, disabled or unknown.
	Comes     string `json:"comes" yaml:"comes"`
	State     string `json:"state" yaml:"state"`
	Made      string `json:"made,omitempty" yaml:"made,omitempty"`
	LastLogin string `json:"last-login,omitempty" yaml:"last-login,omitempty"`
	Disabled  bool   `json:"disabled,omitempty" yaml:"disabled,omitempty"`
	HasString bool   `json:"has-registration" yaml:"has-registration"`
	// Registrations is the file that has the user's string: the run's, or that of
	// another run to the same target.
	Registrations string `json:"registrations,omitempty" yaml:"registrations,omitempty"`
	// Registration is the text of the screen; for people.
	Registration string `json:"registration" yaml:"registration"`
}

// HandoverCountsDoc counts those who have to log in anew.
type HandoverCountsDoc struct {
	Wanted   int `json:"wanted" yaml:"wanted"`
	LoggedIn int `json:"logged-in" yaml:"logged-in"`
}

// HandoverDocument makes the twin of the hand-over screen.
func HandoverDocument(v HandoverView) HandoverDoc {
	come, wanted := v.come()
	out := HandoverDoc{
		Run: v.Run, Source: v.Source.Name, Target: v.Target.Name, Problem: problemDoc(v.Problem),
		Users: make([]HandoverUserDoc, 0, len(v.People)), Counts: HandoverCountsDoc{Wanted: wanted, LoggedIn: come},
		Hidden: unseenByJuju,
	}
	p := &page{}
	for _, h := range v.People {
		out.Users = append(out.Users, HandoverUserDoc{
			User: h.Name, Access: h.Access, Comes: string(h.Comes), State: string(v.state(h)),
			Made: moment(h.Made), LastLogin: moment(h.LastLogin), Disabled: h.Disabled, HasString: h.HasString,
			Registrations: h.File, Registration: p.registration(v, h),
		})
		if h.HasString && h.Run == v.Run {
			out.Registrations = h.File
		}
		if h.HasString {
			out.Reissue = Style{}.command(v.reissue("USER"))
		}
	}
	return out
}
