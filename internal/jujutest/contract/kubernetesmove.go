package contract

import (
	"testing"
	"time"

	"github.com/juju/juju/rpc/params"
)

// RunKubernetesMove makes the assertions about a migration between controllers on one
// cluster: env.Model has units, each idle and active. At the end it is on the target.
func RunKubernetesMove(t *testing.T, env Move) {
	m := &mover{T: t, env: env, account: "contract-" + time.Now().UTC().Format("20060102150405"), password: "of-a-contract-only"}
	m.users()
	t.Run("pods", func(t *testing.T) { m.T = t; m.podsMove() })
	m.T = t
	m.accountRemoved()
}

// podsMove: the model is on the target with its units; later each pod is replaced once
// more, at the version that it has there: the target's, if that is of Juju 4.
func (m *mover) podsMove() {
	uuid := m.summaries(m.env.Source)[m.env.Model].UUID
	before := m.podsOf(m.env.Source, uuid)
	if len(before) == 0 {
		m.Fatalf("%s has no units", m.env.Model)
	}
	if got := m.initiate(uuid, nil); got.Error != nil || got.MigrationId == "" {
		m.Fatalf("%+v, %v", got, got.Error)
	}
	m.eventually("the model is on the target", func() bool {
		there, ok := m.summaries(m.env.Target)[m.env.Model]
		return ok && there.UUID == uuid && there.Status.Status == "available"
	})
	arrived := time.Now()
	at := m.env.Source.Version
	if m.env.Target.Version.Major > at.Major {
		at = m.env.Target.Version
	}
	replaced, early := false, true
	m.eventually("each pod was replaced, and is well", func() bool {
		replaced = true
		for name, u := range m.podsOf(m.env.Target, uuid) {
			other := u.Address != "" && u.Address != before[name].Address
			replaced = replaced && other && well(u, at)
			if other && early {
				early = false
				m.Logf("%s was replaced %v after its model's arrival", name, time.Since(arrived))
			}
		}
		return replaced && !early
	})
	if sum := m.summaries(m.env.Target)[m.env.Model]; sum.AgentVersion == nil || sum.AgentVersion.ToPatch() != at {
		m.Errorf("it is at %v, want %v", sum.AgentVersion, at)
	}
}

// podsOf are the units of a model, as far as it can be asked.
func (m *mover) podsOf(side Side, uuid string) map[string]params.UnitStatus {
	var out params.FullStatus
	conn, err := side.Open(m.Context(), uuid)
	if err != nil {
		return nil
	}
	defer conn.Close()
	if conn.APICall("Client", m.status(side), "", "FullStatus", params.StatusParams{}, &out) != nil {
		return nil
	}
	return units(out)
}
