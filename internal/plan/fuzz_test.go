package plan

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// FuzzDecode feeds documents as they are, which are input errors or plans; and
// what can be read of them, sealed as Encode seals it, which must come back.
func FuzzDecode(f *testing.F) {
	for _, p := range []Plan{
		{Format: Format},
		Compute(Input{Goal: fleet.Goal{Backup: fleet.BackupAuto}}),
		{Format: Format, Steps: []Step{{ID: "/a", Kind: Verify, Needs: []string{"<&>"}, Answered: [][]string{{"x"}, nil}}}},
	} {
		p.Hash = p.hash()
		data, err := Encode(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte(`{"format":1,"created":"2026-11-22T02:00:00.5+05:30","needs":"3.6-beta1.2","steps":[{"to":"4.0.1.1"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			if !fleet.IsBadInput(err) {
				t.Fatalf("%v is not an input error", err)
			}
			p = Plan{}
			if json.Unmarshal(data, &p) != nil {
				return
			}
			p.Format, p.Checksum = Format, ""
			p.Hash = p.hash()
		}
		sealed, err := Encode(p)
		if err != nil {
			return
		}
		back, err := Decode(sealed)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, sealed)
		}
		if diff := cmp.Diff(p, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("another plan was read:\n%s", diff)
		}
	})
}
