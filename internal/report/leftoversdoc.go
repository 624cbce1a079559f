package report

// LeftoversDoc is the twin of the screen of leftovers.
type LeftoversDoc struct {
	Run    int    `json:"run" yaml:"run"`
	Source string `json:"source" yaml:"source"`
	Target string `json:"target" yaml:"target"`
	// Left counts what still needs the source; Empty says that nothing does, and that
	// everything was looked at that can be seen.
	Left    int    `json:"left" yaml:"left"`
	Empty   bool   `json:"empty" yaml:"empty"`
	Verdict string `json:"verdict" yaml:"verdict"`
	// Models and so on are what was found.
	Models       []LeftoverDoc `json:"models" yaml:"models"`
	Agents       []LeftoverDoc `json:"agents" yaml:"agents"`
	Relations    []LeftoverDoc `json:"relations" yaml:"relations"`
	Users        []LeftoverDoc `json:"users" yaml:"users"`
	Applications []LeftoverDoc `json:"applications" yaml:"applications"`
	Others       []LeftoverDoc `json:"others,omitempty" yaml:"others,omitempty"`
	// Unseen could not be looked at; Hidden can never be seen from here.
	Unseen []LeftoverDoc `json:"not-looked-at" yaml:"not-looked-at"`
	Hidden []LeftoverDoc `json:"can-not-be-seen" yaml:"can-not-be-seen"`
	// Removal is there only when Empty.
	Removal *RemovalDoc `json:"removal,omitempty" yaml:"removal,omitempty"`
}

// LeftoverDoc is one thing that still needs the source, or is to be known.
type LeftoverDoc struct {
	Subject string `json:"subject,omitempty" yaml:"subject,omitempty"`
	// Standing is, of a model, to-move, migrating, blocked, not-selected, not-planned,
	// not-removed, or listed-only: that one needs nothing of the source.
	Standing string   `json:"standing,omitempty" yaml:"standing,omitempty"`
	Text     string   `json:"text" yaml:"text"`
	Commands []string `json:"commands,omitempty" yaml:"commands,omitempty"`
}

// RemovalDoc is the command that removes the source. It is never run.
type RemovalDoc struct {
	Command string `json:"command" yaml:"command"`
	Why     string `json:"why" yaml:"why"`
}

// LeftoversDocument makes the twin of the screen of leftovers.
func LeftoversDocument(v LeftoversView) LeftoversDoc {
	of := func(kind LeftoverKind) []LeftoverDoc { return leftoverDocs(ofKind(v.Entries, kind)) }
	out := LeftoversDoc{
		Run: v.Run, Source: v.Source.Name, Target: v.Target.Name, Left: v.Left(), Empty: v.Empty(), Verdict: v.words(),
		Models: of(LeftModel), Agents: of(LeftAgent), Relations: of(LeftRelation), Users: of(LeftUser),
		Applications: of(LeftApplication), Others: of(LeftElsewhere),
		Unseen: leftoverDocs(v.Unseen), Hidden: leftoverDocs(v.Hidden),
	}
	if v.Empty() && v.Removal.Command != "" {
		out.Removal = &RemovalDoc{Command: v.Removal.Command, Why: v.Removal.Why}
	}
	return out
}

func leftoverDocs(all []Leftover) []LeftoverDoc {
	out := make([]LeftoverDoc, 0, len(all))
	for _, e := range all {
		out = append(out, LeftoverDoc{Subject: e.Subject, Standing: string(e.Standing), Text: e.Text, Commands: e.Commands})
	}
	return out
}
