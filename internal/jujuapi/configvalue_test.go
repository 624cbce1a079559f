package jujuapi

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"
	"pgregory.net/rapid"
)

// fromJSON is a value as it comes over the wire.
func fromJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAValueIsTheSameHoweverAVersionTellsIt(t *testing.T) {
	for _, test := range []struct {
		key   string
		told  []string
		value string
	}{
		{"migration-agent-wait-time", []string{`"5m"`, `"5m0s"`, `"300s"`, `300000000000`}, "5m0s"},
		{"idle-connection-timeout", []string{`30000000000`, `"30s"`}, "30s"},
		{"audit-log-max-backups", []string{`8`, `"8"`}, "8"},
		{"max-prune-txn-batch-size", []string{`1000000`, `"1000000"`}, "1000000"},
		{"auditing-enabled", []string{`false`, `"false"`}, "false"},
		{"audit-log-max-size", []string{`"1G"`, `"1024M"`}, "1024M"},
		{"audit-log-exclude-methods", []string{`["B.b","A.a"]`, `"A.a,B.b"`, `" B.b, A.a "`}, "A.a,B.b"},
		{"features", []string{`[]`, `""`, `null`}, ""},
		{"mongo-memory-profile", []string{`"low"`}, "low"},
		{"some-key-of-tomorrow", []string{`7`, `"7"`}, "7"},
	} {
		for _, told := range test.told {
			if got, err := configValue(test.key, fromJSON(t, told)); err != nil || got != test.value {
				t.Errorf("%s of %s is %q, %v", test.key, told, got, err)
			}
		}
	}
}

func TestAValueIsSentAsTheServerTakesIt(t *testing.T) {
	three, four := version.MustParse("3.6.11"), version.MustParse("4.1.0")
	for _, test := range []struct {
		key, told   string
		three, four any
	}{
		{"migration-agent-wait-time", `360000000000`, "6m0s", "6m0s"},
		{"idle-connection-timeout", `20000000000`, "20s", "20s"},
		{"audit-log-exclude-methods", `["B.b","A.a"]`, []string{"A.a", "B.b"}, "A.a,B.b"},
		{"audit-log-exclude-methods", `"B.b,A.a"`, []string{"A.a", "B.b"}, "A.a,B.b"},
		{"audit-log-exclude-methods", `[]`, []string{}, ""},
		{"audit-log-max-backups", `"8"`, 8, 8},
		{"auditing-enabled", `"false"`, false, false},
		{"audit-log-max-size", `"1G"`, "1024M", "1024M"},
		{"public-dns-address", `"a.example.com"`, "a.example.com", "a.example.com"},
	} {
		for server, want := range map[version.Number]any{three: test.three, four: test.four} {
			got, err := configToSend(test.key, fromJSON(t, test.told), server)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s of %s to %s: %v %s", test.key, test.told, server, err, diff)
			}
		}
	}
}

// A 4.1 controller is lost for good with a duration or a size that it cannot read.
func TestAValueThatIsNotOfItsTypeIsNotSent(t *testing.T) {
	for key, told := range map[string]string{
		"migration-agent-wait-time": `"soon"`,
		"prune-txn-sleep-time":      `0.5`,
		"audit-log-max-size":        `"big"`,
		"audit-log-max-backups":     `"many"`,
		"auditing-enabled":          `"perhaps"`,
	} {
		for _, server := range []string{"3.6.11", "4.1.0"} {
			if got, err := configToSend(key, fromJSON(t, told), version.MustParse(server)); err == nil {
				t.Errorf("%s of %s is sent as %v", key, told, got)
			}
		}
	}
}

func TestWhatIsSentIsToldTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		server := version.Number{Major: rapid.SampledFrom([]int{3, 4}).Draw(t, "major")}
		key := rapid.SampledFrom(natural(presetValues())).Draw(t, "key")
		var told any
		switch configTypes[key] {
		case intValue:
			told = float64(rapid.IntRange(0, 1<<40).Draw(t, "number"))
		case durationValue:
			told = float64(rapid.Int64Range(0, 1<<52).Draw(t, "nanoseconds"))
		case boolValue:
			told = rapid.Bool().Draw(t, "truth")
		case sizeValue:
			told = rapid.StringMatching(`[1-9][0-9]{0,4}[MGT]`).Draw(t, "size")
		case listValue:
			told = rapid.StringMatching(`[A-Z][a-z]{0,3}(,[A-Z][a-z]{0,3}){0,3}`).Draw(t, "list")
		default:
			told = rapid.StringMatching(`[a-z/.]{1,8}`).Draw(t, "text")
		}
		sent, err := configToSend(key, told, server)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		var back any
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		before, err := configValue(key, told)
		if err != nil {
			t.Fatal(err)
		}
		if after, err := configValue(key, back); err != nil || after != before {
			t.Errorf("%s: %q was sent, and is told as %q, %v", key, before, after, err)
		}
	})
}

func TestJujusDefaultsAreNobodysChoice(t *testing.T) {
	for key, value := range presetValues() {
		if got, err := configValue(key, value); err != nil || got != value {
			t.Errorf("the default of %s is not as a controller tells it: %q, %q, %v", key, value, got, err)
		}
		if !presetConfig(key, value) || presetConfig(key, value+"0") {
			t.Errorf("%s of %s", key, value)
		}
	}
	// Without any method left out, more is logged than by default.
	if presetConfig("audit-log-exclude-methods", "") || !presetConfig("features", "") || presetConfig("features", "x") {
		t.Error("of lists")
	}
}
