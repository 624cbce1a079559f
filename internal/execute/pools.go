package execute

// pool is what a limit of lanes at once is about.
type pool string

const (
	// upgrades are of models that are upgraded where they are, moves of those that
	// go to another controller.
	upgrades pool = "upgrades"
	moves    pool = "moves"
	// charms is of models whose charms are refreshed.
	charms pool = "charms"
	// making is of users and of what is cloned, a few at once; again is for lanes in which all was done by an
	// earlier attempt, and is only looked at.
	making pool = "making"
	again  pool = "again"
)

const (
	makingAtOnce = 4
	againAtOnce  = 16
)

// fits says whether the lane may begin beside those that are running. One alone
// always may.
func (g *group) fits(l *lane, running map[*lane]bool) bool {
	beside, agents := 0, 0
	for r := range running {
		if r.pool == l.pool {
			agents += r.agents
			if r.cluster == "" {
				beside++
			}
		}
	}
	lanes, most := g.limits(l.pool)
	switch {
	case l.pool == "" || len(running) == 0:
		return true
	case most > 0 && agents > 0 && agents+l.agents > most:
		return false
	case l.cluster != "":
		return g.fitsCluster(l, running)
	}
	return beside == 0 || beside < lanes
}

// fitsCluster says whether the lane's model may have pods replaced on its cluster beside
// the others that do: for their agents or for their charms.
func (g *group) fitsCluster(l *lane, running map[*lane]bool) bool {
	others := map[string]bool{}
	for r := range running {
		if r.cluster == l.cluster && r.model != l.model {
			others[r.model] = true
		}
	}
	return len(others) < g.plan.Options.ModelsAtOnce(l.cluster)
}

// limits are how many lanes of a pool may be under way at once on machines, and how many
// agents in all its lanes (0 for any number).
func (g *group) limits(p pool) (lanes, agents int) {
	switch models := g.plan.Options.ModelsAtOnce(""); p {
	case upgrades:
		return models, g.plan.Options.Agents
	case charms:
		return models * max(1, g.plan.Options.CharmParallel), 0
	case making:
		return makingAtOnce, 0
	case again:
		return againAtOnce, 0
	}
	if g.plan.Target != nil {
		agents = g.plan.Target.Budget
	}
	return max(1, g.plan.Options.Migrations), agents
}
