package fleet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAcceptancesAreReadAsTheyAreWritten(t *testing.T) {
	got, err := ParseAcceptances("agent-down@prod:admin/db, unit-*@*")
	if err != nil {
		t.Fatal(err)
	}
	want := []Acceptance{{Code: "agent-down", Subject: "prod:admin/db"}, {Code: "unit-*", Subject: "*"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAcceptancesThatSayNothingOrEverythingAreRefused(t *testing.T) {
	for _, s := range []string{"", "agent-down", "@prod", "agent-down@", "*@prod", "**@*", "?*@*", "a@b,", "a@b,,c@d", "[@prod", "a@[", `a@b\`} {
		if got, err := ParseAcceptances(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}

func TestAnAcceptanceMatchesByCodeAndSubject(t *testing.T) {
	f := Finding{Code: "agent-down", Subject: "prod:admin/db"}
	for s, want := range map[string]bool{
		"agent-down@prod:admin/db": true, "agent-*@prod:admin/db": true, "agent-down@*": true, "agent-down@prod:admin/*": true,
		"agent-down@prod:*": false, // it does not cross the slash
		"agent-down@prod":   false, "unit-error@*": false, "agent@*": false,
	} {
		parsed, err := ParseAcceptances(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed[0].Matches(f); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestAFindingIsAcceptedByItsName(t *testing.T) {
	f := Finding{Code: "agent-down", Subject: "prod:admin/db"}
	parsed, err := ParseAcceptances(f.Name())
	if err != nil || !parsed[0].Matches(f) {
		t.Errorf("%v, %v", parsed, err)
	}
}

func TestOnlyABlockerThatIsNotAcceptedHolds(t *testing.T) {
	for _, test := range []struct {
		f    Finding
		want bool
	}{
		{Finding{Severity: Blocker}, true},
		{Finding{Severity: Blocker, Accepted: true}, false},
		{Finding{Severity: Warning}, false},
		{Finding{Severity: Notice}, false},
	} {
		if got := test.f.Holds(); got != test.want {
			t.Errorf("%+v: %v", test.f, got)
		}
	}
}

func FuzzParseAcceptances(f *testing.F) {
	for _, s := range []string{"agent-down@prod:admin/db", "a@b,c@d", "*@*", "[a-z]@*", "a@b@c", "@", ",", `\@\`, "a-?@[!x]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseAcceptances(s)
		if err != nil {
			return
		}
		var parts []string
		for _, a := range got {
			if strings.Trim(a.Code, "*?") == "" || a.Subject == "" {
				t.Errorf("%q: a blanket or empty acceptance: %+v", s, a)
			}
			parts = append(parts, a.String())
		}
		again, err := ParseAcceptances(strings.Join(parts, ","))
		if err != nil {
			t.Fatalf("%q is read, and %q is not: %v", s, parts, err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Error(diff)
		}
	})
}
