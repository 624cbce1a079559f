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
		if r.pool == l.pool && r.cluster == l.cluster {
			beside++
			agents += r.agents
		}
	}
	if l.pool == "" || beside == 0 {
		return true
	}
	lanes, most := g.limits(l)
	return beside < lanes && (most == 0 || agents+l.agents <= most)
}

// limits are how many lanes of a lane's pool, and how many agents in them (0 for any
// number), may be under way at once.
func (g *group) limits(l *lane) (lanes, agents int) {
	models := g.plan.Options.ModelsAtOnce(l.cluster)
	switch l.pool {
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
